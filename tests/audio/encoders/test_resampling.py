"""The parameters Resampling and ResampledLength of the audio encoders (A45, A46)."""

import io

import numpy as np
import pytest

from netencoders import NetEncoder, ParameterError, encoders
from netencoders_audio import Audio, AudioError
from netencoders_audio.encoders.signal import waveform_length
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.stages.resample import RESAMPLERS, SOXR, resample, resampled_length

NAMES = tuple(
    name
    for name, record in encoders().items()
    if record.encoder.__module__.startswith("netencoders_audio") and record.derived_from is None
)


@pytest.mark.parametrize("rounding", ["Round", "Ceiling"])
@pytest.mark.parametrize("resampler", RESAMPLERS)
def test_encoder_uses_the_declared_resampler(joined, recording, resampler, rounding):
    """The waveform of a file is that of the stage, with the declared rule for its length."""
    encoder = NetEncoder("Audio", Resampling=resampler, ResampledLength=rounding)
    samples = NetEncoder("Audio", SampleRate=44100)(recording(44100))[:, 0]
    expected = joined(resample([samples], 44100, 16000, resampler, rounding))
    assert np.array_equal(expected, encoder(recording(44100))[:, 0])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("resampler", RESAMPLERS)
def test_streams_equal_the_call(recording, wav, frames, name, resampler):
    """A file, a pipe and blocks of any size stream the bits of the call."""
    encoder = NetEncoder(name, Resampling=resampler)
    path, samples = recording(44100), frames(44100, 1)
    expected = encoder(path)
    assert np.array_equal(expected, np.concatenate(list(encoder.stream(path))))
    pipe = io.BytesIO(wav(samples, 44100))
    assert np.array_equal(expected, np.concatenate(list(encoder.stream(pipe))))
    for size in (997, 20000):
        starts = range(0, len(samples), size)
        blocks = (Audio(samples[start : start + size], 44100) for start in starts)
        assert np.array_equal(expected, np.concatenate(list(encoder.stream(blocks))))


@pytest.mark.parametrize("resampler", RESAMPLERS)
def test_target_length_and_normalization_follow_the_resampler(recording, resampler):
    """TargetLength counts samples after resampling, and Normalization measures them."""
    encoder = NetEncoder("Audio", Resampling=resampler)
    whole = encoder(recording(48000))
    first = encoder.replace(TargetLength=5000)(recording(48000))
    assert np.array_equal(whole[:5000], first)
    level = encoder.replace(TargetLength=5000, Normalization="Max")(recording(48000))
    np.testing.assert_allclose(level, first / np.abs(first).max(), atol=1e-7)
    longer = encoder.replace(TargetLength=len(whole) + 9)(recording(48000))
    assert np.array_equal(np.pad(whole, ((0, 9), (0, 0))), longer)


@pytest.mark.parametrize("resampler", RESAMPLERS)
def test_equal_rates_are_not_resampled(recording, resampler):
    """A recording of the declared rate is not changed."""
    expected = NetEncoder("Audio")(recording(16000))
    encoder = NetEncoder("Audio", Resampling=resampler, ResampledLength="Ceiling")
    assert np.array_equal(expected, encoder(recording(16000)))


@pytest.mark.parametrize("rounding", ["Round", "Ceiling"])
def test_length_is_known_before_resampling(rounding):
    """The expected length of a recording follows the rule."""
    encoder = NetEncoder("Audio", SampleRate=8000, ResampledLength=rounding)
    with open_recording(Audio(np.zeros(1000), 44100)) as opened:
        expected = waveform_length(opened, encoder.resolved)
    assert resampled_length(1000, 44100, 8000, rounding) == expected
    assert {"Round": 181, "Ceiling": 182}[rounding] == expected


def test_one_sample_is_kept_by_the_ceiling():
    """One sample at 44100 Hz is one sample at 16000 Hz with Ceiling, and none with Round."""
    audio = Audio(np.ones(1), 44100)
    assert (1, 1) == NetEncoder("Audio", Resampling="ScipyPolyphase")(audio).shape
    rounded = NetEncoder("Audio", Resampling="ScipyPolyphase", ResampledLength="Round")
    with pytest.raises(AudioError, match="no samples at 16000 Hz"):
        rounded(audio)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_are_neutral(name):
    """The default, and the library's own rule for the length, are not part of the digest."""
    default = NetEncoder(name)
    assert default.digest == default.replace(Resampling="SoxrHQ", ResampledLength="Round").digest
    assert default.digest != default.replace(ResampledLength="Ceiling").digest
    seen = {default.replace(Resampling=resampler).digest for resampler in RESAMPLERS}
    assert len(RESAMPLERS) == len(seen)
    for resampler in RESAMPLERS:
        rule = "Round" if resampler in SOXR else "Ceiling"
        declared = default.replace(Resampling=resampler)
        assert rule == declared.resolved["ResampledLength"]
        assert declared.digest == declared.replace(ResampledLength=rule).digest


def test_other_values_are_refused():
    """The error names the values; the name of another library is told."""
    names = ", ".join(repr(name) for name in RESAMPLERS[:-1])
    message = f"'Resampling' must be {names} or {RESAMPLERS[-1]!r}. Got 'kaiser_best'"
    with pytest.raises(ParameterError, match=message):
        NetEncoder("Audio", Resampling="kaiser_best")
    message = "'ResampledLength' must be 'Round', 'Ceiling' or Automatic. Got 'Floor'"
    with pytest.raises(ParameterError, match=message):
        NetEncoder("Audio", ResampledLength="Floor")
    with pytest.raises(ParameterError, match="Resampling"):
        NetEncoder("Audio", res_type="soxr_hq")
