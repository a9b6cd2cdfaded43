"""Ogg files: broken pages are found, streams that follow one another are all read."""

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
    """Return a page with another stream's number or other flags, and its checksum."""
    new = bytearray(old)
    if serial is not None:
        struct.pack_into("<I", new, 14, serial)
    if flags is not None:
        new[5] = flags
    new[22:26] = bytes(4)
    struct.pack_into("<I", new, 22, checksum(bytes(new)))
    return bytes(new)


def skeleton(number, flags, body):
    """Return a page of a stream that is no sound."""
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, 0, 777, number, 0, 1)
    return page(head + bytes([len(body)]) + body)


def check(content, code, message):
    """Check what a file gives."""
    with pytest.raises(AudioError, match=message) as caught:
        mono_samples(content, RATE)
    assert code == caught.value.code


def test_streams_one_after_the_other(content):
    """A chain, as radio stations send it, is one recording."""
    one = mono_samples(content, RATE)
    other = b"".join(page(old, serial=5) for old in pages(content))
    for chain in (content + other, content + content):
        assert np.array_equal(np.concatenate([one, one]), mono_samples(chain, RATE))


def test_streams_of_different_rates(recording):
    """A chain whose parts differ in rate is refused."""
    parts = [recording(rate, 1, "OGG").read_bytes() for rate in (16000, 8000)]
    check(b"".join(parts), "malformed", "part 2 has another sample rate or number of channels")


@pytest.mark.parametrize("first", [True, False])
def test_streams_side_by_side(content, first):
    """A stream that is no sound is left out, wherever it stands."""
    head, *rest = pages(content)
    index = skeleton(0, 2, b"fishead\0" + bytes(56))
    begin = index + head if first else head + index
    mixed = begin + rest[0] + skeleton(1, 4, b"") + b"".join(rest[1:])
    assert np.array_equal(mono_samples(content, RATE), mono_samples(mixed, RATE))


def test_which_bytes_are_sound(content):
    """The decoder gets the pages of the stream of sound, and no others."""
    head, first, *rest = pages(content)
    index, last = skeleton(0, 2, b"fishead\0" + bytes(56)), skeleton(1, 4, b"")
    orphan = page(last, serial=9, flags=0)  # of a stream that never began
    assert content == sound_of(index + head + first + orphan + last + b"".join(rest))


def test_pages_that_go_on_with_a_packet(content):
    """A page that begins inside of a packet neither begins nor ends a stream."""
    head, first, second, *rest = pages(content)
    index, last = skeleton(0, 2, b"fishead\0" + bytes(56)), skeleton(1, 4, b"")
    sound = head + first + page(second, flags=1) + b"".join(rest)
    assert sound == sound_of(index + head + last + sound[len(head) :])


def sound_of(content):
    """Return the bytes that the decoder gets of a whole file with one recording."""
    found = read_ogg(RestOfFile(io.BytesIO(content)))
    assert found.cut is None
    (part,) = found.parts
    return part.read_at(0, part.size)


def test_something_else_where_a_page_should_be(content):
    """Zeros are no end of a stream that has not ended, nor is junk that has pages after it."""
    parts = pages(content)
    for broken in (b"".join(parts[:-1]) + bytes(1000), content + b"junk" + content):
        check(broken, "malformed", r"no page begins at byte \d+")


@pytest.mark.parametrize("rest", [bytes(100_000), b"TAG".ljust(128, b"x")])
def test_other_bytes_after_the_last_page(content, rest):
    """Zeros and tags after the last page are no damage."""
    assert np.array_equal(mono_samples(content, RATE), mono_samples(content + rest, RATE))


def test_damage(content):
    """A page that is changed, missing, or out of its place is damage."""
    parts = pages(content)
    check(b"".join(parts[:-2] + parts[-1:]), "malformed", "pages are missing before byte")
    check(parts[0] + b"junk" + b"".join(parts[1:]), "malformed", r"no page begins at byte \d+")
    for place in (8, len(content) // 2, len(content) - 1):
        broken = bytearray(content)
        broken[place] ^= 1
        check(bytes(broken), "malformed", r"the checksum of the page at byte \d+ is wrong")


@pytest.mark.parametrize("again", [2, 3])
def test_a_repeated_page(content, again):
    """A page that is in the file twice, or that comes back later, is damage."""
    parts = pages(content)
    check(b"".join(parts[:4] + parts[again:]), "malformed", r"pages are .* before byte \d+")


def last(content):
    """Return where the last page begins."""
    return len(content) - len(pages(content)[-1])


@pytest.mark.parametrize(
    "cut",
    [
        lambda c: c[:-30],
        lambda c: b"".join(pages(c)[:-1]),
        *(lambda c, rest=rest: c[: last(c) + rest] for rest in (1, 4, 26, 27, 28)),
    ],
)
def test_cut(content, cut, tmp_path):
    """A file that ends too early is truncated; what is there is given to who wants it."""
    check(cut(content), "truncated", r"ends (at byte \d+, inside a page|before its last page)")
    path = tmp_path / "cut.ogg"
    path.write_bytes(cut(content))
    with pytest.warns(AudioWarning, match="the available frames are encoded"):
        samples = mono_samples(Audio.open(path, truncated="warn"), RATE)
    assert len(samples) > 10_000


def test_every_byte_of_a_small_file_counts(recording):
    """Whatever bit is turned in an Ogg file, it is found before the decoder sees it."""
    content = recording(8000, 1, "OGG").read_bytes()
    random = np.random.default_rng(0)
    assert "sound" == outcome(content)
    for place in random.integers(0, len(content), 300):
        broken = bytearray(content)
        broken[place] ^= 1 << int(random.integers(8))
        assert outcome(bytes(broken)) in ("cut", "malformed")


def outcome(content):
    """Return what becomes of a file."""
    try:
        return "cut" if read_ogg(RestOfFile(io.BytesIO(content))).cut else "sound"
    except AudioError as error:
        return error.code
