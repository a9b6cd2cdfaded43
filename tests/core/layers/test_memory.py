"""Memory of layers: each layer is computed once in a call, in memory that nothing else uses."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Encoder,
    NetEncoder,
    NetLayer,
    RowLayer,
    Varying,
    WholeLayer,
    registered,
    takes_out,
)
from netencoders.testing import LayerContract

CALLS: list[tuple[str, bool]] = []


class Noted(RowLayer):
    """Adds 1, and notes its calls."""

    name = "Noted"

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form."""
        return form

    @takes_out
    def apply(self, rows: Any, out: Any = None) -> Any:
        """Return the sums, and note whether they are written to `out`."""
        CALLS.append((self.name, out is not None))
        return np.add(rows, np.float32(1), out=out)


class Plain(Noted):
    """Overrides `apply` without the mark."""

    name = "Plain"

    def apply(self, rows: Any) -> Any:  # type: ignore[override] # it takes no out
        """Return the rows themselves."""
        CALLS.append((self.name, False))
        return rows


class Largest(WholeLayer):
    """Subtracts the maximum, and notes its calls."""

    name = "Largest"

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form."""
        return form

    def measure(self, groups: Iterator[Any]) -> Any:
        """Return the maximum."""
        return max(group.max() for group in groups)

    @takes_out
    def apply(self, rows: Any, measured: Any, out: Any = None) -> Any:
        """Return the differences, and note whether they are written to `out`."""
        CALLS.append((self.name, out is not None))
        return np.subtract(rows, measured, out=out)


class Kept(Encoder):
    """Gives an array that it keeps."""

    name = "Kept"
    array = np.arange(600, dtype=np.float32).reshape(300, 2)

    def output(self) -> ArraySpec:
        """Return (n, 2)."""
        return ArraySpec((Varying, 2))

    def encode(self, value: Any) -> Any:
        """Return the array."""
        return self.array


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    CALLS.clear()
    with registered(Noted, Plain, Largest, Kept):
        yield


def chained(*names: str) -> NetEncoder:
    """Return the encoder Kept with some layers."""
    encoder = NetEncoder("Kept")
    for name in names:
        encoder = encoder.then(name)
    return encoder


def test_layers_of_a_call_are_computed_once_in_one_memory() -> None:
    """A layer before one of the whole recording is computed once; the later ones overwrite."""
    result = chained("Noted", "Largest", "Noted", "Largest")("a")
    assert [("Noted", False), ("Largest", True), ("Noted", True), ("Largest", True)] == CALLS
    assert np.array_equal(Kept.array - 599, result)


def test_layers_of_a_stream_are_computed_for_each_reading() -> None:
    """A stream keeps no blocks: it computes the layers before a whole one twice."""
    blocks = list(chained("Noted", "Largest", "Noted").stream("a"))
    assert [("Noted", False), ("Noted", False), ("Largest", True), ("Noted", True)] == CALLS
    assert np.array_equal(Kept.array - 598, np.concatenate(blocks))


def test_array_of_the_encoder_is_not_overwritten() -> None:
    """The array of an encoder may belong to others, also after a layer that passes it on."""
    before = Kept.array.copy()
    for names in (("Noted",), ("Largest", "Noted"), ("Plain", "Noted"), ("Noted", "Plain")):
        encoder = chained(*names)
        assert np.array_equal(encoder("a"), np.concatenate(list(encoder.stream("a"))))
        assert np.array_equal(before, Kept.array)
    array = before.copy()
    NetLayer("Noted")(array)
    assert np.array_equal(before, array)


def test_override_without_the_mark_gets_no_memory() -> None:
    """The mark is not inherited: an `apply` without it is called without `out`."""
    chained("Noted", "Plain", "Noted")("a")
    assert [("Noted", False), ("Plain", False), ("Noted", False)] == CALLS


@contextmanager
def no_collector() -> Iterator[None]:
    """Disable the garbage collector of reference cycles."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def test_result_is_freed_without_the_garbage_collector() -> None:
    """No reference cycle keeps the arrays of a call or a stream."""
    encoder = chained("Noted", "Largest", "Noted")
    with no_collector():
        result = weakref.ref(encoder("a"))
        assert result() is None
        blocks = [weakref.ref(block) for block in encoder.stream("a")]
        assert [None] == [block() for block in blocks]
        assert 0 == gc.collect()


class TestNoted(LayerContract):
    """The contract holds for a layer that takes `out`."""

    layer = "Noted"

    def inputs(self) -> list[Any]:
        """Return arrays of several sizes."""
        return [np.ones((1, 2), np.float32), np.ones((700, 2), np.float32)]


class TestLargest(TestNoted):
    """The contract holds for a layer of the whole recording that takes `out`."""

    layer = "Largest"


class Wrong(Noted):
    """Ignores `out`, or returns its input."""

    name = "Wrong"
    returns_input = False

    @takes_out
    def apply(self, rows: Any, out: Any = None) -> Any:
        """Return new memory always, or the rows always."""
        return rows if self.returns_input else rows + np.float32(1)


@pytest.mark.parametrize(
    ("returns_input", "message"),
    [
        (True, "the result without out is not new memory: remove the mark takes_out, or copy"),
        (False, "the result is not in the given memory: write it to out, and return out"),
    ],
)
def test_contract_finds_a_wrong_mark(
    monkeypatch: pytest.MonkeyPatch, returns_input: bool, message: str
) -> None:
    """The contract fails for an `apply` that returns its input, or ignores `out`."""

    class Contract(TestNoted):
        layer = "Wrong"

    monkeypatch.setattr(Wrong, "returns_input", returns_input)
    with registered(Wrong), pytest.raises(AssertionError) as caught:
        Contract().test_result_in_given_memory_is_the_same()
    assert message in str(caught.value)
