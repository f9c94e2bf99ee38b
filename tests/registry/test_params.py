"""An entry becomes checked parameters and an identity."""

import hashlib
import pickle
from pathlib import Path

import pytest
from registry_parts import DEFAULTS, OURS, resolve

from deshi.api import NotReadyError, UsageError
from deshi.registry import Registry


def test_a_components_name_is_an_entry_with_default_parameters(make_parts):
    registry = make_parts()
    resolved = resolve(registry)
    assert resolved.component == "t5"
    assert resolved.identity == DEFAULTS
    assert resolved.params_json == DEFAULTS
    assert resolved.entry.env == {}
    assert registry.entries("student") == ()


def test_an_entry_of_a_components_name_comes_before_the_component(make_parts):
    registry = make_parts('[student.t5]\nuse = "plain"\n')
    assert registry.entry("student", "t5").component == "plain"


def test_kebab_case_becomes_the_dataclass_and_enters_the_identity(make_parts):
    registry = make_parts(
        """
        [student.mine]
        use = "t5"
        params = { learning-rate = 1, lambda = 2.5, words = ["b", "a"], weights = { b = 1, a = 2 } }
        env = { device = "cuda:0", batch = 64 }
        limits = { usd = 2 }
        """
    )
    resolved = resolve(registry, "mine")
    assert resolved.params.learning_rate == 1.0
    assert resolved.params.lambda_ == 2.5
    assert resolved.params.words == frozenset({"a", "b"})
    assert resolved.identity == DEFAULTS | {
        "learning-rate": 1.0,
        "lambda": 2.5,
        "words": ["a", "b"],
        "weights": {"b": 1.0, "a": 2.0},
    }
    assert resolved.entry.env == {"device": "cuda:0", "batch": 64}
    assert resolved.entry.limits == {"usd": 2}


def test_tables_in_parameters_become_dataclasses(make_parts):
    registry = make_parts(
        """
        [student.mine]
        use = "t5"
        [student.mine.params]
        schedule.warm-up = 3
        schedules = [{ warm-up = 4 }, {}]
        """
    )
    params = resolve(registry, "mine").params
    assert params.schedule.warm_up == 3
    assert [schedule.warm_up for schedule in params.schedules] == [4, 10]


def test_overrides_lie_over_the_entry(make_parts):
    registry = make_parts(
        '[student.mine]\nuse = "t5"\nparams = { top-k = 2, learning-rate = 0.5 }\n'
    )
    resolved = resolve(registry, "mine", {"learning-rate": 3e-4})
    assert (resolved.params.top_k, resolved.params.learning_rate) == (2, 3e-4)


def test_decoding_parameters_are_keyed_with_predict_and_not_with_fit(make_parts):
    registry = make_parts()
    one, two = resolve(registry), resolve(registry, overrides={"top-k": 9, "lambda": 0.1})
    assert one.identity_fit == two.identity_fit
    assert two.identity_predict == {"top-k": 9, "decode": "greedy", "lambda": 0.1}
    assert one.identity_fit.keys() | one.identity_predict.keys() == DEFAULTS.keys()
    loss = registry.resolve(registry.entry("loss", "focal"))
    assert (loss.identity_fit, loss.identity_predict) == (DEFAULTS, {})


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ("learning-rat = 1", ": unknown key 'learning-rat'; did you mean 'learning-rate'?"),
        ("learning_rate = 1", ": unknown key 'learning_rate'; did you mean 'learning-rate'?"),
        ("learning-rate = 3.5", ".learning-rate: expected float <= 1.0, got 3.5"),
        ('top-k = "x"', ".top-k: expected int, got str"),
        ('decode = "beams"', ".decode: 'beams' is not one of its values; did you mean 'beam'?"),
        (
            'modes = ["fast", "slwo"]',
            ".modes.1: 'slwo' is not one of its values; did you mean 'slow'?",
        ),
        (
            'best = { mode = "fats" }',
            ".best.mode: 'fats' is not one of its values; did you mean 'fast'?",
        ),
        (
            'named = { a = "slo" }',
            ".named: {{'a': 'slo'}} is not one of its values; there is: fast, slow",
        ),
        ("schedule = { w = 1 }", ".schedule: unknown key 'w'; there is: vocabulary, warm-up"),
        ("schedule.warm-up = -1", ".schedule.warm-up: expected int >= 0, got -1"),
        ("schedules = [{}, { warm-up = -1 }]", ".schedules.1.warm-up: expected int >= 0, got -1"),
        ("schedule = 3", ".schedule: expected object, got int"),
        ("top-k = 13", ": top-k brings bad luck"),
        ("lambda = inf", ".lambda: must be finite, not inf"),
        ("folder = 3", ".folder: expected path, got int"),
        ('folder = "absent"', ".folder: there is no file or folder '{cwd}/absent'"),
    ],
)
def test_what_is_wrong_with_parameters_is_told_with_file_and_layer(make_parts, params, message):
    registry = make_parts(f'\n[student.mine]\nuse = "t5"\n[student.mine.params]\n{params}\n')
    with pytest.raises(UsageError) as caught:
        resolve(registry, "mine")
    told = message.format(cwd=Path.cwd())
    assert str(caught.value) == f"student.mine.params{told} (registry.toml:4, project layer)"


