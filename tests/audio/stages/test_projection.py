"""Projection, compared with a product in float64; the bits of a row depend on that row only."""

import platform
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from netencoders_audio.kernel.library import library
from netencoders_audio.stages import projection
from netencoders_audio.stages.mel import mel_filters
from netencoders_audio.stages.projection import BLOCK, Projection
from netencoders_audio.stages.sums import NumpySums, SparseSums, sparse_products_are_exact, sums

SIMD = np.show_config(mode="dicts")["SIMD Extensions"]
FEATURES = {*SIMD["baseline"], *SIMD.get("found", ())}
# Kernels of OpenBLAS, and the features of the processor that they need, as numpy 2.0 and later name
# them.
KERNELS = {
    "SkylakeX": {"AVX512_SKX", "X86_V4"},
    "Haswell": {"AVX2", "X86_V3"},
    "Sandybridge": {"AVX", "X86_V3"},
    "Nehalem": {"SSE42", "X86_V2"},
}
RUNNABLE = [kernel for kernel, features in KERNELS.items() if features & FEATURES]


def run(program, **environment):
    """Return the output of a program."""
    return subprocess.check_output([sys.executable, "-c", program], text=True, env=environment)


def project(rows, matrix):
    """Return the product by `Projection`."""
    return Projection(matrix).apply(rows, np.full((len(rows), matrix.shape[1]), np.nan, np.float32))


def mel(filters=40, fft_length=400):
    """Return a bank of mel filters."""
    return mel_filters(filters, fft_length, 16000, 0, 8000, "HTK", "Hertz", None)


@settings(max_examples=100)
@given(st.integers(1, 80), st.integers(1, 60), st.integers(1, 30), st.integers(0, 9), st.booleans())
def test_projection_equals_the_product(count, bins, columns, seed, sparse):
    """The result is the product, for strided rows and any zeros."""
    random = np.random.default_rng(seed)
    matrix = random.random((bins, columns)).astype("f4")
    if sparse:
        matrix *= random.random((bins, columns)) > 0.9
    rows = random.random((count, 2 * bins)).astype("f4")[:, :bins]
    expected = rows.astype("f8") @ matrix
    bound = 4 * np.finfo("f4").eps * bins * (expected + 1e-30)
    assert (np.abs(project(rows, matrix) - expected) <= bound).all()


def naive(rows, matrix):
    """Return the product as loops: in each column from the first to the last element, in parts."""
    out = np.zeros((len(rows), matrix.shape[1]), np.float32)
    for column, elements in enumerate(matrix.T):
        used = np.flatnonzero(elements)
        bins = range(used[0], used[-1] + 1) if len(used) else ()
        for start in range(0, len(bins), 32):
            part = np.zeros(len(rows), np.float32)
            for b in bins[start : start + 32]:
                part += rows[:, b] * elements[b]
            out[:, column] += part
    return out


@pytest.fixture(params=["kernel", "sparse", "numpy"])
def path(request, monkeypatch):
    """Run a test with the kernel, with scipy.sparse, and with numpy."""
    if request.param != "kernel":
        monkeypatch.setattr(projection, "band_kernel", lambda matrix: None)
        own = SparseSums if request.param == "sparse" else NumpySums
        monkeypatch.setattr(projection, "sums", own)
        if own is SparseSums and not sparse_products_are_exact():
            pytest.skip("of x86-64")
    elif library() is None:
        pytest.skip("the kernel is off")


@pytest.mark.usefixtures("path")
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 40), st.integers(1, 60), st.integers(1, 30), st.integers(0, 9), st.booleans())
def test_sums_have_the_declared_order(count, bins, columns, seed, sparse):
    """The bits are those of the loop, with zeros in and around the runs, and of any sign."""
    random = np.random.default_rng(seed)
    matrix = random.standard_normal((bins, columns)).astype("f4")
    if sparse:
        matrix *= random.random((bins, columns)) > 0.8
    rows = random.standard_normal((count, bins)).astype("f4")
    for value in (-0.0, 0.0, 1e-45, 1e38, np.inf, -np.inf, np.nan):
        rows[random.random(rows.shape) > 0.97] = value
    with np.errstate(invalid="ignore", over="ignore"):
        expected, actual = naive(rows, matrix), project(rows, matrix)
    np.testing.assert_array_equal(expected, actual)
    signs = np.signbit(expected) == np.signbit(actual)
    assert (signs | np.isnan(expected)).all()


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("count", [2, BLOCK, BLOCK + 1])
@pytest.mark.parametrize("columns", [1, 11, 40])
def test_long_columns_have_the_same_order(count, columns):
    """Few rows of long columns, and more rows than a block, have the bits of the loop."""
    random = np.random.default_rng(0)
    rows, matrix = (
        random.random((count, 700), "f4"),
        random.random((700, columns), "f4"),
    )
    matrix[:5, 0] = matrix[-7:, 0] = 0
    np.testing.assert_array_equal(naive(rows, matrix), project(rows, matrix))


class Fused(csr_array):
    """A matrix whose products are not rounded, as with fused operations."""

    def __matmul__(self, other):
        """Return the product, rounded once."""
        return (self.toarray().astype("f8") @ other.astype("f8")).astype("f4")


