"""Call teachers that are far away or paid: paced, bounded, tried again, within a budget, in batches."""
