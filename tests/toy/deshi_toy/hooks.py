"""What the toy plugin offers."""

from deshi.api import (
    CorpusSpec,
    FilterSpec,
    Layer,
    LossSpec,
    MetricSpec,
    Needs,
    StudentSpec,
    TeacherSpec,
    Terms,
    hookimpl,
)

FREE = Terms(licence="CC0-1.0")


@hookimpl
def deshi_corpora():
    yield CorpusSpec(
        name="numbers",
        target="deshi_toy.parts:Numbers",
        params="deshi_toy.parts:NumbersParams",
        summary="Sentences that count.",
        terms=FREE,
    )
    yield CorpusSpec(
        name="locked",
        target="deshi_toy.parts:Numbers",
        params="deshi_toy.parts:NumbersParams",
        summary="The same, behind a key.",
        needs=Needs(environment=("DESHI_TOY_KEY",)),
        terms=FREE,
    )


@hookimpl
def deshi_teachers():
    yield TeacherSpec(
        name="counter",
        target="deshi_toy.parts:Counter",
        params="deshi_toy.parts:CounterParams",
        summary="Labels a number; refuses some.",
        tasks=frozenset({"label"}),
        terms=FREE,
    )
    yield TeacherSpec(
        name="locked-counter",
        target="deshi_toy.parts:Counter",
        params="deshi_toy.parts:CounterParams",
        summary="The same, behind a key.",
        tasks=frozenset({"label"}),
        terms=FREE,
        needs=Needs(environment=("DESHI_TOY_KEY",)),
    )
    yield TeacherSpec(
        name="polite",
        target="deshi_toy.parts:Polite",
        summary="Adds a word.",
        tasks=frozenset({"rewrite"}),
        terms=FREE,
    )
    for name, environment in (("scripted", ()), ("keyed", ("DESHI_TOY_KEY",))):
        yield TeacherSpec(
            name=name,
            target="deshi_toy.scripted:Scripted",
            params="deshi_toy.scripted:ScriptedParams",
            summary="Is far away and paid; fails as a script says.",
            tasks=frozenset({"label", "rewrite"}),
            terms=FREE,
            endpoint="url",
            needs=Needs(network=True, environment=environment),
            capabilities=frozenset({"estimates-cost", "batches"}),
        )


@hookimpl
def deshi_filters():
    yield FilterSpec(
        name="odd",
        target="deshi_toy.parts:Odd",
        summary="Drops what has a seven in it.",
        places=frozenset({"source", "rewritten", "labelled"}),
    )
    yield FilterSpec(
        name="half",
        target="deshi_toy.parts:Half",
        summary="Drops every other text.",
        places=frozenset({"source", "rewritten", "labelled"}),
    )
    yield FilterSpec(
        name="median",
        target="deshi_toy.parts:Median",
        summary="Drops training texts whose last figure is above the median.",
        places=frozenset({"labelled"}),
        training_only=True,
        capabilities=frozenset({"fits-first"}),
    )


@hookimpl
def deshi_students():
    yield StudentSpec(
        name="memory",
        target="deshi_toy.parts:Memory",
        params="deshi_toy.parts:MemoryParams",
        summary="Remembers the label of the last character, with a little seeded noise.",
        trains_on="labels",
        decoding=("most",),
        capabilities=frozenset({"saves", "explains", "exports"}),
    )
    yield StudentSpec(
        name="fleeting",
        target="deshi_toy.parts:Fleeting",
        summary="The same, but it cannot be saved.",
        trains_on=None,
        deterministic=True,
    )
    yield StudentSpec(
        name="clumsy",
        target="deshi_toy.parts:Clumsy",
        summary="Fails to fit on seed 1.",
        trains_on=None,
        capabilities=frozenset({"saves"}),
    )
    yield StudentSpec(
        name="sloppy",
        target="deshi_toy.parts:Sloppy",
        summary="Spells emoji as it likes, and answers in words too.",
        trains_on=None,
        deterministic=True,
    )
    yield StudentSpec(
        name="deadly",
        target="deshi_toy.parts:Deadly",
        summary="Takes its process with it.",
        trains_on=None,
        deterministic=True,
    )
    yield StudentSpec(
        name="needy",
        target="deshi_toy.parts:Memory",
        summary="Needs what is not there.",
        trains_on=None,
        needs=Needs(extras=("toy-extra",), modules=("no_such_module",), environment=("TOY_KEY",)),
    )


@hookimpl
def deshi_losses():
    yield LossSpec(
        name="nothing",
        target="deshi_toy.parts:Nothing",
        summary="Is always zero.",
        takes=frozenset({"labels"}),
    )
    yield LossSpec(
        name="less",
        target="deshi_toy.parts:Nothing",
        summary="Is always zero, again.",
        takes=frozenset({"labels", "tokens"}),
    )
    yield LossSpec(
        name="spoken",
        target="deshi_toy.parts:Nothing",
        summary="For tokens alone.",
        takes=frozenset({"tokens"}),
    )


@hookimpl
def deshi_metrics():
    yield MetricSpec(
        name="hits",
        target="deshi_toy.parts:Hits",
        summary="Share of texts whose answer is among the gold.",
        direction="higher",
        bounds=(0.0, 1.0),
        signature="any",
    )
    yield MetricSpec(
        name="misses",
        target="deshi_toy.parts:Misses",
        summary="Share of texts whose answer is not among the gold.",
        direction="lower",
        bounds=(0.0, 1.0),
        signature="any",
    )


@hookimpl
def deshi_layers():
    yield Layer(
        name="toy",
        toml="""
[corpus.numbers]
use = "toy/numbers"
[teacher.counter]
use = "toy/counter"
[teacher.counter-two]
use = "toy/counter"
params = { shift = 1 }
[teacher.scripted]
use = "toy/scripted"
[teacher.keyed]
use = "toy/keyed"
[teacher.polite]
use = "toy/polite"
[student.memory]
use = "toy/memory"
[student.fleeting]
use = "toy/fleeting"
[student.clumsy]
use = "toy/clumsy"
[student.needy]
use = "toy/needy"
[loss.nothing]
use = "toy/nothing"
[loss.less]
use = "toy/less"
[loss.spoken]
use = "toy/spoken"
[metric.hits]
use = "toy/hits"
[metric.misses]
use = "toy/misses"
[filter.odd]
use = "toy/odd"
[filter.half]
use = "toy/half"
[filter.median]
use = "toy/median"
[chain.toy]
source = ["odd"]
rewritten = []
labelled = ["emoji-count"]
""",
    )
