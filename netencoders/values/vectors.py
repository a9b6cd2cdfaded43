"""Vector: a list of numbers, given inline or read from a file."""

from __future__ import annotations

import itertools
from typing import Any, Final

import numpy as np

from netencoders.assets import ASSET_SCHEMA, Asset
from netencoders.values.asset_errors import naming, refuse_path
from netencoders.values.base import Keep, RefusedError, ValueType, alternatives
from netencoders.values.scalars import Real

__all__ = ["MAX_LENGTH", "Numbers", "Vector"]

MAX_LENGTH: Final = 2**14
"""The largest number of elements: a YAML spec can contain the numbers of a vector."""

MAX_INLINE: Final = 1000
"""More numbers are written to a file beside a spec, where a spec may have one."""

_MAX_SHOWN: Final = 16


class Numbers(tuple[float, ...]):
    """The canonical value of a `Vector`: a tuple of floats with a short repr.

    ``np.array(numbers)`` is a float64 array of one dimension.

    Examples
    --------
    >>> Numbers([1.0, -0.5])
    (1.0, -0.5)
    >>> Numbers([0.0] * 560)
    <Vector of 560 numbers, sha256 214eb17dab9f>
    """

    __slots__ = ()

    @property
    def is_shortened(self) -> bool:
        """Whether the repr leaves the numbers out."""
        return len(self) > _MAX_SHOWN

    def __repr__(self) -> str:
        if not self.is_shortened:
            return tuple.__repr__(self)
        # Imported late: loading OpenSSL takes 6 ms, and most vectors are never shown.
        import hashlib

        digest = hashlib.sha256(np.array(self, "<f8").tobytes()).hexdigest()
        return f"<Vector of {len(self)} numbers, sha256 {digest[:12]}>"


class Vector(ValueType):
    """A vector: finite numbers in a list, a tuple or an array of one dimension, or in a file.

    A file is given as ``Asset("cmvn.npy")``, or in a spec as ``{asset: cmvn.npy}``. Files ``.npy``
    hold an array of integers or floats, files ``.json`` and ``.yaml`` a list of numbers. The
    canonical form of a vector is a tuple of floats, read once; equal numbers from a list and from a
    file are equal, and have equal digests.

    Parameters
    ----------
    item : Real, optional
        The type of each number; by default any finite number.
    min_length, max_length : int
        The bounds of the number of elements, both inclusive.

    Raises
    ------
    ValueError
        `max_length` is more than 16384: a YAML spec cannot contain such a vector.

    Examples
    --------
    >>> import numpy as np
    >>> Vector().check(np.array([1, 2], np.int16))
    (1.0, 2.0)
    >>> Vector(Real(above=0), 2, 2)
    Vector(a list of 2 numbers > 0, an Asset of them (.npy, .json, .yaml or .yml))
    """

    def __init__(
        self, item: Real | None = None, min_length: int = 1, max_length: int = MAX_LENGTH
    ) -> None:
        if max_length > MAX_LENGTH:
            raise ValueError(f"max_length must be at most {MAX_LENGTH}. Got {max_length}.")
        self.item = Real() if item is None else item
        self.min_length = min_length
        self.max_length = max_length

    def check(self, value: Any) -> Numbers:
        if isinstance(value, Asset):
            # Imported late: most vectors are lists.
            from netencoders.values.vector_files import read_vector

            with naming(value):
                return self._numbers(read_vector(value))
        refuse_path(value)
        return self._numbers(value)

    def _numbers(self, value: Any) -> Numbers:
        if isinstance(value, np.ndarray):
            problem = _array_problem(value)
            if problem:
                raise RefusedError(problem)
        elif not isinstance(value, list | tuple):
            raise RefusedError
        if not self.min_length <= len(value) <= self.max_length:
            count = f"{len(value)} number{'s' * (len(value) != 1)}"
            raise RefusedError(f"It has {count}.")
        items = value.tolist() if isinstance(value, np.ndarray) else value
        numbers = []
        for position, item in enumerate(items):
            try:
                numbers.append(self.item.check(item))
            except RefusedError as refusal:
                kind = alternatives(self.item.describe())
                text = f"Element {position} must be {kind}. Got {_shown(item)}. {refusal}"
                raise RefusedError(text.rstrip()) from None
        return Numbers(numbers)

    def beside(self, value: Any, keep: Keep) -> Any:
        if len(value) <= MAX_INLINE:
            return list(value)
        # Imported late: few programs write files of numbers.
        import json

        return keep(".json", f"{json.dumps(list(value))}\n".encode())

    def describe(self) -> tuple[str, ...]:
        low, high = self.min_length, self.max_length
        count = f"{low}" if low == high else f"{low} to {high}"
        (number,) = self.item.describe()
        noun = number.removeprefix("a ").replace("number", "number" + "s" * (count != "1"), 1)
        return (f"a list of {count} {noun}", "an Asset of them (.npy, .json, .yaml or .yml)")

    def schema(self) -> dict[str, Any]:
        numbers = {
            "type": "array",
            "items": self.item.schema(),
            "minItems": self.min_length,
            "maxItems": self.max_length,
        }
        return {"anyOf": [numbers, dict(ASSET_SCHEMA)]}

    def examples(self) -> list[Any]:
        size = min(self.max_length, max(self.min_length, 2))
        long = min(self.max_length, max(self.min_length, 40))
        good = list(itertools.islice(itertools.cycle(self.item.examples()), long))
        return [good[:size], np.array(good, np.float64)]

    def counterexamples(self) -> list[Any]:
        size = min(self.max_length, max(self.min_length, 1))
        good = self.item.examples()[0]
        wrong = [[*[good] * (size - 1), bad] for bad in (True, "1", None, float("nan"), [good])]
        return [
            *wrong,
            [good] * (self.max_length + 1),
            [good] * (self.min_length - 1) if self.min_length else "",
            np.full((1, size), good),
            np.full(size, True),
            np.full(size, np.nan),
            np.full(size, good, object),
            Asset("no-such-file.npy"),
            "cmvn.npy",
            1.5,
            None,
            {"asset": "cmvn.npy"},
        ]


def _array_problem(array: np.ndarray[Any, Any]) -> str:
    """Return the reason why an array is not a vector, or an empty text."""
    if array.ndim != 1:
        return f"The array has the shape {array.shape}, a vector has one dimension."
    if array.dtype.kind not in "iuf":
        return f"The array has elements of type {array.dtype}, not integers or floats."
    if isinstance(array, np.ma.MaskedArray):
        return "A masked array may lack elements: fill them, and pass the array."
    return ""


def _shown(value: object) -> str:
    # Imported late: netencoders.parameters imports the types of values.
    from netencoders.parameters import short

    return short(value)
