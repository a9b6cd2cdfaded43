"""Decoding: the scale of each coding, equal bits for each pass, and damaged files."""

import io
import os
import re
import struct
import warnings
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from netencoders import NetEncoder
from netencoders.policies import policies
from netencoders_audio import Audio, AudioError, AudioWarning, limits, mono_samples
from netencoders_audio.files.flac_frames import frame_header
from netencoders_audio.files.ogg import checksum
from netencoders_audio.recordings import opening
from netencoders_audio.recordings.decoder import Decoder
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.samples_file import SamplesFile

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
    read, read_samples = Decoder.read, SamplesFile._read

    def counted(self, buffer):
        asked.append(len(buffer))
        return read(self, buffer)

    def counted_samples(self, buffer, place, count):
        asked.append(count)
        return read_samples(self, buffer, place, count)

    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 100_000)
    content = wav(noise, rate, kind, coding)
    encoder = NetEncoder("AudioSpectrogram", SampleRate=target, TargetLength=length)
    whole = mono_samples(content, target)
    monkeypatch.setattr(Decoder, "read", counted)
    monkeypatch.setattr(SamplesFile, "_read", counted_samples)
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
            raise ConnectionError("reset by peer")
        return super().read(size)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
@pytest.mark.parametrize("fails_after", [0, 5_000])
def test_error_of_a_file_object_is_raised(recording, capfd, kind, fails_after):
    """An error of a file object is raised as it is, neither printed nor taken for the end."""
    file = Failing(recording(kind=kind).read_bytes())
    file.fails_after = fails_after
    for read in (
        lambda: mono_samples(file, 16000),
        lambda: NetEncoder("AudioSpectrogram")(file),
        lambda: list(NetEncoder("AudioSpectrogram").stream(file)),
    ):
        with pytest.raises(ConnectionError, match=r"^reset by peer$"):
            read()
    assert ("", "") == capfd.readouterr()


def test_error_of_a_file_object_is_one_result_of_a_map(recording):
    """With on_error="return" the failed input has the code `unreadable`, and the others go on."""
    content = recording().read_bytes()
    encoder = NetEncoder("AudioSpectrogram")
    first, error, last = encoder.map(
        [content, Failing(content), content], workers=1, on_error="return"
    )
    assert np.array_equal(first, last)
    message = "reading fails with ConnectionError: reset by peer"
    assert ("unreadable", message) == (error.code, error.message)
    assert isinstance(error.__cause__, ConnectionError)


def test_warning_that_is_an_error_is_raised(recording):
    """A filter that turns warnings into errors raises the AudioWarning, and no other error."""
    with (
        warnings.catch_warnings(),
        policies({"truncated": "warn"}),
    ):
        warnings.simplefilter("error")
        with pytest.raises(AudioWarning, match=r"^bytes: has \d+ of the 24000 frames"):
            NetEncoder("AudioSpectrogram")(half(recording(kind="MP3").read_bytes()))


@pytest.mark.parametrize("damage", [lambda content: content, flipped, half])
@pytest.mark.parametrize("kind", ["FLAC", "OGG", "WAV"])
def test_failed_file_is_not_kept_open(recording, tmp_path, kind, damage):
    """The traceback of an error does not keep the file open: a batch may return many errors."""
    path = tmp_path / "damaged"
    path.write_bytes(damage(recording(kind=kind).read_bytes()))
    errors = []
    before = len(os.listdir("/dev/fd"))
    for value in (path, path.read_bytes()) * 3:
        # A whole file is refused for its rate.
        with limits(max_rate=12_000), pytest.raises(AudioError) as caught:
            mono_samples(value, 16000)
        errors.append(caught.value)
    assert all(error.__traceback__ is not None for error in errors)
    assert before + 1 >= len(os.listdir("/dev/fd"))  # one file in memory may be new


# ---------------------------------------------------------------- a start
def frames_from(value, size, start):
    """Return the frames of a recording from `start` on, in blocks of a size."""
    with open_recording(value) as opened:
        blocks = [block.copy() for block in opened.blocks(size, start)]
        return np.concatenate([np.empty((0, opened.channels)), *blocks])


