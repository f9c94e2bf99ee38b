"""The layers of registry.toml: who wins, and who said so."""

from itertools import combinations
from types import SimpleNamespace

import pytest

from deshi.api import Layer, UsageError, hookimpl
from deshi.registry import Registry
from deshi_tools.registry_view.explained import explain

LAYERS = ["built-in", "plugin acme", "project", "user", "environment", "--registry", "--set"]
PAIRS = [pair for pair in combinations(LAYERS, 2) if pair != ("built-in", "plugin acme")]
"""Of two that may speak of one entry, the stronger last; a plugin changes nothing that is built in."""


def said(layer, key="k"):
    """Return what each layer says about one parameter, as TOML."""
    return f'# {layer}\n[student.knn]\nuse = "knn"\nparams.{key} = {LAYERS.index(layer)}\n'


@pytest.fixture
def layered(tmp_path, make_registry, user_toml):
    """Return a function that builds a registry with the given layers and texts."""

    def write(name, text):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    def make(texts):
        options = {"builtin": write("built-in.toml", texts.get("built-in", ""))}
        if fragment := texts.get("plugin acme"):

            @hookimpl
            def layers():
                return [Layer(name="defaults", toml=fragment)]

            options["plugins"] = {"acme": SimpleNamespace(deshi_layers=layers)}
        if text := texts.get("user"):
            user_toml(text)
        if text := texts.get("environment"):
            options["environ"] = {"DESHI_SET": text}
        if text := texts.get("--registry"):
            options["files"] = [write("given.toml", text)]
        return make_registry(texts.get("--set", ()), project_toml=texts.get("project"), **options)

    return make


@pytest.fixture
def places(tmp_path):
    """Return where `explain` says that each layer's value was set."""
    return {
        "built-in": ("built-in", tmp_path / "built-in.toml", 4),
        "plugin acme": ("plugin acme", None, 4),
        "project": ("project", tmp_path / "project" / "registry.toml", 4),
        "user": ("user", tmp_path / "config" / "deshi" / "registry.toml", 4),
        "environment": ("environment", None, None),
        "--registry": ("command line", tmp_path / "given.toml", 4),
        "--set": ("command line", None, None),
    }


def texts_of(*layers, key="k"):
    texts = {layer: said(layer, key) for layer in layers}
    if "environment" in texts:
        texts["environment"] = f"student.knn.params.{key}={LAYERS.index('environment')}"
    if "--set" in texts:
        texts["--set"] = [f"student.knn.params.{key}={LAYERS.index('--set')}"]
    return texts


@pytest.mark.parametrize(("weaker", "stronger"), PAIRS)
def test_the_stronger_of_two_layers_wins_and_explain_says_where(layered, places, weaker, stronger):
    registry = layered(texts_of(weaker, stronger))
    assert registry.entry("student", "knn").params == {"k": LAYERS.index(stronger)}
    (row,) = explain(registry, "student.knn.params.k")
    assert row.path == "student.knn.params.k"
    assert row.value == LAYERS.index(stronger)
    assert (row.layer, row.file, row.line) == places[stronger]


@pytest.mark.parametrize(("weaker", "stronger"), PAIRS)
def test_tables_of_two_layers_merge_by_key(layered, weaker, stronger):
    texts = texts_of(weaker, key="a") | texts_of(stronger, key="b")
    found = layered(texts).entry("student", "knn").params
    assert found == {"a": LAYERS.index(weaker), "b": LAYERS.index(stronger)}


