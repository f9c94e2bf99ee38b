"""Reading data sets from a hub, through the real client, from a server on this machine."""

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub_server import COMMIT, SIGNATURE, Repository, broken, busy, cut_after

POSTS = {"dataset": "someone/posts", "pattern": "data/posts-*.jsonl"}
FILES = [f"someone/posts/data/posts-{part}.jsonl" for part in range(3)]


def test_all_files_that_match_are_read_in_order(hub, reader):
    read = reader.read("texts", **POSTS)
    assert read.error == ""
    assert [text for _, text in read.texts] == [
        f"{part}番目の投稿、その{n}です。" for part in range(3) for n in range(2)
    ]
    assert read.texts[0][0].startswith("data/posts-0.jsonl:1:")
    assert hub.downloads() == FILES


def test_a_limit_downloads_no_file_that_it_does_not_reach(hub, reader):
    read = reader.read("texts", **POSTS, limit=3)
    assert len(read.texts) == 3
    assert hub.downloads() == FILES[:2]
    assert read.report["files"] == 3
    assert read.report["files-read"] == ["data/posts-0.jsonl", "data/posts-1.jsonl"]


def test_a_second_run_downloads_nothing_again(hub, reader):
    first = reader.read("texts", **POSTS)
    asked = len(hub.log)
    assert reader.read("texts", **POSTS).texts == first.texts
    assert hub.downloads() == FILES
    (one,) = hub.log[asked:]
    assert "/revision/main" in one.path  # what main stands for; the rest is known while that is


def test_only_the_folder_that_the_pattern_fixes_is_listed(hub, reader):
    reader.read("texts", **POSTS)
    listed = [one.path.split("?")[0] for one in hub.log if "/tree/" in one.path]
    assert set(listed) == {f"/api/datasets/someone/posts/tree/{COMMIT}/data"}
    assert len(listed) == 2  # three files, two a page


def test_the_report_says_what_the_branch_stood_for_and_that_it_may_move(hub, reader):
    read = reader.read("texts", **POSTS)
    assert read.report["commit"] == COMMIT
    assert read.report["licence"] == "cc-by-sa-4.0"
    (warning,) = read.warnings
    assert f'set revision = "{COMMIT}"' in warning


def test_a_pinned_commit_gives_no_warning_and_is_asked_for_once(hub, reader):
    reader.read("texts", **POSTS, revision=COMMIT)
    hub.stop()
    read = reader.read("texts", **POSTS, revision=COMMIT)
    assert (len(read.texts), read.warnings) == (6, [])


def test_the_token_goes_to_the_hub_alone_and_is_told_to_nobody(hub, reader):
    hub.faults["/cdn/"] = [cut_after(10)]
    read = reader.read("texts", **POSTS)
    assert all(one.authorised == (one.host == "127.0.0.1") for one in hub.log)
    assert {one.host for one in hub.log if "/cdn/" in one.path} == {"localhost"}
    said = f"{read.stderr} {read.report} {read.warnings}"
    assert reader.environment["HF_TOKEN"] not in said
    assert SIGNATURE not in said


def test_a_cut_download_is_whole_in_the_end(hub, reader):
    hub.faults = {"/cdn/someone/posts/data/posts-1": [cut_after(20), cut_after(30)]}
    assert len(reader.read("texts", **POSTS).texts) == 6
    assert hub.downloads() == [FILES[0], *[FILES[1]] * 3, FILES[2]]


def test_a_large_download_goes_on_where_it_was_cut(hub, reader):
    size = 2**20
    lines = [json.dumps({"text": chr(ord("a") + n) * size}).encode() for n in range(12)]
    hub.repositories["someone/posts"].files = {"data/posts-large.jsonl": b"\n".join(lines)}
    hub.faults = {"/cdn/": [cut_after(11 * size)]}
    read = reader.read("texts", **POSTS)
    assert [text[:2] for _, text in read.texts] == [chr(ord("a") + n) * 2 for n in range(12)]
    ranges = [one.range for one in hub.log if "/cdn/" in one.path]
    assert ranges == [None, f"bytes={10 * size}-"]  # the client stores 10 MB at a time


def test_a_connection_that_is_cut_again_and_again_is_named_with_the_file(hub, reader):
    hub.faults = {"/cdn/": [cut_after(0)] * 20}
    error = reader.read("texts", **POSTS).error
    assert error.startswith(
        "ComponentError: someone/posts/data/posts-0.jsonl: the connection to the"
    )
    assert SIGNATURE not in error


def test_a_busy_hub_is_asked_again(hub, reader):
    hub.faults = {"/tree/": [busy], "/resolve/": [busy], "/cdn/": [busy]}
    read = reader.read("texts", **POSTS)
    assert (read.error, len(read.texts)) == ("", 6)


