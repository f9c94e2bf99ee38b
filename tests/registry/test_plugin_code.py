"""Which files are a plugin's code, wherever and however it lies on the path."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from deshi.benchmark.part import Identity, Part, code_key
from deshi.registry import PluginRecord, code_of
from deshi.registry.plugin_code import _elsewhere, _files, may_be_same


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that writes files below a folder which is then on the path."""

    def write(folder: str, **files: str) -> Path:
        root = tmp_path / folder
        for name, text in files.items():
            path = root / (name.replace("__in__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(root))
        _elsewhere.cache_clear()
        return root

    return write


def record(entry: str) -> PluginRecord:
    return PluginRecord(name="acme", distribution="no-such-dist", version="1.0", entry=entry)


def names(entry: str) -> set[str]:
    return set(_files(record(entry)))


def test_all_files_of_a_package_and_what_it_imports_from_elsewhere(on_path) -> None:
    on_path(
        "src", acme_a__in____init__="", acme_a__in__hooks="import acme_shared.deep\nimport json"
    )
    on_path("other", acme_shared__in____init__="", acme_shared__in__deep="import numpy")
    assert names("acme_a.hooks") == {
        "acme_a/__init__.py",
        "acme_a/hooks.py",
        "acme_shared/__init__.py",
        "acme_shared/deep.py",
    }


def test_of_a_namespace_package_its_own_part(on_path) -> None:
    on_path("one", acme_ns__in__mine__in____init__="", acme_ns__in__mine__in__x="")
    on_path("two", acme_ns__in__theirs__in____init__="")
    assert names("acme_ns.mine.x") == {"acme_ns/mine/__init__.py", "acme_ns/mine/x.py"}


def test_a_lone_module_with_its_target_beside_it(on_path) -> None:
    hooks = 'spec = "acme_impl:Student"\nfrom . import nothing\nimport acme_by_name\n'
    on_path("src", acme_hooks=hooks, acme_impl="", acme_by_name="", acme_unrelated="")
    assert names("acme_hooks") == {"acme_hooks.py", "acme_impl.py", "acme_by_name.py"}


def test_what_is_installed_is_its_version_and_links_are_followed(on_path, tmp_path) -> None:
    root = on_path("site-packages", acme_i__in____init__="import numpy")
    assert code_of(record("acme_i")) == "no-such-dist 1.0"
    source = tmp_path / "checkout"
    (root / "acme_i").rename(source)
    (root / "acme_i").symlink_to(source)
    _elsewhere.cache_clear()
    assert code_of(record("acme_i")).startswith("no-such-dist 1.0 sha256:")


def test_a_folder_that_pip_filled_is_not_read_for_what_a_plugin_needs(on_path) -> None:
    root = on_path("target", acme_p__in____init__="import acme_big", acme_big__in____init__="")
    (root / "acme_big-1.dist-info").mkdir()
    (root / "acme_big-1.dist-info" / "RECORD").write_text("acme_big/__init__.py,,\n")
    assert names("acme_p") == {"acme_p/__init__.py"}


def test_the_same_files_have_one_code_wherever_they_lie(on_path, tmp_path) -> None:
    on_path("a", acme_same__in____init__="x = 1")
    first = code_of(record("acme_same"))
    sys.path.remove(str(tmp_path / "a"))
    on_path("b", acme_same__in____init__="x = 1")
    assert code_of(record("acme_same")) == first


def test_a_module_that_is_no_python_or_not_there_breaks_nothing(on_path) -> None:
    on_path("src", acme_bad="this is (not python")
    assert names("acme_bad") == {"acme_bad.py"}
    assert code_of(record("acme_missing.hooks")) == "no-such-dist 1.0"
    assert code_of(record("")) == "no-such-dist 1.0"


def test_hashing_is_cheap_the_second_time(on_path) -> None:
    modules = {f"acme_m__in__m{n}": "import json\n" * 50 for n in range(100)}
    on_path("src", acme_m__in____init__="", **modules)
    code_of(record("acme_m"))
    start = time.perf_counter()
    code_of(record("acme_m"))
    assert time.perf_counter() - start < 0.2


@pytest.mark.parametrize(
    ("made", "now", "same"),
    [
        ("acme 1.0", "acme 1.0", True),
        ("acme 1.0", "acme 1.1", False),
        ("acme 1.0 sha256:a", "acme 1.0 sha256:b", False),
        ("acme 1.0 sha256:a", "acme 1.0", True),
        ("acme 1.0 sha256:a", "acme 1.1", False),
        ("", "acme 1.1", True),
    ],
)
def test_a_published_student_may_be_of_a_plugin_in_place(made: str, now: str, same: bool) -> None:
    assert may_be_same(made, now) == same


def test_the_code_of_what_a_component_combines_is_in_its_key_and_in_no_request() -> None:
    def part(code: str, **members: Part) -> Part:
        return Part(
            kind="student", entry="x", label="x", id="acme/x", params={}, capabilities=(),
            identity=Identity("acme/x", 1, {}), code=code, members=members,
        )  # fmt: skip

    assert code_key([part("")]) == {}
    one, other = (code_key([part("", a=part("", b=part(code)))]) for code in ("acme 1", "acme 2"))
    assert one != other
    assert "code" not in Identity.__struct_fields__, "the ledger's keys are made of identities"


def test_files_near_a_lone_file_that_it_names_by_their_last_piece_are_its_code(tmp_path) -> None:
    for name in ("data/d.txt", "words.txt", "a.dat", "other.txt", ".deshi/d.txt", "dyn.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    lone = tmp_path / "x.py"
    lone.write_text(
        'HERE / "data" / "d.txt"\nopen(f"{HERE}/words.txt")\nHERE.glob("*.dat")\nload("dyn")\n',
        encoding="utf-8",
    )
    found = set(_files(PluginRecord(name="x", distribution="", version="", entry=str(lone))))
    assert found == {"x.py", "data/d.txt", "words.txt", "a.dat", "dyn.py"}
