"""Probabilities: their checks, entropy and samples, which do not depend on the version of numpy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import All, Choice, DecodeError, Integer, Parameter, Union

__all__ = [
    "COUNT",
    "SEED",
    "TOLERANCE",
    "binary_entropy",
    "drawn",
    "entropy",
    "shares",
    "single",
    "uniform",
]

Floats = npt.NDArray[np.float64]

TOLERANCE: Final = 1e-3
"""Of sums: twice the largest error of probabilities that float16 rounds."""

COUNT: Final = Parameter(
    "Count",
    Union(Choice(All), Integer(1)),
    default=All,
    known_as=("k", "top_k", "n"),
    doc="the number of values: the most probable ones, or as many as there are",
)
SEED: Final = Parameter(
    "Seed",
    Integer(),
    known_as=("seed", "random_state"),
    doc="equal seeds give equal samples of equal arrays",
)

_LOGITS: Final = "if they are logits, apply {} at the end of the net"


def shares(array: npt.NDArray[Any]) -> Floats:
    """Return probabilities whose sum along the last dimension is 1, as float64.

    Raises
    ------
    DecodeError
        An element is negative, or a sum is not near to 1.
    """
    exact = array.astype(np.float64)
    if not exact.size:
        return exact
    _not_negative(exact, "the layer Softmax")
    sums = exact.sum(axis=-1, keepdims=True)
    wrong = np.abs(sums - 1) > TOLERANCE
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        row = f" of row {place}" if exact.ndim > 1 else ""
        raise DecodeError(
            f"the probabilities{row} sum to {sums.flat[place]:.6g}, not to 1",
            code="not-probabilities",
            remedy=_LOGITS.format("the layer Softmax"),
        )
    result: Floats = exact / sums
    return result


def single(array: npt.NDArray[Any]) -> Floats:
    """Return independent probabilities, each from 0 to 1, as float64.

    Raises
    ------
    DecodeError
        An element is negative, or above 1.
    """
    exact = array.astype(np.float64)
    _not_negative(exact, "the sigmoid function")
    if exact.size and exact.max() > 1 + TOLERANCE:
        raise DecodeError(
            f"the largest element is {exact.max():.6g}, and a probability is at most 1",
            code="not-probabilities",
            remedy=_LOGITS.format("the sigmoid function"),
        )
    return np.minimum(exact, 1)


def _not_negative(exact: Floats, function: str) -> None:
    if exact.size and exact.min() < 0:
        raise DecodeError(
            f"the smallest element is {exact.min():.6g}, and a probability is not negative",
            code="not-probabilities",
            remedy=_LOGITS.format(function),
        )


def entropy(probabilities: Sequence[float]) -> float:
    """Return the entropy in nats: the sum of -p ln p, where 0 ln 0 is 0.

    >>> round(entropy([0.5, 0.5]), 6), entropy([1.0, 0.0])
    (0.693147, 0.0)
    """
    return math.fsum(-p * math.log(p) for p in probabilities if 0 < p < 1)


def binary_entropy(probability: float) -> float:
    """Return the entropy in nats of an event and its opposite."""
    return entropy((probability, 1 - probability))


def uniform(seed: int, array: Floats, number: int = 0) -> float:
    """Return a number in [0, 1) of a seed and an array: 53 bits of a sha256."""
    # Imported late: loading OpenSSL takes 6 ms, and few calls draw samples.
    import hashlib

    content = array.astype("<f8").tobytes()
    digest = hashlib.sha256(f"{seed},{number},{array.shape};".encode() + content).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def drawn(seed: int, probabilities: Floats) -> int:
    """Return a place with its probability; one of probability 0 is never drawn."""
    limits = np.cumsum(probabilities)
    place = int(np.searchsorted(limits, uniform(seed, probabilities) * limits[-1], "right"))
    return min(place, int(np.flatnonzero(probabilities)[-1]))
