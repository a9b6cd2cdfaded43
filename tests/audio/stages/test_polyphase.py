"""Polyphase: a direct sum over the input checks the matrix products, and scipy its filter (A45)."""

import math
import subprocess
import sys

import numpy as np
import pytest
from scipy.signal import resample_poly

from netencoders import NetEncoder
from netencoders_audio import Audio, AudioError
from netencoders_audio.stages.polyphase import FilterBank, filtered, lookahead
from netencoders_audio.stages.resample import resample, resampled_length
from netencoders_audio.stages.resampling_filters import (
    FILTERS,
    MAX_WEIGHTS,
    ResamplingFilter,
    resampling_filter,
)

PAIRS = [
    (44100, 16000),
    (48000, 16000),
    (16000, 48000),
    (8000, 11025),
    (16000, 44100),
    (3, 1),
    (1, 3),
    (7, 200),
    (9973, 5003),
]


def noise(count, seed=0):
    """Return white noise of full scale."""
    return np.random.default_rng(seed).uniform(-1, 1, count).astype(np.float32)


def ratio(rate, new_rate):
    """Return the ratio of two rates in lowest terms, up and down."""
    divisor = math.gcd(rate, new_rate)
    return new_rate // divisor, rate // divisor


def formula(name, distance, up, down):
    """Return the weight at a distance, by the formulas of torchaudio and scipy in float64."""
    lower = min(up, down)
    if name == "ScipyPolyphase":
        half = 10 * max(up, down)
        places = np.arange(-half, half + 1)
        window = np.i0(5 * np.sqrt(1 - (places / half) ** 2)) / np.i0(5)
        total = (np.sinc(places / max(up, down)) * window).sum()
        window = np.i0(5 * np.sqrt(np.maximum(0, 1 - (distance / half) ** 2))) / np.i0(5)
        weight = np.sinc(distance / max(up, down)) * window * up / total
        return np.where(np.abs(distance) <= half, weight, 0)
    zeros, rolloff = {"TorchaudioHann": (6, 0.99)}.get(name, (64, 0.9475937167399596))
    cutoff = lower * rolloff
    place = np.clip(distance / (up * down) * cutoff, -zeros, zeros)
    if name == "TorchaudioHann":
        window = np.cos(place * np.pi / 12) ** 2
    else:
        beta = 14.769656459379492
        window = np.i0(beta * np.sqrt(1 - (place / zeros) ** 2)) / np.i0(beta)
    inside = np.abs(distance) * cutoff <= zeros * up * down
    return np.where(inside, np.sinc(place) * window * cutoff / down, 0)


def matrix(count, rate, new_rate, name):
    """Return the weights of `count` input samples in each sample of the result."""
    up, down = ratio(rate, new_rate)
    samples = np.arange(resampled_length(count, rate, new_rate, "Ceiling"))
    distances = samples[:, np.newaxis] * down - np.arange(count) * up
    return formula(name, distances, up, down)


def actual(signal, rate, new_rate, name, size=None):
    """Return the resampled signal, given in blocks of a size."""
    size = size or len(signal)
    blocks = (signal[start : start + size] for start in range(0, len(signal), size))
    return np.concatenate(list(resample(blocks, rate, new_rate, name, "Ceiling")))


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize(("rate", "new_rate"), PAIRS)
def test_result_is_the_direct_sum(rate, new_rate, name):
    """The samples are the direct sums of the formulas, also for the shortest signals."""
    # torchaudio's own weights in float32 change the result by 5e-5 (see WindowedSinc).
    tolerance = 2e-6 if name == "ScipyPolyphase" else 5e-5
    weights = matrix(300, rate, new_rate, name)
    for count in (*range(1, 51), 300):
        signal = noise(count, seed=count)
        samples = resampled_length(count, rate, new_rate, "Ceiling")
        expected = weights[:samples, :count] @ signal
        result = actual(signal, rate, new_rate, name)
        assert expected.shape == result.shape
        np.testing.assert_allclose(result, expected, atol=tolerance, rtol=0)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize(("rate", "new_rate"), PAIRS)
def test_any_size_of_blocks_gives_the_same_bits(rate, new_rate, name):
    """Blocks of 1, 7 and 1000 samples give the bits of one piece."""
    signal = noise(9001)
    whole = actual(signal, rate, new_rate, name)
    for size in (1, 7, 1000):
        assert np.array_equal(whole, actual(signal, rate, new_rate, name, size))


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize(("rate", "new_rate"), PAIRS)
def test_bank_sums_the_weights_of_the_filter(rate, new_rate, name):
    """Each sample is the sum of the weights of the filter times the input, in float64."""
    lowpass, signal = resampling_filter(name, rate, new_rate), noise(300)
    samples, inputs = np.arange(40), np.arange(300)[:, np.newaxis]
    periods, phases = np.divmod(samples, lowpass.up)
    weights = lowpass.weights(phases, inputs - periods * lowpass.down).astype(np.float64)
    distances = samples * lowpass.down - inputs * lowpass.up
    weights[np.abs(distances) > lowpass.half] = 0
    result = actual(signal, rate, new_rate, name)[:40]
    np.testing.assert_allclose(result, (signal @ weights)[: len(result)], atol=2e-6)


@pytest.mark.parametrize(("rate", "new_rate"), [*PAIRS, (44100, 16001), (1000, 1)])
@pytest.mark.parametrize("count", [1, 2, 777, 30011])
def test_result_equals_resample_poly(rate, new_rate, count):
    """ScipyPolyphase gives the samples and the length of scipy.signal.resample_poly."""
    signal = noise(count)
    expected = resample_poly(signal, *ratio(rate, new_rate))
    result = actual(signal, rate, new_rate, "ScipyPolyphase")
    assert expected.shape == result.shape
    np.testing.assert_allclose(result, expected, atol=2e-6, rtol=0)


