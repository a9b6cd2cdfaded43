"""Decoding: the scale of each coding, equal bits for each pass, and damaged files."""

import io
import struct

import numpy as np
import pytest
import soundfile

from netencoders import NetEncoder
from netencoders_audio import Audio, AudioError, mono_samples
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.sound_file import SoundFileRecording

# Kinds and codings, by the error of a sample: none, one step, a part of its value, or larger.
EXACT = [
    ("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "PCM_32"), ("WAV", "FLOAT"), ("WAV", "DOUBLE"),
    ("RF64", "PCM_16"), ("W64", "FLOAT"), ("AU", "PCM_16"), ("CAF", "PCM_24"),
    ("FLAC", "PCM_16"), ("FLAC", "PCM_24"), ("AIFF", "PCM_16"), ("AIFF", "PCM_24"),
    ("AIFF", "FLOAT"),
]  # fmt: skip
COARSE = [("WAV", "PCM_U8"), ("AIFF", "PCM_S8"), ("FLAC", "PCM_S8")]
LOGARITHMIC = [("WAV", "ALAW"), ("WAV", "ULAW")]
LOSSY = [("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", None)]
ALL = EXACT + COARSE + LOGARITHMIC + LOSSY


def original(frames, rate, channels):
    """Return the mean of the written channels."""
    return frames(rate, channels).astype("f8").mean(1) / 32768


@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize(("kind", "coding"), EXACT)
def test_lossless_codings_are_exact(recording, frames, kind, coding, channels):
    """Lossless codings return the written samples, with full scale 1."""
    decoded = mono_samples(recording(22050, channels, kind, coding), 22050)
    np.testing.assert_allclose(
        decoded, original(frames, 22050, channels), rtol=0, atol=np.finfo("f4").eps
    )


@pytest.mark.parametrize(("kind", "coding"), COARSE)
def test_8_bit_codings_differ_by_at_most_one_step(recording, frames, kind, coding):
    """8-bit codings differ by one step at most, around the right zero."""
    decoded = mono_samples(recording(8000, 1, kind, coding), 8000)
    expected = original(frames, 8000, 1)
    assert np.abs(decoded - expected).max() <= 1 / 128
    assert np.abs(np.mean(decoded - expected)) <= 1 / 256


@pytest.mark.parametrize(("kind", "coding"), LOGARITHMIC)
def test_logarithmic_codings_differ_by_a_relative_step(recording, frames, kind, coding):
    """A-law and mu-law differ by their relative step at most."""
    decoded = mono_samples(recording(8000, 1, kind, coding), 8000)
    expected = original(frames, 8000, 1)
    assert (np.abs(decoded - expected) <= 1 / 1024 + np.abs(expected) / 16).all()


@pytest.mark.parametrize(
    ("kind", "coding", "rate", "channels"),
    [
        (kind, coding, rate, channels)
        for kind, coding in LOSSY
        for rate in (8000, 16000, 22050, 44100, 48000)
        for channels in (1, 2, 5)
        if (kind != "MP3" or channels <= 2) and (coding != "OPUS" or rate % 8000 == 0)
    ],
)
def test_lossy_codings_keep_length_and_scale(recording, frames, kind, coding, rate, channels):
    """Lossy codings return as many samples, aligned in time, at the original scale."""
    decoded = mono_samples(recording(rate, channels, kind, coding), rate)
    expected = original(frames, rate, channels)
    assert len(expected) == len(decoded)
    gain = np.dot(decoded, expected) / np.dot(expected, expected)
    assert 0.9 < gain < 1.05


@pytest.mark.parametrize(("kind", "coding"), ALL)
def test_each_pass_gives_the_same_bits(recording, kind, coding):
    """Blocks of any size, a second pass, and a file object give the same bits."""
    path = recording(16000, 2, kind, coding)
    with open_recording(path) as first, open_recording(path.read_bytes()) as second:
        expected = np.concatenate([block.copy() for block in first.blocks(1 << 16)])
        for size in (1 << 16, 1000, 577, 64):
            for opened in (first, second):
                actual = np.concatenate([block.copy() for block in opened.blocks(size)])
                np.testing.assert_array_equal(expected, actual, strict=True)


@pytest.mark.parametrize(("kind", "coding"), ALL)
@pytest.mark.parametrize("normalization", ["Max", ["RMS", 0.1]])
@pytest.mark.parametrize("rate", [8000, 16000])
def test_normalized_stream_equals_the_call(
    monkeypatch, recording, kind, coding, normalization, rate
):
    """A stream decodes twice, a call keeps the samples; both give the same bits."""
    encoder = NetEncoder("AudioSpectrogram", SampleRate=rate, Normalization=normalization)
    path = recording(16000, 1, kind, coding)
    expected = encoder(path)
    monkeypatch.setattr("netencoders_audio.encoders.signal.BLOCK", 1000)
    for value in (path, io.BytesIO(path.read_bytes())):
        assert np.array_equal(expected, encoder(value))
        assert np.array_equal(expected, np.concatenate(list(encoder.stream(value))))


@pytest.mark.parametrize("coding", ["FLOAT", "DOUBLE"])
def test_floats_above_1_are_not_clipped(wav, coding):
    """Floats above full scale are not clipped."""
    content = wav(np.array([0.5, -3.5, 2.25]), coding=coding)
    assert [0.5, -3.5, 2.25] == mono_samples(content, 16000).tolist()


@pytest.mark.parametrize("coding", ["FLOAT", "DOUBLE"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_non_finite_samples_are_refused(wav, coding, bad):
    """The error for NaN and infinity has the position, also after the first block."""
    samples = np.zeros((70_000, 2))
    samples[66_000, 1] = bad
    place = rf"^bytes: the sample at frame 66000 of channel 1 is {bad}; .* \(replace or remove"
    with pytest.raises(AudioError, match=place) as caught:
        mono_samples(wav(samples, coding=coding), 16000)
    assert "non-finite" == caught.value.code


@pytest.mark.parametrize(("kind", "coding"), [("WAV", None), ("FLAC", None), ("OGG", "VORBIS")])
@pytest.mark.parametrize(("rate", "target"), [(16000, 16000), (48000, 8000), (16000, 48000)])
@pytest.mark.parametrize("length", [1, 1000])
def test_target_length_limits_decoding(monkeypatch, wav, kind, coding, rate, target, length):
    """With TargetLength the decoder reads only the frames that the length needs."""
    asked = []
    read = SoundFileRecording._read

    def counted(self, buffer, *arguments):
        asked.append(len(buffer))
        return read(self, buffer, *arguments)

    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 100_000)
    content = wav(noise, rate, kind, coding)
    encoder = NetEncoder("AudioSpectrogram", SampleRate=target, TargetLength=length)
    whole = mono_samples(content, target)
    monkeypatch.setattr(SoundFileRecording, "_read", counted)
    first = encoder(content)
    ahead = 0 if rate == target else 1400 * max(rate, target) / target
    assert length * rate / target <= sum(asked) <= length * rate / target + ahead + 2
    assert np.array_equal(encoder(Audio(whole, target)), first)


def patched(content, place, layout, *values):
    """Return bytes with a changed field."""
    content = bytearray(content)
    struct.pack_into(layout, content, place, *values)
    return bytes(content)


def half(content):
    """Return the first half."""
    return content[: len(content) // 2]


def flipped(content):
    """Return bytes with one flipped bit in the middle."""
    return patched(content, len(content) // 2, "B", content[len(content) // 2] ^ 4)


@pytest.mark.parametrize(
    ("kind", "damage", "code", "message"),
    [
        (
            "WAV",
            lambda content: content[:30],
            "malformed",
            "its header is incomplete",
        ),
        ("WAV", lambda content: patched(content, 22, "<H", 0), "malformed", ""),
        ("WAV", lambda content: patched(content, 24, "<i", 0), "malformed", ""),
        ("WAV", lambda content: patched(content, 24, "<i", -5), "malformed", ""),
        ("FLAC", lambda content: content[:30], "malformed", ""),
        ("AIFF", lambda content: content[:40], "malformed", ""),
        ("OGG", lambda content: content[:100], "truncated", "ends at byte 100, inside a page"),
        ("FLAC", half, "malformed", "decoding fails: Error : flac decoder lost sync"),
        ("FLAC", flipped, "malformed", "decoding fails: Error : "),
        ("MP3", half, "truncated", "of the 24000 frames that its header claims"),
        (
            "WAV",
            lambda content: b"RIFF" * 2,
            "unrecognized",
            "it looks like text",
        ),
        ("WAV", lambda content: content[44:], "unrecognized", "samples without a header"),
        ("WAV", lambda content: b"<html>" * 99, "unrecognized", "looks like a web page"),
    ],
)
def test_damaged_files_are_refused(recording, tmp_path, kind, damage, code, message):
    """The error for a damaged file has the damage and the name, from a path and from memory."""
    content = damage(recording(kind=kind).read_bytes())
    path = tmp_path / "damaged"
    path.write_bytes(content)
    for value, source in ((path, str(path)), (content, "bytes"), (path.open("rb"), str(path))):
        with pytest.raises(AudioError) as caught:
            mono_samples(value, 16000)
        assert (code, source) == (caught.value.code, caught.value.source)
        assert message in caught.value.message
        assert caught.value.remedy
        if hasattr(value, "close"):
            value.close()


def test_truncated_error_has_both_counts(recording):
    """The error for a truncated file has the claimed and the present number of frames."""
    message = r"^bytes: has \d{4,5} of the 24000 frames that its header claims \(the file is trun"
    with pytest.raises(AudioError, match=message):
        mono_samples(half(recording(kind="MP3").read_bytes()), 16000)


def test_target_length_before_the_damage_is_encoded(recording):
    """With a TargetLength that ends before the damage, the result is that of a whole file."""
    content = recording(kind="MP3").read_bytes()
    encoder = NetEncoder("AudioSpectrogram", TargetLength=4000)
    assert np.array_equal(encoder(content), encoder(half(content)))


def test_flac_of_unknown_length_is_read_to_its_end(recording, frames):
    """A FLAC file without a length, as from a pipe, is read to its last sample."""
    content = bytearray(recording(16000, 2, "FLAC").read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    with open_recording(bytes(content)) as opened:
        assert opened.length is None
    expected = original(frames, 16000, 2).astype("f4")
    assert np.array_equal(expected, mono_samples(bytes(content), 16000))
    encoder = NetEncoder("AudioSpectrogram")
    assert np.array_equal(encoder(recording(16000, 2, "FLAC")), encoder(bytes(content)))


def test_claim_of_2_to_the_36_samples_is_refused(recording):
    """A FLAC file that claims 2**36 samples is read to its end, and then refused."""
    content = bytearray(recording(kind="FLAC").read_bytes())
    content[21] |= 0x0F
    content[22:26] = b"\xff" * 4
    for encode in (NetEncoder("AudioSpectrogram"), lambda value: mono_samples(value, 16000)):
        with pytest.raises(AudioError, match=r"has 24000 of the 68719476735 frames that its "):
            encode(bytes(content))


class Failing(io.BytesIO):
    """A file object that fails to read after `fails_after` bytes."""

    name = "nfs.wav"
    fails_after = 0

    def read(self, size=-1):
        """Read, or fail."""
        if size and self.tell() + size > self.fails_after:
            raise OSError("Stale file handle")
        return super().read(size)


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
@pytest.mark.parametrize("fails_after", [0, 20_000])
def test_error_of_a_file_object_is_raised(recording, capfd, kind, fails_after):
    """An error of a file object is raised, and neither printed nor taken for the end."""
    file = Failing(recording(kind=kind).read_bytes())
    file.fails_after = fails_after
    message = r"^nfs\.wav: reading fails with OSError: Stale file handle \(check the file"
    with pytest.raises(AudioError, match=message) as caught:
        mono_samples(file, 16000)
    assert "unreadable" == caught.value.code
    assert isinstance(caught.value.__cause__, OSError)
    assert ("", "") == capfd.readouterr()


def test_named_formats_exist_in_libsndfile():
    """The formats that messages name are formats of libsndfile."""
    assert {"WAV", "FLAC", "OGG", "MP3", "AIFF"} <= set(soundfile.available_formats())
