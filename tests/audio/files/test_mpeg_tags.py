"""Tags of MP3 files: their lengths, and the fields of the tags in a frame."""

import io
import struct

import pytest

from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.mpeg_tags import (
    end_of_sound,
    frame_tag,
    skip_id3,
    skip_tags,
    zeros_at,
)

ID3 = b"ID3\4\0\0\0\0\0\x20" + b"x" * 32
ID3V1 = b"TAG".ljust(128, b"y")
APE_HEADER = struct.pack("<8s6I", b"APETAGEX", 2000, 50 + 32, 1, 1 << 31 | 1 << 29, 0, 0)
APE_FOOTER = struct.pack("<8s6I", b"APETAGEX", 2000, 50 + 32, 1, 1 << 31, 0, 0)
APE = APE_HEADER + b"z" * 50 + APE_FOOTER
APE_1 = b"z" * 50 + struct.pack("<8s6I", b"APETAGEX", 1000, 50 + 32, 1, 0, 0, 0)
LYRICS = b"LYRICSBEGIN" + b"l" * 40 + b"000051LYRICS200"


def content_of(data):
    """Return bytes as a content."""
    return RestOfFile(io.BytesIO(data))


def test_tags_at_the_beginning_are_skipped():
    """Tags are skipped by the length that they state; other bytes are not skipped."""
    tag = b"ID3\4\0\0\0\0\1\1" + bytes(129)
    footed = b"ID3\4\0\x10\0\0\0\5" + bytes(15)
    for content, place in {
        tag + b"\xff\xfb": 139,
        tag + footed + b"\xff": 164,
        b"ID3\4\0\0\0\0\xff\1" + bytes(20): 0,
        b"ID3": 0,
        tag[:50]: 50,
    }.items():
        assert place == skip_id3(RestOfFile(io.BytesIO(content)))


@pytest.mark.parametrize("tag", [b"", ID3, ID3V1, APE, LYRICS, ID3 + APE + ID3 + LYRICS + ID3V1])
def test_tags_of_all_kinds_are_skipped(tag):
    """All tags at a position are skipped, one after the other; a tag that is cut is not."""
    content = content_of(b"abc" + tag + b"\xff\xfb")
    assert 3 + len(tag) == skip_tags(content, 3)
    if tag in (ID3V1, APE, ID3):
        assert 3 == skip_tags(content, 3, 3 + len(tag) - 1)


@pytest.mark.parametrize("tag", [b"", ID3V1, APE, APE_1, LYRICS, APE + ID3V1, APE + LYRICS + ID3V1])
def test_tags_at_the_end_are_not_sound(tag):
    """The sound ends before the tags at the end of the file."""
    assert 500 == end_of_sound(content_of(b"s" * 500 + tag))


@pytest.mark.parametrize("tag", [APE[-40:], b"000999LYRICS200", b"000020LYRICS200", ID3V1[1:]])
def test_parts_of_tags_at_the_end_are_not_believed(tag):
    """A tag that is longer than the file, or does not begin where it states, is no tag."""
    assert len(tag) + 40 == end_of_sound(content_of(b"s" * 40 + tag))


def test_zeros_are_counted():
    """The zeros from a position on are counted, for any number."""
    data = b"ab" + bytes(3_000_000) + b"c"
    assert 3_000_000 == zeros_at(content_of(data), 2, len(data))
    assert 7 == zeros_at(content_of(data), 2, 9)
    assert 0 == zeros_at(content_of(data), 0, 9)


def fields(flags, *numbers, rest=b""):
    """Return a frame with a tag after 32 bytes of side information."""
    tag = b"Info" + struct.pack(f">{1 + len(numbers)}I", flags, *numbers)
    return (b"\xff\xfb\x90\x40" + bytes(32) + tag + rest).ljust(417, b"\0")


def test_fields_of_a_tag_are_read():
    """The numbers of a tag are read at the places that its flags determine."""
    lame = b"LAME3.100" + bytes(12) + bytes((0x24, 0x06, 0x90))
    tag = frame_tag(fields(3, 40, 17_000), 32)
    assert (True, 40, 17_000, 44, 48) == (
        tag.readable, tag.frames, tag.size, tag.frames_at, tag.size_at,
    )  # fmt: skip
    assert (0, 0, 0) == (tag.delay, tag.padding, tag.delay_at)
    tag = frame_tag(fields(15, 40, 17_000, rest=bytes(104) + lame), 32)
    assert (576, 1680, 52 + 104 + 21) == (tag.delay, tag.padding, tag.delay_at)
    tag = frame_tag(fields(2, 17_000, rest=lame), 32)
    assert (False, None, 17_000, 576, 1680) == (
        tag.readable, tag.frames, tag.size, tag.delay, tag.padding,
    )  # fmt: skip


def test_place_of_a_tag_is_checked():
    """A tag follows the side information; two bytes later, libmpg123 does not read it."""
    frame = fields(1, 40)
    assert frame_tag(frame, 17) is None
    assert frame_tag(frame[:20] + b"x" + frame[21:], 32) is None
    assert frame_tag(frame[:42], 32) is None
    tag = frame_tag(frame[:4] + b"cc" + frame[4:], 32)
    assert (False, 40) == (tag.readable, tag.frames)
