"""Coded tracks of PyAV: their samples, lengths, parts, streams and damage."""

import gc
import io
import os
import signal
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders.policies import policies
from netencoders_audio import Audio, AudioError, AudioWarning, Limits, limits, mono_samples
from netencoders_audio.recordings import av_decoder
from netencoders_audio.recordings.av_readers import AV_READERS, CODINGS_OF
from netencoders_audio.recordings.opening import open_recording

pytest.importorskip("av")

CODED = Path(__file__).parents[2] / "data" / "coded"
S16P = {"form": "s16p"}
FRAGMENTS = {"file_options": {"movflags": "frag_keyframe+empty_moov"}}
BIT_RATE = {"options": {"b": "96000"}}
NATIVE = {"options": {"strict": "-2"}}

# container and coding of FFmpeg, rate, channels, settings; then the samples before the sound and
# behind it, or None if the samples are equal to the source.
LOSSLESS = {
    "ALAC in MP4": ("ipod", "alac", 44100, 2, S16P),
    "FLAC in MP4": ("mp4", "flac", 44100, 2, {}),
    "PCM in MOV": ("mov", "pcm_s16le", 44100, 2, {}),
    "PCM of big-endian 24 bits in MOV": ("mov", "pcm_s24be", 44100, 2, {}),
    "FLAC in Matroska": ("matroska", "flac", 44100, 2, {}),
    "ALAC in Matroska": ("matroska", "alac", 44100, 2, S16P),
    "WavPack in Matroska": ("matroska", "wavpack", 44100, 2, S16P),
    "PCM in Matroska": ("matroska", "pcm_s16le", 44100, 2, {}),
    "big-endian PCM in Matroska": ("matroska", "pcm_s16be", 44100, 2, {}),
    "WavPack": ("wv", "wavpack", 44100, 2, S16P),
    "WavPack of 8 channels": ("wv", "wavpack", 8000, 8, S16P),
    "TTA": ("tta", "tta", 44100, 2, {"form": "s16"}),
    "ALAC in CAF": ("caf", "alac", 44100, 2, S16P),
    "PCM in AVI": ("avi", "pcm_s16le", 44100, 2, {}),
}
LOSSY = {
    "AAC in MP4": ("ipod", "aac", 44100, 2, {}, 0, 0),
    "AAC in MP4 of one channel": ("mp4", "aac", 16000, 1, {}, 0, 0),
    "AAC in fragments": ("mp4", "aac", 44100, 2, FRAGMENTS, 1024, 0),
    "Opus in MP4": ("mp4", "libopus", 48000, 1, {}, 0, 0),
    "MP3 in MP4": ("mp4", "libmp3lame", 44100, 2, {}, 0, 0),
    "AAC in Matroska": ("matroska", "aac", 44100, 2, {}, 0, 1024),
    "Opus of 8 kHz in WebM": ("webm", "libopus", 8000, 1, {}, 0, 0),
    "Opus of 16 kHz in WebM": ("webm", "libopus", 16000, 1, {}, 0, 0),
    "Opus in WebM": ("webm", "libopus", 48000, 2, {}, 0, 0),
    "Vorbis in Matroska": ("matroska", "vorbis", 44100, 2, NATIVE, 0, 1024),
    "MP3 in Matroska": ("matroska", "libmp3lame", 44100, 2, {}, 0, 0),
    "MP2 in Matroska": ("matroska", "mp2", 44100, 2, {}, 0, 1152),
    "AAC in ADTS": ("adts", "aac", 44100, 2, {}, 1024, 1024),
    "AMR": ("amr", "libopencore_amrnb", 8000, 1, {}, 40, 320),
    "WMA 1": ("asf", "wmav1", 44100, 2, BIT_RATE, 2048, 4096),
    "WMA 2": ("asf", "wmav2", 44100, 2, BIT_RATE, 2048, 4096),
    "AC-3": ("ac3", "ac3", 48000, 2, {}, 256, 1536),
    "E-AC-3": ("eac3", "eac3", 48000, 2, {}, 256, 1536),
    "G.722 in WAV": ("wav", "g722", 16000, 1, {}, 22, 0),
    "AAC in MPEG-TS": ("mpegts", "aac", 44100, 2, {}, 1024, 1024),
    "AC-3 in MPEG-TS": ("mpegts", "ac3", 48000, 1, {}, 256, 1536),
    "MP2 in MPEG-TS": ("mpegts", "mp2", 48000, 1, {}, 481, 1152),
    "MP3 in AVI": ("avi", "libmp3lame", 44100, 2, {}, 1105, 1152),
    "AAC in AVI": ("avi", "aac", 44100, 1, {}, 1024, 1024),
    "AAC in FLV": ("flv", "aac", 44100, 2, {}, 1024, 1024),
    "MP3 in FLV": ("flv", "libmp3lame", 44100, 1, {}, 1105, 1152),
}


