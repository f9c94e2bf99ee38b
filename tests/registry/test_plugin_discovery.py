"""Plugins are found in metadata, and nothing is imported to find them."""

import sys

import pytest

from deshi import __version__
from deshi.api import NotReadyError
from deshi.api.installing import pip_command, upgrade_command
from deshi.registry.discover import discover

RAISES = "raise RuntimeError('imported')"
STUDENT = """
    from deshi.api import StudentSpec, hookimpl

    @hookimpl
    def deshi_students():
        yield StudentSpec(name="t5", target="nowhere:T5", summary="A student.", trains_on=None)
"""


def record(name, *, distribution=None):
    found = [r for r in discover() if r.name == name]
    found = [r for r in found if distribution in (None, r.distribution)]
    assert len(found) == 1
    return found[0]


def test_a_plugin_is_found_without_being_imported(install):
    module = install("acme", RAISES, version="1.5")
    found = record("acme")
    assert (found.distribution, found.version, found.entry) == ("acme-pkg", "1.5", module)
    assert found.state == "found"
    assert module not in sys.modules


def test_the_built_in_plugin_is_found_like_any_other():
    found = record("builtin")
    assert found.distribution == "deshi"
    assert found.is_builtin
    assert found.component_id("t5") == "t5"


def test_a_third_party_component_carries_its_plugins_name(install):
    install("acme")
    assert record("acme").component_id("t5") == "acme/t5"


def test_a_plugin_of_a_later_group_needs_a_newer_deshi_and_is_not_imported(install, make_registry):
    module = install("acme", RAISES, group="deshi.v3")
    found = record("acme")
    assert found.state == "incompatible"
    assert found.reason == (
        f"it needs a newer deshi (it offers deshi.v3; deshi {__version__} reads deshi.v2)"
    )
    registry = make_registry(autoload=True)
    with pytest.raises(NotReadyError) as caught:
        registry.entry("student", "acme/t5")
    assert str(caught.value) == (
        "student 'acme/t5': plugin 'acme' (acme-pkg 0.2) is incompatible: it needs a newer deshi "
        f"(it offers deshi.v3; deshi {__version__} reads deshi.v2); "
        f"{upgrade_command('acme-pkg')}"
    )
    assert module not in sys.modules


def test_a_plugin_of_the_first_edition_says_so_in_one_line_and_is_not_imported(
    install, make_registry
):
    module = install("acme", RAISES, group="deshi.v1")
    registry = make_registry(autoload=True)
    with pytest.raises(NotReadyError) as caught:
        registry.entry("student", "acme/t5")
    assert str(caught.value) == (
        "student 'acme/t5': plugin 'acme' (acme-pkg 0.2) is incompatible: it is written for an "
        f"earlier deshi (it offers deshi.v1; deshi {__version__} reads deshi.v2: see "
        f"docs/how-to/plugins-v2.md); run `{pip_command('install', '--upgrade', 'acme-pkg')}`"
    )
    assert module not in sys.modules


def test_a_plugin_whose_requirement_on_deshi_is_not_met_is_incompatible(install):
    module = install("acme", RAISES, requires=["numpy", "deshi>=9"])
    found = record("acme")
    assert found.state == "incompatible"
    assert found.reason == f"it needs deshi>=9, and this is deshi {__version__}"
    assert module not in sys.modules


@pytest.mark.parametrize(
    "line", ["deshi>=0.0.1", "deshi", "deshi>=9; extra == 'later'", "deshi-other>=9", "deshi>>9"]
)
def test_a_requirement_that_is_met_or_not_on_deshi_is_no_obstacle(install, line):
    install("acme", requires=[line])
    assert record("acme").state == "found"


def test_a_prerelease_of_this_host_meets_what_its_release_would(install, monkeypatch):
    monkeypatch.setattr("deshi.registry.discover.__version__", "0.9.0rc1")
    install("acme", requires=["deshi>=0.8"])
    install("later", requires=["deshi>=0.9"])
    assert (record("acme").state, record("later").state) == ("found", "incompatible")


def test_two_distributions_with_one_name_are_both_named_and_neither_is_loaded(
    install, make_registry
):
    modules = [install("acme", RAISES, dist=dist) for dist in ("first", "second")]
    reason = (
        "the name 'acme' is claimed by first 0.2 and second 0.2; none is loaded; "
        "uninstall all but one"
    )
    registry = make_registry(autoload=True)
    found = [r for r in registry.records() if r.name == "acme"]
    assert [(r.distribution, r.state, r.reason) for r in found] == [
        ("first", "invalid", reason),
        ("second", "invalid", reason),
    ]
    with pytest.raises(NotReadyError) as caught:
        registry.entry("student", "acme/t5")
    assert str(caught.value) == (
        f"student 'acme/t5': plugin 'acme' (first 0.2) is invalid: {reason}; "
        "run `deshi plugins info acme`"
    )
    assert not set(modules) & set(sys.modules)


