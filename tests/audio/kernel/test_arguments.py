"""The arguments of the compiled kernel: it reads and writes nothing outside of the arrays.

`.ci/sanitize` runs these tests with a library that reports any such access.
"""

import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netencoders.kernel import KernelError
from netencoders_audio.kernel import BandKernel, FrameKernel, Matrix, calls
from netencoders_audio.kernel.matrix import MAX_COLUMNS

FUZZED = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
LENGTHS = [2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 22, 31, 49, 64, 97, 150, 191, 400, 750, 1103]


def transform(kernel, length=8, **changes):
    """Return a transform, with a window of ones."""
    place = changes.pop("place", slice(0, length))
    window = np.ones(place.stop - place.start, "f4")
    return FrameKernel(kernel, window, place, length, False, 0.0, **changes)


def run_matrix(runs, rows=5):
    """Return a matrix of ones from its runs."""
    runs = np.array(runs, np.int64).reshape(-1, 2)
    return Matrix(rows, runs, np.ones(int(runs[:, 1].sum()), np.float32))


@FUZZED
@given(st.data())
def test_only_the_rows_of_out_are_written(kernel, data):
    """Any strides, places and alignments: the rows are right, and others are unchanged."""
    length = data.draw(st.sampled_from(LENGTHS))
    size = data.draw(st.integers(1, length))
    first = data.draw(st.integers(0, length - size))
    count = data.draw(st.integers(0, 20))
    hop = data.draw(st.integers(0, 2 * length))
    gap = data.draw(st.integers(0, 5))
    exponent = data.draw(st.sampled_from([None, 1, 2]))
    two_sided = exponent is None and data.draw(st.booleans())
    bins = length if two_sided else length // 2 + 1
    # Exactly the samples of the frames, at any multiple of 4 bytes.
    before = data.draw(st.integers(0, 9))
    samples = before + (count - 1) * hop + length if count else before
    signal = np.random.default_rng(0).uniform(-1, 1, samples).astype("f4")[before:]
    frames = np.ndarray((count, length), np.float32, signal, strides=(4 * hop, 4))
    wide = np.full(before + count * (bins + gap), 7, np.float32 if exponent else np.complex64)
    out = wide[before:].reshape(count, bins + gap)[:, :bins]
    call = transform(
        kernel, length, place=slice(first, first + size), exponent=exponent, two_sided=two_sided
    )
    call(frames, out)
    rows = np.zeros((count, length), np.float32)
    rows[:, first : first + size] = frames[:, first : first + size]
    whole = np.fft.fft if two_sided else np.fft.rfft
    expected = whole(rows, axis=1) if count else np.empty((0, bins))
    if exponent:
        expected = np.abs(expected) ** exponent
    np.testing.assert_allclose(out, expected, atol=1e-3 * length)
    assert (wide[:before] == 7).all()
    assert (wide[before:].reshape(count, bins + gap)[:, bins:] == 7).all()


@FUZZED
@given(st.data())
def test_matrices_of_any_runs(kernel, data):
    """Runs of any place and length, also empty ones, and any number of columns."""
    rows = data.draw(st.integers(1, 300))
    runs = []
    for _ in range(data.draw(st.integers(1, 30))):
        first = data.draw(st.integers(0, rows))
        runs.append((first, data.draw(st.integers(0, rows - first))))
    random = np.random.default_rng(0)
    count = data.draw(st.integers(0, 20))
    values = random.uniform(-1, 1, (count, rows)).astype("f4")
    weights = random.uniform(-1, 1, sum(length for _, length in runs)).astype("f4")
    out = np.empty((count, len(runs)), np.float32)
    BandKernel(kernel, Matrix(rows, np.array(runs, np.int64), weights))(values, out)
    start = 0
    for column, (first, length) in enumerate(runs):
        expected = np.zeros(count, np.float32)
        for begin in range(0, length, 32):
            part = np.zeros(count, np.float32)
            for place in range(begin, min(begin + 32, length)):
                part += values[:, first + place] * weights[start + place]
            expected += part
        start += length
        np.testing.assert_array_equal(expected, out[:, column])