def test_a_missing_key_is_told(make_parts):
    registry = make_parts('[student.mine]\nuse = "required"\n')
    with pytest.raises(UsageError) as caught:
        resolve(registry, "mine")
    assert str(caught.value) == (
        "student.mine.params: needs the key 'model' (registry.toml:2, project layer)"
    )


def test_parameters_for_a_component_that_takes_none_are_told(make_parts):
    registry = make_parts(sets=["student.plain.params.k=1"])
    with pytest.raises(UsageError) as caught:
        resolve(registry, "plain")
    assert str(caught.value) == (
        "student.plain.params: unknown key 'k'; it takes no parameters "
        "(--set student.plain.params.k=1, command line layer)"
    )


def test_a_wrong_override_names_the_benchmark_file(make_parts):
    registry = make_parts()
    with pytest.raises(UsageError) as caught:
        resolve(registry, overrides={"top-q": 1}, file=Path("main.toml"))
    assert str(caught.value) == (
        "student.t5.params: unknown key 'top-q'; did you mean 'top-k'? (main.toml, benchmark layer)"
    )
    with pytest.raises(UsageError) as caught:
        resolve(registry, overrides={"top-k": "x"})
    assert str(caught.value) == "student.t5.params.top-k: expected int, got str (benchmark layer)"


def test_an_unknown_component_is_told_where_it_is_named(make_parts):
    registry = make_parts('[student.mine]\nuse = "t55"\n[student.other]\nabout = "?"\n')
    with pytest.raises(UsageError) as caught:
        resolve(registry, "mine")
    assert str(caught.value) == (
        "student.mine: unknown student 't55'; did you mean 't5'? (registry.toml:2, project layer)"
    )
    with pytest.raises(UsageError) as caught:
        resolve(registry, "other")
    assert str(caught.value) == (
        "student.other: has no 'use', and there is no student of its name; did you mean 'nowhere'? "
        "(registry.toml:4, project layer)"
    )


def test_an_unknown_entry_is_told_with_the_nearest_entry_or_component(make_parts):
    registry = make_parts('[student.mine]\nuse = "t5"\n')
    with pytest.raises(UsageError) as caught:
        registry.entry("student", "mime")
    assert str(caught.value) == "unknown student 'mime'; did you mean 'mine'?"
    with pytest.raises(UsageError) as caught:
        registry.entry("studnt", "mine")
    assert str(caught.value) == "unknown kind 'studnt'; did you mean 'student'?"


def test_an_unknown_prompt_is_told_where_it_is_named(make_parts):
    registry = make_parts(
        '[teacher.e]\nuse = "echo"\nprompt = "seed-v4"\n[prompt.seed-v3]\nlabel = "L"\n'
    )
    with pytest.raises(UsageError) as caught:
        registry.resolve(registry.entry("teacher", "e"))
    assert str(caught.value) == (
        "teacher.e: unknown prompt 'seed-v4'; did you mean 'seed-v3'? (registry.toml:3, project layer)"
    )


def digest(data):
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_a_file_enters_the_identity_by_its_content(make_parts, tmp_path):
    registry = make_parts(
        '[student.mine]\nuse = "t5"\nparams.files = ["a.txt", "../b.txt"]\nparams.more = ["a.txt"]\n'
    )
    Path("a.txt").write_bytes(b"one")
    (tmp_path / "b.txt").write_bytes(b"two")
    resolved = resolve(registry, "mine")
    assert resolved.identity["files"] == [digest(b"one"), digest(b"two")]
    assert resolved.params.more == [Path.cwd() / "a.txt"]
    assert resolved.params_json["files"] == [
        str(Path.cwd() / "a.txt"),
        str(Path.cwd() / ".." / "b.txt"),
    ]


def test_a_changed_file_changes_the_identity(make_parts):
    registry = make_parts('[student.mine]\nuse = "t5"\nparams.folder = "a.txt"\n')
    Path("a.txt").write_bytes(b"one")
    before = resolve(registry, "mine").identity
    Path("a.txt").write_bytes(b"three")
    assert resolve(registry, "mine").identity != before


