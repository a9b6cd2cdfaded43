"""The logarithm of float32: its bits with each kernel and without one, its accuracy, its memory."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netencoders import NetLayer
from netencoders.kernel import KernelError, loaded, logarithm
from netencoders.kernel import logarithm as function
from netencoders.kernel.compile import SHARED
from netencoders.kernel.library import VARIABLE

module = sys.modules[function.__module__]
COMPILED = loaded(SHARED)
WIDE = COMPILED is not None and COMPILED.netencoders_lanes() == 8
BASES = [2, math.e, 10]
EDGES = np.array(
    [
        *(0, 1, 2, 0x007FFFFF, 0x00800000, 0x00800001),  # zero and subnormal numbers
        *(0x3F3504F2, 0x3F3504F3, 0x3F7FFFFF, 0x3F800000, 0x3F800001, 0x3FB504F3, 0x3FB504F4),
        *(0x7F7FFFFF, 0x7F800000, 0x7F800001, 0x7FC00000, 0x7FFFFFFF),  # the largest, infinity, NaN
    ],
    np.uint32,
)


@pytest.fixture(params=["off", "narrow", "wide"])
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Use numpy, 4 lanes, or 8 lanes."""
    if request.param != "off" and (COMPILED is None or (request.param == "wide" and not WIDE)):
        pytest.skip("of the compiled kernel")
    if request.param != "wide":
        value = {"off": "off", "narrow": "sse2" if WIDE else ""}[request.param]
        monkeypatch.setenv(VARIABLE, value)
    else:
        monkeypatch.delenv(VARIABLE, raising=False)
    clear()
    yield request.param
    clear()


def clear() -> None:
    """Let the variable be read again."""
    module._function.cache_clear()


def numbers() -> np.ndarray:
    """Return random numbers of each exponent and both signs, and the edges."""
    random = np.random.default_rng(0).integers(0, 1 << 32, 200_000, np.uint64).astype(np.uint32)
    negative = EDGES | np.uint32(1 << 31)
    exponents = np.arange(256, dtype=np.uint32) << 23
    return np.concatenate([EDGES, negative, exponents, exponents - 1, random]).view(np.float32)


def naive(values: np.ndarray, base: float, floor: float, offset: float, factor: float) -> Any:
    """Return the numpy path, which the other paths are compared with."""
    out = np.empty_like(values)
    module._with_numpy(module._base(base), values, out, floor, offset, factor)
    return out


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("settings", [(-math.inf, 0.0, 1.0), (1e-10, 0.0, 10.0), (0, 1e-6, 1.0)])
def test_logarithm_has_the_bits_of_the_definition(
    kernel: str, base: float, settings: tuple[float, float, float]
) -> None:
    """Numbers of all exponents, zeros, infinities and NaN have equal bits with each kernel."""
    values = numbers()
    floor, offset, factor = settings
    actual = logarithm(values, base, floor=floor, offset=offset, factor=factor)
    expected = naive(values, base, floor, offset, factor)
    assert np.array_equal(expected.view(np.uint32), actual.view(np.uint32))


@pytest.mark.parametrize("base", BASES)
def test_logarithm_differs_by_less_than_a_unit(kernel: str, base: float) -> None:
    """It differs from float64 by less than 0.9 units in the last place, also near 1."""
    near = np.linspace(0.5, 2, 200_001).astype(np.float32)
    values = np.concatenate([np.abs(numbers()), near])
    with np.errstate(all="ignore"):
        expected = {2: np.log2, math.e: np.log, 10: np.log10}[base](values.astype(np.float64))
    actual = logarithm(values, base)
    finite = np.isfinite(expected)
    assert np.array_equal(expected[~finite], actual[~finite], equal_nan=True)
    unit = np.spacing(np.abs(expected[finite]).astype(np.float32))
    assert np.max(np.abs(actual[finite] - expected[finite]) / unit) < 0.9


def test_powers_of_the_base_are_exact(kernel: str) -> None:
    """The logarithm of a power of 2 is an integer, and that of 10, 100 and so on as well."""
    powers = np.arange(-149, 128)
    assert powers.tolist() == logarithm(np.float32(2) ** powers.astype(np.float32), 2).tolist()
    tens = np.float32([1, 10, 100, 1000, 10**4, 10**5, 10**6, 10**7, 10**8, 10**9, 10**10])
    assert list(range(11)) == logarithm(tens, 10).tolist()


def test_special_values(kernel: str) -> None:
    """0 gives minus infinity, negative numbers NaN, infinity itself; NaN stays."""
    values = np.float32([0.0, -0.0, -1.0, -math.inf, math.inf, math.nan])
    expected = [-math.inf, -math.inf, math.nan, math.nan, math.inf, math.nan]
    assert np.array_equal(expected, logarithm(values, 10), equal_nan=True)
    expected = [-2, -2, -2, -2, math.inf, math.nan]
    assert np.array_equal(expected, logarithm(values, 10, floor=0.01), equal_nan=True)


