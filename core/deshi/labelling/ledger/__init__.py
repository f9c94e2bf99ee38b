"""The ledger: every answer of every teacher, kept raw, for ever, in one SQLite file per workspace.

A request is answered once: its key holds all that can change the answer (component and revision,
parameters with the endpoint, prompt, task, text, sample) and nothing else. Answers are stored before
they are parsed, so that a better parser or filter reads them again for nothing. What an attempt may
cost is reserved before it is made, so that a kill at any moment leaves books that add up.
"""

from deshi.labelling.ledger.ledger import FILE, Ledger, request_key
from deshi.labelling.ledger.transitions import BudgetFull, Ending, Payer

__all__ = ["FILE", "BudgetFull", "Ending", "Ledger", "Payer", "request_key"]
