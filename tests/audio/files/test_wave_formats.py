"""Format chunks of WAV and W64: the form of the samples, and codings that are not decoded."""

import re
import struct

import numpy as np
import pytest

from netencoders_audio import AudioError, Limits, limits, mono_samples
from netencoders_audio.files.alignment import Alignment, scan
from netencoders_audio.files.content import InMemory
from netencoders_audio.files.wave_tags import tag_name

AMBISONIC = bytes.fromhex("00002107d3118644c8c1ca000000")


def values_of(bits, length, channels=1):
    """Return noise that uses all values of `bits` bits; the first two values are the extremes."""
    half = 1 << (bits - 1)
    values = np.random.default_rng(bits).integers(-half, half, (length, channels))
    values[:2] = [[half - 1], [-half]]
    return values


@pytest.mark.parametrize("length", [2, 300, 1365, 1366, 300_000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("width", [2, 3, 4])
@pytest.mark.parametrize("bits", [9, 12, 16, 20, 24, 30])
@pytest.mark.parametrize("position", ["left", "right"])
def test_position_of_the_valid_bits_is_found(hand, position, bits, width, channels, length):
    """Valid bits at either end of the bytes of a sample are read, for any length of the file."""
    if 8 * width <= bits or (length == 300_000 and (bits, channels) != (24, 1)):
        return
    values = values_of(bits, length, channels)
    stored = values << (8 * width - bits) if position == "left" else values
    for order, magic in (("<", b"RIFF"), (">", b"RIFX")):
        data = hand.chunk(b"data", hand.integers(stored, width, order), order=order)
        chunk = hand.form(1, channels, bits=bits, align=width * channels, order=order)
        samples, told = hand.read(hand.riff(chunk, data, magic=magic, order=order))
        assert np.array_equal((values / 2.0 ** (bits - 1)).astype("f4"), samples)
        assert [] == told


@pytest.mark.parametrize("align", [0, 1, 5, 6, 7, 8, 1000])
def test_impossible_size_of_a_frame_is_ignored(hand, tone, align):
    """If no sample can have the size that the frame implies, the number of bits decides."""
    for speed in (0, 32000, 10**6):
        content = hand.riff(
            hand.form(bits=16, align=align, speed=speed),
            hand.chunk(b"data", hand.integers(tone, 2)),
        )
        samples, told = hand.read(content)
        assert np.array_equal(tone[:, None] / 32768, samples)
        assert [] == told


def test_byte_rate_confirms_the_number_of_bits(hand, tone):
    """Samples without padding are read if only the size of a frame contradicts them."""
    for bits, align in ((16, 4), (16, 3), (8, 2)):
        width = bits // 8
        values = values_of(bits, 3000)
        data = hand.chunk(b"data", hand.integers(values + (128 if bits == 8 else 0), width))
        content = hand.riff(hand.form(bits=bits, align=align, speed=16000 * width), data)
        assert np.array_equal(values / 2.0 ** (bits - 1), hand.read(content)[0])


@pytest.mark.parametrize(
    ("bits", "align", "values", "message"),
    [
        (24, 4, values_of(32, 300), "24 bits a sample, and frames of 4 bytes .*use all bits"),
        (24, 4, [256, -256, 512], "for 1 channels; the valid bits may be the upper or the lower"),
        (8, 2, values_of(16, 300), "8 bits a sample, and frames of 2 .*8-bit samples need no"),
    ],
)
def test_contradictions_are_refused(hand, bits, align, values, message):
    """If neither the header nor the samples decide on the form of the samples, it is an error."""
    data = hand.chunk(b"data", hand.integers(values, align))
    with pytest.raises(AudioError, match=message) as caught:
        hand.read(hand.riff(hand.form(bits=bits, align=align), data))
    assert "malformed" == caught.value.code
    assert "a header that is right" in caught.value.remedy


def test_silence_needs_no_decision(hand):
    """Silence is silence for any position of the valid bits."""
    samples, told = hand.read(
        hand.riff(hand.form(bits=24, align=4), hand.chunk(b"data", bytes(400)))
    )
    assert ((100, 1), 0, []) == (samples.shape, np.abs(samples).max(), told)


def test_more_bits_than_the_header_claims_are_kept(hand):
    """Samples of 20 bits in 3 bytes that use 24 bits keep them, with a warning."""
    values = values_of(24, 300)
    data = hand.chunk(b"data", hand.integers(values, 3))
    samples, told = hand.read(hand.riff(hand.form(bits=20, align=3), data))
    assert np.array_equal(values / 2.0**23, samples)
    assert ["bytes: claims 20 bits a sample, but its samples use 24: all are kept"] == told


@pytest.mark.parametrize(("valid", "container"), [(24, 32), (12, 16), (20, 24), (17, 32), (5, 8)])
def test_valid_bits_of_extensible_files_are_the_upper_ones(hand, valid, container):
    """The valid bits of an extensible format are the upper ones, also if all could be others."""
    values = values_of(valid, 300)
    stored = values << (container - valid)
    stored = stored + 128 if container == 8 else stored
    for quiet in (False, True):
        part = stored[100:] * 0 + (256 if container == 32 else 0) if quiet else stored
        data = hand.chunk(b"data", hand.integers(part, container // 8))
        content = hand.riff(hand.extensible(bits=container, valid=valid), data)
        samples, told = hand.read(content)
        shift = 128 if container == 8 else 0
        assert np.array_equal((part - shift) / 2.0 ** (container - 1), samples)
        assert [] == told


def test_ordinary_files_are_not_scanned(hand, tone, monkeypatch):
    """The samples of a file whose header agrees with itself are not read before decoding."""
    monkeypatch.setattr("netencoders_audio.files.stored.scan", None)
    for width in (1, 2, 3, 4):
        data = hand.chunk(b"data", hand.integers(tone, width))
        for chunk in (hand.form(bits=8 * width), hand.extensible(bits=8 * width, valid=7)):
            assert 3000 == len(hand.read(hand.riff(chunk, data))[0])


def test_scan_reads_in_pieces_and_stops_early():
    """The scan reads pieces of bounded size, and ends when both positions are ruled out."""
    asked = []

    class Counted(InMemory):
        def read_at(self, offset, count):
            asked.append(count)
            return super().read_at(offset, count)

    noise = np.random.default_rng(0).bytes(4_000_000)
    assert Alignment.NEITHER is scan(Counted(noise), range(4_000_000), 4, "<", 24)
    assert 1 == len(asked)
    zeros = Counted(bytes(4_000_000))
    assert Alignment.LEFT is scan(zeros, range(4_000_000), 4, "<", 24)
    assert max(asked) < 1_000_000
    assert 4_000_000 + asked[0] == sum(asked)


def floats(values, kind):
    """Return floats as bytes."""
    return np.asarray(values).astype(kind).tobytes()


def test_extensible_subformats_are_read(hand, tone):
    """Floats, A-law and Ambisonics in an extensible format are read, in WAV and W64."""
    values = tone[:, None] / 40000
    for chunk in (hand.extensible(3, bits=32), hand.extensible(3, bits=32, guid=AMBISONIC)):
        data = floats(values, "<f4")
        for content in (
            hand.riff(chunk, hand.chunk(b"data", data)),
            hand.w64((b"fmt ", chunk[8:]), (b"data", data), (b"note", b"odd"), (b"abcd", b"")),
        ):
            samples, told = hand.read(content)
            assert np.array_equal(values.astype("f4"), samples)
            assert [] == told
    with pytest.raises(AudioError, match="its coding is the WAV subformat 0100000000") as caught:
        hand.read(hand.riff(hand.extensible(guid=bytes(14)), hand.chunk(b"data", bytes(9))))
    assert "unsupported-coding" == caught.value.code
    big = struct.pack(">HHIIHH", 0xFFFE, 1, 16000, 32000, 2, 16)
    big += struct.pack(">HHII", 22, 16, 0, 1) + bytes(12)
    content = hand.riff(
        hand.chunk(b"fmt ", big, order=">"),
        hand.chunk(b"data", hand.integers(tone, 2, ">"), order=">"),
        magic=b"RIFX",
        order=">",
    )
    assert np.array_equal(tone[:, None] / 32768, hand.read(content)[0])


def test_floats_in_frames_of_another_width_are_refused(hand):
    """Floats whose size of a frame and byte rate both contradict the bits are refused."""
    data = hand.chunk(b"data", floats(np.ones(100), "<f8"))
    with pytest.raises(AudioError, match="floats of 32 bits, and frames of 8 bytes for 1") as seen:
        hand.read(hand.riff(hand.form(3, bits=32, align=8), data))
    assert "malformed" == seen.value.code
    for align, speed in ((8, 64000), (5, 80000)):
        content = hand.riff(hand.form(3, bits=32, align=align, speed=speed), data)
        assert 200 == len(hand.read(content)[0])


@pytest.mark.parametrize(
    ("tag", "bits", "name"),
    [
        (0x64, 4, "G.726 ADPCM"),
        (0x45, 4, "G.726 ADPCM"),
        (0x14, 4, "G.723 ADPCM"),
        (0x83, 0, "G.729"),
        (0x270, 0, "Sony ATRAC"),
        (0x161, 16, "Windows Media Audio 2"),
        (0xFF, 16, "AAC"),
        (0x2000, 0, "AC-3"),
        (0x2001, 0, "DTS"),
        (0xF1AC, 16, "FLAC in WAV"),
        (0x674F, 16, "Vorbis"),
        (0x704F, 16, "Opus"),
        (0x22, 1, "TrueSpeech"),
        (0x38, 4, r"NMS VBX ADPCM \(WAV format tag 0x0038\)"),
        (0x9999, 4, "WAV format tag 0x9999"),
        (1, 40, "PCM of 40 bits"),
        (1, 64, "PCM of 64 bits"),
        (3, 16, "floats of 16 bits"),
        (3, 24, "floats of 24 bits"),
    ],
)
def test_codings_without_a_decoder_are_named(hand, tag, bits, name):
    """A coding that is not decoded has its own code, its name, and a way to convert it."""
    data = np.random.default_rng(0).bytes(4000)
    for content in (
        hand.riff(hand.form(tag, bits=bits), hand.chunk(b"data", data)),
        hand.riff(hand.extensible(tag, bits=bits), hand.chunk(b"data", data)),
        hand.w64((b"fmt ", hand.form(tag, bits=bits)[8:]), (b"data", data)),
    ):
        with pytest.raises(AudioError, match=f"its coding is {name}, which cannot be") as caught:
            hand.read(content)
        assert "unsupported-coding" == caught.value.code
        assert "ffmpeg" in caught.value.remedy


def test_names_of_tags_are_complete():
    """A tag without a name is named by its number."""
    assert ("Opus", "WAV format tag 0xBEEF") == (tag_name(0x704F), tag_name(0xBEEF))


def test_codings_of_libsndfile_are_read_if_they_are_allowed(wav):
    """G.721 is not allowed by default; if they are, libsndfile reads them."""
    samples = 0.5 * np.sin(np.arange(3200) / 9)
    for coding, message in {
        "G721_32": "G721_32 is not among the codings that the limits allow",
        "NMS_ADPCM_16": "its coding is NMS VBX ADPCM",
    }.items():
        content = wav(samples, 8000, coding=coding)
        with pytest.raises(AudioError, match=message) as caught:
            mono_samples(content, 8000)
        assert caught.value.code in ("not-allowed", "unsupported-coding")
        with limits(codings=Limits.codings | {coding}):
            decoded = mono_samples(content, 8000)
        assert np.abs(decoded[:3200] - samples).mean() < 0.1


def mp3_in_wav(hand, mp3, *, tag=0x55, size=None, behind=b""):
    """Return a WAV file whose coding is MP3."""
    extra = struct.pack("<HHIHHH", 12, 1, 2, 417, 1, 1393)
    chunk = hand.form(tag, rate=16000, bits=0, align=1, speed=4000, extra=extra)
    return hand.riff(chunk, hand.chunk(b"data", mp3, size=size)) + behind


def test_mp3_in_wav_is_read_by_its_frames(hand, recording):
    """MP3 in WAV gives the samples of the MP3; chunks behind it are quiet, other bytes are told."""
    mp3 = recording(kind="MP3").read_bytes()
    expected = mono_samples(mp3, 16000)
    list_chunk = hand.chunk(b"LIST", b"INFOISFT")
    for content in (
        mp3_in_wav(hand, mp3),
        mp3_in_wav(hand, mp3, size=0xFFFF_FFFF),
        mp3_in_wav(hand, mp3, behind=bytes(len(mp3) % 2) + list_chunk),
    ):
        assert np.array_equal(expected, mono_samples(content, 16000))
    with pytest.warns(UserWarning, match=r"has 500 bytes behind its sound that are neither whole"):
        mono_samples(mp3_in_wav(hand, mp3, behind=b"q" * 500), 16000)


def test_mp3_in_wav_that_is_cut_is_truncated(hand, recording):
    """MP3 in WAV that ends before the claimed size is truncated."""
    mp3 = recording(kind="MP3").read_bytes()
    content = mp3_in_wav(hand, mp3)[: -len(mp3) // 3]
    with pytest.raises(AudioError, match=r"has \d+ of the (\d+ bytes of MPEG|24000 fr)") as caught:
        mono_samples(content, 16000)
    assert "truncated" == caught.value.code
    cut = hand.findings(content).cut
    assert re.fullmatch(r"has \d+ of the \d+ bytes of MPEG audio that its header claims", cut)


def test_second_file_behind_mp3_in_wav_is_an_error(hand, recording, tone):
    """Another file behind coded samples is an error that has its position."""
    content = mp3_in_wav(hand, recording(kind="MP3").read_bytes())
    with pytest.raises(AudioError, match=f"another file begins at byte {len(content)}, .* a WAV"):
        mono_samples(content + hand.wav(tone), 16000)