def test_a_folder_enters_the_identity_by_names_and_contents_wherever_it_lies(make_parts, tmp_path):
    def identity(name, files):
        for file, text in files.items():
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return resolve(make_parts(), overrides={"folder": str(tmp_path / name)}).identity["folder"]

    one = identity("one", {"a/b.txt": "1", "c.txt": "2"})
    assert one == identity("two", {"c.txt": "2", "a/b.txt": "1"})
    assert one != identity("three", {"a/b.txt": "1", "d.txt": "2"})
    assert one != identity("four", {"a/b.txt": "1", "c.txt": "3"})


def test_a_file_that_goes_missing_before_the_identity_is_asked_for_is_told(make_parts):
    registry = make_parts('[student.mine]\nuse = "t5"\nparams.schedule.vocabulary = "a.txt"\n')
    Path("a.txt").touch()
    resolved = resolve(registry, "mine")
    Path("a.txt").unlink()
    with pytest.raises(UsageError) as caught:
        _ = resolved.identity
    assert str(caught.value) == (
        f"student.mine.params.schedule.vocabulary: '{Path.cwd()}/a.txt' cannot be read: "
        "No such file or directory (registry.toml:3, project layer)"
    )


def test_a_path_is_relative_to_the_folder_of_whoever_sets_it(make_parts, tmp_path, user_toml):
    user = user_toml("[student.t5.params]\nfolder = 'words'\n").parent
    project, given, bench = Path.cwd(), tmp_path / "given", tmp_path / "bench"
    for folder in (user, project, given, bench):
        folder.mkdir(exist_ok=True)
        (folder / "words").mkdir()
    (given / "extra.toml").write_text("[student.t5.params]\nfolder = 'words'\n")

    def folder(registry, overrides=None, **more):
        return resolve(registry, "t5", overrides, **more).params.folder

    assert folder(make_parts()) == user / "words"
    assert (
        folder(make_parts(environ={"DESHI_SET": "student.t5.params.folder=words"}))
        == project / "words"
    )
    assert folder(make_parts(files=[given / "extra.toml"])) == given / "words"
    assert folder(make_parts(sets=["student.t5.params.folder=words"])) == project / "words"
    assert folder(make_parts(), {"folder": "words"}, file=bench / "b.toml") == bench / "words"


def test_a_project_path_is_relative_to_the_project_and_not_to_the_start(make_parts, tmp_path):
    make_parts("[student.t5.params]\nfolder = 'words'\n")
    words, inner = Path.cwd() / "words", Path.cwd() / "inner"
    words.mkdir()
    inner.mkdir()
    # `make_parts` starts in the project; a registry that starts deeper must find the same folder.
    registry = make_parts()
    deeper = Registry.from_json(registry.to_json() | {"start": str(inner), "plugins": {}})
    assert resolve(registry).params.folder == words
    assert deeper.entry("student", "t5").origin_of("params", "folder").source.folder == words.parent


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-dataclass", ": fake_parts:Student is not a dataclass"),
        (
            "unreadable",
            ": the types of fake_parts:Unreadable cannot be read: NameError: name 'Nowhere' is not defined",
        ),
        (
            "no-params",
            " cannot be imported: AttributeError: module 'fake_parts' has no attribute 'Nothing'",
        ),
        ("odd-decoding", ": its spec names 'beams', which is not a field of fake_parts:Required"),
    ],
)
def test_what_is_wrong_with_a_plugins_parameters_is_told(make_parts, name, message):
    with pytest.raises(NotReadyError) as caught:
        resolve(make_parts(), name)
    assert str(caught.value) == f"student.{name}: {OURS}{message}; run `deshi plugins info builtin`"


def test_a_type_that_cannot_come_from_toml_is_the_plugins_fault(make_parts):
    with pytest.raises(NotReadyError) as caught:
        resolve(make_parts(sets=["student.unsupported.params.model=1"]), "unsupported")
    assert str(caught.value) == (
        f"student.unsupported: {OURS}: fake_parts:Unsupported: "
        "parameters of type complex are not supported; run `deshi plugins info builtin`"
    )


def test_a_resolved_entry_can_be_pickled(make_parts):
    resolved = resolve(make_parts())
    again = pickle.loads(pickle.dumps(resolved))
    assert again.identity == resolved.identity
    assert again == resolved


def test_an_unknown_component_of_a_known_plugin_is_told_as_it_is(make_parts):
    with pytest.raises(UsageError) as caught:
        make_parts().entry("student", "acme/t5")
    assert str(caught.value) == (
        "no plugin 'acme' is installed, which student 'acme/t5' names; there is none"
    )
