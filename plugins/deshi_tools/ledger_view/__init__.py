"""`deshi ledger`: what teachers cost, and answers carried to other workspaces."""