def samples_of(value, **choices):
    """Return all samples of an input: int16 or float32, shape (frames, channels), and the rate."""
    with open_recording(value, **choices) as recording:
        blocks = [block.copy() for block in recording.blocks(10_000)]
        return np.concatenate(blocks), recording.rate


def full_scale(samples):
    """Return samples as float64, with full scale 1."""
    return samples / 32768 if samples.dtype == np.int16 else samples.astype(np.float64)


def shift(samples, source):
    """Return the number of samples by which they are later than the source."""
    size = len(samples) + len(source)
    product = np.fft.rfft(samples, size) * np.conj(np.fft.rfft(source, size))
    found = int(np.argmax(np.fft.irfft(product, size)))
    return found if found < size // 2 else found - size


@pytest.mark.parametrize("row", LOSSLESS)
def test_lossless_codings_have_the_samples_of_the_source(row, coded, frames):
    """Lossless codings are equal to the source, sample by sample, with full scale 1."""
    container, coding, rate, channels, settings = LOSSLESS[row]
    samples, found = samples_of(coded(container, coding, rate, channels, **settings))
    assert rate == found
    assert np.array_equal(frames(rate, channels) / 32768, full_scale(samples))


@pytest.mark.parametrize("row", LOSSY)
def test_lossy_codings_have_the_documented_delay(row, coded, frames):
    """Lossy codings begin at the source, or by the documented number of samples later."""
    container, coding, rate, channels, settings, before, behind = LOSSY[row]
    samples, found = samples_of(coded(container, coding, rate, channels, **settings))
    source = frames(found, channels)
    assert abs(shift(full_scale(samples)[:, 0], source[:, 0] / 32768) - before) <= 1
    assert -before <= len(samples) - len(source) - before <= behind


