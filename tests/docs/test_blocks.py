"""Every block of the documentation is what it seems to be: commands, options, TOML, Python."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator
from markdown_blocks import PAGES, ROOT, all_blocks

from deshi.api import KINDS
from deshi.cli import group
from deshi.registry import Registry
from deshi_tools.schema import benchmark_schema, registry_schema

REGISTRY = {*KINDS, "prompt", "chain", "plugins"}
NOT_RUN = 12
"""How many blocks of the pages that are run say that they are not."""


def ids(block):
    return block.place


@pytest.mark.parametrize("block", all_blocks("console", "sh"), ids=ids)
def test_commands_and_their_options_are_those_of_deshi(block):
    from markdown_blocks import words

    for command in block.commands:
        for found in words(command):
            program, *rest = found
            if Path(program).name == "deshi" or found[:3] == ["python", "-m", "deshi"]:
                known(rest if program != "python" else rest[2:])
            elif program == "make":
                targets = (ROOT / "Makefile").read_text(encoding="utf-8")
                assert all(f"\n{target}:" in targets for target in rest), command
            elif Path(program).name == "python" and rest[0].endswith(".py"):
                assert (ROOT / rest[0]).is_file(), command


def known(arguments):
    command: click.Command = group
    context = click.Context(group, info_name="deshi")
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        name, *arguments = arguments
        if name in commands_of_examples():
            return
        inner = command.get_command(context, name)
        assert inner is not None, f"no command '{name}'"
        command, context = inner, click.Context(inner, info_name=name)
    command.make_parser(context).parse_args(list(arguments))


@cache
def commands_of_examples():
    found = (tomllib.loads(p.read_text()) for p in ROOT.glob("examples/*/pyproject.toml"))
    points = (one["project"].get("entry-points", {}) for one in found)
    return {name for one in points for name in one.get("deshi.commands", ())}


@cache
def validators():
    return Draft202012Validator(benchmark_schema()), Draft202012Validator(
        registry_schema(Registry(ROOT))
    )


@pytest.mark.parametrize("block", all_blocks("toml"), ids=ids)
def test_toml_is_a_benchmark_or_a_registry_or_a_part_of_one(block):
    tree = json.loads(json.dumps(tomllib.loads(block.text)))
    benchmark, registry = validators()
    if {"project", "fault"} & set(tree):
        return  # a pyproject.toml; a script of the fake server
    if any(not isinstance(value, dict) for value in tree.values()):
        tree = {"matrix": tree}  # some lines of it
    if set(tree) & REGISTRY:
        wrong = [
            e.message for e in registry.iter_errors({k: tree[k] for k in set(tree) & REGISTRY})
        ]
    else:
        parts = benchmark_schema()["properties"]
        rest = {"benchmark": {"train": 1, "valid": 1, "test": 1}}
        rest["matrix"] = {"corpus": "a", "chain": "a", "teacher": "a"}
        whole = {**rest, **{k: {**rest.get(k, {}), **v} for k, v in tree.items()}}
        assert set(tree) <= set(parts)
        wrong = [error.message for error in benchmark.iter_errors(whole)]
    assert wrong == []


@pytest.mark.parametrize("block", all_blocks("python"), ids=ids)
def test_python_of_a_how_to_page_runs_and_other_python_compiles(block):
    if block.text.startswith("def deshi_") or "/reference/" in block.place:
        return  # signatures, which their own test compares
    text = block.text
    if text.startswith("    ") or (": " in text.splitlines()[0] and text.startswith("# ")):
        text = "class _:\n" + "\n".join(text.splitlines()[1:]) + "\n    pass"
        if "lines" in block.text.splitlines()[0]:
            return  # lines of a file, which the tutorial's own test puts in their place
    code = compile(text, block.place, "exec", dont_inherit=True)
    if "/how-to/" in block.place:
        exec(code, {"__name__": "page"})


def test_blocks_that_are_not_run_are_few_and_say_why():
    found = [block for block in all_blocks("console", "python", "toml") if block.skip]
    assert len(found) == NOT_RUN
    assert all(len(block.skip.split()) > 3 for block in found)


def test_every_page_stands_in_the_table_of_contents():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        name = str(page.relative_to(ROOT / "docs").with_suffix(""))
        assert name == "index" or f"\n{name}\n" in index, name


def test_every_page_that_is_named_is_there():
    assert all(page.is_file() for page in PAGES)
