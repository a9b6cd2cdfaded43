"""Projection, compared with a product in float64; the bits of a row depend on that row only."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders_audio.stages.mel import mel_filters
from netencoders_audio.stages.projection import COLUMNS, DEPTH, ROWS, Projection

# Products above this use the threads of OpenBLAS: SMP_THRESHOLD_MIN * GEMM_MULTITHREAD_THRESHOLD.
THREADING = 65536 * 4

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


@pytest.mark.parametrize("bins", [DEPTH, DEPTH + 1, 3 * DEPTH + 7])
def test_deep_band_is_a_sum_of_products(bins):
    """A band with more rows than one product allows is a sum of several products."""
    random = np.random.default_rng(0)
    rows, matrix = random.random((50, bins), "f4"), random.random((bins, 11), "f4")
    np.testing.assert_allclose(project(rows, matrix), rows.astype("f8") @ matrix, rtol=1e-5)


def test_result_is_written_to_out():
    """The result is written to `out`, which may be part of a wider array."""
    wide = np.zeros((30, 50), np.float32)
    out = wide[:, 5:45]
    rows = np.random.default_rng(0).random((30, 201), "f4")
    assert Projection(mel()).apply(rows, out) is out
    np.testing.assert_array_equal(project(rows, mel()), wide[:, 5:45])
    assert (wide[:, :5] == 0).all()
    assert (wide[:, 45:] == 0).all()


@pytest.mark.parametrize("count", [24, 30, 48])
def test_rows_may_share_memory_with_out(count):
    """The result is the same in the memory of the rows, in new memory, and in a wider array."""
    random = np.random.default_rng(0)
    rows, matrix = random.random((count, 40), "f4"), random.random((40, 40), "f4")
    wide = np.zeros((count, 50), np.float32)
    expected = Projection(matrix).apply(rows, wide[:, :40]).copy()
    assert np.array_equal(expected, project(rows, matrix))
    assert Projection(matrix).apply(rows, rows) is rows
    assert np.array_equal(expected, rows)


def test_products_are_too_small_for_blas_threads():
    """No product is large enough for the threads of OpenBLAS."""
    assert ROWS * COLUMNS * DEPTH <= THREADING
    for matrix in (mel(), mel(128, 1 << 15), np.ones((5000, 13), np.float32)):
        sizes = [part.size for band in Projection(matrix).pieces for _, part in band]
        assert ROWS * max(sizes) <= THREADING


@pytest.mark.parametrize("filters", [1, 13, 40, 41, 80])
@pytest.mark.parametrize("count", [1, 5, 24, 100, 256])
def test_row_has_the_same_bits_in_any_group(filters, count):
    """A row has the same bits in any group, at the same position in a block."""
    random = np.random.default_rng(0)
    matrix = mel(filters, 1024)
    row = random.random(513, "f4")
    expected = project(np.stack([row] * ROWS), matrix)
    rows = random.random((count, 513), "f4")
    for place in range(0, count, 7):
        rows[place] = row
        np.testing.assert_array_equal(expected[place % ROWS], project(rows, matrix)[place])


PLACES = """
import numpy as np
from netencoders_audio.stages.mel import mel_filters
from netencoders_audio.stages.projection import Projection
shapes = [(1, 64), (13, 400), (40, 400), (40, 512), (41, 512), (80, 512), (128, 2048), (20, 8192)]
for filters, length in shapes:
    matrix = mel_filters(filters, length, 16000, 0, 8000, "HTK", "Hertz", None)
    row = np.random.default_rng(0).random(len(matrix), "f4")
    for dense in (matrix, np.cos(np.arange(matrix.size, dtype="f4")).reshape(matrix.shape)):
        rows = Projection(dense).apply(np.stack([row] * 100), np.empty((100, filters), "f4"))
        print((rows == rows[0]).all())
"""


@pytest.mark.skipif(not RUNNABLE, reason="of OpenBLAS's kernels for x86")
def test_row_has_the_same_bits_at_any_position():
    """A row has the same bits at any position, with each kernel that this processor can run."""
    for kernel in RUNNABLE:
        assert ["True"] * 16 == run(PLACES, OPENBLAS_CORETYPE=kernel).split(), kernel


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


def test_number_of_blas_threads_does_not_change_bits():
    """The number of threads of the BLAS changes no bit."""

    def products(threads):
        return run(PRODUCTS, OPENBLAS_NUM_THREADS=threads, OMP_NUM_THREADS=threads)

    one = products("1")
    assert 5 == len(one.split())
    assert one == products("2") == products("4")