@pytest.mark.parametrize(("weaker", "stronger"), PAIRS)
def test_changing_use_drops_what_belonged_to_the_old_component(layered, weaker, stronger):
    full = '[student.x]\nuse = "knn"\nabout = "X."\nparams.k = 1\nenv.batch = 2\nlimits.usd = 3\n'
    change = '[student.x]\nuse = "t5"\nparams.b = 4\n'
    settings = {
        "environment": ("student.x.use=knn;student.x.about=X.;student.x.params.k=1",
                        "student.x.params.b=4;student.x.use=t5"),
        "--set": ([], ["student.x.params.b=4", "student.x.use=t5"]),
    }  # fmt: skip
    texts = {
        weaker: settings.get(weaker, (full, ""))[0],
        stronger: settings.get(stronger, ("", change))[1],
    }
    entry = layered(texts).entry("student", "x")
    assert (entry.component, entry.about) == ("t5", "X.")
    assert (entry.params, entry.env, entry.limits) == ({"b": 4}, {}, {})


def test_saying_the_same_use_again_drops_nothing(layered):
    text = '[student.x]\nuse = "knn"\n'
    registry = layered({"built-in": text + "params.k = 1\n", "project": text})
    assert registry.entry("student", "x").params == {"k": 1}


def test_an_entry_without_use_is_of_the_component_of_its_name(layered):
    registry = layered({"built-in": "[student.knn.params]\nk = 1\n"})
    assert registry.entry("student", "knn").component == "knn"
    changed = {"built-in": "[student.knn.params]\nk = 1\n", "user": '[student.knn]\nuse = "t5"\n'}
    assert layered(changed).entry("student", "knn").params == {}


def test_arrays_are_replaced(layered):
    registry = layered(
        {
            "built-in": '[chain.c]\nsource = ["a", "b"]\nlabelled = ["d"]\n[filter]\na = {}\nd = {}\n',
            "project": '[chain.c]\nsource = ["a"]\n',
        }
    )
    chain = registry.chain("c")
    assert {place: [entry.name for entry in found] for place, found in chain.items()} == {
        "source": ["a"],
        "rewritten": [],
        "labelled": ["d"],
    }


def test_enabled_false_removes_an_entry_and_a_stronger_layer_brings_it_back(layered, tmp_path):
    removed = {"built-in": said("built-in"), "project": "[student.knn]\nenabled = false\n"}
    registry = layered(removed)
    assert registry.entries("student") == ()
    with pytest.raises(UsageError) as caught:
        registry.entry("student", "knn")
    assert str(caught.value) == (
        "student.knn: removed by 'enabled = false' (registry.toml:2, project layer)"
    )
    restored = layered({**removed, "--set": ["student.knn.enabled=true"]})
    assert restored.entry("student", "knn").params == {"k": 0}


def test_explain_lists_every_value_below_a_path_with_its_own_origin(layered, tmp_path):
    registry = layered({"project": said("project"), "--set": ['student.knn.params."a.b"=[1, 2]']})
    rows = [(row.path, row.value, row.layer, row.line) for row in explain(registry, "student")]
    assert rows == [
        ("student.knn.use", "knn", "project", 3),
        ("student.knn.params.k", 2, "project", 4),
        ('student.knn.params."a.b"', [1, 2], "command line", None),
    ]
    assert explain(registry) == explain(registry, "student")


def test_explain_of_nothing_suggests_the_nearest(layered):
    registry = layered({"project": said("project")})
    with pytest.raises(UsageError) as caught:
        explain(registry, "student.knm")
    assert str(caught.value) == "student.knm: nothing is set there; did you mean 'knn'?"
    with pytest.raises(UsageError) as caught:
        explain(registry, "a b")
    assert str(caught.value) == (
        "'a b' is not a dotted key; write it as teacher.haiku or teacher.\"a.b\""
    )


def test_lines_are_found_in_every_way_of_writing_a_key(layered):
    toml = '''\
# comment with student.a.params.k = 1
[prompt.p]
label = """
[student.b]
params.k = 1
"""
rewrite = \'\'\'
x\'\'\'
[student]
a = { use = "knn", params = { k = 1 } }
c.params.k = 2

[student."d.e".params]
list = [
  1,  # k = 3
  2,
]
k = 4
'''
    registry = layered({"project": toml})
    lines = {row.path: row.line for row in explain(registry)}
    assert lines == {
        "prompt.p.label": 3,
        "prompt.p.rewrite": 7,
        "student.a.use": 10,
        "student.a.params.k": 10,
        "student.c.params.k": 11,
        'student."d.e".params.list': 14,
        'student."d.e".params.k': 18,
    }


