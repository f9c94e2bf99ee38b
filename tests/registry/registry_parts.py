"""Components to build in tests, and what resolves them."""

from deshi import __version__
from deshi.api import LossSpec, Needs, StudentSpec, TeacherSpec

COMPONENTS = """
    from __future__ import annotations

    import enum
    from dataclasses import dataclass, field
    from pathlib import Path
    from typing import Annotated, Literal

    from deshi.api import Help

    @dataclass(frozen=True, kw_only=True)
    class Schedule:
        warm_up: Annotated[int, Help("Steps.", ge=0)] = 10
        vocabulary: Path | None = None

    class Mode(enum.Enum):
        FAST = "fast"
        SLOW = "slow"

    @dataclass(frozen=True, kw_only=True)
    class Choice:
        mode: Mode = Mode.FAST

    @dataclass(frozen=True, kw_only=True)
    class Params:
        learning_rate: Annotated[float, Help("Rate.", gt=0, le=1)] = 0.1
        top_k: Annotated[int, Help("Beams.")] = 4
        decode: Literal["greedy", "beam"] = "greedy"
        lambda_: float = 0.5
        layers: tuple[int, ...] = (1, 2)
        words: frozenset[str] = frozenset()
        weights: dict[str, float] = field(default_factory=dict)
        schedule: Schedule = Schedule()
        schedules: tuple[Schedule, ...] = ()
        folder: Path | None = None
        files: tuple[Path, ...] = ()
        more: list[Path] | None = None
        modes: tuple[Literal["fast", "slow"], ...] = ()
        best: Choice | None = None
        named: dict[str, Mode] = field(default_factory=dict)

        def __post_init__(self):
            if self.top_k == 13:
                raise ValueError("top-k brings bad luck")

    @dataclass(frozen=True, kw_only=True)
    class Required:
        model: str

    @dataclass(frozen=True, kw_only=True)
    class Unreadable:
        model: Nowhere = None

    @dataclass(frozen=True, kw_only=True)
    class Unsupported:
        model: complex = 0

    class Student:
        def __init__(self, params, env):
            self.params, self.env = params, env

        @classmethod
        def load(cls, folder, params, env):
            student = cls(params, env)
            student.folder = folder
            return student

    class Failing:
        def __init__(self, params, env):
            raise RuntimeError("no such weights")

    class Lazy:
        def __init__(self, params, env):
            import nonexistent_sdk
"""
OURS = f"plugin 'builtin' (deshi {__version__})"
NEURAL = Needs(extras=("neural",), modules=("nonexistent_sdk",))


def student(name, target="fake_parts:Student", params="fake_parts:Params", **more):
    if params == "fake_parts:Params":
        more["decoding"] = ("top_k", "decode", "lambda_")
    return StudentSpec(
        name=name, target=target, params=params, summary="S.", trains_on=None, **more
    )


SPECS = [
    student("t5"),
    student("required", params="fake_parts:Required"),
    student("unreadable", params="fake_parts:Unreadable"),
    student("unsupported", params="fake_parts:Unsupported"),
    student("plain", params=None),
    student("no-dataclass", params="fake_parts:Student"),
    student("no-params", params="fake_parts:Nothing"),
    student("odd-decoding", params="fake_parts:Required", decoding=("beams",)),
    student("failing", target="fake_parts:Failing"),
    student("lazy", target="fake_parts:Lazy", needs=NEURAL),
    student("absent", target="fake_absent:Student", needs=NEURAL),
    student("nowhere", target="fake_parts:Nowhere"),
    LossSpec(
        name="focal",
        target="fake_parts:Student",
        params="fake_parts:Params",
        summary="L.",
        takes=frozenset(),
    ),
    TeacherSpec(
        name="echo", target="fake_parts:Student", summary="T.", tasks=frozenset(), terms=None
    ),
]


def resolve(registry, name="t5", overrides=None, **more):
    return registry.resolve(registry.entry("student", name), overrides or {}, **more)


DEFAULTS = {
    "learning-rate": 0.1,
    "top-k": 4,
    "decode": "greedy",
    "lambda": 0.5,
    "layers": [1, 2],
    "words": [],
    "weights": {},
    "schedule": {"warm-up": 10, "vocabulary": None},
    "schedules": [],
    "folder": None,
    "files": [],
    "more": None,
    "modes": [],
    "best": None,
    "named": {},
}
