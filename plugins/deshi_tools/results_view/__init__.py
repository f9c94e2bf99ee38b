"""What the table, the page and the cards show of a run, computed once."""
