"""Teachers in a run: one call for both tasks, teachers made of teachers, rules that are counted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from deshi.api import Reply
from deshi.labelling.joint_prompt import read_reply
from deshi.labelling.prompt_compliance import Compliance, label_faults
from deshi.labelling.refusals import is_refusal
from deshi_tools.fakeserver.faults import Fault
from fake import CANARY, fake
from project import Project

pytestmark = pytest.mark.slow

BENCHMARK = """
[benchmark]
train = 20
valid = 4
test = 8
seeds = 1
samples = 1
resamples = 100
metrics = ["jaccard"]
baselines = ["constant"]

[matrix]
corpus = "sample"
chain = "seed"
rewriter = "own"
teacher = "claude-haiku-4-5"
student = "knn"
"""
SETS = ["claude-haiku-4-5.params.base-url=ADDRESS", "qwen3-235b.params.base-url=ADDRESS/api/v1"]


def run(project: Project, address: str, *sets: str, text: str = BENCHMARK) -> Any:
    project.write(text)
    told = [f"teacher.{one.replace('ADDRESS', address)}" for one in SETS] + list(sets)
    words = [word for one in told for word in ("--set", one)]
    env = {"ANTHROPIC_API_KEY": CANARY, "OPENROUTER_API_KEY": CANARY}
    ran = project.deshi("run", "bench.toml", "--format", "json", "--quiet", *words, env=env)
    assert ran.status == 0, ran.err
    return json.loads(ran.out)


def label_figures(results: Any) -> Any:
    (figures,) = (one for one in results["data"] if one["stage"] == "label")
    return figures


def test_a_merged_prompt_asks_once_for_both_tasks(tmp_path: Path) -> None:
    folders = [tmp_path / "two", tmp_path / "one"]
    for folder in folders:
        folder.mkdir()
    with fake() as (address, server):
        two = run(Project(folders[0]), address)
        separate = server.books.totals()["received"]
        merged = 'teacher.claude-haiku-4-5.prompt="merged"'
        one = run(Project(folders[1]), address, merged)
        together = server.books.totals()["received"] - separate
    assert separate == 2 * 32
    assert together == 32
    for results in (two, one):
        assert label_figures(results)["kept"] == {"train": 20, "valid": 4, "test": 8}
        assert label_figures(results)["notes"]["compliance"]["label"]["compliant"] == 32


PRICED = "teacher.claude-haiku-4-5.env.price={input=1, output=5}"
MERGED = 'teacher.claude-haiku-4-5.prompt="merged"'


def planned(project: Project, address: str, *sets: str) -> Any:
    told = [f"teacher.{one.replace('ADDRESS', address)}" for one in SETS] + list(sets)
    words = [word for one in told for word in ("--set", one)]
    lines = project.deshi("plan", "bench.toml", "--format", "json", *words).json
    return next(line for line in lines if line["stage"] == "label")


def booked(project: Project) -> Any:
    """Return the line of the one teacher in the books."""
    books = project.deshi("ledger", "--format", "json").json
    (teacher,) = (line for line in books if line["by"] == "teacher")
    return teacher


@pytest.mark.slow
def test_what_a_merged_prompt_asked_once_is_paid_and_planned_once(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with fake() as (address, server):
        project.write(BENCHMARK)
        before = planned(project, address, PRICED, MERGED)
        results = run(project, address, PRICED, MERGED)
        asked = server.books.totals()["received"]
        first = booked(project)
        shutil.rmtree(tmp_path / ".deshi/artefacts/label")
        after = planned(project, address, PRICED, MERGED)
        again = run(project, address, PRICED, MERGED)
        assert server.books.totals()["received"] == asked
    assert results["rows"][0]["cost_usd"] == pytest.approx(float(first["USD"]), rel=0.01)
    assert again["rows"][0]["cost_usd"] == results["rows"][0]["cost_usd"] > 0
    assert (first["answers"], first["reused"]) == (asked, None)
    assert booked(project)["reused"] == asked
    assert before["requests at most"] == 40 + 4 + 8
    assert (after["requests at most"], after["in the ledger"]) == (52 - asked, asked)
    assert 0 < float(after["USD at most"]) < float(before["USD at most"])


@pytest.mark.slow
def test_a_plan_counts_what_each_member_of_a_union_costs(tmp_path: Path) -> None:
    project = Project(tmp_path)
    union = BENCHMARK.replace('teacher = "claude-haiku-4-5"', 'teacher = "both"')
    project.write(union.replace('rewriter = "own"', 'rewriter = "none"'))
    both = 'teacher.both={use="union", params={weights={claude-haiku-4-5=1, qwen3-235b=1}}}'
    with fake() as (address, _):
        before = planned(project, address, PRICED, both)
        run(project, address, PRICED, both, text=(tmp_path / "bench.toml").read_text())
        shutil.rmtree(tmp_path / ".deshi/artefacts/label")
        after = planned(project, address, PRICED, both)
    assert before["requests at most"] == 2 * 52
    assert float(before["USD at most"]) > 0
    assert (after["requests at most"], after["in the ledger"]) == (2 * 52 - 64, 64)


def test_no_file_of_a_run_holds_the_key(tmp_path: Path) -> None:
    with fake(Fault(do="soft-refusal", times=2)) as (address, _):
        results = run(Project(tmp_path), address)
    assert label_figures(results)["dropped"]["rewriter: soft-refusal"] == 2
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]


def test_a_union_asks_each_member_through_the_ledger_and_new_weights_ask_nobody(
    tmp_path: Path,
) -> None:
    union = BENCHMARK.replace('teacher = "claude-haiku-4-5"', 'teacher = "both"').replace(
        'rewriter = "own"', 'rewriter = "none"'
    )
    both = 'teacher.both={use="union", params={weights={claude-haiku-4-5=%s, qwen3-235b=1}}}'
    project = Project(tmp_path)
    with fake() as (address, server):
        first = run(project, address, both % "2.0", text=union)
        asked = server.books.totals()["received"]
        second = run(project, address, both % "0.5", text=union)
        again = server.books.totals()["received"]
    assert asked == again == 2 * 32
    assert first["rows"] != second["rows"]
    assert first["data"][-1]["address"] != second["data"][-1]["address"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("casual", "does not label"),
        ("nobody", "unknown teacher 'nobody'"),
        ("both", "would contain itself"),
    ],
)
def test_a_union_of_what_cannot_be_united_is_refused(
    project: Project, name: str, said: str
) -> None:
    text = BENCHMARK.replace('teacher = "claude-haiku-4-5"', 'teacher = "both"')
    project.write(text)
    both = f'teacher.both={{use="union", params={{weights={{lexicon=1, {name}=1}}}}}}'
    ran = project.deshi("plan", "bench.toml", "--set", both)
    assert ran.status == 2
    assert said in ran.err


@pytest.mark.parametrize(
    ("content", "broken"),
    [
        ("🐱 😊", []),
        ("🐱😊", ["format"]),
        ("🐱、😊", ["format"]),
        ("🐱\n😊", ["format"]),
        ("🐱 😊 😊", ["repeated"]),
        ("🐱 ✨", ["banned-emoji"]),
        ("😀 😃 😄 😁 😆 😅", ["too-many-emoji"]),
        ("絵文字：🐱", ["other-text"]),
        ("", ["no-emoji", "format"]),
        ("👨‍👩‍👧 ❤️", []),
    ],
)
def test_each_rule_that_an_answer_breaks_is_told(content: str, broken: list[str]) -> None:
    assert label_faults(content, {"✨"}) == broken


def test_the_counts_of_rules_add_up() -> None:
    counted = Compliance(banned=["✨"])
    for content in ("🐱", "🐱 🐱 ✨", "だめ"):
        counted.count("label", Reply(content=content))
    counted.count("label", Reply(content="", finish="empty"))
    counted.count("rewrite", Reply(content="猫だよ😊"))
    assert counted.figures() == {
        "label": {
            "answers": 4,
            "banned-emoji": 1,
            "compliant": 1,
            "empty": 1,
            "no-emoji": 1,
            "other-text": 1,
            "repeated": 1,
        },
        "rewrite": {"answers": 1, "with-emoji": 1},
    }


@pytest.mark.parametrize(
    "content",
    [
        "申し訳ありませんが、この文章の書き換えには対応できません。",
        "すみませんが、そのリクエストにはお応えできません。",
        "AIとして、この内容には絵文字を付けることができません。",
        "I'm sorry, but I can't help with that request.",
        "I cannot rewrite this text.",
        "抱歉，我无法处理这个请求。",
        "我无法提供帮助，因为内容不适合。",
    ],
)
def test_a_refusal_in_words_is_found(content: str) -> None:
    assert is_refusal(content)


@pytest.mark.parametrize(
    "content",
    [
        "🐱 😊",
        "ごめんなさい",
        "申し訳ないけど今日は行けないわ😢",
        "すみませんが通してくださいって言われた。",
        "I can't believe we won! 🎉",
        "AIって便利だよね。",
        "猫が好きなんだよね。",
    ],
)
def test_what_people_say_is_no_refusal(content: str) -> None:
    assert not is_refusal(content)


def test_a_text_that_begins_so_itself_may_be_rewritten_so() -> None:
    text = "申し訳ありませんが、本日は対応できません。"
    assert not is_refusal("申し訳ないけど、今日は対応できませんって。", asked=text)


@pytest.mark.parametrize(
    ("content", "post", "emoji"),
    [
        ('{"post": "猫だよ", "emoji": ["🐱", "😊"]}', "猫だよ", "🐱 😊"),
        ('```json\n{"post": "猫だよ", "emoji": "🐱"}\n```', "猫だよ", "🐱"),
        ('はい。{"emoji": [], "post": "猫"}', "猫", ""),
    ],
)
def test_both_parts_of_a_merged_answer_are_read(content: str, post: str, emoji: str) -> None:
    reply = Reply(content=content)
    assert read_reply(reply, "", "post").content == post
    assert read_reply(reply, "", "emoji").content == emoji


@pytest.mark.parametrize(
    "content", ["猫だよ 🐱", '{"post": "猫"}', '{"post": "猫", "emoji": ["🐱"']
)
def test_a_merged_answer_that_cannot_be_read_is_an_item_that_failed(content: str) -> None:
    found = read_reply(Reply(content=content), "", "post")
    assert (found.finish, found.meta["outcome"]) == ("error", "unreadable")
    assert found.content == content
