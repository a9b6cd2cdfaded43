"""TargetLength and the parameters that cut and fill the waveform (A3, A44)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import All, EncodeError, NetEncoder, ParameterError, Varying
from netencoders_audio import Audio, reconstruct

PARAMETERS = st.fixed_dictionaries(
    {
        "TargetLength": st.sampled_from([All, 300, 2000, 5000]),
        "TargetSide": st.sampled_from(["Start", "End"]),
        "TargetFill": st.sampled_from(["Zero", "Repeat", "Cycle"]),
        "FillSide": st.sampled_from(["End", "Start", "Both"]),
        "MaximumLength": st.sampled_from([All, 700]),
        "MinimumLength": st.sampled_from([0, 300]),
        "MultipleOf": st.sampled_from([1, 512]),
        "Append": st.sampled_from([0, 160]),
        "Normalization": st.sampled_from([None, "Max", ("Standard", 1e-7)]),
        "SignalPreEmphasis": st.sampled_from([0, 0.97]),
    }
)


def noise(count):
    """Return noise."""
    return np.random.default_rng(0).uniform(-0.5, 0.5, count).astype(np.float32)


def waveform(samples, **parameters):
    """Return the waveform of samples at 16 kHz."""
    return NetEncoder("Audio", **parameters)(Audio(samples, 16000))[:, 0]


@settings(max_examples=100)
@given(PARAMETERS, st.sampled_from([100, 999, 4000]), st.sampled_from([16000, 22050]),
       st.integers(1, 700))  # fmt: skip
def test_stream_has_the_bits_of_the_call(parameters, count, rate, size):
    """Blocks of any size give the bits of the call, in the declared form; also of spectrograms."""
    audio = Audio(noise(count), rate)
    if parameters["TargetLength"] is not All:
        parameters["MaximumLength"] = All
    for name in ("Audio", "AudioSpectrogram"):
        encoder = NetEncoder(name, **parameters)
        expected = encoder(audio)
        assert encoder.output.problem(expected) is None
        assert np.array_equal(expected, np.concatenate(list(encoder.stream(audio))))
        parts = [Audio(audio.samples[k : k + size], rate) for k in range(0, count, size)]
        assert np.array_equal(expected, encoder(iter(parts)))
        if parameters["Normalization"] is None:
            assert np.array_equal(expected, np.concatenate(list(encoder.stream(iter(parts)))))


@pytest.mark.parametrize("count", [500, 1000, 3000])
def test_target_side_keeps_the_end(count):
    """The last samples are kept, and zeros come before a shorter recording."""
    expected = np.pad(noise(count), (max(0, 1000 - count), 0))[-1000:]
    assert np.array_equal(expected, waveform(noise(count), TargetLength=1000, TargetSide="End"))


def test_target_side_none_refuses_longer_audio():
    """No sample is lost in silence: up to TargetLength all are kept, and one more is refused."""
    given_values = {"TargetLength": 1000, "TargetSide": None}
    for count in (1, 999, 1000):
        expected = np.pad(noise(count), (0, 1000 - count))
        assert np.array_equal(expected, waveform(noise(count), **given_values))
    message = (
        "it has more than 1000 samples, and TargetSide is None, which refuses audio that is longer "
        r"than TargetLength or MaximumLength \(cut it into parts, such as "
        r"Audio.open\(file, start, stop\), or set TargetSide to Start or End, which keep one part\)"
    )
    for name in ("Audio", "AudioSpectrogram"):
        encoder = NetEncoder(name, **given_values)
        for encode in (encoder, lambda value: list(encoder.stream(value))):  # noqa: B023
            with pytest.raises(EncodeError, match=message) as caught:
                encode(Audio(noise(1001), 16000))
            assert "too-long" == caught.value.code


@pytest.mark.parametrize("side", ["Start", "End", None])
def test_maximum_length_cuts_and_does_not_fill(side):
    """Shorter audio keeps its length; longer audio is cut, or refused, as TargetSide declares."""
    given_values = {"MaximumLength": 1000, "TargetSide": side}
    for count in (1, 999, 1000):
        assert np.array_equal(noise(count), waveform(noise(count), **given_values))
    if side is None:
        with pytest.raises(EncodeError, match="it has more than 1000 samples"):
            waveform(noise(1001), **given_values)
        return
    expected = noise(3000)[:1000] if side == "Start" else noise(3000)[-1000:]
    assert np.array_equal(expected, waveform(noise(3000), **given_values))
    assert (Varying, 1) == NetEncoder("Audio", **given_values).output.dims


def test_maximum_length_with_other_lengths():
    """A maximum besides TargetLength, and one below MinimumLength, are refused."""
    with pytest.raises(
        ParameterError, match="'MaximumLength' must be All if TargetLength is given, wh"
    ):
        NetEncoder("Audio", TargetLength=10, MaximumLength=20)
    with pytest.raises(
        ParameterError, match="'MinimumLength' must be at most MaximumLength, which is"
    ):
        NetEncoder("Audio", MinimumLength=11, MaximumLength=10)


def test_sides_of_cut_and_fill_are_independent():
    """FillSide changes the zeros only."""
    given_values = {"TargetLength": 1000, "TargetSide": "End", "FillSide": "End"}
    assert np.array_equal(noise(3000)[-1000:], waveform(noise(3000), **given_values))
    assert np.array_equal(np.pad(noise(300), (0, 700)), waveform(noise(300), **given_values))
    given_values = {"TargetLength": 1000, "FillSide": "Start"}
    assert np.array_equal(noise(3000)[:1000], waveform(noise(3000), **given_values))
    assert np.array_equal(np.pad(noise(300), (700, 0)), waveform(noise(300), **given_values))


@pytest.mark.parametrize("count", [1, 299, 300, 301, 499, 500, 1000, 1200])
def test_target_fill_repeats_as_clap_does(count):
    """Whole repeats come first, then zeros, as the feature extractor of CLAP repeats and pads."""
    x = noise(count)
    expected = np.tile(x, max(1, 1000 // count))[:1000]
    expected = np.pad(expected, (0, 1000 - len(expected)))
    assert np.array_equal(expected, waveform(x, TargetLength=1000, TargetFill="Repeat"))


@pytest.mark.parametrize("count", [1, 299, 500, 1000, 1200])
def test_target_fill_cycles_as_numpy_resizes(count):
    """The recording begins again until the length is reached, and the last copy is cut."""
    expected = np.resize(noise(count), 1000)
    assert np.array_equal(expected, waveform(noise(count), TargetLength=1000, TargetFill="Cycle"))


@pytest.mark.parametrize("count", [1, 16383, 16384, 16385, 20000])
def test_minimum_length_as_musicgen(count):
    """A shorter recording gets half of the zeros before it, and the odd one at the end."""
    added = max(0, 16384 - count)
    expected = np.pad(noise(count), (added // 2, added - added // 2))
    given_values = {"MinimumLength": 16384, "FillSide": "Both"}
    assert np.array_equal(expected, waveform(noise(count), **given_values))


@pytest.mark.parametrize(("count", "filled"), [(1, 512), (511, 512), (512, 512), (513, 1024)])
def test_multiple_of(count, filled):
    """Zeros follow up to a multiple, for any FillSide."""
    expected = np.pad(noise(count), (0, filled - count))
    for side in ("End", "Start"):
        assert np.array_equal(expected, waveform(noise(count), MultipleOf=512, FillSide=side))


def test_append_follows_all_other_samples():
    """Appended zeros come after those of TargetLength and MultipleOf."""
    assert np.array_equal(np.pad(noise(99), (0, 160)), waveform(noise(99), Append="10 ms"))
    encoder = NetEncoder("Audio", TargetLength=1000, MultipleOf=512, Append=160)
    assert (1184, 1) == encoder.output.dims
    expected = np.pad(noise(2000)[:1000], (0, 184))
    assert np.array_equal(expected, encoder(Audio(noise(2000), 16000))[:, 0])


def test_rows_count_all_samples():
    """The number of rows of a fixed length is that of the filled waveform."""
    encoder = NetEncoder(
        "AudioSpectrogram", TargetLength=100, MultipleOf=512, Append=100, PartitionPadding=None
    )
    assert (2, 201) == encoder.output.dims == encoder(Audio(noise(50), 16000)).shape


def test_reconstruction_has_the_filled_length():
    """The inverse gives the waveform with its added zeros."""
    encoder = NetEncoder("SpeechSTFT", TargetLength=1000, TargetSide="End", MultipleOf=512)
    rows = encoder(Audio(noise(900), 16000))
    expected = np.pad(noise(900), (100, 24))
    np.testing.assert_allclose(reconstruct(rows, encoder), expected, rtol=0, atol=1e-6)


NEUTRAL = {
    "MaximumLength": All,
    "TargetSide": "Start",
    "TargetFill": "Zero",
    "FillSide": "End",
    "MinimumLength": 0,
    "MultipleOf": 1,
    "Append": 0,
}


def test_neutral_values_leave_digest_and_array():
    """The defaults change neither the digest nor the array; each other value is in the digest."""
    plain = NetEncoder("Audio", TargetLength=1000)
    assert plain.digest == plain.replace(**NEUTRAL).digest
    audio = Audio(noise(500), 16000)
    assert np.array_equal(plain(audio), plain.replace(**NEUTRAL)(audio))
    end = plain.replace(TargetSide="End")
    assert end.digest == end.replace(FillSide="Start").digest
    others = {"TargetSide": "End", "TargetFill": "Repeat", "FillSide": "Both",
              "MinimumLength": 5, "MultipleOf": 2, "Append": 1}  # fmt: skip
    digests = {plain.replace(**{name: value}).digest for name, value in others.items()}
    assert 7 == len({plain.digest, *digests})
