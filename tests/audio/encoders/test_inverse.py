"""Reconstruct: samples from the output of AudioSTFT (A24)."""

import pickle
import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import ShortTimeFFT, get_window

from netencoders import NetEncoder, ParameterError
from netencoders.windows import window_samples
from netencoders_audio import Audio, ReconstructionError, reconstruct

EPS = float(np.finfo(np.float32).eps)
PADDINGS = [None, "Right", "Center", "CenterReflect", (5, 3, "Symmetric"), (2, -1, "Zero")]
WINDOWS = ["hann", "boxcar", "hamming_symmetric", "hann_symmetric", ("kaiser", 8.0), "cosine"]


def noise(count, seed=0):
    """Return white noise, float32."""
    return np.random.default_rng(seed).uniform(-1, 1, count).astype(np.float32)


def before_signal(encoder):
    """Return the number of samples that PartitionPadding adds before the signal."""
    padding = encoder.resolved["PartitionPadding"]
    return padding[0] if isinstance(padding, tuple) else 0


def coverage(encoder, count, length):
    """Return the sums of squared windows, relative to the largest square, in a loop."""
    size, offset = encoder.resolved["WindowSize"], encoder.resolved["Offset"]
    before = before_signal(encoder)
    squares = window_samples(encoder.resolved["WindowFunction"], size) ** 2
    sums = np.zeros(before + length + count * offset + size)
    for row in range(count):
        sums[row * offset : row * offset + size] += squares
    return sums[before : before + length] / squares.max()


def naive(stft, encoder, length):
    """Return the samples by the formula, one partition and one sample at a time."""
    size, offset = encoder.resolved["WindowSize"], encoder.resolved["Offset"]
    before = before_signal(encoder)
    window = window_samples(encoder.resolved["WindowFunction"], size)
    numerators = [0.0] * (len(stft) * offset + size + length + before)
    denominators = list(numerators)
    for row, parts in enumerate(stft.astype(np.float64)):
        partition = np.fft.ifft(parts[:, 0] + 1j * parts[:, 1]).real
        for t in range(size):
            numerators[row * offset + t] += window[t] * partition[t]
            denominators[row * offset + t] += window[t] ** 2
    smallest = 1e-4 * (window**2).max()
    pairs = list(zip(numerators, denominators, strict=True))[before : before + length]
    return np.array([a / b if b >= smallest else 0.0 for a, b in pairs])


@st.composite
def encoders(draw):
    """Draw encoders whose windows overlap everywhere, and a length for them."""
    padding, window = draw(st.sampled_from(PADDINGS)), draw(st.sampled_from(WINDOWS))
    size = draw(st.integers(1, 40))
    length = draw(st.integers(size, 300))
    encoder = NetEncoder(
        "AudioSTFT",
        WindowSize=size,
        Offset=draw(st.integers(1, size)),
        WindowFunction=window,
        PartitionPadding=padding,
        FFTLength=size + draw(st.sampled_from([0, 0, 1, 7])),
        # A symmetric Hann window of two samples is zero: there is no energy to divide by.
        WindowScaling=draw(st.sampled_from([None, "Energy"] if size > 2 else [None])),
    )
    return encoder, length


def is_covered(encoder):
    """Return True if the windows cover all samples, by a sum over all shifts."""
    size, offset = encoder.resolved["WindowSize"], encoder.resolved["Offset"]
    squares = window_samples(encoder.resolved["WindowFunction"], size) ** 2
    sums = [squares[start::offset].sum() for start in range(offset)]
    return min(sums) > 1e-4 * squares.max()