def test_prompts_are_free_but_must_serve_a_task(layered):
    registry = layered(
        {
            "built-in": '[prompt.p]\nlabel = "L"\nban = ["✨"]\nx = [{ a = "b" }]\n[prompt.q]\nx = 1\n',
            "project": '[prompt.p]\nlabel = "M"\n',
        }
    )
    assert registry.prompt("p") == {"label": "M", "ban": ["✨"], "x": [{"a": "b"}]}
    with pytest.raises(UsageError) as caught:
        registry.prompt("q")
    assert str(caught.value).startswith("prompt.q: has none of 'rewrite', 'label' and 'merged' (")
    with pytest.raises(UsageError) as caught:
        registry.prompt("pp")
    assert str(caught.value) == "unknown prompt 'pp'; did you mean 'p'?"


def test_a_chain_that_names_an_unknown_filter_is_told_with_its_line(layered):
    registry = layered(
        {"project": '[filter.length]\n[chain.c]\nsource = ["length"]\nlabelled = ["lenght"]\n'}
    )
    with pytest.raises(UsageError) as caught:
        registry.chain("c")
    assert str(caught.value) == (
        "chain.c.labelled: unknown filter 'lenght'; did you mean 'length'? "
        "(registry.toml:4, project layer)"
    )
    with pytest.raises(UsageError) as caught:
        registry.chain("d")
    assert str(caught.value) == "unknown chain 'd'; there is: c"


@pytest.mark.parametrize(
    ("fragment", "says"),
    [
        (said("plugin acme"), "student.knn: is a name of the built-in layer"),
        ("[student.knn]\nenabled = false\n", "student.knn: is a name of the built-in layer"),
        ("[chain.seed]\nsource = []\n", "chain.seed: is a name of the built-in layer"),
        ('[prompt.seed]\nlabel = "x"\n', "prompt.seed: is a name of the built-in layer"),
        ('[metric.mine]\nuse = "x"\n[metric.jaccard]\nuse = "acme/m"\n',
         "metric.jaccard: is a name of the built-in layer"),
        ('[student."beta/x"]\nparams.k = 1\n', "student.\"beta/x\": is a name of plugin beta"),
        ("[student.shared]\nparams.k = 1\n", "student.shared: is a name of plugin beta"),
    ],
)  # fmt: skip
def test_a_plugin_s_layer_adds_names_and_changes_no_other_s(tmp_path, fragment, says):
    builtin = tmp_path / "built-in.toml"
    chain = '[chain.seed]\nsource = ["a"]\n[prompt.seed]\nlabel = "l"\n'
    builtin.write_text(said("built-in") + '[metric.jaccard]\nuse = "jaccard"\n' + chain)
    warned = []

    def shipping(text):
        @hookimpl
        def layers():
            return [Layer(name="defaults", toml=text)]

        return SimpleNamespace(deshi_layers=layers)

    registry = Registry(
        tmp_path,
        plugins={
            "acme": shipping(fragment),
            "beta": shipping("[student.shared]\nparams.k = 2\n"),
            "good": shipping("[student.new]\nuse = 'knn'\n"),
        },
        autoload=False,
        environ={},
        builtin=builtin,
        warn=warned.append,
    )
    assert registry.entry("student", "knn").params == {"k": 0}
    assert registry.entry("student", "new").component == "knn"
    state = {one.name: one for one in registry.records()}
    assert state["acme"].state == "invalid"
    assert says in state["acme"].reason
    assert state["good"].state == "ready"
    about_acme = [line for line in warned if "'acme'" in line]
    assert len(about_acme) == 1
    assert says in about_acme[0]
    assert {one.layer for one in explain(registry)} <= {"built-in", "plugin beta", "plugin good"}
    assert (state["beta"].state == "invalid") == ("shared" in fragment), "neither of two wins"
