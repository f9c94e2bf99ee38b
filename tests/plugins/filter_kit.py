"""What the tests of filters share: items, and one verdict."""

from deshi.api import Env, Item, Text

ENV = Env()


def item(
    text="今日はとても良い天気です。",
    samples=(),
    source=None,
    *,
    part="train",
    id="a/1",  # noqa: A002
):
    samples = tuple(tuple(emojis) for emojis in samples)
    return Item(
        text=Text(id, id.partition("/")[0], text),
        part=part,
        source=text if source is None else source,
        samples=samples,
        unknown=(0,) * len(samples),
    )


def decide(filter_, *args, **kwargs):
    (verdict,) = filter_.decide([item(*args, **kwargs)])
    return verdict
