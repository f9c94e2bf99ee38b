"""What the report holds: every row, all answers, what is missing, and nothing that could break the page."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from big_run import BASELINES, EVIL, RUN, STUDENTS, write_big_run

from deshi.api import Prediction
from deshi.engine.run import Options, command_of
from deshi.registry import Registry
from deshi.runs.saved_run import SavedRun
from deshi.workspace.workspace import Workspace
from deshi_tools.error_analysis.tags import RULES
from deshi_tools.html_report.page.failures import failures
from deshi_tools.html_report.page.record import page_record
from deshi_tools.html_report.page.render import render, to_script
from deshi_tools.workspace_view.garbage import remove

HTML = Path(__file__).parents[2] / "plugins/deshi_tools/html_report/html"


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return write_big_run(tmp_path_factory.mktemp("big") / ".deshi", texts=60)


def recorded(space: Workspace) -> tuple[dict[str, Any], dict[str, Any]]:
    return page_record(SavedRun(space, "latest", Registry(Path())))


class Scripts(HTMLParser):
    """Collects the script elements of a page as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str | None], str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.found.append((dict(attrs), ""))
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._inside:
            attributes, text = self.found[-1]
            self.found[-1] = (attributes, text + data)


def scripts(page: str) -> dict[str, str]:
    parser = Scripts()
    parser.feed(page)
    return {
        str(attributes.get("id", at)): text for at, (attributes, text) in enumerate(parser.found)
    }


def decoded(texts: dict[str, Any], answers: str) -> list[list[str]]:
    """Return answers as emoji again."""
    emoji, first = texts["emoji"], texts["first"]
    return [[emoji[ord(c) - first] for c in answer if c != "?"] for answer in answers.split(" ")]


def test_every_row_is_there_and_what_failed_has_no_figure(space: Workspace) -> None:
    record, _ = recorded(space)
    assert len(record["rows"]) == 50
    broken = [row for row in record["rows"] if row["status"] != "ok"]
    assert {row["status"] for row in broken} == {"failed", "n/a"}
    assert all(row["metrics"] == {} and "loss is NaN" in row["reason"] for row in broken)
    names = {row["cell"]["student"] for row in record["rows"]}
    assert names >= {*STUDENTS, *BASELINES}


def test_rows_without_figures_are_compared_with_nothing(space: Workspace) -> None:
    record, _ = recorded(space)
    broken = {str(at) for at, row in enumerate(record["rows"]) if row["status"] != "ok"}
    for lines in record["differences"].values():
        assert not broken & set(lines)
        assert not any(broken & set(others) for others in lines.values())


def test_a_difference_turned_round_is_its_negative(space: Workspace) -> None:
    record, _ = recorded(space)
    for lines in record["differences"].values():
        for a, others in lines.items():
            for b, (value, low, high, *_) in others.items():
                back = lines[b][a]
                assert back[0] == pytest.approx(-value)
                if low is not None:
                    assert (back[1], back[2]) == (pytest.approx(-high), pytest.approx(-low))


def test_the_answers_in_the_page_are_those_of_the_store(space: Workspace) -> None:
    record, texts = recorded(space)
    run = SavedRun(space, "latest", Registry(Path()))
    for at, row in enumerate(run.results.rows):
        if run.has_predictions(row):
            place = [r["id"] for r in record["rows"]].index(row.id)
            expected = [list(p.emojis) for p in run.first_predictions(run.row(row))]
            assert decoded(texts, texts["answers"][str(place)]) == expected, at


def test_the_constant_says_that_it_would_score_as_well_on_other_texts(space: Workspace) -> None:
    record, _ = recorded(space)
    (group,) = (group for group in record["groups"] if group["id"])
    assert "cannot distinguish them" in group["use"]
    assert "teacher self-agreement (the teacher against its own second answer) 0.600" in " ".join(
        group["sure"]
    )
    assert all("no right emoji" in lines[0] for _, lines in group["fails"])
    students = [at for at in group["top"] if not record["rows"][at]["baseline"]]
    told = [record["rows"][at]["name"] for at in students[:3]]
    assert [name for name, _ in group["fails"]] == told
    constants = {row["constant"] for row in record["rows"] if row["cell"]["chain"] == "n4000"}
    assert len(constants - {None}) == 1


def test_scores_become_points_of_a_reliability_diagram_where_there_are_any(
    space: Workspace,
) -> None:
    record, _ = recorded(space)
    speaking = {record["rows"][int(at)]["cell"]["student"] for at in record["reliability"]}
    assert speaking == {"t5", "knn", "constant"}
    run = SavedRun(space, "latest", Registry(Path()))
    for at, bins in record["reliability"].items():
        row = next(r for r in run.results.rows if r.id == record["rows"][int(at)]["id"])
        saved = run.row(row)
        pairs = zip(run.first_predictions(saved), run.test_set(saved).expected, strict=True)
        scored = [
            (score, emoji in expected.references[0])
            for answer, expected in pairs
            for emoji, score in answer.ranked or ()
        ]
        assert sum(n for _, _, n in bins) == len(scored)
        assert sum(share * n for _, share, n in bins) == pytest.approx(
            sum(right for _, right in scored), abs=0.05
        )


