"""What a capability's protocol in `deshi.api` asks a class to have, by kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from deshi.api import Kind

CAPABILITIES: Final[Mapping[Kind, Mapping[str, tuple[str, ...]]]] = {
    "corpus": {"reads-batches": ("batches",), "combines": ("combine",), "reports": ("report",)},
    "teacher": {
        "answers-many": ("answer_many",),
        "merges-answers": ("merge",),
        "estimates-cost": ("worst_case", "price"),
        "batches": ("submit", "find", "collect", "worst_case_in_batch", "price_in_batch"),
        "reads-references": (),
    },
    "filter": {"decides-batches": ("decide_batch",), "fits-first": ("learn", "restore")},
    "student": {
        "saves": ("save", "load"),
        "exports": ("forms", "export", "load_export"),
        "explains": ("explain",),
        "combines": ("combine",),
        "ignores-texts": (),
        "keeps-texts": (),
    },
    "loss": {"uses-counts": ("prepare",), "uses-shares": ("uses_shares",), "scheduled": ("at",)},
    "metric": {"share-of-texts": ()},
}
"""By a capability's name, the attributes of its protocol; one without any is a promise alone."""
