"""Initial biases of a label model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from deshi.api import DecodingRule


def first_bias(labels: npt.NDArray[np.float32], rule: DecodingRule) -> Tensor:
    """Return the logits of the training frequencies π, (texts, labels) to (labels,).

    For sigmoids log(π / (1 - π)), for a softmax log π: from anywhere else, training first has to learn
    that nearly all labels are wrong nearly always.
    """
    texts = len(labels)
    # Half a text at either end: with one text a label may have all or none.
    share = np.clip(labels.mean(0, dtype=np.float64), 0.5 / texts, 1 - 0.5 / texts)
    return torch.from_numpy(rule.bias(share).astype(np.float32))
