"""The report in a browser: fast, quiet, alone, and what a reader does with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from big_run import EVIL, RUN, write_big_run
from chromium import Opened, chromium, opened

from deshi.registry import Registry
from deshi.runs.saved_run import SavedRun
from deshi.workspace.workspace import Workspace
from deshi_tools.html_report.page.record import page_record
from deshi_tools.html_report.page.render import render
from deshi_tools.results_view.results_view import ResultsView
from deshi_tools.workspace_view.garbage import addresses, remove

pytestmark = pytest.mark.slow
VIEWS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]
CHARTS = (
    "forest",
    "diversity",
    "cost",
    "learning",
    "reliability",
    "frequency",
    "confusion",
    "waterfall-0",
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    space = write_big_run(folder / ".deshi")
    path = folder / "report.html"
    path.write_text(
        render(*page_record(SavedRun(space, "latest", Registry(Path())))), encoding="utf-8"
    )
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Any, report: Path) -> Iterator[Opened]:
    with opened(browser, report) as found:
        yield found


def first_cells(page: Opened) -> list[str]:
    return page.texts("#rows tr.row > th")


def see(page: Opened, chart: str) -> str:
    """Scroll to a chart and return its words."""
    page.page.locator(f"#{chart}").evaluate("figure => figure.parentElement.scrollIntoView()")
    page.page.locator(f"#{chart} svg").first.wait_for(timeout=5_000)
    return page.text(f"#{chart}")


def test_fifty_rows_and_ten_thousand_texts_fit_in_five_megabytes(report: Path) -> None:
    assert report.stat().st_size < 5_000_000


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_it_is_ready_soon_says_nothing_and_asks_for_nothing(
    browser: Any, report: Path, width: int, scheme: str
) -> None:
    with opened(browser, report, width=width, scheme=scheme) as page:
        assert page.mark("deshi-ready") < 2_000
        for chart in CHARTS:
            assert len(see(page, chart)) > 20, chart
        assert page.js("document.documentElement.scrollWidth") <= width
        assert page.requests == [report.as_uri()]
        assert page.complaints == []


def test_few_stands_in_the_rows_where_the_terminal_has_it(page: Opened, report: Path) -> None:
    results = SavedRun(Workspace(report.parent / ".deshi"), "latest", Registry(Path())).results
    view = ResultsView(results)
    marked = sum(view.is_collapsed(row) for row in results.rows)
    cells = [cell for cell in page.texts("#rows tr.row td .fails") if "FEW" in cell]
    assert marked == len(cells) > 0
    assert all(re.fullmatch(r"\d+ of \d+ FEW", cell) for cell in cells)


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_it_is_as_light_or_dark_as_the_system_until_told_otherwise(
    browser: Any, report: Path, scheme: str, dark: bool
) -> None:
    def is_dark(page: Opened) -> bool:
        colour = page.js("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3])) < 200

    with opened(browser, report, scheme=scheme) as page:
        assert is_dark(page) is dark
        page.page.click("#theme")
        assert is_dark(page) is False
        page.page.click("#theme")
        assert is_dark(page) is True


def test_all_rows_are_there_and_the_failed_ones_say_why(page: Opened) -> None:
    assert len(first_cells(page)) == 50
    failed = page.texts("#rows tr.failed")
    assert len(failed) == 2
    assert all("failed: FloatingPointError: loss is NaN (1 of 5 runs)" in row for row in failed)
    assert len(page.texts("#rows tr.na")) == 3


def test_a_heading_sorts_up_and_down_and_leaves_baselines_and_failures_last(page: Opened) -> None:
    def shown() -> list[float]:
        rows = page.page.locator("#rows tr.row.ok:not(.baseline)").all()
        return [float(row.locator("td.number").first.inner_text()) for row in rows]

    heading = page.page.get_by_role("button", name="jaccard ↑", exact=True)
    heading.click()
    assert all(a >= b for a, b in pairwise(shown()))
    assert page.page.locator("th[aria-sort=descending]").count() == 1
    page.page.get_by_role("button", name="jaccard ↑", exact=True).click()
    assert all(a <= b for a, b in pairwise(shown()))
    assert all("(baseline)" in name for name in first_cells(page)[-5:])
    page.page.keyboard.press("Enter")  # the heading keeps the focus
    assert all(a >= b for a, b in pairwise(shown()))


def test_rows_are_filtered_by_words_by_axis_and_by_being_baselines(page: Opened) -> None:
    page.page.fill("#table-search", "NaN")
    assert len(first_cells(page)) == 5
    page.page.fill("#table-search", "")
    page.page.select_option("#table-axis-student", "bert")
    assert first_cells(page) == ["bert"] * 5
    page.page.select_option("#table-axis-chain", "n500")
    assert first_cells(page) == ["bert"]
    page.page.select_option("#table-axis-student", "")
    page.page.select_option("#table-axis-chain", "")
    page.page.uncheck("#table-baselines")
    assert len(first_cells(page)) == 45
    assert page.text("#table-count") == "45 of 45 rows and 0 of 5 baselines"


def test_all_twenty_metrics_are_a_click_away(page: Opened) -> None:
    page.page.check("#table-wide")
    heads = " ".join(page.texts("#rows thead th"))
    assert all(f"measure-{n}" in heads for n in range(5, 21))
    page.page.select_option("#table-metric", "repetition")
    assert "repetition ↓" in page.texts("#rows thead th")


def test_a_row_that_is_clicked_is_shown_in_the_charts(page: Opened) -> None:
    page.page.locator("#rows tr.row", has_text="gru").first.click()
    assert "gru/bce" in see(page, "frequency")
    assert "gru/bce" in see(page, "confusion")
    page.page.select_option("#pick-row", label="n4000/oracle (baseline)")
    page.page.locator("#frequency", has_text="no predictions of its own").wait_for(timeout=5_000)


def test_differences_are_to_the_best_row_to_any_row_and_for_either_question(page: Opened) -> None:
    best = page.js("document.querySelector('#against').selectedOptions[0].textContent")
    assert f" {best} (jaccard " in f" {page.text('.use')}"
    assert f"jaccard − {best}" in see(page, "forest")
    page.page.select_option("#against", label="n2000/bert/bce")
    page.page.locator("#forest svg", has_text="jaccard − n2000/bert/bce").wait_for(timeout=5_000)
    page.page.select_option("#question", "fixed-models")
    page.page.locator("#forest", has_text="these fixed models").wait_for(timeout=5_000)


def test_all_charts_are_drawn_before_anyone_scrolls_to_them(page: Opened) -> None:
    for chart in CHARTS:
        page.page.locator(f"#{chart} svg").first.wait_for(state="attached", timeout=10_000)
    assert page.js("scrollY") == 0


def test_the_menu_has_the_headings_and_the_page_says_what_it_is_about(page: Opened) -> None:
    assert page.texts("#sections a") == page.texts("main h2")
    assert "Text to emoji" in page.page.title()
    assert "45 rows (2 failed) and 5 baselines" in page.text("#about")
    assert page.page.locator("#which").is_hidden()


def test_the_lines_of_the_reliability_diagram_are_named(page: Opened) -> None:
    names = see(page, "reliability")
    assert all(
        f"n4000/{student}" in names for student in ("t5", "knn", "majority baseline (constant)")
    )


def test_emoji_are_ordered_and_counted_as_asked(page: Opened) -> None:
    see(page, "confusion")
    page.page.select_option("#emoji-size", "40")
    labels = page.page.locator("#frequency [aria-label='y-axis tick label'] text")
    labels.nth(39).wait_for(timeout=5_000)
    assert labels.count() == 40
    page.page.select_option("#emoji-order", "missed")
    assert page.page.locator("#confusion [aria-label=cell] rect").count() > 40


def test_a_chart_tells_its_figures_where_the_pointer_is(page: Opened) -> None:
    see(page, "forest")
    page.page.locator("#forest svg circle").first.hover()
    tip = page.page.locator("#forest [aria-label=tip]", has_text="this test detects 0.030")
    tip.wait_for(timeout=5_000)
    assert re.search(r"p [01]\.\d{3}", tip.text_content())


def test_few_of_ten_thousand_texts_are_elements_and_scrolling_shows_others(page: Opened) -> None:
    page.page.locator("#texts-list").scroll_into_view_if_needed()
    assert page.text("#texts-count") == "10,000 of 10,000 texts"
    assert page.page.locator(".texts-row").count() < 60
    before = page.text(".texts-row")
    page.js("document.getElementById('texts-list').scrollTop = 56 * 5000")
    page.page.locator("#text-row-5000").wait_for(timeout=5_000)
    assert page.text(".texts-row") != before


def test_searching_is_quick_and_finds_what_looks_like_code(page: Opened) -> None:
    page.page.fill("#texts-search", "window.broken")
    assert page.text("#texts-count") == "1 of 10,000 texts"
    assert "<script>window.broken" in page.text(".texts-row")
    assert page.js("window.broken") is None
    spent = page.js(
        """() => { const box = document.getElementById('texts-search'), began = performance.now();
        box.value = '猫'; box.dispatchEvent(new Event('input')); return performance.now() - began }"""
    )
    assert spent < 500
    assert 0 < int(page.text("#texts-count").split()[0].replace(",", "")) < 10_000


def test_all_answers_stand_side_by_side_and_the_worst_come_first(page: Opened) -> None:
    page.page.click("#texts-columns summary")
    page.page.click("#texts-checks button")
    assert len(page.texts("#texts-head span")) == 2 + 42
    page.page.select_option("#texts-order", "hardest")
    page.page.select_option("#texts-show", "none")
    assert page.page.locator(".texts-row").first.locator(".hit").count() <= 42
    assert 0 < int(page.text("#texts-count").split()[0].replace(",", "")) < 10_000


def test_texts_are_walked_and_opened_by_key(page: Opened) -> None:
    page.page.focus("#texts-list")
    for _ in range(7):
        page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Enter")
    page.page.locator("dialog[open]").wait_for()
    assert page.page.locator("dialog .quote").text_content() == EVIL
    assert page.page.locator("dialog tbody tr").count() == 42
    values = [float(text) for text in page.texts("dialog tbody td:nth-child(3)")]
    assert values == sorted(values, reverse=True)
    page.page.keyboard.press("Escape")
    page.page.keyboard.press("End")
    page.page.locator("#text-row-9999.active").wait_for(timeout=5_000)


def test_every_control_has_a_name_and_every_chart_a_description(page: Opened) -> None:
    for chart in CHARTS:
        see(page, chart)
    nameless = page.js(
        """() => [...document.querySelectorAll('button, select, input')].filter(
        (one) => !(one.textContent.trim() || one.labels?.length || one.getAttribute('aria-label'))).length"""
    )
    assert nameless == 0
    assert page.page.locator("figure svg:not([aria-label])").count() == 0


def test_paper_gets_the_charts_the_notes_and_the_first_texts(page: Opened) -> None:
    page.page.emulate_media(media="print")
    page.js("window.dispatchEvent(new Event('beforeprint'))")
    assert page.page.locator("#texts-print tbody tr").count() == 30
    assert page.page.locator("#texts-print").is_visible()
    assert not page.page.locator("nav").is_visible()
    assert page.page.locator("details:not([open])").count() == 0
    page.js("window.dispatchEvent(new Event('afterprint'))")
    assert page.page.locator("details:not([open])").count() > 0


def test_the_command_and_the_origin_of_every_parameter_are_there(page: Opened) -> None:
    assert "deshi run big.toml --set benchmark.seeds=5" in page.text("#command")
    page.page.get_by_text("Entries, their parameters").click()
    assert "learning-rate\t0.001\tproject" in page.text("#provenance details:nth-of-type(2)")
    with page.page.expect_download() as saving:
        page.page.click("#download")
    assert saving.value.suggested_filename == "big-12345678.json"


def variant(tmp_path: Path, change: Any) -> Path:
    """Write the report of a small run whose results or artefacts were changed."""
    space = write_big_run(tmp_path / ".deshi", texts=40)
    results = space.results(RUN)
    change(space, results)
    space.save_results(RUN, results)
    path = tmp_path / "report.html"
    path.write_text(render(*page_record(SavedRun(space, RUN, Registry(Path())))), encoding="utf-8")
    return path


def test_without_its_artefacts_a_report_still_comes_and_says_what_is_gone(
    browser: Any, tmp_path: Path
) -> None:
    def remove_all(space: Workspace, _: Any) -> None:
        for address in list(addresses(space.store)):
            remove(space.store, address)

    with opened(browser, variant(tmp_path, remove_all)) as page:
        assert len(first_cells(page)) == 50
        assert "were removed from the workspace" in page.text("#texts-missing")
        assert "n4000/majority baseline (constant)" in see(page, "forest")
        assert page.text("#texts-count") == "0 of 0 texts"
        assert page.complaints == []


def test_a_run_whose_every_row_failed_says_so_and_has_no_chart(
    browser: Any, tmp_path: Path
) -> None:
    def fail(_: Workspace, results: Any) -> None:
        results["comparisons"] = []
        empty = {"metrics": {}, "tie_group": None, "input_dependence": None, "seeds": 0}
        for row in results["rows"]:
            row.update(empty, status="failed", reason="out of memory")

    with opened(browser, variant(tmp_path, fail)) as page:
        assert page.text(".use") == "None: no student of this group has a score."
        assert len(page.texts("#rows tr.failed")) == 50
        assert page.page.locator("#forest svg").count() == 0
        assert page.complaints == []


def test_groups_are_told_apart_and_chosen_together_with_their_rows(
    browser: Any, tmp_path: Path
) -> None:
    def part(_: Workspace, results: Any) -> None:
        for row in results["rows"]:
            if row["cell"]["student"] in ("bert", "gru"):
                row |= {"group": "ffff0000", "gold": "reference"}
        results["groups"]["ffff0000"] = {"effective-emoji": 90.0}

    with opened(browser, variant(tmp_path, part)) as page:
        assert len(page.texts("article.card")) == 2
        assert "not ranked with the first: other labels" in page.texts("article.card")[1]
        assert "evaluated in 2 ways" in page.text("#which")
        page.page.select_option("#pick-group", label="against the labels of the corpus")
        assert all("bert" in name or "gru" in name for name in page.texts("#pick-row option"))
        assert page.texts("#against option") == page.texts("#pick-row option")
        assert page.complaints == []


def test_mistakes_are_found_by_their_kind_for_the_chosen_row(page: Opened) -> None:
    page.page.select_option("#texts-show", "frequency-bias")
    found = int(page.text("#texts-count").split()[0].replace(",", ""))
    assert 0 < found < 10_000
    page.page.focus("#texts-list")
    page.page.keyboard.press("Enter")
    row = page.page.locator("dialog tbody tr", has_text="n4000/tree/bce")
    assert "frequency-bias" in row.inner_text()
