"""The comparable part of a text: letters and digits, width and case folded."""

from __future__ import annotations

import unicodedata


def letters(text: str) -> str:
    """Return the letters and digits of a text after NFKC and case folding.

    The host folds texts in the same way to find copies of test texts; a test holds the two together.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN" or c == "ー")