@settings(max_examples=400)
@given(encoders(), st.integers(0, 99))
def test_covered_samples_are_reconstructed(case, seed):
    """Covered samples are reconstructed in float32 precision, others are 0; gaps are an error."""
    encoder, length = case
    samples = noise(length, seed)
    stft = encoder(Audio(samples, 16000))
    if not is_covered(encoder):
        with pytest.raises(ReconstructionError, match=r"'Offset' \d+ is too large for this window"):
            reconstruct(stft, encoder, length)
        return
    actual = reconstruct(stft, encoder, length)
    assert (np.dtype("float32"), (length,)) == (actual.dtype, actual.shape)
    covered = coverage(encoder, len(stft), length)
    lost, kept = covered < 0.99e-4, covered > 1.01e-4
    assert not actual[lost].any()
    bound = 16 * EPS / np.sqrt(np.minimum(covered[kept], 1))
    assert (np.abs(actual - samples)[kept] <= bound).all()


@settings(max_examples=200)
@given(encoders(), st.integers(1, 12), st.integers(0, 99))
def test_result_equals_the_naive_loop(case, count, seed):
    """Any array gives the samples of the loop, also one that is not a transform."""
    encoder, _ = case
    size, offset = encoder.resolved["WindowSize"], encoder.resolved["Offset"]
    encoder = encoder.replace(WindowScaling=None)
    if not is_covered(encoder):
        return
    stft = np.random.default_rng(seed).standard_normal((count, *encoder.output.dims[1:]))
    stft = stft.astype(np.float32)
    try:
        actual = reconstruct(stft, encoder)
    except ReconstructionError as error:
        assert "must have all rows of a recording" in str(error)  # noqa: PT017 - often none
        return
    expected = naive(stft, encoder, len(actual))
    covered = coverage(encoder, count, len(actual))
    clear = np.abs(covered - 1e-4) > 1e-6  # a value at the limit may be on either side
    bound = 64 * EPS * np.abs(stft).max() * (1 + -(-size // offset)) / np.maximum(covered, 1e-4)
    assert (np.abs(actual - expected) <= bound)[clear].all()


@pytest.mark.parametrize(("size", "offset"), [(6, 2), (5, 3), (4, 4)])
def test_result_is_the_least_squares_solution(size, offset):
    """The transform of the result is nearest to an array that is not a transform."""
    encoder = NetEncoder(
        "AudioSTFT",
        WindowSize=size,
        Offset=offset,
        FFTLength=size + 1,
        WindowFunction="hamming",
        PartitionPadding=None,
    )
    length = 3 * offset + size
    impulses = np.eye(length, dtype=np.float32)
    columns = [encoder(Audio(impulse, 16000)).ravel() for impulse in impulses]
    stft = np.random.default_rng(0).standard_normal((4, size + 1, 2)).astype(np.float32)
    expected = np.linalg.lstsq(np.array(columns, np.float64).T, stft.ravel().astype("f8"))[0]
    actual = reconstruct(stft, encoder)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=100 * EPS * np.abs(expected).max())


@pytest.mark.parametrize(
    ("size", "offset", "window"), [(512, 128, "hann"), (401, 200, "hamming"), (300, 300, "boxcar")]
)
def test_result_agrees_with_scipy(speech, size, offset, window):
    """A changed transform gives the samples of scipy's ShortTimeFFT."""
    encoder = NetEncoder(
        "AudioSTFT",
        WindowSize=size,
        Offset=offset,
        WindowFunction=window,
        PartitionPadding="Center",
    )
    stft = encoder(Audio(speech, 16000))
    gain = np.random.default_rng(0).random((len(stft), size // 2 + 1, 1)).astype(np.float32)
    stft *= np.concatenate([gain, gain[:, (size - 1) // 2 : 0 : -1]], axis=1)
    transform = ShortTimeFFT(
        get_window(window, size), offset, 16000, fft_mode="twosided", phase_shift=None
    )
    # scipy's first slice, number p_min, may come before ours, which is centred on sample 0.
    slices = np.zeros((size, len(stft) - transform.p_min + 9), complex)
    slices[:, -transform.p_min : len(stft) - transform.p_min] = (stft[..., 0] + 1j * stft[..., 1]).T
    expected = transform.istft(slices, k1=len(speech)).real
    inside = slice(size, -size)  # at the edges, scipy adds slices that do not exist here
    actual = reconstruct(stft, encoder, len(speech))
    bound = 64 * EPS * np.abs(speech).max()
    np.testing.assert_allclose(actual[inside], expected[inside], rtol=0, atol=bound)


def test_speech_stft_reconstructs_the_waveform(recording):
    """SpeechSTFT reconstructs the waveform of any recording, from the first sample to the last."""
    path, encoder = recording(44100, 2), NetEncoder("SpeechSTFT")
    waveform = NetEncoder("Audio")(path)[:, 0]
    actual = reconstruct(encoder(path), encoder, len(waveform))
    np.testing.assert_allclose(actual, waveform, rtol=0, atol=4 * EPS * np.abs(waveform).max())


def test_default_window_loses_the_first_samples():
    """The first 13 samples, where the Hann window rises from zero, are 0; others are close."""
    encoder, samples = NetEncoder("AudioSTFT"), noise(16000)
    actual = reconstruct(encoder(Audio(samples, 16000)), encoder, 16000)
    assert not actual[:13].any()
    np.testing.assert_allclose(actual[13:], samples[13:], rtol=0, atol=1e-5)
    np.testing.assert_allclose(actual[200:], samples[200:], rtol=0, atol=8 * EPS)


def test_normalized_level_is_kept():
    """A Normalization is not undone: the result has the normalized level."""
    audio = Audio(noise(4000) / 8, 16000)
    encoder = NetEncoder("SpeechSTFT").replace(Normalization=("Max", 0.5))
    actual = reconstruct(encoder(audio), encoder, 4000)
    expected = NetEncoder("Audio", Normalization=("Max", 0.5))(audio)[:, 0]
    assert 0.5 == np.abs(expected).max()
    np.testing.assert_allclose(actual, expected, rtol=0, atol=8 * EPS)


@pytest.mark.parametrize("padding", PADDINGS[:-1])  # the last one cuts off a sample
def test_default_length_covers_the_recording(padding):
    """The result starts with the recording, and ends less than one Offset after it."""
    encoder = NetEncoder(
        "AudioSTFT",
        WindowSize=12,
        Offset=4,
        WindowFunction="hamming",
        PartitionPadding=padding,
    )
    for length in range(12, 40):
        samples = noise(length)
        actual = reconstruct(encoder(Audio(samples, 16000)), encoder)
        reached = len(actual) if padding is None else length
        assert (-4 if padding is None else -1) < len(actual) - length < 4
        np.testing.assert_allclose(actual[:reached], samples[:reached], rtol=0, atol=64 * EPS)
        if padding in ("Right", "Center"):
            np.testing.assert_allclose(actual[length:], 0, atol=64 * EPS)


def test_target_length_fixes_the_length():
    """TargetLength fixes the length, and any other length is refused."""
    encoder = NetEncoder("SpeechSTFT").replace(TargetLength=1000)
    stft = encoder(Audio(noise(2000), 16000))
    np.testing.assert_allclose(reconstruct(stft, encoder), noise(2000)[:1000], rtol=0, atol=8 * EPS)
    assert 1000 == len(reconstruct(stft, encoder, 1000))
    with pytest.raises(ReconstructionError, match=r"'length' must be 1000, .* Got 999\."):
        reconstruct(stft, encoder, 999)


def test_array_is_not_changed():
    """The array is not changed; views in any memory order give the same bits."""
    encoder = NetEncoder("SpeechSTFT")
    stft = encoder(Audio(noise(3000), 16000))
    before = stft.copy()
    expected = reconstruct(stft, encoder)
    assert np.array_equal(before, stft)
    stft.flags.writeable = False
    fortran = np.asfortranarray(stft)
    reversed_twice = stft[::-1].copy()[::-1]
    for same in (stft, fortran, reversed_twice):
        assert np.array_equal(expected, reconstruct(same, encoder))


def test_offset_of_one_sample_is_reconstructed():
    """An overlap of more partitions than a group gives the samples, by the second loop."""
    encoder = NetEncoder("AudioSTFT", WindowSize=2048, Offset=1, PartitionPadding="Center")
    samples = noise(150)
    actual = reconstruct(encoder(Audio(samples, 16000)), encoder, 150)
    np.testing.assert_allclose(actual, samples, rtol=0, atol=32 * EPS)


def test_memory_is_limited():
    """Without the array and the result, a long recording needs less than 4 MB of memory."""
    encoder = NetEncoder("SpeechSTFT")
    stft = encoder(Audio(noise(16000 * 20), 16000))
    reconstruct(stft[:3], encoder)  # imports
    tracemalloc.start()
    samples = reconstruct(stft, encoder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert stft.nbytes > 10_000_000
    assert peak < samples.nbytes + 4_000_000


GOOD = {"WindowSize": 400, "Offset": 100, "PartitionPadding": "Center"}


@pytest.mark.parametrize(
    ("parameters", "problems"),
    [
        (
            {"Offset": 401},
            [
                "'Offset' must be at most WindowSize, which is 400, to reconstruct: ",
            ],
        ),
        (
            {"Offset": 400},
            [
                "'Offset' 400 is too large for this window of 400 samples to reconstruct: at ",
            ],
        ),
        ({"Offset": 390}, ["'Offset' 390 is too large for this window of 400 samples"]),
        (
            {"WindowSize": 2, "Offset": 1, "WindowFunction": "hann_symmetric"},
            ["'Offset' 1 is too large for this window of 2 samples"],
        ),
        (
            {"RemoveMean": True, "PreEmphasis": 0.97, "Offset": 500},
            [
                "'RemoveMean' must be False to reconstruct: ",
                "'PreEmphasis' must be 0 to reconstruct: ",
                "'Offset' must be at most WindowSize, which is 400",
            ],
        ),
    ],
)
def test_encoders_that_prevent_reconstruction_are_refused(parameters, problems):
    """One error has all parameters that prevent reconstruction, each with a remedy."""
    encoder = NetEncoder("AudioSTFT", **{**GOOD, **parameters})
    with pytest.raises(ReconstructionError) as caught:
        reconstruct(encoder(Audio(noise(4000), 16000)), encoder)
    assert len(problems) == len(caught.value.problems)
    for start, problem in zip(problems, caught.value.problems, strict=True):
        assert problem.startswith(start)
    assert str(caught.value).startswith(f"reconstruct: {len(problems)} problem")
    remedies = (
        "Encode with RemoveMean False.",
        "Encode with PreEmphasis 0.",
        "Use a smaller Offset",
    )
    assert all(any(remedy in text for remedy in remedies) for text in caught.value.problems)


@pytest.mark.parametrize("offset", [300, 370])
def test_small_overlap_has_larger_errors(offset):
    """Samples below a hundredth of the window's height are reconstructed with larger errors."""
    encoder = NetEncoder("AudioSTFT", **{**GOOD, "Offset": offset})
    samples = noise(4000)
    actual = reconstruct(encoder(Audio(samples, 16000)), encoder, 4000)
    np.testing.assert_allclose(actual[:3600], samples[:3600], rtol=0, atol=1e-4)


STFT = np.zeros((41, 400, 2), np.float32)


@pytest.mark.parametrize(
    ("stft", "got"),
    [
        (STFT[:, :201], r"float32 and \(41, 201, 2\)"),
        (STFT[..., 0], r"float32 and \(41, 400\)"),
        (STFT[:0], r"float32 and \(0, 400, 2\)"),
        (STFT.astype(np.float64), r"float64 and \(41, 400, 2\)"),
        (STFT.view(np.complex64)[..., 0], r"complex64 and \(41, 400\)"),
        ([STFT], "list"),
        ("call.wav", "str"),
        (None, "NoneType"),
    ],
)
def test_arrays_of_another_form_are_refused(stft, got):
    """The error for an array of another form has the expected and the given form."""
    message = (
        r"^reconstruct: 1 problem\n  'stft' must be one array of type float32 and dimensions "
        rf"\(Varying, 400, 2\), the encoder's output\. Got {got}\.$"
    )
    with pytest.raises(ReconstructionError, match=message):
        reconstruct(stft, NetEncoder("AudioSTFT", **GOOD))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 299, 300])
def test_non_finite_elements_are_refused(value, row):
    """The error for an element that is not finite has its row, also after the first group."""
    stft = np.zeros((301, 400, 2), np.float32)
    stft[row, 399, 1] = value
    message = rf"'stft' must be finite\. Row {row} holds NaN or infinite elements\."
    with pytest.raises(ReconstructionError, match=message):
        reconstruct(stft, NetEncoder("AudioSTFT", **GOOD))


@pytest.mark.parametrize("length", [3999, 4100, -1, 0, 4000.0, "4000", True])
def test_lengths_that_do_not_fit_are_refused(length):
    """A length that does not fit the number of partitions is refused, with the valid lengths."""
    message = (
        "'length' must be from 4000 to 4099, in samples at SampleRate, because the array has 41 "
        f"rows. Got {length!r}."
    )
    encoder = NetEncoder("AudioSTFT", **GOOD)
    with pytest.raises(ReconstructionError, match=re.escape(message)):
        reconstruct(STFT, encoder, length)
    assert [4000, 4099] == [len(reconstruct(STFT, encoder, np.int64(n))) for n in (4000, 4099)]


def test_part_of_a_recording_is_refused():
    """An array with fewer rows than any recording has is refused."""
    encoder = NetEncoder("AudioSTFT", **{**GOOD, "PartitionPadding": [800, 0, "Zero"]})
    with pytest.raises(ReconstructionError, match="has 1 rows if the encoder has PartitionP"):
        reconstruct(STFT[:1], encoder)


@pytest.mark.parametrize("encoder", ["AudioSTFT", None, NetEncoder])
def test_other_types_are_refused(encoder):
    """A value that is not a NetEncoder is a TypeError."""
    with pytest.raises(TypeError, match=r"^reconstruct takes the NetEncoder of the array. G"):
        reconstruct(STFT, encoder)


@pytest.mark.parametrize(
    ("name", "given"), [("AudioSpectrogram", "AudioSpectrogram"), ("SpeechMFCC", "AudioMFCC")]
)
def test_other_encoders_are_refused(name, given):
    """A NetEncoder of another kind is refused by name."""
    message = f"'encoder' must be AudioSTFT, or a spec derived from it. Got {given}."
    with pytest.raises(ReconstructionError, match=message):
        reconstruct(STFT, NetEncoder(name))


def test_error_is_a_parameter_error():
    """The error is a ParameterError and a ValueError, and can be pickled."""
    error = ReconstructionError("reconstruct", ["a", "b"])
    assert isinstance(error, ParameterError)
    assert isinstance(error, ValueError)
    actual = pickle.loads(pickle.dumps(error))
    assert (type(error), str(error)) == (type(actual), str(actual))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [1e36, 3e38])
def test_samples_beyond_float32_are_refused(value):
    """Finite elements that give infinite samples or NaN are refused, without a warning."""
    encoder = NetEncoder("AudioSTFT")
    array = np.zeros((50, 400, 2), np.float32)
    array[9] = value
    with pytest.raises(ReconstructionError, match=r"'stft' must be smaller: sample \d+ would be"):
        reconstruct(array, encoder)
    assert np.isfinite(reconstruct(array * np.float32(1e-5), encoder)).all()
