"""The vendored table: what is in it, and that nothing but a new table can change it."""

import collections
import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

import deshi.emoji
import emoji as reference
from deshi.emoji import EMOJI_VERSION, EmojiInfo, inventory, inventory_hash

DATA = Path(deshi.emoji.__file__).with_name("data")
TONES = frozenset("🏻🏼🏽🏾🏿")
FULLY_QUALIFIED = {
    symbol
    for symbol, entry in reference.EMOJI_DATA.items()
    if entry["status"] == reference.STATUS["fully_qualified"] and entry["E"] <= 16
}


def test_the_inventory_is_every_fully_qualified_emoji_of_16_0_without_tones():
    assert EMOJI_VERSION == "16.0"
    assert len(inventory()) == 1906
    assert set(inventory()) == {symbol for symbol in FULLY_QUALIFIED if not TONES & set(symbol)}


def test_the_keys_are_the_emoji():
    assert all(symbol == info.emoji for symbol, info in inventory().items())


def test_the_versions_are_those_of_the_reference():
    assert all(
        info.version == reference.EMOJI_DATA[info.emoji]["E"] for info in inventory().values()
    )


def test_emoji_16_brought_eight():
    newest = [info.emoji for info in inventory().values() if info.version == 16.0]
    assert sorted(newest) == sorted(["🫩", "🫆", "🪾", "🫜", "🪉", "🪏", "🫟", "🇨🇶"])


def test_nothing_newer_than_16_is_in_it():
    newer = {symbol for symbol, entry in reference.EMOJI_DATA.items() if entry["E"] > 16}
    assert newer
    assert newer.isdisjoint(inventory())


def test_the_groups_are_the_nine_of_cldr_in_its_order():
    assert collections.Counter(info.group for info in inventory().values()) == {
        "smileys-emotion": 169,
        "people-body": 386,
        "animals-nature": 159,
        "food-drink": 131,
        "travel-places": 218,
        "activities": 85,
        "objects": 264,
        "symbols": 224,
        "flags": 270,
    }


def test_every_group_and_subgroup_is_one_block_of_rows():
    infos = inventory().values()
    for key in ("group", "subgroup"):
        values = [getattr(info, key) for info in infos]
        changes = [b for a, b in zip([None, *values], values, strict=False) if a != b]
        assert len(changes) == len(set(changes))


def test_the_order_is_that_of_cldr():
    symbols = list(inventory())
    assert symbols[0] == "😀"
    assert symbols[-1] == "🏴󠁧󠁢󠁷󠁬󠁳󠁿"
    assert symbols.index("😀") < symbols.index("❤️") < symbols.index("👋") < symbols.index("🐵")


def test_every_row_has_a_japanese_name_and_a_keyword():
    for info in inventory().values():
        assert info.name
        assert info.keywords
        assert all(keyword.strip() == keyword != "" for keyword in info.keywords)


def test_a_row_reads_as_the_standard_says():
    assert inventory()["☝️"] == EmojiInfo(
        emoji="☝️",
        version=0.6,
        group="people-body",
        subgroup="hand-single-finger",
        name="上指差し",
        keywords=("上", "上指差し", "手", "指差し"),
        toned=True,
        alias=None,
    )


def test_the_keycap_of_the_number_sign_is_no_comment():
    assert inventory()["#️⃣"].name == "囲み数字: #"


def test_six_emoji_have_an_alias():
    aliases = {info.emoji: info.alias for info in inventory().values() if info.alias}
    assert aliases == {
        "👫": "👩‍🤝‍👨",
        "👭": "👩‍🤝‍👩",
        "👬": "👨‍🤝‍👨",
        "💑": "🧑‍❤‍🧑",
        "💏": "🧑‍❤‍💋‍🧑",
        "🤝": "🫱‍🫲",
    }


def test_fe0f_is_never_all_that_tells_two_emoji_apart():
    assert len({symbol.replace("\ufe0f", "") for symbol in FULLY_QUALIFIED}) == 3781


def test_records_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        inventory()["😀"].name = "x"
    with pytest.raises(TypeError):
        inventory()["x"] = inventory()["😀"]


def test_the_content_is_pinned():
    # A new hash means new labels: change it only together with the table.
    assert inventory_hash() == "cab2bf1a250811d4baf07090c92dc5dd4317617b2ff832f89ed38dd6bcc7736b"


def test_the_table_is_small_and_carries_its_licences():
    assert (DATA / "emoji-16.0.tsv").stat().st_size < 300_000
    assert "UNICODE LICENSE V3" in (DATA / "LICENSE-unicode.txt").read_text(encoding="utf-8")
    assert "Miles Johnson" in (DATA / "LICENSE-emojibase.txt").read_text(encoding="utf-8")
    assert (DATA / "emoji-16.0.tsv").read_text(encoding="utf-8").startswith("# Emoji 16.0")


def test_an_import_reads_no_file_and_does_not_know_the_emoji_package():
    code = """
import sys
import deshi.emoji
from deshi.emoji import parsing, table
assert "emoji" not in sys.modules
assert table.inventory.cache_info().currsize == 0
assert table._records.cache_info().currsize == 0
assert parsing.token_pattern.cache_info().currsize == 0
"""
    subprocess.run([sys.executable, "-c", code], check=True)