@pytest.mark.parametrize(
    ("name", "rate", "before", "behind"),
    [
        ("ten_of_clubs.dts", 48000, 512, 512),
        ("ten_of_clubs.spx", 16000, 80, 320),
        ("ten_of_clubs_vorbis.webm", 16000, 0, 512),
        ("ten_of_clubs_he.m4a", 32000, 961, 1),
    ],
)
def test_files_of_ffmpeg_have_the_documented_delay(name, rate, before, behind, speech_path):
    """DTS, Speex, Vorbis and HE-AAC of other coders begin at the source, or as documented."""
    samples, found = samples_of(CODED / name)
    assert rate == found
    source = mono_samples(speech_path.parent / "ten_of_clubs_16k_mono.wav", rate)
    source = source[: rate // 2] if "dts" in name else source
    assert abs(shift(full_scale(samples)[:, 0], source) - before) <= 1
    assert -before - 69 <= len(samples) - len(source) - before <= behind  # Speex states less


def test_gsm_in_wav_has_the_samples_of_libsndfile(recording):
    """GSM 6.10 in WAV is decoded to the samples of libsndfile."""
    path = recording(8000, 1, "WAV", "GSM610")
    samples, _ = samples_of(path)
    with limits(codings=Limits.codings | {"GSM610"}):
        expected, _ = samples_of(path)
    assert np.array_equal(full_scale(expected)[: len(samples)], full_scale(samples))


def test_alac_in_caf_has_the_samples_of_libsndfile(recording):
    """ALAC in CAF of libsndfile is decoded to its samples."""
    path = recording(44100, 2, "CAF", "ALAC_16")
    samples, _ = samples_of(path)
    with limits(codings=Limits.codings | {"ALAC_16"}):
        assert np.array_equal(full_scale(samples_of(path)[0]), full_scale(samples))


def test_every_depth_is_exact(encoder_of_tracks):
    """ALAC, TTA and WavPack of 24 and 32 bits have full scale 1, rounded to float32 once."""
    source = np.random.default_rng(0).integers(-(2**31), 2**31, (9000, 2)).astype(np.int32)
    for container, coding, form, bits in (
        ("ipod", "alac", "s32p", 24),
        ("wv", "wavpack", "s32p", 32),
        ("tta", "tta", "s32", 24),
        ("flac", "flac", "s32", 24),
        ("matroska", "pcm_s32le", "s32", 32),
    ):
        content = encoder_of_tracks([(source, 44100)], container, coding, form=form)
        expected = (source >> (32 - bits) << (32 - bits)).astype(np.float32) / np.float32(2**31)
        assert np.array_equal(expected, samples_of(content)[0]), coding


def test_end_of_he_aac_is_kept(speech_path):
    """The filters of HE-AAC delay the sound, so as much more is decoded than the file states."""
    samples, rate = samples_of(CODED / "ten_of_clubs_he.m4a")
    source = mono_samples(speech_path.parent / "ten_of_clubs_16k_mono.wav", rate)
    assert len(source) + 962 == len(samples)


@pytest.mark.parametrize("coding", ["pcm_u8", "pcm_s8"])
def test_quicktime_of_8_bits_is_exact(coding, encoder_of_tracks):
    """Samples of 8 bits in QuickTime, with a sign and without, have full scale 1."""
    source = np.arange(-128, 128, dtype=np.int16)[:, np.newaxis] * 256
    samples, _ = samples_of(encoder_of_tracks([(source, 8000)], "mov", coding))
    assert np.array_equal(source / np.float32(32768), samples)


def pipe_of(content):
    """Return a file object that cannot seek, of a pipe that a thread fills."""
    out, into = os.pipe()

    def write():
        with open(into, "wb") as file:
            file.write(content)

    threading.Thread(target=write, daemon=True).start()
    return open(out, "rb")


ALL = LOSSLESS | LOSSY


def content_of(row, coded):
    """Return the bytes of a row of the tables."""
    container, coding, rate, channels, settings = ALL[row][:5]
    return coded(container, coding, rate, channels, **settings)


@pytest.mark.parametrize("row", ALL)
def test_every_kind_of_input_has_the_same_samples(row, coded, tmp_path):
    """A path, bytes, a file object and a pipe give equal bits."""
    content = content_of(row, coded)
    expected, _ = samples_of(content)
    path = tmp_path / "misleading.wav"
    path.write_bytes(content)
    assert np.array_equal(expected, samples_of(path)[0])
    assert np.array_equal(expected, samples_of(io.BytesIO(content))[0])
    with pipe_of(content) as pipe:
        assert np.array_equal(expected, samples_of(pipe)[0])


@pytest.mark.parametrize("row", ALL)
def test_parts_are_exact_to_the_sample(row, coded, tmp_path):
    """A part of a track, in frames or in seconds, is a slice of its samples."""
    path = tmp_path / "a"
    path.write_bytes(content_of(row, coded))
    whole, rate = samples_of(path)
    for first, last in ((0, 1), (1, 5000), (1023, 1025), (20_000 % len(whole), None)):
        part, _ = samples_of(Audio.open(path, frames=slice(first, last)))
        assert np.array_equal(whole[first:last], part)
    part, _ = samples_of({"path": str(path), "start": 0.25, "end": 0.75})
    assert np.array_equal(whole[rate // 4 : 3 * rate // 4], part)


# The kinds of which a part that ends between two frames is not told from a whole file.
UNKNOWABLE = {"AAC in ADTS", "AMR", "AC-3", "E-AC-3"}
IN_PACKETS = {"AAC in MPEG-TS", "AC-3 in MPEG-TS", "MP2 in MPEG-TS"}


@pytest.mark.parametrize("row", ALL)
def test_truncated_tracks_are_told(row, coded):
    """A track that is cut anywhere is an error; with "warn", its samples are those of the whole."""
    content = content_of(row, coded)
    whole, _ = samples_of(content)
    for part in range(1, 11):
        size = len(content) * part // 11 + 7
        unknowable = row in UNKNOWABLE | IN_PACKETS
        if size >= len(content) or (unknowable and _is_whole(content[:size])):
            continue
        with pytest.raises(AudioError) as caught:
            samples_of(content[:size])
        assert caught.value.code in ("truncated", "malformed", "empty-audio"), size
        assert "damaged" not in str(caught.value) or caught.value.code == "malformed"
        if caught.value.code != "truncated" or "before its first" in str(caught.value):
            continue
        with policies({"truncated": "warn"}), warnings.catch_warnings():
            warnings.simplefilter("ignore", AudioWarning)
            try:
                some, _ = samples_of(content[:size])
            except (AudioError, ValueError):  # no whole frame
                continue
        assert len(some) <= len(whole)
        if "WMA" in row:  # the second half of the last frame is the decoder's
            some = some[:-4096]
        assert np.array_equal(whole[: len(some)], some)


@pytest.mark.parametrize("row", sorted(UNKNOWABLE))
def test_end_between_two_frames_is_not_told(row, coded):
    """Frames without a header of the file may end anywhere: the rest is encoded."""
    content = content_of(row, coded)
    whole, _ = samples_of(content)
    with pytest.raises(AudioError, match=r"ends at byte .*, inside a frame") as caught:
        samples_of(content[:-1])
    assert "truncated" == caught.value.code
    sizes = [size for size in range(len(content) - 3000, len(content)) if _is_whole(content[:size])]
    assert sizes
    some, _ = samples_of(content[: sizes[0]])
    assert np.array_equal(whole[: len(some)], some)


def _is_whole(content):
    try:
        samples_of(content)
    except AudioError:
        return False
    return True


@pytest.mark.parametrize("row", ALL)
def test_changed_bytes_give_samples_or_an_error(row, coded):
    """A file with changed bytes is decoded or refused; nothing else happens."""
    content = content_of(row, coded)
    random = np.random.default_rng(len(row))
    codes = []
    for _ in range(12):
        changed = bytearray(content)
        for place in random.integers(0, len(content), 5):
            changed[place] ^= int(random.integers(1, 256))
        codes += code_of(bytes(changed))
    assert set(codes) <= CODES
    if row in ("WavPack", "TTA", "FLAC in Matroska", "FLAC in MP4"):
        assert 12 == len(codes)  # each frame has a checksum


def code_of(content):
    """Return the code of the error of some bytes, in a list that is empty without an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AudioWarning)
        try:
            mono_samples(content, 16000)
        except AudioError as error:
            return [error.code]
    return []


CODES = {
    "malformed", "truncated", "unsupported-coding", "unrecognized", "non-finite",
    "limit-exceeded", "empty-audio",
}  # fmt: skip


# streams


@pytest.mark.parametrize(("container", "coding"), [("mp4", "aac"), ("matroska", "flac")])
def test_stream_must_be_chosen(container, coding, coded, tmp_path):
    """A file with two streams of audio is an error that lists them, until one is chosen."""
    content = coded(container, coding, tracks=2)
    path = tmp_path / "a"
    path.write_bytes(content)
    listed = rf"it has 2 streams of audio: 0 is {coding.upper()}, 44100 Hz, 2 channels; 1 is "
    for value in (path, content, {"path": str(path)}):
        with pytest.raises(AudioError, match=listed) as caught:
            samples_of(value)
        assert "several-streams" == caught.value.code
        assert "Audio.open(path, stream=0)" in caught.value.remedy
    first, second = (samples_of(Audio.open(path, stream=index))[0] for index in (0, 1))
    assert not np.array_equal(first, second)
    assert np.array_equal(second, samples_of({"bytes": content, "stream": 1})[0])
    assert np.array_equal(second[10:20], samples_of(
        Audio.open(path, stream=np.int64(1), frames=slice(10, 20)))[0])  # fmt: skip
    with pytest.raises(AudioError, match=r"it has no stream 2: its streams of audio are: 0 is"):
        samples_of(Audio.open(path, stream=2))


def test_stream_of_a_file_with_one_stream(recording):
    """A file with one stream has the stream 0 only."""
    path = recording()
    assert np.array_equal(samples_of(path)[0], samples_of(Audio.open(path, stream=0))[0])
    with pytest.raises(AudioError, match="it has no stream 1: it has one stream of audio, 0") as c:
        samples_of(Audio.open(path, stream=1))
    assert "no-such-stream" == c.value.code


@pytest.mark.parametrize("stream", [-1, True, 1.0, "0", "Left"])
def test_wrong_streams_are_refused(stream):
    """A stream is an integer from 0 on."""
    with pytest.raises(AudioError, match=r"'stream' must be an index >= 0. Got") as caught:
        Audio.open("a.mkv", stream=stream)
    assert "invalid-audio" == caught.value.code
    assert "AudioFile(path='a.mkv', stream=1)" == repr(Audio.open("a.mkv", stream=1))


# readers that are not installed, and limits


@pytest.mark.parametrize("row", ALL)
def test_extra_that_is_missing_is_named(row, coded, monkeypatch):
    """Without PyAV, a file is refused with container, coding and the line that installs it."""
    content = content_of(row, coded)

    def missing():
        raise ImportError

    monkeypatch.setattr(av_decoder, "_imported", missing)
    with pytest.raises(
        AudioError, match=r"its coding is \w+ in \w+: PyAV decodes it, and is not installed"
    ) as caught:
        samples_of(content)
    assert "unsupported-coding" == caught.value.code
    assert 'pip install "netencoders[av]"' == caught.value.remedy


def test_decoder_that_is_missing_is_named(coded, monkeypatch):
    """An installed PyAV without a decoder is named."""
    monkeypatch.setitem(av_decoder.DECODERS, "AAC", "none_of_this_name")
    with pytest.raises(AudioError, match="AAC, for which the installed PyAV has no decoder"):
        samples_of(coded("ipod", "aac"))


def test_limits_hold_for_tracks(coded):
    """Channels, hours, containers and codings are limited as in all files."""
    content = coded("ipod", "aac")
    for change, code in (
        ({"max_channels": 1}, "limit-exceeded"),
        ({"max_hours": 1e-5}, "limit-exceeded"),
        ({"formats": {"WAV"}}, "not-allowed"),
        ({"codings": {"PCM_16"}}, "not-allowed"),
    ):
        with limits(**change), pytest.raises(AudioError) as caught:
            samples_of(content)
        assert code == caught.value.code


def test_table_of_readers_is_complete():
    """Each coding of the table has a decoder, and each container is allowed by default."""
    assert {coding for codings in CODINGS_OF.values() for coding in codings.split()} <= (
        av_decoder.DECODERS.keys() & Limits.codings
    )
    assert CODINGS_OF.keys() <= Limits.formats
    assert len(AV_READERS) == len({reader.claim for reader in AV_READERS})


# playlists


@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile 'neighbour.wav'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nneighbour.wav\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
        '<?xml version="1.0"?><MPD><Period><BaseURL>neighbour.wav</BaseURL></Period></MPD>',
    ],
)
def test_playlists_read_no_other_file(text, tmp_path, speech_path, monkeypatch):
    """A playlist named .mp4 is refused, and no other file is opened."""
    (tmp_path / "neighbour.wav").write_bytes(speech_path.read_bytes())
    path = tmp_path / "list.mp4"
    path.write_text(text)
    opened = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda name, *more: opened.append(name) or real(name, *more))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AudioError) as caught:
        samples_of(path)
    assert "unrecognized" == caught.value.code
    assert [str(path)] == [str(name) for name in opened]


# encoders


def test_threads_and_processes_give_equal_bits(coded, tmp_path):
    """Threads, worker processes and streams give the array of one call."""
    path = tmp_path / "a.m4a"
    path.write_bytes(coded("ipod", "aac"))
    encoder = NetEncoder("AudioSpectrogram")
    expected = encoder(path)
    for workers in (1, 2, 3, 4):
        for array in encoder.map([path] * 3, workers=workers):
            assert np.array_equal(expected, array)
    assert np.array_equal(expected, np.concatenate(list(encoder.stream(path))))
    [isolated] = encoder.map([Audio.open(path, stream=0)], isolate=True, workers=1)
    assert np.array_equal(expected, isolated)


class LateError(Exception):
    """The exception of a signal handler."""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no timers")
def test_interrupts_arrive_while_a_track_is_decoded(coded, tmp_path, capfd):
    """An alarm whose handler raises an exception is never lost, and no file is called damaged."""
    path = tmp_path / "a.m4a"
    path.write_bytes(coded("ipod", "aac"))
    encoder = NetEncoder("AudioSpectrogram")
    expected = encoder(path)
    fired = []

    def handler(*_):
        fired.append(1)
        raise LateError

    before = signal.signal(signal.SIGALRM, handler)
    gc.disable()  # hypothesis has a callback of the collection, in which an exception is lost
    try:
        for delay in np.random.default_rng(0).uniform(1e-5, 2e-2, 60):
            fired.clear()
            try:
                signal.setitimer(signal.ITIMER_REAL, delay)
                array = encoder(path)
                silent = not fired
                signal.setitimer(signal.ITIMER_REAL, 0)
                assert silent
                assert np.array_equal(expected, array)
            except LateError:
                pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.enable()
    assert "LateError" not in capfd.readouterr().err


@pytest.mark.parametrize("name", ["decode", "open"])
def test_exception_of_a_signal_handler_is_no_damage(name, coded, handler_raises, monkeypatch):
    """A ValueError that a signal handler raises while PyAV works is raised unchanged."""
    av = pytest.importorskip("av")
    content = coded("ipod", "aac")

    class Context:
        """A context of PyAV, one method of which is interrupted."""

        def __init__(self, real):
            object.__setattr__(self, "real", real)

        def __getattr__(self, attribute):
            if attribute == name:
                return handler_raises(ValueError("late"))
            return getattr(self.real, attribute)

        def __setattr__(self, attribute, value):
            setattr(self.real, attribute, value)

    class Fake:
        """PyAV, with such contexts."""

        def __getattr__(self, attribute):
            return getattr(av, attribute)

        class CodecContext:
            """Makes them."""

            @staticmethod
            def create(*names):
                """Return a context."""
                return Context(av.CodecContext.create(*names))

    monkeypatch.setattr(av_decoder, "_imported", Fake)
    with pytest.raises(ValueError, match=r"^late$"):
        samples_of(content)


def test_track_without_samples_is_refused(coded):
    """A header without packets is an error of its own."""
    content = coded("wv", "wavpack", form="s16p")
    head = bytearray(content[:32])
    head[4:8], head[12:16], head[20:24] = (24).to_bytes(4, "little"), bytes(4), bytes(4)
    with pytest.raises(AudioError, match="it has no samples") as caught:
        samples_of(bytes(head))
    assert "empty-audio" == caught.value.code
    with (
        policies({"truncated": "warn"}),
        pytest.warns(AudioWarning, match="inside a block"),
        pytest.raises(AudioError, match="inside a block, before its first samples"),
    ):
        samples_of(content[:40])