@pytest.mark.slow
def test_a_hub_that_stays_busy_is_named_with_the_file(hub, reader):
    hub.faults = {"/resolve/": [busy] * 20}
    error = reader.read("texts", **POSTS).error
    assert error.startswith("ComponentError: someone/posts/data/posts-0.jsonl: ")
    assert "too many requests" in error
    assert "HF_TOKEN" in error


def test_a_hub_that_is_broken_is_named_with_its_status(hub, reader):
    hub.faults = {"/revision/": [broken] * 20}
    error = reader.read("texts", **POSTS).error
    assert error.startswith(
        "ComponentError: someone/posts/data/posts-*.jsonl: the Hugging Face Hub returned status 503; "
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"dataset": "someone/nothing"},
            "someone/nothing: the Hugging Face Hub has no such data set; check the",
        ),
        ({"dataset": "no name"}, "no name: not a valid name of a data set; write it as owner/name"),
        ({"revision": "v9"}, "someone/posts: there is no revision 'v9'; name a branch"),
        ({"pattern": "data/*.csv"}, "no file of the data set matches 'data/*.csv'"),
        (
            {"pattern": "date/*.jsonl"},
            "someone/posts/date/*.jsonl: revision 'main' has no such file; check",
        ),
    ],
)
def test_what_is_not_there_is_named(hub, reader, change, said):
    read = reader.read("texts", **{**POSTS, **change})
    assert read.error.startswith("UsageError: ")
    assert said in read.error
    assert hub.downloads() == []


def test_a_file_that_went_away_is_named(hub, reader):
    reader.read("texts", **POSTS, limit=2)
    del hub.repositories["someone/posts"].files["data/posts-1.jsonl"]
    read = reader.read("texts", **POSTS)
    assert read.report["files-read"] == ["data/posts-0.jsonl"]
    assert read.error.startswith(
        "UsageError: someone/posts/data/posts-1.jsonl: revision 'main' has no such file; "
    )


def test_a_bad_row_is_told_with_data_set_file_and_line(hub, reader):
    hub.repositories["someone/posts"].files["data/posts-0.jsonl"] = b'{"text": 1}\n' * 3
    error = reader.read("texts", **POSTS).error
    assert error.startswith(
        "UsageError: someone/posts/data/posts-0.jsonl:1: no row of the file can"
    )


def test_a_gated_data_set_says_how_to_get_in(hub, reader):
    hub.repositories["someone/posts"].gated = True
    error = reader.read("texts", **POSTS).error
    assert error.startswith("UsageError: someone/posts: access to the data set must be requested; ")
    assert "HF_TOKEN" in error


def test_offline_reads_what_is_in_the_cache(hub, reader):
    online = reader.read("texts", **POSTS)
    hub.stop()
    reader.environment["HF_HUB_OFFLINE"] = "1"
    offline = reader.read("texts", **POSTS)
    assert offline.texts == online.texts
    assert offline.report["commit"] == COMMIT
    assert "the Hugging Face Hub was not reached" in offline.warnings[0]


def test_offline_never_takes_the_files_in_the_cache_for_all_there_are(hub, reader):
    assert len(reader.read("texts", **POSTS, limit=2).texts) == 2
    hub.stop()
    reader.environment["HF_HUB_OFFLINE"] = "1"
    read = reader.read("texts", **POSTS, limit=2)
    assert (len(read.texts), read.error) == (2, "")
    error = reader.read("texts", **POSTS).error
    assert error.startswith(
        "NotReadyError: someone/posts/data/posts-1.jsonl: it is not in the cache, and this run is offline"
    )


def test_offline_without_a_cache_says_so(hub, reader):
    reader.environment["HF_HUB_OFFLINE"] = "1"
    error = reader.read("texts", **POSTS).error
    assert error.startswith(
        "NotReadyError: someone/posts/data/posts-*.jsonl: it is not in the cache"
    )
    assert "HF_HUB_OFFLINE" in error
    assert hub.log == []


def test_a_hub_that_is_gone_is_replaced_by_the_cache_and_said_to_be_gone(hub, reader):
    reader.read("texts", **POSTS)
    hub.stop()
    read = reader.read("texts", **POSTS)
    assert len(read.texts) == 6
    assert "the Hugging Face Hub was not reached" in read.warnings[0]


def test_a_hub_that_was_never_there_is_a_failed_connection(hub, reader):
    hub.stop()
    error = reader.read("texts", **POSTS).error
    assert error.startswith(
        "ComponentError: someone/posts/data/posts-*.jsonl: the connection to the Hugging Face Hub failed"
    )
    assert "HF_ENDPOINT" in error


def test_all_files_are_of_the_commit_that_was_asked_for(hub, reader):
    reader.read("texts", **POSTS)
    resolved = [one.path for one in hub.log if "/resolve/" in one.path]
    assert resolved
    assert all(f"/resolve/{COMMIT}/" in path for path in resolved)


