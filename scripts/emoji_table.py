"""Makes the vendored emoji table, core/deshi/emoji/data/emoji-16.0.tsv.

Run by hand, with `npm` on the path and `emoji==2.16.0` installed:

    python scripts/emoji_table.py

The sources are pinned below, so a second run writes the same bytes. A change of the table
changes `deshi.emoji.inventory_hash()`, and with it every cache key that has labels in it.

| source                               | what is taken from it                             |
|--------------------------------------|---------------------------------------------------|
| emoji (PyPI)                         | status (fully-qualified or not) and Emoji version |
| emojibase-data (npm)                 | order, group, subgroup, skin-tone sequences       |
| cldr-annotations-full (npm)          | Japanese names and keywords                       |
| cldr-annotations-derived-full (npm)  | the same for flags, keycaps and ZWJ sequences     |
"""

from __future__ import annotations

import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import emoji

EMOJI_VERSION = 16.0
EMOJI_PACKAGE = "2.16.0"
CLDR = "cldr-annotations-full@48.2.0"
CLDR_DERIVED = "cldr-annotations-derived-full@48.2.0"
EMOJIBASE = "emojibase-data@17.0.0"

TARGET = Path(__file__).resolve().parents[1] / "core/deshi/emoji/data"
COLUMNS = ("emoji", "version", "group", "subgroup", "toned", "alias", "name", "keywords")

VS16 = "\N{VARIATION SELECTOR-16}"
TONES = frozenset("🏻🏼🏽🏾🏿")

HEADER = f"""\
# Emoji 16.0: the fully-qualified emoji without skin tones, in CLDR order.
# Made by scripts/emoji_table.py from {CLDR}, {CLDR_DERIVED},
# {EMOJIBASE} and emoji@{EMOJI_PACKAGE} (PyPI). Not to be edited by hand.
# Licences: the data are Unicode's (Unicode-3.0, see LICENSE-unicode.txt), in part
# as compiled by emojibase (MIT, see LICENSE-emojibase.txt).
# toned: 1 if the emoji has skin-tone sequences. alias: what is left of a skin-tone sequence
# without its tones and FE0F where that is not the emoji itself. keywords: joined by |.
# {" ".join(COLUMNS)}
"""


@dataclass(frozen=True, slots=True)
class Sources:
    """The unpacked packages."""

    records: dict[str, dict[str, Any]]
    groups: dict[str, dict[str, str]]
    annotations: dict[str, dict[str, list[str]]]


def main() -> None:
    """Fetches the sources and writes the table and the licences."""
    if emoji.__version__ != EMOJI_PACKAGE:
        message = f"emoji {emoji.__version__} is installed; the table is made with {EMOJI_PACKAGE}"
        raise SystemExit(message)
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        cldr, derived, emojibase = (
            fetch(package, Path(folder)) for package in (CLDR, CLDR_DERIVED, EMOJIBASE)
        )
        copy_text(cldr / "LICENSE", TARGET / "LICENSE-unicode.txt")
        copy_text(emojibase / "LICENSE", TARGET / "LICENSE-emojibase.txt")
        lines = rows(read(cldr, derived, emojibase))
    table = TARGET / f"emoji-{EMOJI_VERSION}.tsv"
    text = HEADER + "".join(f"{line}\n" for line in lines)
    table.write_text(text, encoding="utf-8", newline="\n")
    print(f"{table}: {len(lines)} rows, {table.stat().st_size:,} bytes")


def fetch(package: str, folder: Path) -> Path:
    """Downloads and unpacks one npm package; returns its folder."""
    command = ["npm", "pack", package, "--silent"]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    name = done.stdout.split()[-1]
    unpacked = folder / name.removesuffix(".tgz")
    with tarfile.open(folder / name) as archive:
        archive.extractall(unpacked, filter="data")
    return unpacked / "package"


def copy_text(source: Path, target: Path) -> None:
    """Copies a licence with plain line ends."""
    text = source.read_text(encoding="utf-8")
    target.write_text(text.strip() + "\n", encoding="utf-8", newline="\n")


def read(cldr: Path, derived: Path, emojibase: Path) -> Sources:
    """Reads what the table needs; every key is an emoji without FE0F."""
    records = load(emojibase / "ja/data.json")
    full = load(cldr / "annotations/ja/annotations.json")["annotations"]["annotations"]
    more = load(derived / "annotationsDerived/ja/annotations.json")["annotationsDerived"]
    return Sources(
        records={bare(decode(record["hexcode"])): record for record in records},
        groups=load(emojibase / "meta/groups.json"),
        annotations={bare(key): value for key, value in (more["annotations"] | full).items()},
    )


def rows(sources: Sources) -> list[str]:
    """Returns the lines of the table in CLDR order."""
    symbols = [
        symbol
        for symbol, entry in emoji.EMOJI_DATA.items()
        if entry["status"] == emoji.STATUS["fully_qualified"]
        and entry["E"] <= EMOJI_VERSION
        and not TONES & set(symbol)
    ]
    symbols.sort(key=lambda symbol: int(sources.records[bare(symbol)]["order"]))
    return [row(symbol, sources) for symbol in symbols]


def row(symbol: str, sources: Sources) -> str:
    """Returns one line; an emoji that lacks anything stops the script."""
    record = sources.records[bare(symbol)]
    annotation = sources.annotations[bare(symbol)]
    bases = toned_bases(record)
    aliases = sorted(bases - {bare(symbol)})
    (name,) = annotation["tts"]
    fields = (
        symbol,
        str(float(emoji.EMOJI_DATA[symbol]["E"])),
        sources.groups["groups"][str(record["group"])],
        sources.groups["subgroups"][str(record["subgroup"])],
        "1" if bases else "",
        *(aliases or [""]),
        name,
        "|".join(annotation["default"]),
    )
    if len(fields) != len(COLUMNS) or any({"\t", "\n", "↑"} & set(field) for field in fields):
        message = f"cannot be written as a row: {fields}"
        raise SystemExit(message)
    return "\t".join(fields)


def toned_bases(record: dict[str, Any]) -> set[str]:
    """Returns what the skin-tone sequences of an emoji are without their tones."""
    return {
        bare("".join(character for character in skin["emoji"] if character not in TONES))
        for skin in record.get("skins", [])
        if skin["version"] <= EMOJI_VERSION
    }


def bare(symbol: str) -> str:
    """Removes FE0F: CLDR keys have none, and it is never all that tells two emoji apart."""
    return symbol.replace(VS16, "")


def decode(hexcode: str) -> str:
    """Turns `1F3F3-FE0F` into the characters."""
    return "".join(chr(int(point, 16)) for point in hexcode.split("-"))


def load(path: Path) -> Any:  # noqa: ANN401 - whatever the JSON holds
    """Reads a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
