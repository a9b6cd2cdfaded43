"""Ogg files: damaged pages are refused, and chained streams are all read."""

import io
import struct

import numpy as np
import pytest

from netencoders_audio import Audio, AudioError, AudioWarning, mono_samples
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.ogg import checksum, read_ogg

RATE = 16000


@pytest.fixture(params=["VORBIS", "OPUS"])
def content(request, recording):
    """Return an Ogg file."""
    return recording(kind="OGG", coding=request.param).read_bytes()


def pages(content):
    """Return the pages of an Ogg file."""
    place, found = 0, []
    while place < len(content):
        count = content[place + 26]
        size = 27 + count + sum(content[place + 27 : place + 27 + count])
        found.append(content[place : place + size])
        place += size
    return found


def page(old, *, serial=None, flags=None):
    """Return a page with another serial number or other flags, and a correct checksum."""
    new = bytearray(old)
    if serial is not None:
        struct.pack_into("<I", new, 14, serial)
    if flags is not None:
        new[5] = flags
    new[22:26] = bytes(4)
    struct.pack_into("<I", new, 22, checksum(bytes(new)))
    return bytes(new)


def skeleton(number, flags, body):
    """Return a page of a stream without audio."""
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, 0, 777, number, 0, 1)
    return page(head + bytes([len(body)]) + body)


def check(content, code, message):
    """Check the code and the message of the error for a file."""
    with pytest.raises(AudioError, match=message) as caught:
        mono_samples(content, RATE)
    assert code == caught.value.code


def test_chained_streams_are_one_recording(content):
    """Chained streams, as radio stations send them, are one recording."""
    one = mono_samples(content, RATE)
    other = b"".join(page(old, serial=5) for old in pages(content))
    for chain in (content + other, content + content):
        assert np.array_equal(np.concatenate([one, one]), mono_samples(chain, RATE))


def test_chained_streams_of_different_rates_are_refused(recording):
    """A chain of streams with different rates is refused."""
    parts = [recording(rate, 1, "OGG").read_bytes() for rate in (16000, 8000)]
    check(b"".join(parts), "malformed", "part 2 has another sample rate or number of channels")


@pytest.mark.parametrize("first", [True, False])
def test_multiplexed_streams_without_audio_are_skipped(content, first):
    """A stream without audio is skipped, before and after the first page of audio."""
    head, *rest = pages(content)
    index = skeleton(0, 2, b"fishead\0" + bytes(56))
    begin = index + head if first else head + index
    mixed = begin + rest[0] + skeleton(1, 4, b"") + b"".join(rest[1:])
    assert np.array_equal(mono_samples(content, RATE), mono_samples(mixed, RATE))


def test_decoder_gets_only_pages_of_audio(content):
    """The decoder gets the pages of the audio stream, and no others."""
    head, first, *rest = pages(content)
    index, last = skeleton(0, 2, b"fishead\0" + bytes(56)), skeleton(1, 4, b"")
    orphan = page(last, serial=9, flags=0)  # of a stream that never began
    assert content == decoder_input(index + head + first + orphan + last + b"".join(rest))


def test_continued_pages_neither_begin_nor_end_a_stream(content):
    """A page that continues a packet neither begins nor ends a stream."""
    head, first, second, *rest = pages(content)
    index, last = skeleton(0, 2, b"fishead\0" + bytes(56)), skeleton(1, 4, b"")
    audio = head + first + page(second, flags=1) + b"".join(rest)
    assert audio == decoder_input(index + head + last + audio[len(head) :])


def decoder_input(content):
    """Return the bytes that the decoder gets for a complete file with one recording."""
    found = read_ogg(RestOfFile(io.BytesIO(content)))
    assert found.cut is None
    (part,) = found.parts
    return part.read_at(0, part.size)


def test_other_bytes_in_place_of_a_page_are_refused(content):
    """Zeros in place of the last page, and junk before further pages, are damage."""
    parts = pages(content)
    for broken in (b"".join(parts[:-1]) + bytes(1000), content + b"junk" + content):
        check(broken, "malformed", r"no page begins at byte \d+")


@pytest.mark.parametrize("rest", [bytes(100_000), b"TAG".ljust(128, b"x")])
def test_other_bytes_after_the_last_page_are_ignored(content, rest):
    """Zeros and tags after the last page are ignored."""
    assert np.array_equal(mono_samples(content, RATE), mono_samples(content + rest, RATE))


def test_damaged_pages_are_refused(content):
    """A page that is changed, missing or moved is damage."""
    parts = pages(content)
    check(b"".join(parts[:-2] + parts[-1:]), "malformed", "pages are missing before byte")
    check(parts[0] + b"junk" + b"".join(parts[1:]), "malformed", r"no page begins at byte \d+")
    for place in (8, len(content) // 2, len(content) - 1):
        broken = bytearray(content)
        broken[place] ^= 1
        check(bytes(broken), "malformed", r"the checksum of the page at byte \d+ is wrong")


@pytest.mark.parametrize("repeated_from", [2, 3])
def test_repeated_page_is_refused(content, repeated_from):
    """A page that the file repeats, at once or later, is damage."""
    parts = pages(content)
    check(b"".join(parts[:4] + parts[repeated_from:]), "malformed", r"pages are .* before byte \d+")


def last_page_offset(content):
    """Return the byte offset of the last page."""
    return len(content) - len(pages(content)[-1])


@pytest.mark.parametrize(
    "cut",
    [
        lambda c: c[:-30],
        lambda c: b"".join(pages(c)[:-1]),
        *(lambda c, rest=rest: c[: last_page_offset(c) + rest] for rest in (1, 4, 26, 27, 28)),
    ],
)
def test_file_without_its_end_is_truncated(content, cut, tmp_path):
    """A file without its end is truncated; the policy "warn" encodes the available frames."""
    check(cut(content), "truncated", r"ends (at byte \d+, inside a page|before its last page)")
    path = tmp_path / "cut.ogg"
    path.write_bytes(cut(content))
    with pytest.warns(AudioWarning, match="the available frames are encoded"):
        samples = mono_samples(Audio.open(path, truncated="warn"), RATE)
    assert len(samples) > 10_000


def test_any_flipped_bit_is_found(recording):
    """Any flipped bit in an Ogg file is found before the decoder reads it."""
    content = recording(8000, 1, "OGG").read_bytes()
    random = np.random.default_rng(0)
    assert "valid" == outcome(content)
    for place in random.integers(0, len(content), 300):
        broken = bytearray(content)
        broken[place] ^= 1 << int(random.integers(8))
        assert outcome(bytes(broken)) in ("cut", "malformed")


def outcome(content):
    """Return "cut", "valid", or the code of the error for a file."""
    try:
        return "cut" if read_ogg(RestOfFile(io.BytesIO(content))).cut else "valid"
    except AudioError as error:
        return error.code
