"""ArraySpec and Axis: the form of an array, and the coordinates of its indices."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from netencoders import All, ArraySpec, Axis, Varying

DIMS = st.lists(st.integers(1, 5), max_size=4)


@given(DIMS, st.sampled_from(["float32", "int16", "complex64", "bool"]))
def test_array_of_the_form_matches(dims: list[int], dtype: str) -> None:
    """An array matches its own form, also when the first dimension may vary."""
    array = np.zeros(dims, dtype)
    assert ArraySpec(tuple(dims), dtype).matches(array)
    if dims:
        assert ArraySpec((Varying, *dims[1:]), dtype).matches(array)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (np.zeros((7, 3), np.float32), "dimensions (7, 3) do not fit (Varying, 2)"),
        (
            np.zeros((0, 2), np.float32),
            "dimensions (0, 2) do not fit (Varying, 2) with at least 1 row",
        ),
        (np.zeros(2, np.float32), "dimensions (2,) do not fit (Varying, 2)"),
        (np.zeros((1, 2, 1), np.float32), "dimensions (1, 2, 1) do not fit (Varying, 2)"),
        (np.zeros((), np.float32), "dimensions () do not fit (Varying, 2)"),
        (np.zeros((7, 2)), "type float64 is not float32"),
        (np.zeros((7, 2), ">f4"), "type >f4 is not float32"),
        (np.zeros((7, 2), object), "type object is not float32"),
    ],
)
def test_array_of_another_form_is_refused_with_the_difference(
    value: np.ndarray[Any, Any], problem: str
) -> None:
    """The problem with an array of another form names the difference."""
    spec = ArraySpec((Varying, 2))
    assert problem == spec.problem(value)
    assert not spec.matches(value)


@pytest.mark.parametrize(
    ("minimum", "rows", "problem"),
    [
        (0, 0, None),
        (0, 1, None),
        (1, 0, "dimensions (0, 2) do not fit (Varying, 2) with at least 1 row"),
        (3, 2, "dimensions (2, 2) do not fit (Varying, 2) with at least 3 rows"),
        (3, 3, None),
    ],
)
def test_fewer_rows_than_the_minimum_are_refused(
    minimum: int, rows: int, problem: str | None
) -> None:
    """A varying dimension has at least the declared minimum of rows."""
    spec = ArraySpec((Varying, 2), minimum=minimum)
    assert problem == spec.problem(np.zeros((rows, 2), np.float32))


@pytest.mark.parametrize("value", [[[1.0, 2.0]], None, "a.wav", 1.0, np.float32(1)])
def test_number_or_list_does_not_match(value: object) -> None:
    """A list of numbers, or a number, is not an array."""
    assert not ArraySpec((Varying, 2)).matches(value)
    assert not ArraySpec(()).matches(value)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: ArraySpec((All, 2)), r"a dimension .* Got \(All, 2\)"),
        (lambda: ArraySpec((0,)), r"a dimension must be an integer >= 1, or Varying\. Got \(0,\)"),
        (
            lambda: ArraySpec((True,)),
            r"an integer >= 1, or Varying\. Got \(True,\)",
        ),
        (
            lambda: ArraySpec((2.0,)),
            r"an integer >= 1, or Varying\. Got \(2.0,\)",
        ),  # type: ignore[arg-type] - that is the test
        (lambda: ArraySpec((Varying,), minimum=-1), r"minimum must be an integer >= 0\. Got -1\."),
        (lambda: ArraySpec((Varying,), minimum=True), "minimum must be an integer >= 0. Got True"),
        (lambda: ArraySpec((2,), stream_axis=1), "index of one of the 1 dimensions. Got 1"),
        (lambda: ArraySpec((2, 3), stream_axis=True), "index of one of the 2 dimensions. Got True"),
        (lambda: ArraySpec((2,), low=0), "low and high need a type of integers. Got float32"),
        (lambda: ArraySpec((2,), "int64", high=1.5), "high must be an integer or None. Got 1.5"),  # type: ignore[arg-type] - that is the test
        (lambda: ArraySpec((2,), "int64", low=3, high=2), "low must be at most high. Got 3 and 2"),
        (
            lambda: ArraySpec((2,), axes=(Axis("a"), Axis("b"))),
            "one Axis for each of the 1 dimensions",
        ),
        (lambda: ArraySpec((2,), "nonsense"), "elements must be numbers .* Got 'nonsense'"),
        (lambda: ArraySpec((2,), "object"), "elements must be numbers .* Got 'object'"),
        (lambda: ArraySpec((2,), "U5"), "elements must be numbers .* Got 'U5'"),
        (lambda: ArraySpec((2,), "datetime64[s]"), "elements must be numbers"),
        (lambda: ArraySpec((2, 3), quantity="complex"), r"the last of size 2 for .* Got \(2, 3\)"),
        (
            lambda: ArraySpec((2,), quantity="complex"),
            r"needs at least two dimensions, .* Got \(2,\)",
        ),
        (lambda: Axis("time", "s", step=0), "a finite step other than 0"),
        (lambda: Axis("time", "s", step=float("inf")), "a finite step other than 0"),
        (lambda: Axis("time", "s", start=float("nan")), "a finite step other than 0"),
    ],
)
def test_invalid_form_or_axis_is_refused(make: Callable[[], object], problem: str) -> None:
    """An invalid form or axis raises an error that names the invalid part."""
    with pytest.raises(ValueError, match=problem):
        make()


@pytest.mark.parametrize(
    ("spec", "is_complex", "has_parts"),
    [
        (ArraySpec((Varying, 3, 2), "float64", quantity="complex"), True, True),
        (ArraySpec((Varying, 2), "complex64", quantity="complex"), True, False),
        (ArraySpec((Varying, 3), "complex64"), True, False),
        (ArraySpec((Varying, 3, 2), quantity="power"), False, False),
    ],
)
def test_is_complex_and_has_parts_of_a_form(
    spec: ArraySpec, is_complex: bool, has_parts: bool
) -> None:
    """Complex numbers have a complex type, or two real parts in the last dimension."""
    for form in (spec, spec.block()):
        assert (is_complex, has_parts) == (form.is_complex, form.has_parts)


def test_equal_forms_compare_and_hash_equal() -> None:
    """Forms compare by value, also after pickle and for any kind of sequence."""
    spec = ArraySpec([Varying, 2], "<f4", axes=[Axis("a"), Axis("b")])  # type: ignore[arg-type] - lists are accepted
    same = ArraySpec((Varying, 2), "float32", axes=(Axis("a"), Axis("b")))
    assert spec == same
    assert hash(spec) == hash(same)
    assert same == pickle.loads(pickle.dumps(spec))
    assert same != ArraySpec((Varying, 2), quantity="power")


@pytest.mark.parametrize(
    ("one", "other", "problem"),
    [
        (ArraySpec((Varying, 2)), ArraySpec((7, 2)), None),
        (ArraySpec((Varying, 2)), ArraySpec((Varying, 2)), None),
        (ArraySpec(()), ArraySpec(()), None),
        (ArraySpec((6, 2)), ArraySpec((7, 2)), "dimensions (6, 2) do not fit (7, 2)"),
        (ArraySpec((7, 2)), ArraySpec((7, 2), "int8"), "type float32 is not int8"),
        (ArraySpec((7,)), ArraySpec((7, 2)), "dimensions (7,) do not fit (7, 2)"),
        (ArraySpec((Varying, 2), minimum=7), ArraySpec((7, 2)), None),
        (ArraySpec((Varying, 2), minimum=8), ArraySpec((Varying, 2), minimum=0), None),
        (
            ArraySpec((7, 2)),
            ArraySpec((Varying, 2), minimum=8),
            "dimensions (7, 2) do not fit (Varying, 2) with at least 8 rows",
        ),
    ],
)
def test_misfit_of_two_forms(one: ArraySpec, other: ArraySpec, problem: str | None) -> None:
    """Two forms fit if one array can have both."""
    assert problem == one.misfit(other)
    assert (problem is None) == (other.misfit(one) is None)


@pytest.mark.parametrize(
    ("spec", "dims"),
    [(ArraySpec((7, 2)), (Varying, 2)), (ArraySpec(()), ()), (ArraySpec((3,)), (Varying,))],
)
def test_block_form_has_varying_rows(spec: ArraySpec, dims: tuple[object, ...]) -> None:
    """A block of a stream has any number of rows, and otherwise the same form."""
    assert dims == spec.block().dims
    assert spec.dtype == spec.block().dtype


@pytest.mark.parametrize(
    ("spec", "minimum"),
    [
        (ArraySpec((Varying, 2), minimum=0), 0),
        (ArraySpec((Varying, 2)), 1),
        (ArraySpec((Varying, 2), minimum=5), 1),
        (ArraySpec((7, 2), minimum=0), 1),
    ],
)
def test_block_form_has_the_minimum_of_rows(spec: ArraySpec, minimum: int) -> None:
    """A block has at least one row, or none if the array may have none."""
    assert ArraySpec((Varying, 2), minimum=minimum) == spec.block()


@given(st.integers(0, 1000), st.floats(1e-6, 1e6), st.floats(-1e6, 1e6))
def test_axis_coordinate_of_an_index(index: int, step: float, start: float) -> None:
    """An index has the same coordinate as a scalar and as an element of an array."""
    axis = Axis("time", "s", step=step, start=start)
    assert axis.at(index) == axis.coordinates(index + 1)[index]
    assert axis.at(0) == start
    assert axis.coordinates(index).shape == (index,)


def test_any_dimension_may_vary() -> None:
    """Each varying dimension has at least size 1; the minimum is that of the stream axis."""
    spec = ArraySpec((Varying, 2, Varying), minimum=3, stream_axis=2)
    sizes = {(1, 2, 3): True, (9, 2, 9): True, (1, 2, 2): False, (0, 2, 3): False, (1, 3, 3): False}
    for shape, fits in sizes.items():
        assert fits == spec.matches(np.zeros(shape, np.float32))
    assert "dimensions (0, 2, 3) do not fit (Varying, 2, Varying) with at least 3 rows" == (
        spec.shape_problem((0, 2, 3))
    )


def test_block_varies_along_the_stream_axis() -> None:
    """The blocks of an array whose time is last have any length along the last dimension."""
    assert ArraySpec((80, Varying), stream_axis=1) == ArraySpec((80, 300), stream_axis=1).block()
    varies = ArraySpec((80, Varying), stream_axis=1, minimum=5)
    assert ArraySpec((80, Varying), stream_axis=1) == varies.block()


def test_minimum_needs_a_stream_axis_that_varies() -> None:
    """The minimum of a form whose stream axis has a fixed size has no meaning."""
    assert ArraySpec((Varying, 3), stream_axis=1) == ArraySpec(
        (Varying, 3), stream_axis=1, minimum=7
    )


def test_misfit_uses_the_minimum_of_the_stream_axis() -> None:
    """A varying dimension may have any fixed size, along the stream axis at least the minimum."""
    last = ArraySpec((Varying, Varying), stream_axis=1, minimum=3)
    assert None is last.misfit(ArraySpec((1, 3)))
    assert "dimensions (Varying, Varying) with at least 3 rows do not fit (1, 2)" == last.misfit(
        ArraySpec((1, 2))
    )


def test_range_of_integers() -> None:
    """Values outside of the declared range are named; an empty array has none."""
    spec = ArraySpec((Varying,), "int64", low=0, high=9, minimum=0)
    assert None is spec.range_problem(np.array([0, 9]))
    assert None is spec.range_problem(np.array([], np.int64))
    assert "the smallest value is -1, and must be at least 0" == spec.range_problem(
        np.array([-1, 10])
    )
    assert "the largest value is 10, and must be at most 9" == spec.range_problem(np.array([10]))
