"""`deshi describe`: what an entry is, whatever it still lacks."""


def test_a_component_is_described_before_its_parameters_are_set(project):
    ran = project.deshi("describe", "corpus.texts", "--format", "json")
    assert ran.status == 0, ran.err
    rows = {row["what"]: row for row in ran.json}
    assert rows["state"]["value"] == "needs either 'path' or 'dataset'"
    assert rows["params.path"]["value"] == "not set"
    assert rows["params.bad-rows"]["value"] == "100"
    assert "Maximum number" in rows["params.limit"]["about"]


def test_what_was_set_is_shown_though_something_else_is_wrong(project):
    words = ["--set", "corpus.posts.params.text=body", "--format", "json"]
    rows = project.deshi("describe", "corpus.posts", *words).out
    assert '"body"' in rows