def pages(first):
    """Return a Parquet file of 200 pages of five sentences."""
    rows = [
        {
            "id": str(n),
            "url": f"https://example.org/{n}",
            "title": f"頁{n}",
            "text": "\n".join(
                f"{n}番目の頁の{i}番目の文は、{n * 7 + i}年に書かれたものである。" for i in range(5)
            ),
        }
        for n in range(first, first + 200)
    ]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


WIKIPEDIA = """
[benchmark]
train = 20
valid = 3
test = 5
seeds = 1
resamples = 100
near-test = 1.0
metrics = ["jaccard"]

[matrix]
corpus = "wikipedia"
chain = "none"
rewriter = "none"
teacher = "lexicon"
student = "constant"
"""


@pytest.fixture
def wikipedia(hub):
    """Put two languages and two dates of Wikipedia on the hub, three files each."""
    files = {
        f"{date}.{language}/train-{part:05}-of-00003.parquet": pages(part * 200)
        for date in ("20231101", "20240101")
        for language in ("ja", "en")
        for part in range(3)
    }
    hub.repositories["wikimedia/wikipedia"] = Repository(files, licence="cc-by-sa-3.0")
    return hub


def test_wikipedia_comes_from_the_hub_by_language_and_date(wikipedia, reader):
    read = reader.read("wikipedia", language="en", date="20240101", limit=3)
    assert [id_ for id_, _ in read.texts] == ["0-1", "0-2", "0-3"]
    assert wikipedia.downloads() == ["wikimedia/wikipedia/20240101.en/train-00000-of-00003.parquet"]


def test_a_branch_that_moved_is_listed_anew(hub, reader):
    first = reader.read("texts", **POSTS)
    repository = hub.repositories["someone/posts"]
    repository.commit = COMMIT[::-1]
    repository.files["data/posts-9.jsonl"] = json.dumps({"text": "新しい投稿です。"}).encode()
    second = reader.read("texts", **POSTS)
    assert [text for _, text in second.texts] == [*(t for _, t in first.texts), "新しい投稿です。"]
    assert second.report["commit"] == COMMIT[::-1]


def test_mc4_comes_from_the_hub_without_its_validation_files(hub, reader):
    line = json.dumps({"text": "頁の文です。", "url": "https://example.org", "timestamp": "2019"})
    names = ["c4-ja.tfrecord-00000-of-01024", "c4-ja-validation.tfrecord-00000-of-00008"]
    files = {f"multilingual/{name}.json.gz": gzip.compress(line.encode()) for name in names}
    hub.repositories["allenai/c4"] = Repository(files, licence="odc-by")
    read = reader.read("mc4")
    assert [text for _, text in read.texts] == ["頁の文です。"]
    assert read.report["files-read"] == ["multilingual/c4-ja.tfrecord-00000-of-01024.json.gz"]


def test_a_run_downloads_what_it_reads_and_records_the_commit(wikipedia, reader):
    reader.project.write(WIKIPEDIA)
    ran = reader.project.deshi("run", "bench.toml", "--format", "json", env=reader.environment)
    assert ran.status == 0, ran.err
    (split,) = (figures for figures in ran.json["data"] if figures["stage"] == "split")
    corpus = split["notes"]["corpus"]
    assert corpus["dataset"] == "wikimedia/wikipedia"
    assert (corpus["revision"], corpus["commit"]) == ("main", COMMIT)
    assert corpus["licence"] == "cc-by-sa-3.0"
    assert corpus["files-read"] == ["20231101.ja/train-00000-of-00003.parquet"]
    assert wikipedia.downloads() == ["wikimedia/wikipedia/20231101.ja/train-00000-of-00003.parquet"]
    assert any(f'set revision = "{COMMIT}"' in line for line in ran.json["warnings"])
    assert reader.environment["HF_TOKEN"] not in ran.out + ran.err


def test_a_run_that_cannot_reach_the_hub_tells_why_and_what_mends_it(wikipedia, reader):
    wikipedia.stop()
    reader.project.write(WIKIPEDIA)
    ran = reader.project.deshi(
        "run", "bench.toml", env={**reader.environment, "HF_HUB_OFFLINE": "1"}
    )
    assert ran.status == 3
    assert (
        "wikimedia/wikipedia/20231101.ja/*.parquet: it is not in the cache, and this run is"
        in ran.err
    )
    assert "Traceback" not in ran.err


def test_without_the_extra_the_command_that_installs_it_is_told(reader, tmp_path):
    (tmp_path / "huggingface_hub.py").write_text("raise ImportError")
    reader.project.write(WIKIPEDIA)
    path = reader.project.variables()["PYTHONPATH"]
    blocked = {"PYTHONPATH": f"{tmp_path}:{path}"}
    ran = reader.project.deshi("run", "bench.toml", env={**reader.environment, **blocked})
    assert ran.status == 3
    assert "pip install " in ran.err
    assert "[hub]" in ran.err