def test_nobody_can_take_the_built_in_name_away(install):
    install("builtin", RAISES, dist="rogue")
    assert record("builtin", distribution="deshi").state == "found"
    rogue = record("builtin", distribution="rogue")
    assert rogue.state == "invalid"
    assert rogue.reason == (
        f"the name 'builtin' is claimed by deshi {__version__} and rogue 0.2; "
        "the name belongs to deshi"
    )


def test_a_name_that_is_no_name_is_invalid(install):
    install("Acme_Plugin")
    found = record("Acme_Plugin")
    assert found.state == "invalid"
    assert found.reason == (
        "the name 'Acme_Plugin' is not of the form 'lower-case-words' of letters and digits"
    )


def test_a_plugin_of_both_groups_is_read_by_the_one_that_this_host_knows(install, tmp_path):
    module = install("acme")
    points = f"[deshi.v2]\nacme = {module}\n[deshi.v3]\nacme = {module}\nlater = {module}\n"
    (tmp_path / "site" / "acme_pkg-0.2.dist-info" / "entry_points.txt").write_text(points)
    found = {r.name: r.state for r in discover() if r.distribution == "acme-pkg"}
    assert found == {"acme": "found", "later": "incompatible"}


def test_an_unreadable_list_of_entry_points_breaks_only_its_own_plugin(install, tmp_path):
    install("acme")
    install("good")
    (tmp_path / "site" / "acme_pkg-0.2.dist-info" / "entry_points.txt").write_text(
        "[deshi.v2]\nno equals sign\n"
    )
    assert record("acme-pkg").state == "broken"
    assert record("acme-pkg").reason.startswith("its metadata cannot be read: ")
    assert record("good").state == "found"


def test_a_disabled_plugin_is_never_imported(install, make_registry, user_toml):
    module = install("acme", STUDENT)
    file = user_toml('[plugins]\ndisabled = ["acme"]\n')
    registry = make_registry(autoload=True)
    registry.catalog.offers("student")
    found = next(r for r in registry.records() if r.name == "acme")
    assert found.state == "disabled"
    with pytest.raises(NotReadyError) as caught:
        registry.entry("student", "acme/t5")
    assert str(caught.value) == (
        "student 'acme/t5': plugin 'acme' (acme-pkg 0.2) is disabled: [plugins] disabled names it "
        f"({file}:2, user layer); run `deshi plugins info acme`"
    )
    assert module not in sys.modules


@pytest.mark.parametrize(
    ("allowed", "state"), [("acme", "ready"), ("other, acme", "ready"), ("", "disabled")]
)
def test_the_allow_list_decides_before_anything_is_imported(install, make_registry, allowed, state):
    module = install("acme", STUDENT)
    registry = make_registry(autoload=True, environ={"DESHI_PLUGINS": allowed})
    found = {r.name: r for r in registry.records()}
    assert found["acme"].state == state
    assert found["builtin"].state == "ready"
    assert (module in sys.modules) == (state == "ready")
    if state == "disabled":
        assert found["acme"].reason == "DESHI_PLUGINS does not name it"


@pytest.mark.parametrize("allowed", ["acme", ""])
def test_the_built_in_plugin_needs_no_permission(install, make_registry, allowed):
    install("acme", RAISES)
    registry = make_registry(autoload=True, plugins={}, environ={"DESHI_PLUGINS": allowed})
    found = {r.name: r.state for r in registry.records(load=False)}
    assert found["builtin"] == "found"
    assert found["acme"] == ("found" if allowed else "disabled")


def test_records_can_be_had_without_importing(install, make_registry):
    module = install("acme", STUDENT)
    registry = make_registry(autoload=True)
    found = next(r for r in registry.records(load=False) if r.name == "acme")
    assert found.state == "found"
    assert module not in sys.modules


def test_a_distribution_without_a_name_is_still_found(install, tmp_path):
    module = install("acme")
    (tmp_path / "site" / "acme_pkg-0.2.dist-info" / "METADATA").write_text("Summary: x\n")
    found = record("acme")
    assert (found.distribution, found.version, found.entry) == ("unknown", "", module)


def test_a_folder_that_is_not_named_as_its_distribution_is_still_found(install, tmp_path):
    install("acme")
    site = tmp_path / "site"
    (site / "acme_pkg-0.2.dist-info").rename(site / "other-0.2.dist-info")
    assert record("acme").distribution == "acme-pkg"


def test_of_two_copies_of_a_distribution_the_first_on_the_path_counts(
    install, tmp_path, monkeypatch
):
    module = install("acme")
    first = tmp_path / "first" / "acme_pkg-0.3.dist-info"
    first.mkdir(parents=True)
    (first / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-pkg\nVersion: 0.3\n")
    (first / "entry_points.txt").write_text(f"[deshi.v2]\nacme = {module}\n")
    monkeypatch.syspath_prepend(str(first.parent))
    assert record("acme").version == "0.3"


def test_an_entry_point_file_that_is_no_text_is_passed_over(install, tmp_path):
    install("acme")
    (tmp_path / "site" / "acme_pkg-0.2.dist-info" / "entry_points.txt").write_bytes(b"\xff\xfe")
    assert [r for r in discover() if r.name == "acme"] == []
