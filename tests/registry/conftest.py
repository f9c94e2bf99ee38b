"""Fake distributions, and a registry that sees nothing but what a test gives it."""

import importlib
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

from deshi.api import (
    CorpusSpec,
    FilterSpec,
    LossSpec,
    MetricSpec,
    StudentSpec,
    TeacherSpec,
    hookimpl,
)
from deshi.registry import Registry

sys.path.insert(0, str(Path(__file__).parent))

from registry_parts import COMPONENTS, SPECS


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that installs a fake distribution: a module and a .dist-info folder."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)

    def make(name, code="", *, dist=None, version="0.2", group="deshi.v2", requires=(), **files):
        module = f"fake_{name.replace('-', '_')}_{dist or 'pkg'}".replace("-", "_")
        (site / f"{module}.py").write_text(textwrap.dedent(code), encoding="utf-8")
        for extra, text in files.items():
            (site / f"{extra}.py").write_text(textwrap.dedent(text), encoding="utf-8")
        dist = dist or f"{name}-pkg"
        folder = site / f"{dist.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        metadata = [f"Name: {dist}", f"Version: {version}"]
        metadata += [f"Requires-Dist: {line}" for line in requires]
        metadata = ["Metadata-Version: 2.1", *metadata]
        (folder / "METADATA").write_text("\n".join(metadata) + "\n", encoding="utf-8")
        points = f"[{group}]\n{name} = {module}\n"
        (folder / "entry_points.txt").write_text(points, encoding="utf-8")
        importlib.invalidate_caches()
        return module

    yield make
    for added in set(sys.modules) - before:
        if added.startswith("fake_"):
            del sys.modules[added]


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def make_registry(tmp_path, warnings, monkeypatch):
    """Return a function that builds a registry in an empty project, no user layer around it."""
    project = tmp_path / "project"
    project.mkdir()
    empty = tmp_path / "empty.toml"
    empty.write_text("", encoding="utf-8")
    monkeypatch.chdir(project)

    def make(sets=(), files=(), *, project_toml=None, environ=None, **given):
        if project_toml is not None:
            text = textwrap.dedent(project_toml).lstrip("\n")
            (project / "registry.toml").write_text(text, encoding="utf-8")
        given.setdefault("autoload", False)
        given.setdefault("builtin", empty)
        given.setdefault("plugins", {"builtin": SimpleNamespace()})
        home = {"XDG_CONFIG_HOME": str(tmp_path / "config"), **(environ or {})}
        return Registry(project, sets, files, environ=home, warn=warnings.append, **given)

    return make


@pytest.fixture
def user_toml(tmp_path):
    """Return a function that writes the user's registry.toml."""

    def write(text):
        folder = tmp_path / "config" / "deshi"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "registry.toml").write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return folder / "registry.toml"

    return write


@pytest.fixture
def offering():
    """Return a function that makes a plugin from specs, as a namespace of hooks."""
    hooks = {
        CorpusSpec: "deshi_corpora",
        TeacherSpec: "deshi_teachers",
        FilterSpec: "deshi_filters",
        StudentSpec: "deshi_students",
        LossSpec: "deshi_losses",
        MetricSpec: "deshi_metrics",
    }

    def make(*specs, **more):
        namespace = SimpleNamespace(**more)
        for kind, hook in hooks.items():
            found = [spec for spec in specs if isinstance(spec, kind)]

            def offer(found=found):
                return found

            if found:
                setattr(namespace, hook, hookimpl(offer))
        return namespace

    return make


@pytest.fixture
def make_parts(install, make_registry, offering):
    install("parts", fake_parts=COMPONENTS, fake_absent="import nonexistent_sdk")

    def build(project_toml=None, sets=(), **given):
        plugins = {"builtin": offering(*SPECS)}
        return make_registry(sets, project_toml=project_toml, plugins=plugins, **given)

    return build
