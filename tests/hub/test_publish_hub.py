"""`deshi publish --hub`: through the real client, to a hub on this machine."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from hub_server import Hub

from project import Project, Ran

ROW = "latest/counter/memory/less"
TOKEN = "hf_SecretTokenOfTheTest"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("publish-hub"))
    made.write()
    ran = made.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert ran.status == 0, ran.err
    return made


@pytest.fixture
def empty_hub() -> Iterator[Hub]:
    hub = Hub()
    hub.start()
    yield hub
    hub.stop()


def publish(project: Project, hub: Hub, *words: str, **more: str) -> Ran:
    environment = {
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(project.folder / "hf"),
        "HF_TOKEN": TOKEN,
        "HF_HUB_OFFLINE": "0",
        **more,
    }
    return project.deshi("publish", ROW, *words, env=environment)


def test_model_and_pairs_are_pushed_to_private_repositories(
    project: Project, empty_hub: Hub
) -> None:
    ran = publish(project, empty_hub, "--hub", "me/emoji")
    assert ran.status == 0, ran.err
    pushed = empty_hub.pushed
    assert pushed.made == {"model/me/emoji": "private", "dataset/me/emoji-data": "private"}
    assert len(pushed.messages) == 2  # one commit each
    model, data = pushed.files["model/me/emoji"], pushed.files["dataset/me/emoji-data"]
    assert set(model) == {"README.md", "deshi.json", "table.json"}
    assert set(data) == {"README.md", *(f"data/{p}.parquet" for p in ("train", "valid", "test"))}
    assert 'datasets: ["me/emoji-data"]' in model["README.md"].decode()
    assert "hf download me/emoji --local-dir emoji" in model["README.md"].decode()
    assert pq.read_table(io.BytesIO(data["data/test.parquet"])).num_rows == 40
    assert all(one.authorised for one in empty_hub.log)
    assert f"{empty_hub.endpoint}/me/emoji" in ran.out


def test_what_was_pushed_answers_as_the_run_does(project: Project, empty_hub: Hub) -> None:
    assert publish(project, empty_hub, "--hub", "me/emoji").status == 0
    folder = project.folder / "fetched"
    folder.mkdir(exist_ok=True)
    for name, content in empty_hub.pushed.files["model/me/emoji"].items():
        (folder / name).write_bytes(content)

    def answer(place: str) -> Any:
        ran = project.deshi("predict", place, "これは3", "--format", "json")
        assert ran.status == 0, ran.err
        return ran.json

    assert answer("fetched") == answer(ROW)


def test_public_repositories_are_asked_for_and_pairs_can_stay_here(
    project: Project, empty_hub: Hub
) -> None:
    ran = publish(project, empty_hub, "--hub", "me/emoji", "--public", "--no-data")
    assert ran.status == 0, ran.err
    assert empty_hub.pushed.made == {"model/me/emoji": "public"}


def test_pushing_again_adds_a_commit(project: Project, empty_hub: Hub) -> None:
    for _ in range(2):
        ran = publish(project, empty_hub, "--hub", "me/emoji", "--no-data")
        assert ran.status == 0, ran.err
    assert len(empty_hub.pushed.messages) == 2


@pytest.mark.parametrize(
    ("status", "exit_status", "told"),
    [(403, 2, "refused access (status 403)"), (500, 1, "status 500")],
)
def test_a_hub_that_refuses_is_told_without_what_it_said(
    project: Project, empty_hub: Hub, status: int, exit_status: int, told: str
) -> None:
    empty_hub.pushed.refuses = status
    ran = publish(project, empty_hub, "--hub", "me/emoji", "--no-data")
    assert ran.status == exit_status
    assert told in ran.err
    for secret in ("a secret address", empty_hub.endpoint, TOKEN):
        assert secret not in ran.err


def test_without_a_token_nothing_is_sent(project: Project, empty_hub: Hub) -> None:
    ran = publish(project, empty_hub, "--hub", "me/emoji", HF_TOKEN="")
    assert ran.status == 3
    assert "set HF_TOKEN" in ran.err
    assert empty_hub.log == []


def test_a_name_that_is_none_is_refused(project: Project, empty_hub: Hub) -> None:
    ran = publish(project, empty_hub, "--hub", "me/a/b", "--no-data")
    assert ran.status == 2
    assert "write it as owner/name" in ran.err


def test_the_card_is_one_that_the_hub_can_read(project: Project, empty_hub: Hub) -> None:
    assert publish(project, empty_hub, "--hub", "me/emoji").status == 0
    for files in empty_hub.pushed.files.values():
        lines = files["README.md"].decode().split("---\n")[1].splitlines()
        assert all(json.loads(line.split(": ", 1)[1]) for line in lines)
