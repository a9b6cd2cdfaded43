"""LayerContract passes layers that keep its rules, and fails all others."""

from dataclasses import replace

import numpy as np
import pytest

from netencoders import (
    Axis,
    EncodeError,
    Integer,
    NeighbourLayer,
    NetLayer,
    Parameter,
    RowLayer,
    Varying,
    WholeLayer,
    registered,
)
from netencoders.testing import LayerContract

CHECKS = [name for name in dir(LayerContract) if name.startswith("test_")]
ARRAYS = [np.arange(2 * n, dtype=np.float32).reshape(n, 2) for n in (1, 600)]


class Good(RowLayer):
    """Adds a number to each element."""

    name = "Good"
    parameters = (Parameter("Number", Integer(), default=1, doc="the number"),)

    def infer(self, form):
        """Return the form."""
        return form

    def apply(self, rows):
        """Return the sums."""
        return rows + np.float32(self.resolved["Number"])


def contract(cls, arrays=ARRAYS):
    """Return the contract of a layer class."""
    body = {"layer": cls.name, "inputs": lambda self: [array.copy() for array in arrays]}
    return type("Contract", (LayerContract,), body)()


def layer_with(base=Good, **members):
    """Return a class that breaks a rule."""
    return type("Bad", (base,), {"name": "Bad", "__doc__": "Breaks a rule.", **members})


@pytest.mark.parametrize("check", CHECKS)
def test_valid_layer_passes(check):
    """A layer that keeps the rules passes every check."""
    with registered(Good):
        getattr(contract(Good), check)()


def in_place(self, rows):
    """Return the input, changed."""
    rows += 1
    return rows


def unlike(self, rows):
    """Return a result that depends on the number of rows."""
    return rows + np.float32(len(rows))


class Counting(WholeLayer):
    """Subtracts the number of groups."""

    def infer(self, form):
        """Return the form."""
        return form

    def measure(self, groups):
        """Return the number of calls so far."""
        self.calls = getattr(self, "calls", 0) + 1
        return sum(1 for _ in groups) + self.calls

    def apply(self, rows, measured):
        """Return the differences."""
        return rows - np.float32(measured)


class Blocks(NeighbourLayer):
    """Gives one row for each block."""

    def infer(self, form):
        """Return the form."""
        return form

    def stream(self, blocks):
        """Yield the first row of each block."""
        for block in blocks:
            yield block[:1]


class Keeping(NeighbourLayer):
    """Gives each row after the next block, without a copy of it."""

    def infer(self, form):
        """Return the form."""
        return form

    def stream(self, blocks):
        """Yield the last row of the block before, and the others of this one."""
        last = None
        for block in blocks:
            if last is not None:
                yield last
            yield block[:-1]
            last = block[-1:]
        if last is not None:
            yield last


class Cropping(NeighbourLayer):
    """Gives at most five rows, and does not say so for a fixed number."""

    def infer(self, form):
        """Return the form."""
        return form

    def stream(self, blocks):
        """Yield the first five rows."""
        left = 5
        for block in blocks:
            yield block[:left]
            left -= len(block[:left])


def with_axes(self, form):
    """Return a form that has axes in any case."""
    return replace(form, axes=(Axis("time"), Axis("feature")))


def with_fixed_axes(self, form):
    """Return a form with another number of features if there are axes."""
    return replace(form, dims=(form.dims[0], Varying)) if form.axes else form


@pytest.mark.parametrize(
    ("check", "cls", "message"),
    [
        ("test_stream_equals_call", layer_with(Keeping), "memory of the one before: copy the rows"),
        (
            "test_form_of_a_fixed_number_of_rows",
            layer_with(Cropping),
            r"shape \(600, 2\) does not have .* for this fixed number of rows: .* \(5, 2\)",
        ),
        ("test_form_of_a_fixed_number_of_rows", layer_with(infer=with_axes), "returns axes for"),
        (
            "test_form_of_a_fixed_number_of_rows",
            layer_with(infer=with_fixed_axes),
            "other dimensions without axes",
        ),
        ("test_is_registered_with_a_summary", layer_with(__doc__=""), "Bad has no summary"),
        (
            "test_parameters_are_documented",
            layer_with(parameters=(Parameter("Number", Integer(), 1),)),
            "these parameters have no doc: .'Number'.",
        ),
        (
            "test_result_is_finite",
            layer_with(apply=lambda self, rows: rows + np.float32(np.nan)),
            r"the result for an array of shape \(1, 2\) contains NaN",
        ),
        ("test_input_is_unchanged", layer_with(apply=in_place), "the input after the call: work"),
        (
            "test_mends_returns_valid_parameters",
            layer_with(mends=classmethod(lambda cls, have, want: {"Nmber": 1})),
            r"mends\(\) must return None, or parameters of the layer: ParameterError",
        ),
        ("test_stream_equals_call", layer_with(apply=unlike), "the stream in blocks of .* gives"),
        ("test_stream_equals_call", layer_with(Blocks), "the stream in blocks of .* gives"),
        (
            "test_same_input_gives_the_same_bits",
            layer_with(Counting),
            "a second call: a layer must keep no state",
        ),
    ],
)
def test_layer_that_breaks_a_rule_fails(check, cls, message):
    """Each broken rule fails the check of the rule, whose message names it."""
    with registered(cls), pytest.raises(AssertionError, match=message):
        getattr(contract(cls), check)()


def test_wrong_form_is_a_bug():
    """A result that does not have the form of `infer` is the bug of the layer."""
    cls = layer_with(infer=lambda self, form: replace(form, dtype="float64"))
    with registered(cls), pytest.raises(EncodeError, match="type float32 is not float64"):
        contract(cls).test_result_has_the_inferred_form()


def test_contract_needs_arrays():
    """A contract without arrays says so."""
    with registered(Good):
        assert NetLayer("Good") == contract(Good).make()
        with pytest.raises(AssertionError, match="at least one array"):
            contract(Good, []).test_input_is_unchanged()
        bare = type("Contract", (LayerContract,), {"layer": "Good"})()
        with pytest.raises(NotImplementedError, match="Contract must define inputs"):
            bare.test_input_is_unchanged()
