"""Plain forms of Japanese verbs, from a dictionary form and its conjugation class."""

from __future__ import annotations

from deshi_plugins.teachers.morphemes import Morpheme

# Rows of the five-step verbs: the dictionary ending, its negative, volitional and past forms.
_ROWS = {
    "カ行": ("か", "こう", "いた"),
    "ガ行": ("が", "ごう", "いだ"),
    "サ行": ("さ", "そう", "した"),
    "タ行": ("た", "とう", "った"),
    "ナ行": ("な", "のう", "んだ"),
    "バ行": ("ば", "ぼう", "んだ"),
    "マ行": ("ま", "もう", "んだ"),
    "ラ行": ("ら", "ろう", "った"),
    "ワア行": ("わ", "おう", "った"),
}
_GOING = frozenset({"行く", "いく", "逝く"})


def past(verb: Morpheme) -> str:
    """Return 書いた for 書く."""
    row = _row(verb)
    if verb.base in _GOING:
        return verb.base[:-1] + "った"
    return verb.base[:-1] + row[2] if row else _stem(verb) + "た"


def negative(verb: Morpheme) -> str:
    """Return 書かない for 書く, and ない for ある."""
    row = _row(verb)
    if verb.lemma == "有る":
        return "ない"
    return verb.base[:-1] + row[0] + "ない" if row else _stem(verb, "こ") + "ない"


def volitional(verb: Morpheme) -> str:
    """Return 書こう for 書く."""
    row = _row(verb)
    return verb.base[:-1] + row[1] if row else _stem(verb, "こ") + "よう"


def _row(verb: Morpheme) -> tuple[str, str, str] | None:
    steps, _, row = verb.conjugation.partition("-")
    return _ROWS.get(row) if steps == "五段" else None


def _stem(verb: Morpheme, coming: str = "き") -> str:
    """Return the stem of a verb without rows: 食べ for 食べる, し for する, き or こ for くる."""
    if verb.base.endswith("する"):
        return verb.base[:-2] + "し"
    if verb.base.endswith("くる") and verb.conjugation.startswith("カ行変格"):
        return verb.base[:-2] + coming
    return verb.base[:-1]