@pytest.fixture(scope="module")
def flac_without_length(recording):
    """Return a FLAC file without a length, as from a pipe."""
    content = bytearray(recording(16000, 2, "FLAC").read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    return bytes(content)


@pytest.mark.parametrize("start", [0, 1, 4095, 4096, 4097, 13_000, 23_999, 24_000, 50_000])
@pytest.mark.parametrize("size", [700, 4096, 1 << 16])
def test_start_leaves_out_frames(recording, frames, flac_without_length, start, size):
    """Frames from a start are those of the whole file, for files that libsndfile seeks or not."""
    expected = frames(16000, 2)[start:]
    for value in (
        recording(16000, 2, "FLAC"),
        recording(16000, 2, "FLAC").read_bytes(),
        recording(16000, 2, "WAV"),
        flac_without_length,
    ):
        np.testing.assert_array_equal(expected, frames_from(value, size, start))


@pytest.mark.parametrize(("kind", "coding"), LOSSY)
def test_start_of_a_lossy_file_is_exact(recording, kind, coding):
    """Lossy codings are decoded from the beginning: their frames do not depend on the start."""
    path = recording(16000, 2, kind, coding)
    whole = frames_from(path, 5000, 0)
    for start in (1, 9000, 23_990):
        np.testing.assert_array_equal(whole[start:], frames_from(path, 5000, start))


def test_flac_is_not_decoded_before_the_start(recording, monkeypatch):
    """Of a FLAC file only the frames after the start are decoded; if a seek fails, all are."""
    read, seek, counts = Decoder.read, Decoder.seek, []

    def counted(self, buffer):
        count, code = read(self, buffer)
        counts.append(count)
        return count, code

    monkeypatch.setattr(Decoder, "read", counted)
    path = recording(16000, 2, "FLAC")
    expected = frames_from(path, 1000, 20_000)
    assert 4000 == sum(counts)
    monkeypatch.setattr(Decoder, "seek", lambda self, frame: seek(self, 77) and False)
    np.testing.assert_array_equal(expected, frames_from(path, 1000, 20_000))
    assert 28_000 == sum(counts)


def test_gap_after_the_start_is_found(recording):
    """A frame that is missing after the start is an error, as in a whole file."""
    content = flac_of_noise(40)
    places = [match.start() for match in re.finditer(rb"\xff\xf8", content)]
    frames = [at for at in places if frame_header(content[at : at + 16], 4096) is not None]
    lost = content[: frames[20]] + content[frames[23] :]
    with pytest.raises(AudioError, match=r"frames 81920 to 94207 are missing from its middle"):
        frames_from(lost, 5000, 4096 * 18 + 5)


# ---------------------------------------------------------------- a file that is cut
def flac_of_noise(blocks, seed=0, channels=1):
    """Return the bytes of a FLAC file of so many frames."""
    noise = np.random.default_rng(seed).uniform(-0.3, 0.3, (blocks * 4096, channels))
    file = io.BytesIO()
    soundfile.write(file, noise, 16000, "PCM_16", format="FLAC")
    return file.getvalue()


def without_length(content):
    """Return a FLAC file whose header claims no length."""
    content = bytearray(content)
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    return bytes(content)


CUTS = [0.35, 0.5, 0.71, 0.9, 0.99, -2000, -3, -1]


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("size", [700, 4096, 1 << 18])
def test_flac_that_is_cut_gives_the_part_that_is_there(cut, size):
    """With truncated="warn" all complete frames are returned, and a warning has both counts."""
    content = flac_of_noise(40, channels=2)
    expected = frames_from(content, 1 << 18, 0)
    end = cut if cut < 0 else int(len(content) * cut)
    for whole, message in (
        (content, r"^bytes: has (\d+) of the 163840 frames that its header claims: the "),
        (
            without_length(content),
            r"^bytes: ends after (\d+) frames, inside a frame: the ",
        ),
    ):
        part = whole[:end]
        with policies({"truncated": "warn"}), pytest.warns(AudioWarning, match=message) as told:
            actual = frames_from(part, size, 0)
        # The checksum of an incomplete frame is right at some place in one of five files, and the
        # bytes after it are told, too.
        (found,) = filter(None, (re.match(message, str(entry.message)) for entry in told))
        assert str(len(actual)) == found[1]
        np.testing.assert_array_equal(expected[: len(actual)], actual)
        # Each frame has nearly the same size.
        assert 4096 * int(40 * len(part) / len(content) - 0.7) <= len(actual) <= 40 * 4096
        with pytest.raises(AudioError, match=r"decoding fails: .* lost sync") as caught:
            frames_from(part, size, 0)
        assert "malformed" == caught.value.code
        assert "or encode the available frames with Audio.open(path, truncated='warn')" in str(
            caught.value
        )


@pytest.mark.parametrize("mode", ["error", "warn"])
@pytest.mark.parametrize("place", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("seed", range(5))
def test_flac_with_a_flipped_bit_is_damaged(mode, place, seed):
    """A flipped bit in the middle of a FLAC file is an error in both modes."""
    content = bytearray(flac_of_noise(40))
    content[int(len(content) * place) + seed * 1001] ^= 1 << seed
    for damaged in (bytes(content), without_length(content)):
        with (
            policies({"truncated": mode}),
            pytest.raises(AudioError, match=r"decoding fails: .*\(the file is damaged: fetch it"),
        ):
            frames_from(damaged, 5000, 0)


def test_flac_with_a_damaged_last_frame_is_not_cut():
    """A last frame that is complete, and has a wrong checksum, is damage in both modes."""
    content = bytearray(flac_of_noise(5))
    content[-1] ^= 4
    with policies({"truncated": "warn"}), pytest.raises(AudioError, match="decoding fails: Error"):
        frames_from(bytes(content), 5000, 0)


@pytest.mark.parametrize(
    ("kind", "coding"), [*ALL, ("WAV", "FLOAT"), ("AIFF", "PCM_24"), ("RF64", "PCM_16")]
)
@pytest.mark.parametrize("cut", [0.7, 0.8, -1])
def test_every_format_that_is_cut_gives_the_part_that_is_there(recording, kind, coding, cut):
    """With truncated="warn" a part of any format gives the first frames of the whole file."""
    content = recording(48000, 2, kind, coding).read_bytes()
    whole = frames_from(content, 5000, 0)
    with policies({"truncated": "warn"}), pytest.warns(AudioWarning, match="available frames are"):
        part = frames_from(content[: cut if cut < 0 else int(len(content) * cut)], 5000, 0)
    assert 0 < len(part) < len(whole)
    np.testing.assert_array_equal(whole[: len(part)], part)


def test_vorbis_without_a_whole_page_of_sound_is_refused(recording):
    """With truncated="warn", Vorbis whose headers alone are complete is an error of its own."""
    content = recording(16000, 1, "OGG", "VORBIS").read_bytes()
    place = -1
    for _ in range(3):  # two pages of headers, then sound
        place = content.index(b"OggS", place + 1)
    message = rf"^bytes: ends at byte {place + 99}, inside a page, before its first samples"
    with (
        policies({"truncated": "warn"}),
        pytest.warns(AudioWarning, match="inside a page"),
        pytest.raises(AudioError, match=message) as caught,
    ):
        frames_from(content[: place + 99], 5000, 0)
    assert "truncated" == caught.value.code


def test_file_that_ends_before_its_samples_is_refused(recording):
    """With truncated="warn", too, a file that has no samples is an error."""
    content = recording(48000, 2, "OGG", "OPUS").read_bytes()
    message = r"^bytes: ends at byte 3000, inside a page, before its first samples \(fetch it again"
    with (
        policies({"truncated": "warn"}),
        pytest.warns(AudioWarning, match="inside a page"),
        pytest.raises(AudioError, match=message) as caught,
    ):
        frames_from(content[:3000], 5000, 0)
    assert "truncated" == caught.value.code


# ---------------------------------------------------------------- counts and the first granule
@pytest.mark.parametrize(
    ("counted", "message"),
    [
        (24_000, None),
        (24_700, "decodes to 24000 of the 24700 frames that were counted: the decoder skips dama"),
    ],
)
def test_decoded_frames_are_compared_with_the_counted_ones(
    recording, monkeypatch, counted, message
):
    """A decoder that gives fewer frames, or more, than its file has is told in one warning."""
    inspect = opening.inspect
    monkeypatch.setattr(
        opening, "inspect", lambda content: replace(inspect(content), counted=counted)
    )
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert 24_000 == len(frames_from(recording(kind="MP3"), 5000, 0))
    assert ([] if message is None else [message]) == [
        str(warning.message).partition(": ")[2][: len(message or "")] for warning in told
    ]


def test_counted_frames_are_not_missing(recording, monkeypatch):
    """Frames that the file has, and the decoder skips, do not make the file `truncated`."""
    inspect = opening.inspect
    monkeypatch.setattr(
        opening,
        "inspect",
        lambda content: replace(inspect(content), claimed=24_700, counted=24_700),
    )
    content = without_length(recording(kind="FLAC").read_bytes())
    with pytest.warns(AudioWarning, match="the decoder skips damaged frames"):
        assert 24_000 == len(frames_from(content, 5000, 0))


@pytest.mark.parametrize("by", [1, 312, 960, 48_000, 3_000_000])
@pytest.mark.parametrize("coding", ["OPUS", "VORBIS"])
def test_ogg_that_does_not_start_at_0_has_the_samples_of_one_that_does(recording, coding, by):
    """A recording of a live stream has the samples of a file whose first granule is 0."""
    content = recording(48000, 2, "OGG", coding).read_bytes()
    np.testing.assert_array_equal(
        frames_from(content, 5000, 0), frames_from(later(content, by), 5000, 0)
    )


@pytest.mark.parametrize("rewind", [False, True])
def test_rewind_of_the_findings_moves_to_the_first_frame(recording, monkeypatch, rewind):
    """The decoder moves to frame 0 before the first read, if the inspection says so."""
    inspect, seek, places = opening.inspect, Decoder.seek, []
    monkeypatch.setattr(
        opening, "inspect", lambda content: replace(inspect(content), rewind=rewind)
    )
    monkeypatch.setattr(Decoder, "seek", lambda self, at: places.append(at) or seek(self, at))
    frames_from(recording(kind="OGG", coding="VORBIS"), 5000, 0)
    assert [0] * rewind == places


def later(content, by):
    """Return an Ogg file whose granules begin at `by` instead of 0."""
    pages, place = [], 0
    while place < len(content):
        segments = content[place + 26]
        end = place + 27 + segments + sum(content[place + 27 : place + 27 + segments])
        page = bytearray(content[place:end])
        (granule,) = struct.unpack_from("<q", page, 6)
        struct.pack_into("<q", page, 6, granule + by if granule > 0 else granule)
        page[22:26] = bytes(4)
        page[22:26] = struct.pack("<I", checksum(bytes(page)))
        pages.append(bytes(page))
        place = end
    return b"".join(pages)


def test_named_formats_exist_in_libsndfile():
    """The formats that messages name are formats of libsndfile."""
    assert {"WAV", "FLAC", "OGG", "MP3", "AIFF"} <= set(soundfile.available_formats())


def test_blocks_that_are_decoded_ahead_have_their_own_memory(recording):
    """With several threads, no block is overwritten, and none is copied."""
    with open_recording(recording(kind="MP3", coding="MPEG_LAYER_III")) as opened:
        expected = [block.copy() for block in opened.blocks(1000)]
        made = []

        class Threads:
            def ahead(self, blocks, kept):
                assert kept
                made.extend(blocks)
                return iter(made)

        taken = list(opened.blocks_ahead(1000, Threads()))
    assert len(taken) > 2
    assert [block.tolist() for block in expected] == [block.tolist() for block in taken]