@given(
    st.lists(st.floats(width=32), min_size=1, max_size=40),
    st.sampled_from(BASES),
    st.floats(0, 2**99, width=32),
    st.floats(0, 2**99, width=32),
    st.floats(-100, 100, width=32),
)
def test_any_numbers_and_settings_have_equal_bits(
    values: list[float], base: float, floor: float, offset: float, factor: float
) -> None:
    """Any array, floor, offset and factor give the bits of the definition."""
    array = np.array(values, np.float32)
    actual = logarithm(array, base, floor=floor, offset=offset, factor=factor)
    expected = naive(array, base, floor, offset, factor)
    assert np.array_equal(np.isnan(expected), np.isnan(actual))
    same = expected.view(np.uint32) == actual.view(np.uint32)
    assert np.all(same | np.isnan(expected))


@pytest.mark.parametrize("count", [*range(19), 8191, 8192, 8193])
@pytest.mark.parametrize("shift", [0, 1, 3])
def test_only_the_elements_of_out_are_written(kernel: str, count: int, shift: int) -> None:
    """Any count and alignment gives the elements one by one, and writes nothing beside them."""
    memory = np.full(count + 32, 7, np.float32)
    values = np.random.default_rng(count).uniform(0, 9, count).astype(np.float32)
    out = memory[shift + 8 : shift + 8 + count]
    assert out is logarithm(values, math.e, out=out)
    expected = naive(values, math.e, -math.inf, 0.0, 1.0)
    if count < 19:
        expected = np.float32([logarithm(value[np.newaxis], math.e)[0] for value in values])
    assert expected.tolist() == out.tolist()
    assert [7.0] * 32 == [*memory[: shift + 8], *memory[shift + 8 + count :]]
    out[:] = values
    logarithm(out, math.e, out=out)  # in place
    assert expected.tolist() == out.tolist()


@pytest.mark.parametrize(
    "view",
    [
        lambda array: array.T,
        lambda array: array[:, ::2],
        lambda array: array[::-1],
        lambda array: array[:0],
        lambda array: array[0, 0],
    ],
)
def test_arrays_of_any_layout(kernel: str, view: Callable[[np.ndarray], Any]) -> None:
    """Strided, empty and reversed arrays, and numbers, have the bits of contiguous arrays."""
    array = np.random.default_rng(1).uniform(0, 9, (5, 8)).astype(np.float32)
    values = np.asarray(view(array))
    expected = logarithm(np.array(values, np.float32, order="C"), 10)
    assert expected.tolist() == logarithm(values, 10).tolist()
    out = np.zeros((*values.shape, 2), np.float32)[..., 0]
    assert expected.tolist() == logarithm(values, 10, out=out).tolist()
    assert expected.tolist() == out.tolist()


def test_out_may_overlap_the_values(kernel: str) -> None:
    """An `out` that shares a part of the memory gets the logarithms of the old values."""
    memory = np.arange(1, 102, dtype=np.float32)
    expected = logarithm(memory[:100].copy(), 2)
    assert expected.tolist() == logarithm(memory[:100], 2, out=memory[1:]).tolist()


def test_wrong_arguments_are_refused() -> None:
    """Other types, shapes and bases are errors, and a read-only `out` is not written."""
    values = np.ones(3, np.float32)
    with pytest.raises(TypeError, match=r"values must be float32\. Got float64"):
        logarithm(np.ones(3), 10)
    with pytest.raises(ValueError, match=r"out must be float32, of the shape \(3,\). Got float64"):
        logarithm(values, 10, out=np.ones(3))
    with pytest.raises(ValueError, match=r"out must be float32, of the shape \(3,\). Got .*\(2,\)"):
        logarithm(values, 10, out=values[:2])
    with pytest.raises(ValueError, match=r"the base must be 2, e or 10\. Got 3"):
        logarithm(values, 3)
    values.setflags(write=False)
    with pytest.raises(ValueError, match="read-only"):
        logarithm(values, 10, out=values)


def test_wrong_variable_is_an_error_of_the_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that does not exist is an error of the layer Log, with its code and remedy."""
    monkeypatch.setenv(VARIABLE, "avx512")
    clear()
    try:
        with pytest.raises(KernelError, match="must be one of off, sse2, avx2") as caught:
            NetLayer("Log")(np.ones((1, 1), np.float32))
    finally:
        monkeypatch.undo()
        clear()
    assert "kernel" == caught.value.code


@pytest.mark.skipif(COMPILED is None, reason="of the compiled kernel")
def test_kernel_is_used() -> None:
    """Unless the variable is off, a process computes logarithms with the compiled library."""
    program = (
        "import sys, numpy as np; from netencoders.kernel import logarithm\n"
        "logarithm(np.ones(3, np.float32), 10)\n"
        "print(sys.modules[logarithm.__module__]._function() is not None)"
    )
    for value, expected in (("", "True"), ("off", "False")):
        environment = {**os.environ, VARIABLE: value}
        line = [sys.executable, "-c", program]
        output = subprocess.check_output(line, text=True, env=environment)
        assert expected == output.strip()