FRAMES = np.zeros((3, 8), np.float32)
OUT = np.zeros((3, 5), np.complex64)
READ_ONLY = OUT.copy()
READ_ONLY.setflags(write=False)
UNALIGNED = np.zeros(97, np.uint8)[1:].view(np.float32).reshape(3, 8)
WRONG = {
    "frames of float64": (FRAMES.astype("f8"), OUT),
    "short frames": (FRAMES[:, :7], OUT),
    "frames that are not adjacent": (np.zeros((8, 3), np.float32).T, OUT),
    "frames of other bytes": (FRAMES.astype(">f4"), OUT),
    "unaligned frames": (UNALIGNED, OUT),
    "one row of out is missing": (FRAMES, OUT[:2]),
    "one bin of out is missing": (FRAMES, OUT[:, :4]),
    "one bin of out too many": (FRAMES, np.zeros((3, 6), np.complex64)),
    "out of float32": (FRAMES, np.zeros((3, 5), np.float32)),
    "out by columns": (FRAMES, np.zeros((5, 3), np.complex64).T),
    "rows of out in the opposite order": (FRAMES, OUT[::-1]),
    "rows of out at one place": (FRAMES, np.ndarray((3, 5), np.complex64, OUT, strides=(0, 8))),
    "read-only out": (FRAMES, READ_ONLY),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arrays_are_refused(kernel, case):
    """Arrays of other types, shapes, strides and alignments are refused before the call."""
    rows, out = WRONG[case]
    before = out.copy()
    with pytest.raises(ValueError, match=r"the kernel needs rows of float32 with at least 8"):
        transform(kernel)(rows, out)
    np.testing.assert_array_equal(before, out)


@pytest.mark.parametrize("dimensions", [1, 3])
def test_other_dimensions_are_refused(kernel, dimensions):
    """Arrays that have no rows, or more axes, are refused."""
    array = np.zeros((8,) * dimensions, np.float32)
    with pytest.raises(ValueError, match="the kernel needs rows of float32"):
        transform(kernel)(array, OUT)
    with pytest.raises(ValueError, match="the kernel needs rows of float32"):
        transform(kernel)(FRAMES, array)


def test_unsupported_settings_are_refused(kernel):
    """Settings that the library would misunderstand are refused."""
    ones = np.ones(8, "f4")
    with pytest.raises(ValueError, match="does not support the length 1102"):
        transform(kernel, 1102)
    with pytest.raises(ValueError, match="no slice"):
        FrameKernel(kernel, ones, slice(1, 9), 8, False, 0.0)
    with pytest.raises(ValueError, match="only the transform has two sides"):
        transform(kernel, exponent=2, two_sided=True)
    with pytest.raises(ValueError, match="no exponent 3"):
        transform(kernel, exponent=3)
    with pytest.raises(ValueError, match=r"the window must fill slice\(0, 7, None\)"):
        FrameKernel(kernel, ones, slice(0, 7), 8, False, 0.0)
    with pytest.raises(ValueError, match="the window must fill"):
        FrameKernel(kernel, ones[:0], slice(3, 3), 8, False, 0.0)
    with pytest.raises(ValueError, match="the matrix must have 5 rows, of powers"):
        transform(kernel, exponent=2, matrix=run_matrix([(0, 2)], rows=6))
    with pytest.raises(ValueError, match="the matrix must have 5 rows, of powers"):
        transform(kernel, matrix=run_matrix([(0, 2)]))
    wide = run_matrix([(0, 1)] * (MAX_COLUMNS + 1))
    assert not wide.is_supported
    assert not FrameKernel.supports(8, wide)
    with pytest.raises(ValueError, match="a matrix of 8193 columns is not supported"):
        BandKernel(kernel, wide)


@pytest.mark.parametrize("runs", [[(-1, 2)], [(4, 2)], [(0, -1)], [(2**62, 2**62)]])
def test_runs_outside_of_the_matrix_are_refused(runs):
    """A run that is not inside the rows of the matrix is refused."""
    with pytest.raises(ValueError, match="the runs of a matrix must be inside its rows"):
        Matrix(5, np.array(runs, np.int64), np.ones(1, np.float32))


def test_missing_weights_are_refused():
    """A matrix with fewer weights than its runs have is refused, and one of another type."""
    runs = np.array([(0, 2)], np.int64)
    for weights in (np.ones(1, np.float32), np.ones(2)):
        with pytest.raises(ValueError, match="the runs of a matrix must be inside its rows"):
            Matrix(5, runs, weights)


def test_tables_are_not_those_of_the_caller(kernel):
    """A later change of the caller's window has no effect on the transform."""
    window = np.ones(8, "f4")
    call = FrameKernel(kernel, window, slice(0, 8), 8, False, 0.0, 2)
    frames, out = np.ones((1, 8), np.float32), np.empty((1, 5), np.float32)
    window[:] = 0
    call(frames, out)
    assert 64.0 == out[0, 0]


def test_threads_have_memory_of_their_own(kernel):
    """Calls in several threads at once give the arrays of one thread."""
    frames = np.random.default_rng(0).uniform(-1, 1, (64, 400)).astype("f4")
    call = transform(kernel, 400, exponent=2)
    expected = np.empty((64, 201), np.float32)
    call(frames, expected)
    results = [np.empty_like(expected) for _ in range(8)]

    def work(out):
        for _ in range(50):
            call(frames, out)

    threads = [threading.Thread(target=work, args=[out]) for out in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for out in results:
        np.testing.assert_array_equal(expected, out)


@pytest.mark.parametrize("output", [{}, {"two_sided": True}, {"exponent": 1}, {"bands": True}])
@pytest.mark.parametrize("length", [*LENGTHS, 137, 1024, 2297, 2401, 4096, 10000])
def test_call_stays_in_its_memory(kernel, monkeypatch, length, output):
    """A call writes nothing outside of the memory that it asks for, not even one byte."""
    bins = length // 2 + 1
    if "bands" in output:
        runs = run_matrix([(0, bins)] * 500, rows=bins)
        output = {"exponent": 2, "matrix": runs}
    memory = []

    def work(size):
        array = np.full(size + 2**18, 165, np.uint8)
        place = -(-array.ctypes.data // 64) * 64 + 64
        memory.append((array, place - array.ctypes.data, size))
        return place

    monkeypatch.setattr(calls, "work", work)
    call = transform(kernel, length, **output)
    out = np.empty((9, call._row), call._type)
    call(np.ones((9, length), np.float32), out)
    for array, first, size in memory:
        assert (array[:first] == 165).all()
        assert (array[first + size :] == 165).all()


def test_error_of_the_kernel_has_a_code():
    """The error of a wrong environment variable has the code `kernel`, and a remedy."""
    error = KernelError("reason", "remedy")
    assert ("kernel", "remedy") == (error.code, error.remedy)
