"""The built-in corpora."""

from __future__ import annotations

from deshi.api import CorpusSpec, Terms

_BATCHES = frozenset({"reads-batches", "reports"})


def corpus_specs() -> tuple[CorpusSpec, ...]:
    """Return the specs of all built-in corpora."""
    return (*_public(), *_own())


def _public() -> tuple[CorpusSpec, ...]:
    """Return the corpora that anybody can read."""
    return (
        CorpusSpec(
            name="sample",
            target="deshi_plugins.corpora.packaged:Sample",
            summary="Everyday Japanese sentences packaged with deshi, some with reference labels.",
            terms=Terms(licence="CC0-1.0", source="written for deshi"),
        ),
        CorpusSpec(
            name="everyday",
            target="deshi_plugins.corpora.packaged:Everyday",
            summary="Casual Japanese posts packaged with deshi, each with two label sets.",
            terms=Terms(licence="CC0-1.0", source="written for deshi"),
        ),
        CorpusSpec(
            name="mc4",
            target="deshi_plugins.corpora.mc4:Mc4",
            params="deshi_plugins.corpora.params:Mc4Params",
            summary="Sentences of web pages, from the Hugging Face Hub or files of allenai/c4.",
            capabilities=_BATCHES,
            terms=Terms(
                licence="ODC-By-1.0; the pages themselves under the terms of use of Common Crawl",
                source="https://huggingface.co/datasets/allenai/c4",
                as_of="2021-10",
            ),
        ),
        CorpusSpec(
            name="wikipedia",
            target="deshi_plugins.corpora.wikipedia:Wikipedia",
            params="deshi_plugins.corpora.params:WikipediaParams",
            summary="Sentences of Wikipedia articles: the Hugging Face Hub, Parquet or an XML dump.",
            capabilities=_BATCHES,
            terms=Terms(
                licence="CC-BY-SA-4.0 (dumps before June 2023: CC-BY-SA-3.0), GFDL for most texts",
                source="https://dumps.wikimedia.org/legal.html",
                as_of="2023-06",
            ),
        ),
    )


def _own() -> tuple[CorpusSpec, ...]:
    """Return the corpora that the user makes of files and of other corpora."""
    return (
        CorpusSpec(
            name="texts",
            target="deshi_plugins.corpora.texts:Texts",
            params="deshi_plugins.corpora.params:TextsParams",
            summary="Your own texts: JSON Lines, CSV, Parquet, plain text, or a Hugging Face data set.",
            capabilities=frozenset({"reports"}),
            terms=None,
        ),
        CorpusSpec(
            name="mix",
            target="deshi_plugins.corpora.mix:Mix",
            params="deshi_plugins.corpora.params:MixParams",
            summary="Several corpora by weight; ids and documents begin with the entry's name.",
            capabilities=frozenset({"combines", "reports"}),
            terms=Terms(licence="those of its corpora", source="the entries of its corpora"),
            combines="weights",
        ),
    )
