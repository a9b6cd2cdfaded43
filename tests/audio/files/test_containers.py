"""AIFF, AU, CAF and SPHERE: codings, fields, and codings that are not decoded."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import NetEncoder
from netencoders_audio import AudioError, Limits, limits, mono_samples
from netencoders_audio.files.content import InMemory
from netencoders_audio.files.inspection import inspect


@pytest.mark.parametrize("bits", [9, 12, 15])
def test_odd_bits_of_aiff_are_the_upper_ones(hand, bits):
    """AIFF of 9 to 15 bits has them at the upper end of 2 bytes."""
    half = 1 << (bits - 1)
    values = np.random.default_rng(0).integers(-half, half, 3000)
    data = hand.integers(values << (16 - bits), 2, ">")
    samples, told = hand.read(hand.aiff(3000, data, bits=bits))
    assert np.array_equal(values[:, None] / half, samples)
    assert [] == told


@pytest.mark.parametrize(
    ("coding", "bits", "width", "order", "shift"),
    [
        (b"NONE", 8, 1, ">", 0), (b"NONE", 24, 3, ">", 0), (b"twos", 16, 2, ">", 0),
        (b"sowt", 16, 2, "<", 0), (b"sowt", 24, 3, "<", 0), (b"sowt", 32, 4, "<", 0),
        (b"raw ", 8, 1, ">", 128), (b"in24", 16, 3, ">", 0), (b"in32", 16, 4, ">", 0),
        (b"42n1", 16, 3, "<", 0), (b"23ni", 32, 4, "<", 0),
    ],
)  # fmt: skip
def test_integers_of_aifc(hand, tone, coding, bits, width, order, shift):
    """Each coding of integers in AIFF-C has its width and its byte order."""
    values = tone >> 8 if width == 1 else tone << (8 * width - 16)
    data = hand.integers(values + shift, width, order)
    samples, told = hand.read(hand.aiff(3000, data, coding=coding, bits=bits))
    assert np.array_equal(values[:, None] / 2.0 ** (8 * width - 1), samples)
    assert [] == told


@pytest.mark.parametrize("coding", [b"fl32", b"FL32", b"fl64", b"FL64"])
def test_floats_of_aifc(hand, tone, coding):
    """Floats in AIFF-C have the width of their coding; the number of bits is not needed."""
    kind = f">f{int(coding[2:]) // 8}"
    data = (tone / 7).astype(kind).tobytes()
    samples, _ = hand.read(hand.aiff(3000, data, coding=coding, bits=0))
    assert np.array_equal((tone[:, None] / 7).astype("f4"), samples)


def test_bytes_to_skip_in_the_sound_chunk(hand, tone):
    """The samples of AIFF begin after the offset in the sound chunk."""
    data = hand.integers(tone, 2, ">")
    samples, _ = hand.read(hand.aiff(3000, data, offset=500))
    assert np.array_equal(tone[:, None] / 32768, samples)
    assert 0 == hand.findings(hand.aiff(0, b"", offset=500, size=99)).layout.frames


def test_more_frames_in_the_sound_chunk_are_told(hand, tone):
    """If the sound chunk has more frames than the common chunk claims, all are encoded."""
    data = hand.integers(tone, 2, ">")
    samples, told = hand.read(hand.aiff(2000, data))
    assert np.array_equal(tone[:, None] / 32768, samples)
    assert ["bytes: claims 2000 frames, but its sound chunk has 3000: all are encoded"] == told
    samples, told = hand.read(hand.aiff(9, bytes(10), bits=8))  # the padding is counted
    assert (9, []) == (len(samples), told)


def test_fractional_rate_is_rounded_down(hand, tone):
    """The rate of AIFF is a float; its whole part counts, as in libsndfile."""
    content = hand.aiff(3000, hand.integers(tone, 2, ">"), rate=22254.5454)
    assert 22254 == hand.findings(content).layout.rate


NAMED = {
    "ima4": (lambda h, d: h.aiff(9, d, coding=b"ima4"), "IMA ADPCM in AIFF-C"),
    "MACE": (lambda h, d: h.aiff(9, d, coding=b"MAC3"), "MACE 3:1"),
    "QDMC": (lambda h, d: h.aiff(9, d, coding=b"QDMC"), "QDesign Music"),
    "G722": (lambda h, d: h.aiff(9, d, coding=b"G722"), "G.722 ADPCM"),
    "other AIFF-C": (lambda h, d: h.aiff(9, d, coding=b"zzzz"), "b'zzzz' in AIFF-C"),
    "AIFF of 40 bits": (lambda h, d: h.aiff(9, d, bits=40), "PCM of 40 bits"),
    "AU G.721": (lambda h, d: h.au(d, coding=23), "G.721 ADPCM"),
    "AU G.722": (lambda h, d: h.au(d, coding=24), "G.722 ADPCM"),
    "AU G.723": (lambda h, d: h.au(d, coding=25), "G.723 ADPCM of 3 bits"),
    "AU other": (lambda h, d: h.au(d, coding=99), "AU coding 99"),
    "CAF AAC": (lambda h, d: h.caf(d, coding=b"aac "), "AAC"),
    "CAF Opus": (lambda h, d: h.caf(d, coding=b"opus"), "Opus in CAF"),
    "CAF ima4": (lambda h, d: h.caf(d, coding=b"ima4"), "IMA ADPCM in CAF"),
    "CAF other": (lambda h, d: h.caf(d, coding=b"zzzz"), "b'zzzz' in CAF"),
    "CAF of 40 bits": (lambda h, d: h.caf(d, width=5), "PCM of 40 bits"),
    "CAF half floats": (lambda h, d: h.caf(d, flags=3, width=2), "floats of 16 bits"),
    "SPHERE shorten": (
        lambda h, d: h.sphere(d, sample_coding="pcm,embedded-shorten-v2.00"),
        "shorten-v2.00 in NIST SPHERE",
    ),
    "SPHERE wavpack": (
        lambda h, d: h.sphere(d, sample_coding="pcm,embedded-wavpack-v0.0"),
        "wavpack-v0.0 in NIST SPHERE",
    ),
    "SPHERE other": (lambda h, d: h.sphere(d, sample_coding="aculab"), "aculab in NIST SPHERE"),
}


@pytest.mark.parametrize("row", NAMED)
def test_codings_without_a_decoder_are_named(hand, row):
    """A coding that is not decoded has its own code, its name, and a way to convert it."""
    make, name = NAMED[row]
    with pytest.raises(AudioError) as caught:
        hand.read(make(hand, bytes(range(200))))
    assert f"its coding is {name}, which cannot be decoded" == caught.value.message
    assert "unsupported-coding" == caught.value.code
    assert ("sph2pipe" if "SPHERE" in row else "ffmpeg") in caught.value.remedy


@pytest.mark.parametrize(("kind", "coding"), [("AIFF", "GSM610"), ("AU", "G721_32")])
def test_codings_of_libsndfile_are_read_if_they_are_allowed(wav, kind, coding):
    """Codings that only libsndfile decodes are read if the limits allow them."""
    samples = 0.5 * np.sin(np.arange(4096) / 9)
    content = wav(samples, 8000, kind, coding)
    with pytest.raises(AudioError, match="its coding is "):
        mono_samples(content, 8000)
    with limits(codings=Limits.codings | {coding}):
        assert np.abs(mono_samples(content, 8000)[:4096] - samples).mean() < 0.1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_packets_of_caf_with_padding(hand, order, width):
    """CAF samples in wider packets are read at either end of their bytes."""
    bits = 8 * width - 3 if width > 1 else 8
    half = 1 << (bits - 1)
    values = np.random.default_rng(0).integers(-half, half, (3000, 2))
    for container in range(max(width, 2), 5):
        if 8 * container == bits or width == 1:
            continue
        for shift in (0, 8 * container - bits):
            data = hand.integers(values << shift, container, order)
            content = hand.caf(
                data, bits=bits, width=container, channels=2, flags=2 if order == "<" else 0
            )
            samples, told = hand.read(content)
            assert np.array_equal((values / half).astype("f4"), samples)
            assert [] == told


def test_fields_of_sphere(hand, tone):
    """SPHERE files have any order of fields, longer headers, and defaults for two fields."""
    data = hand.integers(tone, 2)
    for content in (
        hand.sphere(data, size=2048),
        hand.sphere(data, sample_coding=None),
        hand.sphere(data, sample_rate=16000.0, database_id="TIMIT with spaces"),
        hand.sphere(hand.integers(tone << 8, 3), sample_n_bytes=3, sample_byte_format="012",
                    sample_count=3000),
        hand.sphere(hand.integers(tone << 16, 4, ">"), sample_n_bytes=4, sample_count=3000,
                    sample_byte_format="3210"),
    ):  # fmt: skip
        samples, told = hand.read(content)
        assert np.array_equal(tone[:, None] / 32768, samples)
        assert [] == told
    for format_field in (None, "1"):
        content = hand.sphere(
            bytes(range(256)), sample_coding="ulaw", sample_n_bytes=1, channel_count=2,
            sample_byte_format=format_field, sample_count=128,
        )  # fmt: skip
        samples, told = hand.read(content)
        assert ((128, 2), []) == (samples.shape, told)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sample_rate": None}, "its header lacks the field sample_rate"),
        ({"channel_count": None}, "its header lacks the field channel_count"),
        ({"sample_n_bytes": None}, "its header lacks the field sample_n_bytes"),
        ({"sample_byte_format": None}, "its header lacks the field sample_byte_format"),
        ({"sample_byte_format": "11"}, "sample_byte_format in its header must be 01 or 10. Got"),
        ({"sample_rate": "fast"}, "the field sample_rate in its header must be a number. Got 'fa"),
        ({"sample_rate": 0}, "the sample rate in its header must be above 0"),
        ({"channel_count": 0}, "the number of channels in its header must be above 0"),
        ({"sample_n_bytes": 8}, "bytes of a sample in its header must be above 0 and below 5"),
        ({"size": 16}, "its header must have 17 to 1048576 bytes. Got '16'"),
        ({"size": 9999999}, "its header must have 17 to 1048576 bytes. Got '9999999'"),
        ({"size": 100}, "its header is incomplete"),
    ],
)
def test_fields_of_sphere_that_are_missing_or_wrong(hand, tone, changes, message):
    """The error for a missing or wrong field of a SPHERE header names the field."""
    with pytest.raises(AudioError, match=message) as caught:
        hand.read(hand.sphere(hand.integers(tone, 2), **changes)[:3000])
    assert "malformed" == caught.value.code


ENCODER = NetEncoder("Audio", SampleRate=16000)
SEEDS = ("wav", "w64", "aiff", "au", "caf", "sphere")


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_change_gives_an_array_a_warning_or_an_error(data, hand):
    """A file with changed bytes, cut or with parts repeated gives an array or an AudioError."""
    kind = data.draw(st.sampled_from(SEEDS))
    values = np.arange(-200, 200) * 77
    little, big = hand.integers(values, 2), hand.integers(values, 2, ">")
    content = bytearray({
        "wav": hand.wav(values, hand.chunk(b"LIST", b"INFO")),
        "w64": hand.w64((b"fmt ", hand.form()[8:]), (b"data", little), (b"note", b"x")),
        "aiff": hand.aiff(400, big),
        "au": hand.au(big),
        "caf": hand.caf(little),
        "sphere": hand.sphere(little),
    }[kind])  # fmt: skip
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, min(len(content), 160) - 1))
        what = data.draw(st.sampled_from(["flip", "cut", "repeat", "field"]))
        if what == "flip":
            content[place] ^= 1 << data.draw(st.integers(0, 7))
        elif what == "field":
            content[place : place + 4] = data.draw(st.binary(min_size=4, max_size=4))
        elif what == "cut":
            del content[data.draw(st.integers(40, max(41, len(content)))) :]
        else:
            content += content[: data.draw(st.integers(0, len(content)))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        [result] = ENCODER.map([bytes(content)], on_error="return")
    if isinstance(result, AudioError):
        assert "bug" != result.code
        assert result.remedy
    else:
        assert np.isfinite(result).all()
        layout = inspect(InMemory(bytes(content))).layout
        assert layout is None or layout.frames * layout.frame <= len(content)
