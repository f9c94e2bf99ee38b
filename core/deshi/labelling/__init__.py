"""Asking teachers: client, pace, budget, ledger; whatever was paid for is paid once."""
