"""Prints how often the tests err and the intervals cover, in simulated tables without a difference.

    python scripts/calibration.py [--tables 1000]

The shapes are those of tests/statistics/test_calibration.py, which asserts bounds on the same rates.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "statistics"))

from test_calibration import (
    FIXED_MODELS,
    RETRAINED_MODELS,
    UNLIKE,
    fixed_models_rates,
    retrained_models_rates,
)

COLUMNS = {
    "fixed-models": ("randomisation", "covered", "difference covered"),
    "retrained-models": ("t", "relabelling", "covered", "difference covered"),
}


def main() -> None:
    """Print a Markdown table for each question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1000, help="Simulated tables a shape.")
    tables = parser.parse_args().tables
    for question, shapes, rates in (
        ("fixed-models", FIXED_MODELS, fixed_models_rates),
        ("retrained-models", {**RETRAINED_MODELS, **UNLIKE}, retrained_models_rates),
    ):
        columns = COLUMNS[question]
        print(f"\n| {question} | {' | '.join(columns)} |\n|{' --- |' * (len(columns) + 1)}")
        for name, shape in shapes.items():
            found = rates(shape, tables)
            figures = " | ".join(f"{found[column]:.3f}" for column in columns)
            print(f"| {name} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
