"""The checks that the contracts share; the message of a failure names the remedy."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from netencoders import Parameter
from netencoders.declared_value import DeclaredValue
from netencoders.outputs import Encoded
from netencoders.values import from_plain, to_plain

__all__ = [
    "LAYER_RULE",
    "RANDOM",
    "STREAM_RULE",
    "checked",
    "fingerprint",
    "global_seeds",
    "require_blocks",
    "require_equal",
    "require_same",
    "required_values",
]

_FIXED = "A canonical value must be its own canonical form, also after a conversion to JSON."


def fingerprint(array: Encoded) -> str:
    """Return a hash of the bits, the type and the shape of an array, or of several by name.

    >>> fingerprint(np.zeros(2, np.float32)) == fingerprint(np.zeros(2, np.float64))
    False
    """
    if isinstance(array, dict):
        parts = [f"{name} {fingerprint(part)}" for name, part in array.items()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
    head = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


STREAM_RULE = (
    "stream() must compute each row as encode() does. A product of matrices rounds a row by "
    "the number of rows: compute the same groups of rows, and mark as row_stable only a "
    "compute() that has no such product"
)
"""The remedy for a stream of an encoder that differs from the call."""

RANDOM = (
    "an encoder that draws random numbers declares is_random, and takes them from self.draws(value)"
)
"""The remedy for an encoder whose arrays depend on hidden random numbers."""

LAYER_RULE = (
    "the result of a layer must not depend on the blocks: apply() of a RowLayer looks at each row "
    "alone, stream() of a NeighbourLayer keeps the rows that it needs later, and measure() of a "
    "WholeLayer gets all rows"
)
"""The remedy for a stream of a layer that differs from the call."""


@contextmanager
def global_seeds(seed: int) -> Iterator[None]:
    """Seed the generators of `random` and of numpy that all code shares; restore them later."""
    kept = random.getstate(), np.random.get_state()  # noqa: NPY002 - of the shared generator
    try:
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        yield
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])  # noqa: NPY002


def checked(parameter: Parameter, value: Any) -> Any:
    """Return the canonical form of an example; require that a spec can contain it."""
    try:
        checked = parameter.check(value)
    except ValueError as error:
        raise AssertionError(
            f"the type of {parameter.name!r} refuses its own example. Let check() take it, or "
            f"remove it from examples(). {error}"
        ) from error
    own = f"check() of the type of {parameter.name!r} returns {checked!r} for {value!r}"
    try:
        hash(checked)
        plain = json.loads(json.dumps(to_plain(checked), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise AssertionError(
            f"{own}. It must be a str, int, float, bool, None, Automatic, All or a tuple of these: "
            f"{error}"
        ) from error
    again = from_plain(plain)
    try:
        twice = parameter.check(again)
    except ValueError as error:
        raise AssertionError(f"{own}, and refuses {again!r}. {_FIXED}") from error
    assert repr(checked) == repr(twice), f"{own}, and {twice!r} for {again!r}. {_FIXED}"
    return checked


def required_values(parameters: Iterable[Parameter], preset: Mapping[str, Any]) -> dict[str, Any]:
    """Return an example for each required parameter that a spec does not set."""
    return {
        parameter.name: parameter.type.examples()[0]
        for parameter in parameters
        if parameter.is_required and parameter.name not in preset
    }


def require_equal(expected: DeclaredValue, actual: DeclaredValue, way: str) -> None:
    """Require that two encoders, or two layers, are equal."""
    assert expected == actual, (
        f"{way} makes another {expected._item.word}: {actual!r} from {expected!r}. The canonical "
        "values that check() of a type returns must not change."
    )
    assert expected.digest == actual.digest, (
        f"{way} changes the digest of {expected!r}: resolve() and Automatic rules must be pure"
    )


def require_blocks(
    array: Encoded, blocks: list[Any], way: str, axis: int = 0, rule: str = STREAM_RULE
) -> None:
    """Require that the joined blocks of a stream are the array of the call."""
    assert blocks, (
        f"{way} gives no block. stream() must yield at least one block; without rows, yield a "
        "block of no rows."
    )
    if isinstance(array, dict):
        assert 1 == len(blocks), f"{way}: several arrays must be one block"
        require_same(array, blocks[0], way)
        return
    assert array.ndim or len(blocks) == 1, f"{way}: an array without dimensions must be one block"
    joined = np.concatenate(blocks, axis) if array.ndim else blocks[0]
    require_same(array, joined, f"{way} ({rule})")


def require_same(expected: Encoded, actual: Any, way: str) -> None:
    """Require that two arrays, or two dicts of arrays, have the same type, shape and elements."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict), f"{way} gives a {type(actual).__name__}, not a dict"
        assert list(expected) == list(actual), f"{way} gives {list(actual)}, not {list(expected)}"
        for name, array in expected.items():
            require_same(array, actual[name], f"{name}: {way}")
        return
    assert isinstance(actual, np.ndarray), f"{way} gives a {type(actual).__name__}, not an array"
    form, other = (f"{array.dtype} {array.shape}" for array in (expected, actual))
    assert form == other, f"{way} gives {other}, but the call gives {form}"
    assert np.array_equal(expected, actual, equal_nan=expected.dtype.kind in "fc"), (
        f"{way} gives other elements than the call"
    )