def test_the_steps_of_a_stage_add_up_to_what_was_read(space: Workspace) -> None:
    record, _ = recorded(space)
    for stage in record["waterfall"]:
        (_, _, total), *others = stage["steps"]
        assert sum(count for _, _, count in others) == total


def test_a_text_cannot_close_the_script_that_it_lies_in(space: Workspace) -> None:
    record, texts = recorded(space)
    record["rows"][0]["reason"] = EVIL
    page = render(record, texts)
    found = scripts(page)
    assert json.loads(found["record"]) == json.loads(json.dumps(record))
    packed = gzip.decompress(base64.b64decode(found["packed"]))
    assert json.loads(packed) == texts
    assert EVIL in texts["sets"]["abcd1234"]["texts"]
    assert len(found) == 5
    assert "</script" not in to_script({EVIL: EVIL})


def test_the_page_names_nothing_outside_itself(space: Workspace) -> None:
    page = render(*recorded(space))
    outside = re.findall(
        r"""(?:src|href|action|@import|url\()\s*=?\s*["']?\s*(?:https?:)?//[^"' )]+""", page
    )
    assert outside == []
    assert "default-src 'none'" in page


def test_an_artefact_that_is_gone_is_named_and_the_rest_is_told(tmp_path: Path) -> None:
    space = write_big_run(tmp_path / ".deshi", texts=20)
    remove(space.store, "predict/n4000-t5")
    record, texts = recorded(space)
    assert record["missing"] == ["n4000/t5: run big-12345678 lacks the artefact predict/n4000-t5"]
    assert len(record["rows"]) == 50
    assert len(texts["answers"]) == 41
    remove(space.store, "label/gold")
    record, texts = recorded(space)
    assert (len(record["missing"]), texts["answers"], texts["sets"]) == (42, {}, {})
    assert str(tmp_path) not in render(record, texts)


def test_what_a_row_fails_on_is_counted_by_text_and_by_emoji() -> None:
    gold = [(("🐈", "🌸"),), (("🐈",), ("🎉",)), (("🐈",),), (("🌸",),)]
    answers = [("🐈",), ("🎉",), ("🔥",), ("🔥", "🔥")]
    answers = [Prediction(emojis=one) for one in (*answers, ("🔥",))]
    tags = [(), (), ("context-missed",), ("context-missed", "over-generation"), ("context-missed",)]
    lines = list(failures(answers, [*gold, (("🌸",),)], tags))
    rule = RULES["context-missed"]
    assert lines == [
        "3 of 5 texts (60 %) get no right emoji (first training run).",
        (
            f"Its most frequent mistakes: context missed in 60 % of texts ({rule}); "
            "over generation in 20 % of texts (two or more too many, non-emoji tokens counted)."
        ),
        "It misses most, by share: 🌸 3 of 3 times, 🐈 2 of 3 times.",
        "It overuses most, by share: 🔥 3 times (gold 0).",
        "It never predicts 1 of the gold's 2 different emoji.",
    ]


def test_a_rare_emoji_that_is_always_missed_comes_before_a_frequent_one_that_is_missed_more() -> (
    None
):
    gold = [(("🐈",),)] * 20 + [(("🌸",),)] * 4 + [(("🎉",),)] * 2
    answers = [("🐈",)] * 10 + [("🔥",)] * 10 + [("🐈",)] * 6
    lines = list(failures([Prediction(emojis=one) for one in answers], gold, [()] * 26))
    assert "It misses most, by share: 🌸 4 of 4 times, 🐈 10 of 20 times." in lines
    assert "It overuses most, by share: 🔥 10 times (gold 0)." in lines


def test_a_command_is_kept_with_its_settings_and_without_folders() -> None:
    options = Options(
        sets=("benchmark.seeds=3", "corpus.wikipedia.params.path=/home/me/pages.parquet"),
        registries=(Path("/home/me/own.toml"),),
        skip_not_ready=True,
    )
    assert command_of(Path("/home/me/bench.toml"), options) == (
        *("deshi", "run", "bench.toml", "--set", "benchmark.seeds=3"),
        *("--set", "corpus.wikipedia.params.path=pages.parquet"),
        *("--registry", "own.toml", "--skip-not-ready"),
    )


def functions(code: str) -> Iterator[tuple[str, int]]:
    """Yield the functions at the top level of a script with their lines."""
    for found in re.finditer(r"^(?:async )?function (\w+)\(.*?^}", code, re.MULTILINE | re.DOTALL):
        yield found[1], found[0].count("\n") + 1


def test_scripts_keep_to_the_sizes_of_the_house() -> None:
    files = [*HTML.glob("*.js"), *HTML.glob("*.css"), *HTML.glob("*.html")]
    assert len(files) > 10
    for path in files:
        code = path.read_text(encoding="utf-8")
        assert code.count("\n") <= 400, path.name
        assert {name: n for name, n in functions(code) if n > 40} == {}, path.name


def test_what_is_taken_from_others_lies_beside_its_licence() -> None:
    names = {path.name for path in (HTML / "vendor").iterdir()}
    assert names == {"d3.min.js", "plot.umd.min.js", "LICENSE-d3.txt", "LICENSE-plot.txt"}
    assert RUN in render({"run": RUN, "rows": []}, {})