def test_sparse_products_are_used_where_nothing_is_fused(monkeypatch):
    """Other machines than x86-64, and a scipy with fused operations, leave the sums to numpy."""
    matrix = Projection(mel()).matrix
    for machine, kind, expected in (
        ("x86_64", csr_array, SparseSums),
        ("AMD64", csr_array, SparseSums),
        ("aarch64", csr_array, NumpySums),
        ("x86_64", Fused, NumpySums),
    ):
        if expected is SparseSums and platform.machine().lower() not in ("x86_64", "amd64"):
            continue
        monkeypatch.setattr("platform.machine", lambda machine=machine: machine)
        monkeypatch.setattr("scipy.sparse.csr_array", kind)
        sparse_products_are_exact.cache_clear()
        assert expected is type(sums(matrix))
        monkeypatch.undo()
    sparse_products_are_exact.cache_clear()


@pytest.mark.parametrize("count", [1, 2, 3, 39])
def test_fused_sums_are_found(monkeypatch, count):
    """A fused loop for one column, or for several, is found."""

    class Partly(Fused):
        """Fused for one number of columns."""

        def __matmul__(self, other):
            """Return the product."""
            return super().__matmul__(other) if other.shape[1] == count else csr_array(self) @ other

    if platform.machine().lower() not in ("x86_64", "amd64"):
        pytest.skip("of x86-64")
    monkeypatch.setattr("scipy.sparse.csr_array", Partly)
    sparse_products_are_exact.cache_clear()
    assert (count not in (1, 39)) is sparse_products_are_exact()
    sparse_products_are_exact.cache_clear()


@pytest.mark.usefixtures("path")
def test_sum_of_negative_zeros_is_positive():
    """The first summand is 0, so the sum of negative zeros is 0."""
    for bins in (1, 700):
        rows = np.full((1, bins), -0.0, np.float32)
        assert not np.signbit(project(rows, np.ones((bins, 1), np.float32))).any()


@pytest.mark.usefixtures("path")
def test_out_may_share_memory_with_rows():
    """The product may be written over the rows."""
    random = np.random.default_rng(0)
    rows, matrix = random.random((50, 9), "f4"), random.random((9, 9), "f4")
    expected = naive(rows, matrix)
    np.testing.assert_array_equal(expected, Projection(matrix).apply(rows, rows))


@pytest.mark.usefixtures("path")
def test_rows_and_out_may_have_any_strides():
    """Rows and `out` that are not rows in memory, or of float64, have the same bits."""
    random = np.random.default_rng(0)
    rows, matrix = random.random((9, 50), "f4"), random.random((9, 7), "f4")
    expected = naive(rows.T, matrix)
    out = np.zeros((7, 50), np.float32).T
    np.testing.assert_array_equal(expected, Projection(matrix).apply(rows.T, out))
    np.testing.assert_array_equal(expected, project(rows.T[::-1], matrix)[::-1])
    np.testing.assert_array_equal(expected, project(rows.T.astype("f8"), matrix))


def test_other_shapes_are_refused():
    """Rows of another length, and another shape of `out`, are refused."""
    for rows, out in (((3, 8), (3, 7)), ((3, 9), (3, 6)), ((3, 9), (2, 7))):
        with pytest.raises(ValueError, match="rows of 9 elements and out of shape"):
            Projection(np.ones((9, 7), np.float32)).apply(np.ones(rows, "f4"), np.ones(out, "f4"))


def test_result_is_written_to_out():
    """The result is written to `out`, which may be part of a wider array."""
    wide = np.zeros((30, 50), np.float32)
    out = wide[:, 5:45]
    rows = np.random.default_rng(0).random((30, 201), "f4")
    assert Projection(mel()).apply(rows, out) is out
    np.testing.assert_array_equal(project(rows, mel()), wide[:, 5:45])
    assert (wide[:, :5] == 0).all()
    assert (wide[:, 45:] == 0).all()


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("filters", [1, 13, 40, 41, 80])
@pytest.mark.parametrize("count", [1, 5, 24, 100])
def test_row_has_the_same_bits_in_any_group(filters, count):
    """A row has the same bits in any group, at any position."""
    random = np.random.default_rng(0)
    matrix = mel(filters, 1024)
    row = random.random(513, "f4")
    rows = random.random((count, 513), "f4")
    rows[::7] = row
    expected = project(row[np.newaxis], matrix)
    assert (expected == project(rows, matrix)[::7]).all()


PRODUCTS = """
import hashlib
import numpy as np
from netencoders_audio.stages.mel import mel_filters
from netencoders_audio.stages.projection import Projection
random = np.random.default_rng(0)
for filters, length in ((1, 8192), (40, 400), (80, 512), (128, 2048), (40, 32768)):
    matrix = mel_filters(filters, length, 16000, 0, 8000, "HTK", "Hertz", None)
    rows = random.random((100, len(matrix)), "f4")
    out = Projection(matrix).apply(rows, np.empty((100, filters), "f4"))
    print(hashlib.sha256(out.tobytes()).hexdigest())
"""


@pytest.mark.parametrize("kernel", ["", "off"])
def test_blas_does_not_change_bits(kernel):
    """The number of threads of the BLAS changes no bit, and neither do its kernels for x86."""
    variants = [{"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}]
    variants += [{"OPENBLAS_CORETYPE": name} for name in RUNNABLE]
    found = {run(PRODUCTS, NETENCODERS_KERNEL=kernel, **variant) for variant in variants}
    assert [5] == [len(text.split()) for text in found]
