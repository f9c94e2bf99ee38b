"""A loss may bring a decoding rule of its own; students store it, and refuse what is no rule."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

pytest.importorskip("torch")

from student_kit import ENV, LOSSES, QUICK, sample_parts

from deshi.api import ComponentError, DecodingRule, RuleName
from deshi_plugins import students
from deshi_plugins.students import Decoder, SigmoidRule, Threshold, rule_of
from deshi_plugins.students.linear import Linear
from deshi_plugins.students.rule_names import RULES, load_rule, rule_name


class FirstAndThird(SigmoidRule):
    """Selects the likeliest label and the third, which is no prefix of the ranking."""

    def tune(self, probabilities, expected, symbols, size):
        return {"second": 2, "texts": len(expected)}

    def select(self, probabilities, most, state):
        order = np.argsort(-probabilities, axis=-1, kind="stable")
        return order[:, [0, state["second"]]][:, :most]


class Demanding(FirstAndThird):
    def __init__(self, second):
        self.second = second


class Labelling:
    """Binary cross-entropy with the decoding that it is given."""

    def __init__(self, decoding):
        self.decoding = decoding

    def __call__(self, scores, targets, mask=None):
        return LOSSES["bce"](scores, targets, mask)


@pytest.fixture(scope="module")
def fitted():
    train, valid, _ = sample_parts()
    student = Linear(QUICK, ENV)
    student.fit(train, valid, Labelling(FirstAndThird()))
    return student


def test_a_student_predicts_by_the_rule_of_the_loss(fitted):
    _, valid, test = sample_parts()
    for prediction in fitted.predict(test.texts):
        ranked = [emoji for emoji, _ in prediction.ranked]
        assert prediction.emojis == (ranked[0], ranked[2])
    assert fitted._decoder.state == {"second": 2, "texts": len(valid.texts)}


def test_a_loaded_student_has_the_rule_and_what_it_learned(fitted, tmp_path):
    texts = sample_parts()[2].texts
    fitted.save(tmp_path)
    stored = json.loads((tmp_path / "linear.json").read_text())["decoder"]
    name = f"{__name__}:FirstAndThird"
    assert stored == {"rule": name, "second": 2, "texts": len(sample_parts()[1].texts)}
    assert Linear.load(tmp_path, QUICK, ENV).predict(texts) == fitted.predict(texts)


def test_the_built_in_rules_are_those_that_the_api_names_and_of_the_same_protocol():
    assert tuple(RULES) == get_args(RuleName)
    for name, cls in RULES.items():
        assert isinstance(cls(), DecodingRule)
        assert rule_name(cls()) == name
        assert type(load_rule(name)) is cls


def test_what_the_first_edition_stored_is_read_and_written_alike():
    stored = {"rule": "threshold", "size": 1.5, "threshold": 0.3}
    decoder = Decoder.from_json(stored)
    assert isinstance(decoder.rule, Threshold)
    assert json.dumps(decoder.to_json()) == json.dumps(stored)
    assert decoder.select(np.array([[0.1, 0.4, 0.9]]), 5).tolist() == [[2, 1, -1]]
    assert decoder.with_threshold(0.5).select(np.array([[0.1, 0.4, 0.9]]), 5).tolist() == [
        [2, -1, -1]
    ]


def local_rule():
    class Inside(FirstAndThird):
        pass

    return Inside()


@pytest.mark.parametrize(
    ("decoding", "message"),
    [
        (
            "argmax",
            "its decoding is 'argmax', which is not a rule; name expected-jaccard, threshold",
        ),
        (None, "its decoding is None, which is not a rule"),
        (FirstAndThird, "which is not a rule; .* or set an object with the methods probabilities"),
        (SigmoidRule(), "which is not a rule"),
        (local_rule(), "cannot be imported by that name; define the class at the top of a module"),
        (Demanding(1), "cannot be constructed without arguments"),
    ],
)
def test_what_is_no_rule_is_refused_before_training(decoding, message):
    train, valid, _ = sample_parts()
    with pytest.raises(ComponentError, match=message) as caught:
        Linear(QUICK, ENV).fit(train, valid, Labelling(decoding))
    if "is no rule" in message:
        assert str(caught.value).startswith(f"loss {__name__}:Labelling: ")


@pytest.mark.parametrize(
    ("labels", "fault"),
    [
        ([[0, 1], [1, 0]], "list, not a matrix of integers"),
        (np.array([[0.0], [1.0]]), "ndarray, not a matrix of integers"),
        (np.array([[0, 1]]), r"for 2 texts and at most 2 labels its shape is \(1, 2\)"),
        (np.array([[0, 1, 2], [0, 1, 2]]), r"its shape is \(2, 3\)"),
        (np.array([[0, 3], [0, 1]]), "labels 0 to 3 of 3"),
        (np.array([[0, 1], [-1, -1]]), "a row begins with -1"),
        (np.array([[0, 1], [2, 2]]), "a row has a label twice"),
    ],
)
def test_what_a_rule_selects_is_checked(labels, fault, monkeypatch):
    monkeypatch.setattr(FirstAndThird, "select", lambda *_: labels)
    decoder = Decoder(rule=FirstAndThird(), state={})
    with pytest.raises(ComponentError, match=fault) as caught:
        decoder.select(np.full((2, 3), 0.5), 2)
    assert f"decoding rule {__name__}:FirstAndThird: select" in str(caught.value)


@pytest.mark.parametrize("state", [None, {"rule": "x"}, {"by": np.float32(1)}, {"by": {1, 2}}])
def test_a_state_that_is_no_object_of_json_is_refused(state, monkeypatch):
    monkeypatch.setattr(FirstAndThird, "tune", lambda *_: state)
    with pytest.raises(ComponentError, match=r"tune: .*return a JSON object"):
        Decoder.tune(FirstAndThird(), np.full((2, 3), 0.5), [], "abc", 1.0)


@pytest.mark.parametrize("name", ["antigravity:geohash", "subprocess:Popen", "nothing", "os:path"])
def test_a_stored_name_reaches_no_module_but_a_plugins(name):
    with pytest.raises(ComponentError, match=f"there is no decoding rule '{name}' here"):
        load_rule(name)
    assert "antigravity" not in sys.modules


def test_a_rule_of_the_loss_is_used_as_it_is():
    rule = FirstAndThird()
    assert rule_of(Labelling(rule)) is rule


def test_the_public_names_are_there_and_importing_the_package_imports_nothing_heavy():
    assert sorted(students.__all__) == sorted(students._MODULES)
    code = (
        "import sys, deshi_plugins.students as s; print(*sys.modules); "
        "[getattr(s, name) for name in s.__all__ if 'neural' not in s._MODULES[name]]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"numpy", "torch", "transformers"} & set(done.stdout.split()) == set()
    pytest.importorskip("transformers")
    assert all(getattr(students, name) is not None for name in students.__all__)
    with pytest.raises(AttributeError, match="no attribute 'EmojiDecoder'"):
        _ = students.EmojiDecoder


def test_the_page_lists_every_public_name_and_no_other():
    page = Path(__file__).parents[2] / "docs" / "how-to" / "student-parts.md"
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    cells = (re.findall(r"`([\w.]+)`", row.split(" | ")[0]) for row in rows)
    methods = {"probabilities", "bias", "tune", "select"}
    named = {name for cell in cells for name in cell if "." not in name} - methods
    assert named == set(students.__all__)


def test_the_rule_of_an_installed_plugin_is_imported_by_its_name_alone(tmp_path):
    (tmp_path / "lastrule.py").write_text(PLUGIN)
    about = tmp_path / "acme-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[deshi.v2]\nacme = lastrule\n")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from deshi_plugins.students import Decoder; "
        "assert 'lastrule' not in sys.modules; print(Decoder.from_json({'rule': 'lastrule:Last'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True
    )
    assert "lastrule.Last" in done.stdout


PLUGIN = """
import numpy as np
from deshi.api import LossSpec, hookimpl
from deshi_plugins.students import SigmoidRule


