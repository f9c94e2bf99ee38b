"""Files as editors, programs, disks and people break them: one seeded mutation of a whole file."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence

BOM = b"\xef\xbb\xbf"
ODD_VALUES = (
    "0", "-1", "1e400", "nan", "inf", "-inf", "1e-320", "9223372036854775808", "99999999999999999999999999",
    "0x10", "0o7", "0.5", "-0.0", "true", "false", '""', '" "', '"\\u0000"', '"\\n"', '"猫🐈"', '"../.."',
    '"/dev/zero"', '"/"', '"a/b"', '"-"', '"latest"', "[]", "[[]]", "{}", "[{}]", "1979-05-27", "07:32:00",
    '["a", 1]', '{ use = "" }', '{ use = "knn" }', '[""]', '["knn", "knn"]', "'''\n'''", "[1, [2, [3]]]",
    '"' + "長" * 300 + '"', "[" * 40 + "]" * 40,
)  # fmt: skip
"""Values that are valid TOML, and mostly not what a key takes."""

ODD_JSON = (
    "null", "true", "0", "-1", "1e400", "1e999999", "99999999999999999999999", '""', '" "', '"\\u0000"', '"\\ud800"',
    '"\\ud83d\\udc08"', "[]", "{}", "[null]", '[""]', '["🐈", null]', '{"a": 1}', "NaN", "Infinity", '"猫"', '"🐈🐈🐈🐈🐈🐈🐈"',
    '"\\u202e\\u001b[2J"', '"' + "あ" * 5000 + '"', "[" * 200 + "]" * 200, '"\\u200d\\ufe0f"', '"1"', "1.0",
)  # fmt: skip

_BYTES = (
    b"\x00",
    b"\xff",
    b"\xfe\xff",
    b"\x1b[2J",
    b"\xed\xa0\x80",
    b"\r",
    b"\x0c",
    b"\xe3\x81",
    b'"',
    b"\\",
)


def mutated_toml(chance: random.Random, text: str) -> tuple[str, bytes]:
    """Return what was done to a TOML file, and the file."""
    what, change = chance.choice(_OF_TOML)
    return what, change(chance, text)


def mutated_rows(chance: random.Random, content: bytes, form: str) -> tuple[str, bytes]:
    """Return what was done to a file of rows, and the file; `form` is jsonl, csv or parquet."""
    if form == "parquet":
        what, change = chance.choice([*_OF_BYTES, *_OF_BYTES, *_OF_WHOLE])
    else:
        own = _OF_JSON if form == "jsonl" else _OF_CSV
        what, change = chance.choice([*own, *own, *_OF_LINES, *_OF_BYTES, *_OF_WHOLE])
    return what, change(chance, content)


def _lines_of(chance: random.Random, text: str) -> tuple[list[str], int]:
    lines = text.split("\n")
    keys = [at for at, line in enumerate(lines) if "=" in line]
    return lines, chance.choice(keys)


def _drop_key(chance: random.Random, text: str) -> bytes:
    lines, at = _lines_of(chance, text)
    del lines[at]
    return "\n".join(lines).encode()


def _double_key(chance: random.Random, text: str) -> bytes:
    lines, at = _lines_of(chance, text)
    lines.insert(at, lines[at])
    return "\n".join(lines).encode()


def _odd_value(chance: random.Random, text: str) -> bytes:
    lines, at = _lines_of(chance, text)
    lines[at] = f"{lines[at].partition('=')[0]}= {chance.choice(ODD_VALUES)}"
    return "\n".join(lines).encode()


def _odd_number(chance: random.Random, text: str) -> bytes:
    found = list(re.finditer(r"\b\d+\b", text))
    one = chance.choice(found)
    other = chance.choice(
        ["0", "1", "-1", "2147483648", "1" + "0" * 30, "1e3", "3.0", "٣", "1_000"]
    )
    return (text[: one.start()] + other + text[one.end() :]).encode()


def _misspelt(chance: random.Random, text: str) -> bytes:
    words = list(re.finditer(r"[a-z][a-z-]{2,}", text))
    one = chance.choice(words)
    at = chance.randrange(one.start(), one.end())
    other = chance.choice(["", "x", "猫", "é", "-", ".", " ", "\u202e", "\u200b"])
    return (text[:at] + other + text[at + 1 :]).encode()


def _other_table(chance: random.Random, text: str) -> bytes:
    tables = list(re.finditer(r"^\[.*\]$", text, re.MULTILINE))
    one = chance.choice(tables)
    name = one[0][1:-1]
    other = chance.choice(
        [f"[[{name}]]", f"[{name}.{name}]", "[]", f"[{name}]\n[{name}]", f"[{name}.猫]", "[a]", ""]
    )
    return (text[: one.start()] + other + text[one.end() :]).encode()


def _more(chance: random.Random, text: str) -> bytes:
    key = chance.choice(
        [
            "seeds",
            "use",
            "env",
            "猫",
            '""',
            "a.b.c",
            '"a b"',
            "limits",
            "params",
            "about",
            "__class__",
        ]
    )
    tables = list(re.finditer(r"^\[.*\]$", text, re.MULTILINE))
    one = chance.choice(tables)
    return f"{text[: one.end()]}\n{key} = {chance.choice(ODD_VALUES)}{text[one.end() :]}".encode()


def _cut(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content))]


def _odd_bytes(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + chance.choice(_BYTES) + content[at:]


def _flip(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def _out(chance: random.Random, content: bytes) -> bytes:
    one, other = sorted(chance.randrange(len(content)) for _ in range(2))
    return content[:one] + content[other:]


def _zeros(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    size = min(chance.choice([1, 16, 512, 4096]), len(content) - at)
    return content[:at] + bytes(size) + content[at + size :]


def _twice(chance: random.Random, content: bytes) -> bytes:
    return content + content


def _other(chance: random.Random, content: bytes) -> bytes:
    return chance.choice(
        [b"", b"\n", b"{}", b"[]", b"null", b"\x00" * 100, b"PK\x03\x04", b"PAR1", b"\x1f\x8b", BOM]
    )


def _recoded(chance: random.Random, content: bytes) -> bytes:
    encoding = chance.choice(["utf-16", "utf-16-le", "cp932", "utf-32"])
    return content.decode("utf-8", "replace").encode(encoding, "replace")


HARMLESS = {
    "byte order mark": lambda content: BOM + content,
    "CRLF": lambda content: content.replace(b"\n", b"\r\n"),
    "no last newline": lambda content: content.rstrip(b"\n"),
    "blank lines behind": lambda content: content + b"\n\n",
}
"""What changes bytes alone: the result must be the same."""


def _harmless(name: str) -> Callable[[random.Random, bytes], bytes]:
    return lambda chance, content: HARMLESS[name](content)


def _line(change: Callable[[random.Random, list[bytes], int], None]) -> Callable[..., bytes]:
    def changed(chance: random.Random, content: bytes) -> bytes:
        lines = content.split(b"\n")
        change(chance, lines, chance.randrange(len(lines) - 1))
        return b"\n".join(lines)

    return changed


def _drop_line(chance: random.Random, lines: list[bytes], at: int) -> None:
    del lines[at]


def _double_line(chance: random.Random, lines: list[bytes], at: int) -> None:
    lines.insert(chance.randrange(len(lines)), lines[at])


def _cut_line(chance: random.Random, lines: list[bytes], at: int) -> None:
    lines[at] = lines[at][: chance.randrange(len(lines[at]) or 1)]


def _long_line(chance: random.Random, lines: list[bytes], at: int) -> None:
    lines[at] = lines[at] + chance.choice([b" ", b"a", b"[", b'"']) * chance.choice([1000, 300_000])


def _odd_json(chance: random.Random, lines: list[bytes], at: int) -> None:
    try:
        values = json.loads(lines[at])
    except ValueError:
        return
    key = chance.choice(list(values))
    mark = "\u0001mark"
    kind = chance.randrange(4)
    if kind == 0:
        del values[key]
    elif kind == 1:
        values[chance.choice(["", "猫", key.upper(), "id", "text"])] = values.pop(key)
    else:
        values[key] = mark
    text = json.dumps(values, ensure_ascii=chance.random() < 0.5)
    odd = chance.choice(ODD_JSON)
    lines[at] = text.replace(json.dumps(mark), odd).encode("utf-8", "surrogatepass")


def _double_json_key(chance: random.Random, lines: list[bytes], at: int) -> None:
    inside = lines[at].strip()
    if inside[:1] == b"{":
        lines[at] = b"{" + chance.choice([b'"id": 1, ', b'"text": "", ', b'"": 0, ']) + inside[1:]


def _all_keys(chance: random.Random, content: bytes) -> bytes:
    """Change one key or value of every line alike."""
    key = chance.choice(re.findall(rb'"(\w+)":', content[:300]) or [b"id"])
    return re.sub(rb'"' + key + rb'": ("[^"]*"|\[[^\]]*\]|[^,}]*)',
                  b'"' + key + b'": ' + chance.choice(ODD_JSON).encode().replace(b"\\", b"\\\\"), content)  # fmt: skip


def _odd_cell(chance: random.Random, lines: list[bytes], at: int) -> None:
    cells = lines[at].split(b",")
    odd = [
        b"",
        b'"',
        b'""',
        b'"a',
        b"\x00",
        b"=1+1",
        "猫".encode(),
        b"1e999",
        b'"a,b"',
        b"a,b",
        b"'",
        b'a"b',
        b'"a"b',
    ]
    cells[chance.randrange(len(cells))] = chance.choice(odd)
    lines[at] = b",".join(cells)


def _header(chance: random.Random, content: bytes) -> bytes:
    first, _, rest = content.partition(b"\n")
    names = first.split(b",")
    at = chance.randrange(len(names))
    names[at] = chance.choice(
        [b"", names[0], names[-1], "猫".encode(), names[at].upper(), b" " + names[at], b'"']
    )
    return b",".join(names) + b"\n" + rest


_OF_BYTES: Sequence[tuple[str, Callable[..., bytes]]] = [
    ("cut", _cut), ("odd bytes", _odd_bytes), ("bit flipped", _flip), ("a part left out", _out), ("zeros", _zeros),
]  # fmt: skip
_OF_WHOLE: Sequence[tuple[str, Callable[..., bytes]]] = [
    ("twice", _twice),
    ("another file", _other),
    ("another encoding", _recoded),
]
_OF_LINES: Sequence[tuple[str, Callable[..., bytes]]] = [
    *((name, _harmless(name)) for name in HARMLESS), ("line dropped", _line(_drop_line)),
    ("line doubled", _line(_double_line)), ("line cut", _line(_cut_line)), ("long line", _line(_long_line)),
]  # fmt: skip
_OF_JSON: Sequence[tuple[str, Callable[..., bytes]]] = [
    ("odd value", _line(_odd_json)), ("odd value", _line(_odd_json)), ("doubled key", _line(_double_json_key)),
    ("every value", _all_keys),
]  # fmt: skip
_OF_CSV: Sequence[tuple[str, Callable[..., bytes]]] = [
    ("odd cell", _line(_odd_cell)), ("odd cell", _line(_odd_cell)), ("header", _header),
]  # fmt: skip


def _in_bytes(change: Callable[..., bytes]) -> Callable[[random.Random, str], bytes]:
    return lambda chance, text: change(chance, text.encode())


_OF_TOML: Sequence[tuple[str, Callable[[random.Random, str], bytes]]] = [
    ("key dropped", _drop_key), ("key doubled", _double_key), *[("odd value", _odd_value)] * 4,
    *[("odd number", _odd_number)] * 2, *[("misspelt", _misspelt)] * 2, ("other table", _other_table),
    *[("more", _more)] * 2,
    *((name, _in_bytes(change)) for name, change in (*_OF_BYTES, *_OF_WHOLE)),
    *((name, _in_bytes(_harmless(name))) for name in HARMLESS),
]  # fmt: skip