def test_encode_and_stream_equal_resample_poly():
    """The declared encoder, called and as a stream, gives the samples of resample_poly."""
    encoder = NetEncoder("Audio", Resampling="ScipyPolyphase")
    signal = noise(44101)
    whole = encoder(Audio(signal, 44100))
    blocks = (Audio(signal[start : start + 500], 44100) for start in range(0, 44101, 500))
    assert np.array_equal(whole, np.concatenate(list(encoder.stream(blocks))))
    np.testing.assert_allclose(whole[:, 0], resample_poly(signal, 160, 441), atol=2e-6)


def test_result_does_not_depend_on_the_threads_of_blas():
    """One and several threads of BLAS give the same bits."""
    code = (
        "import sys, hashlib, numpy as np\n"
        "from netencoders_audio.stages.resample import resample\n"
        "x = np.random.default_rng(0).uniform(-1, 1, 90000).astype('f4')\n"
        "for name in ('TorchaudioHann', 'TorchaudioKaiser', 'ScipyPolyphase'):\n"
        "    for pair in ((44100, 16000), (96000, 8000), (16000, 48000), (44100, 1000)):\n"
        "        for block in resample([x], *pair, name):\n"
        "            print(hashlib.sha256(block).hexdigest())\n"
    )
    seen = set()
    for count in ("1", "2", "4"):
        threads = {"OPENBLAS_NUM_THREADS": count, "OMP_NUM_THREADS": count}
        command = [sys.executable, "-c", code]
        run = subprocess.run(command, env=threads, capture_output=True, text=True, check=True)
        seen.add(run.stdout)
    assert 1 == len(seen)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize(("rate", "new_rate"), [*PAIRS, (300, 1), (12000, 11001)])
def test_products_have_few_multiplications(rate, new_rate, name, monkeypatch):
    """Products have more than one row and less than 2 ** 18 multiplications: one thread of BLAS."""
    bank = FilterBank(resampling_filter(name, rate, new_rate))
    shapes = []
    matmul = np.matmul
    monkeypatch.setattr(
        np, "matmul", lambda a, b: shapes.append((*a.shape[-2:], b.shape[-1])) or matmul(a, b)
    )
    bank.apply(noise(bank.extent), 1)
    assert all(rows > 1 and rows * depth * columns < 1 << 18 for rows, depth, columns in shapes)


class EverySecond(ResamplingFilter):
    """A filter of the ratio 1 / 2 that takes each second sample; its only weight is at 0."""

    @classmethod
    def reach(cls, up, down):
        """Return 0."""
        return 0

    def weights(self, phases, inputs):
        """Return 1 at all distances."""
        return np.ones(np.broadcast_shapes(phases.shape, inputs.shape))


def test_weights_beyond_their_reach_do_not_count():
    """A bank has no weights beyond `half`, for any value that the filter returns there."""
    bank, signal = FilterBank(EverySecond(1, 2)), noise(5000)
    samples = np.concatenate([np.zeros(bank.before, np.float32), signal])
    assert np.array_equal(signal[: 2 * bank.outputs : 2], bank.apply(samples, 1))


@pytest.mark.parametrize("name", FILTERS)
def test_sources_may_overwrite_their_blocks(name):
    """A block is copied before the source gives the next one."""
    signal, memory = noise(3000), np.empty(100, np.float32)

    def blocks():
        for start in range(0, 3000, 100):
            memory[:] = signal[start : start + 100]
            yield memory

    result = np.concatenate(list(resample(blocks(), 44100, 16000, name, "Ceiling")))
    assert np.array_equal(actual(signal, 44100, 16000, name), result)


@pytest.mark.parametrize("name", FILTERS)
def test_no_samples_give_no_samples(name):
    """A signal without samples gives no blocks."""
    assert [] == list(resample([], 8000, 16000, name, "Ceiling"))


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize(("rate", "new_rate"), PAIRS)
def test_lookahead_completes_the_last_needed_sample(rate, new_rate, name):
    """With the lookahead after it, an input that ends at a sample gives this sample at once."""
    for count in (1, 500, 5000):
        needed = -(-count * rate // new_rate)
        signal = noise(needed + lookahead(rate, new_rate, name))
        first = next(filtered([signal], rate, new_rate, name, len))
        assert count <= len(first)


def test_long_filter_is_an_error():
    """A ratio without a short form is refused before the filter is computed."""
    encoder = NetEncoder("Audio", SampleRate=16001, Resampling="TorchaudioKaiser")
    message = (
        r"its 44100 Hz would be resampled to 16001 Hz by TorchaudioKaiser\. The ratio in lowest "
        r"terms is 16001/44100, which needs a filter of 5956983 weights; at most 4194304 are "
        r"allowed \(use Resampling='SoxrHQ', which takes any ratio, or a SampleRate that has a "
        r"larger common divisor with 44100\)"
    )
    with pytest.raises(AudioError, match=message) as caught:
        encoder(Audio(noise(100), 44100))
    assert "limit-exceeded" == caught.value.code
    assert (100, 1) == encoder(Audio(noise(100), 16001)).shape


@pytest.mark.parametrize("name", FILTERS)
def test_largest_bank_takes_little_memory(name):
    """A filter of nearly the largest allowed length takes less than 64 MB."""
    largest = next(
        rate
        for rate in range(400_000, 1000, -1)
        if 2 * FILTERS[name].reach(rate - 1, rate) + 1 <= MAX_WEIGHTS
    )
    bank = FilterBank(resampling_filter(name, largest, largest - 1))
    assert bank._bank.nbytes < 64 << 20