class Last(SigmoidRule):
    def tune(self, probabilities, expected, symbols, size):
        return {}

    def select(self, probabilities, most, state):
        return np.argsort(probabilities, axis=-1, kind="stable")[:, :1]


class Own:
    decoding = Last()

    def __init__(self, params, env):
        pass

    def __call__(self, scores, targets, mask=None):
        return (scores - targets).square().sum(-1)


@hookimpl
def deshi_losses():
    yield LossSpec(
        name="own", target="lastrule:Own", summary="Squares.", takes=frozenset({"labels"})
    )
"""
LOADING = """
import sys
from pathlib import Path
from deshi.api import Env
from deshi.registry import Registry

registry = Registry(Path(), warn=print)
student = registry.load_student("linear", {}, Path(sys.argv[1]), Env())
print(type(student._decoder.rule).__module__)
"""


def test_the_rule_of_a_plugin_that_is_one_file_is_found_in_another_process(tmp_path, monkeypatch):
    (tmp_path / "lastrule.py").write_text(PLUGIN)
    (tmp_path / "registry.toml").write_text('[plugins]\nlocal = ["./lastrule.py"]\n')
    monkeypatch.syspath_prepend(tmp_path)
    import lastrule

    train, valid, _ = sample_parts()
    student = Linear(QUICK, ENV)
    student.fit(train, valid, lastrule.Own(None, ENV))
    folder = Path(tmp_path / "model")
    folder.mkdir()
    student.save(folder)
    script = tmp_path / "loading.py"
    script.write_text(LOADING)
    done = subprocess.run(
        [sys.executable, "-P", script, folder], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.strip() == "lastrule", done.stderr
