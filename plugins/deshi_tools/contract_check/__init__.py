"""`deshi check`: the contract kit on the command line."""
