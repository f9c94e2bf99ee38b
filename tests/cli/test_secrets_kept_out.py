"""A key that stands where none belongs is refused and shown nowhere; a text stands where texts belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from project import BENCHMARK, Project

KEY = "sk-or-v1-CANARY0123456789abcdef"
TOLD = "hunter2CANARYhunter2"
"""A secret that has no form: only the name that it is given to tells."""

SETTINGS = [
    f"teacher.scripted.env.key={KEY}",
    f"teacher.scripted.env.key={TOLD}",
    f"teacher.scripted.env.key='{TOLD} '",
    f"teacher.scripted.params.url=http://me:{TOLD}@127.0.0.1:9/v1",
    f"teacher.scripted.params.url=http://127.0.0.1:9/v1?api_key={TOLD}",
    f"teacher.scripted.params.url=http://127.0.0.1:9/v1?x=1&token={TOLD}",
    f"teacher.scripted.params.extra-body={{ api_key = '{TOLD}' }}",
    f"teacher.scripted.params.extra-body={{ a = [{{ Authorization = '{TOLD}' }}] }}",
    f"teacher.scripted.params.headers={{ x = 'Bearer {TOLD}' }}",
    f"teacher.scripted.params.headers=['X-Api-Key: {TOLD}']",
    f"teacher.scripted.params.extra-body={{ 'Ocp-Apim-Subscription-Key' = '{TOLD}' }}",
    f"teacher.scripted.params.url=http://127.0.0.1:9/v1?subscription-key={TOLD}",
    f"teacher.scripted.env.headers={{ passphrase = '{TOLD}', clientSecret = '{TOLD}' }}",
    f"teacher.scripted.params.headers=['Cookie: {TOLD}']",
    "teacher.scripted.params.url=sk_live_CANARYabcdefghijklmnop",
    f"teacher.scripted.params.url={KEY}",
    f"teacher.scripted.env.headers={{ client-secret = '{TOLD}' }}",
    f"teacher.scripted.limits.usd={KEY}",
    "teacher.scripted.params.url=hf_CANARYabcdefghijklmnop",
    "teacher.scripted.params.url=ghp_CANARYabcdefghijklmnopqrstuvwxyz",
    "teacher.scripted.params.url=AIzaCANARYabcdefghijklmnopqrstuvwxyz012",
    "teacher.scripted.params.url=xoxb-CANARY-1234567890",
    "teacher.scripted.params.url=AKIACANARY0123456789",
    "teacher.scripted.params.url=eyJhbGciOiJDANARY.eyJzdWIiOiJDANARY.c2lnbmF0dXJl",
    f"teacher.scripted={KEY}",
    f"teacher.scripted.params={KEY}",
    f"teacher.scripted.api_key={TOLD}",
    f"permit.scripted='allowed, with {KEY}'",
    f"matrix.student={KEY}",
    f"benchmark.train={KEY}",
]
USES = '[teacher.scripted]\nuse = "toy/scripted"\n'


def files_with(folder: Path, *canaries: str) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return [
        str(path.relative_to(folder))
        for path in found
        if any(one.encode() in path.read_bytes() for one in canaries)
    ]


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_secret_in_a_setting_is_refused_and_not_shown(project: Project, setting: str) -> None:
    benchmark = BENCHMARK.replace('["counter", "counter-two"]', '"scripted"')
    project.write(benchmark)
    ran = project.deshi("run", "bench.toml", "--set", setting)
    assert ran.status == 2, ran.err
    assert "CANARY" not in ran.out + ran.err
    assert len(ran.err.splitlines()) == 1
    assert ran.err.count("deshi: ") == 1
    assert files_with(project.folder, "CANARY") == []
    via = project.deshi("plan", "bench.toml", env={"DESHI_SET": setting})
    if not setting.startswith(("permit", "matrix", "benchmark")):
        assert via.status == 2
    assert "CANARY" not in via.out + via.err
    if setting.startswith("teacher.scripted.p"):
        for word in ("explain", "describe"):
            shown = project.deshi(word, "teacher.scripted", "--set", setting)
            assert "CANARY" not in shown.out + shown.err


def test_the_place_and_the_way_out_are_named(project: Project) -> None:
    toml = f'{USES}env = {{ key = "{TOLD}" }}\n'
    (project.folder / "registry.toml").write_text(toml)
    project.write(BENCHMARK.replace('["counter", "counter-two"]', '"scripted"'))
    ran = project.deshi("run", "bench.toml")
    assert ran.status == 2
    assert " ".join(ran.err.split()) == (
        "deshi: teacher.scripted.env.key: is not the name of an environment variable; does it hold the "
        "key itself?; put it in an environment variable, and name that in [teacher.scripted.env] key "
        "(registry.toml:3, project layer)"
    )
    (project.folder / "registry.toml").write_text(f'{USES}env = {{ key = "my_key" }}\n')
    assert project.deshi("plan", "bench.toml").status == 2
    named = project.deshi("plan", "bench.toml", env={"my_key": TOLD})
    assert named.status == 0, named.err


@pytest.mark.parametrize(
    "setting",
    [
        "student.memory.params.noise=0.1",
        "teacher.scripted.env.tokens=5",
        "teacher.scripted.env.max-tokens=256",
        "teacher.scripted.env.eos-token='</s>'",
        "teacher.scripted.env.key=MY_KEY",
        "teacher.scripted.params.signature='count|mean'",
    ],
)
def test_what_is_no_secret_is_taken(project: Project, setting: str) -> None:
    from deshi.redaction import Mask, secret_in
    from deshi.registry import parse_setting

    found = parse_setting(setting)
    assert secret_in({found.path[-1]: found.value}) is None
    assert Mask()(setting) == setting


def test_a_key_in_the_environment_and_a_text_stay_where_they_belong(project: Project) -> None:
    """The key is in no file and on no screen; the text in texts, never in plans, logs or names."""
    text = "これはCANARYの日記です"
    lines = "".join(
        f'{{"id": "t{n}", "document": "d{n // 2}", "text": "{text}{n}です。"}}\n'
        for n in range(300)
    )
    (project.folder / "corpus.jsonl").write_text(lines, encoding="utf-8")
    (project.folder / "registry.toml").write_text(
        '[corpus.diary]\nuse = "texts"\nparams = { path = "corpus.jsonl" }\n'
        'terms = { licence = "CC0-1.0" }\n'
        '[teacher.keyed-counter]\nuse = "toy/locked-counter"\nenv = { key = "SOME_KEY" }\n'
    )
    project.write(
        BENCHMARK.replace('"numbers"', '"diary"')
        .replace('["counter", "counter-two"]', '"keyed-counter"')
        .replace("train = 120", "train = 60")
    )
    env = {"SOME_KEY": KEY}
    said = []
    for words in (
        ("plan", "bench.toml"),
        ("run", "bench.toml", "--format", "json"),
        ("show", "latest", "--notes"),
        ("report", "latest", "-o", "report.html"),
        ("publish", "latest/memory/nothing", "--to", "out"),
        ("export", "latest/memory/nothing", "--to", "exported"),
        ("ledger", "export", "ledger.jsonl"),
        ("explain", "teacher.keyed-counter"),
    ):
        ran = project.deshi(*words, env=env)
        assert ran.status == 0, ran.err
        said.append(ran.out + ran.err)
    for word in ("publish", "export"):
        words = (word, "latest/memory/nothing", "--to", "again", "--permit", f"allowed: {KEY}")
        refused = project.deshi(*words)
        assert refused.status == 2
        said.append(refused.out + refused.err)
    assert not [one for one in said if KEY in one]
    assert files_with(project.folder, KEY) == []
    holders = files_with(project.workspace, "CANARY")
    assert holders, "texts are somewhere"
    assert not [name for name in holders if name.endswith((".json", ".log"))]
