"""The specs: what is listed can be loaded, and nothing is loaded to list it."""

import subprocess
import sys

import msgspec
import numpy as np
import pytest
from metric_kit import SMALL, SPECS, attribute, build, random_pairs

NAMES = [
    "jaccard", "multiset-jaccard", "sample-f1", "sample-precision", "sample-recall", "exact-match",
    "exact-sequence", "micro-precision", "micro-recall", "micro-f1", "macro-f1", "hit-at-k",
    "precision-at-k", "recall-at-k", "mrr", "ndcg", "category-jaccard", "soft-jaccard",
    "first-position", "exact-position", "kendall-tau", "ece", "brier",
    "emoji-per-text", "length-error", "length-mae", "length-emd", "length-ks",
    "length-correlation", "entropy", "effective-emoji", "inverse-simpson", "distinct-1",
    "distinct-n", "top5-share", "non-top5", "coverage", "collapse-index", "js-divergence", "mauve", "repetition",
    "longest-run", "non-emoji", "format-ok", "no-answer", "banned",
]  # fmt: skip


def test_all_metrics_are_listed_once():
    assert list(SPECS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_spec_names_what_can_be_loaded_and_documented(name):
    spec = SPECS[name]
    assert attribute(spec.target).__doc__
    assert spec.summary.endswith(".")
    assert spec.signature
    assert spec.revision >= 1
    assert build(name)


@pytest.mark.parametrize("name", [name for name in NAMES if SPECS[name].params])
def test_params_have_defaults_and_help(name):
    kind = attribute(SPECS[name].params)
    assert msgspec.convert({}, kind) == kind()
    assert all(field["description"] for field in schema(kind)["properties"].values())


def schema(kind):
    (found,) = msgspec.json.schema(kind)["$defs"].values()
    return found


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("jaccard", {"references": "worst"}),
        ("hit-at-k", {"k": 0}),
        ("length-emd", {"longest": 0}),
        ("soft-jaccard", {"stop_weight": -1.0}),
        ("distinct-n", {"n": 4}),
        ("mauve", {"scaling": 0.0}),
        ("ece", {"bins": 0}),
        ("ece", {"depth": 101}),
    ],
)
def test_wrong_parameters_are_refused(name, wrong):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, attribute(SPECS[name].params))


def test_listing_loads_neither_numpy_nor_scipy():
    code = (
        "import sys; from deshi_plugins.metrics.specs import metric_specs; metric_specs();"
        "print([m for m in ('numpy', 'scipy') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


SHARES = [name for name in NAMES if "share-of-texts" in SPECS[name].capabilities]


def test_shares_of_texts_are_0_or_1_for_each_text_and_say_so():
    predicted, expected = random_pairs(0, 60, references=2, least=0)
    for name in NAMES:
        found = build(name).statistics(predicted, expected, SMALL)
        binary = found.shape[1] == 1 and set(np.asarray(found).ravel().tolist()) <= {0.0, 1.0}
        assert binary == (name in SHARES), name
