"""The Japanese README says what the English one says."""

from __future__ import annotations

import re

from markdown_blocks import ROOT, blocks

ENGLISH, JAPANESE = ROOT / "README.md", ROOT / "README.ja.md"


def bare(text):
    """Return code without its comments, whose language differs."""
    return [re.sub(r"\s+# .*$", "", line) for line in text.splitlines()]


def test_both_have_the_same_blocks_but_for_comments():
    one, other = ([(b.language, bare(b.text)) for b in blocks(p)] for p in (ENGLISH, JAPANESE))
    assert one == other


def test_both_have_the_same_headings_commands_and_links():
    one, other = (path.read_text(encoding="utf-8") for path in (ENGLISH, JAPANESE))
    assert len(re.findall(r"^## ", one, re.MULTILINE)) == len(
        re.findall(r"^## ", other, re.MULTILINE)
    )
    commands = [re.findall(r"^\| (`deshi .*?`) ", text, re.MULTILINE) for text in (one, other)]
    assert commands[0] == commands[1]
    links = [set(re.findall(r"\]\((?!README)(.+?)\)", text)) for text in (one, other)]
    assert links[0] == links[1]


def test_each_links_to_the_other():
    assert "(README.ja.md)" in ENGLISH.read_text(encoding="utf-8")
    assert "(README.md)" in JAPANESE.read_text(encoding="utf-8")
