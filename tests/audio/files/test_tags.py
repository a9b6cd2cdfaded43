"""Tags and zeros around the audio of a file."""

import io
import struct

import pytest

from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.tags import before_tags, skip_id3, skip_tags, unknown_bytes, zeros_at

ID3 = b"ID3\4\0\0\0\0\0\x20" + b"x" * 32
ID3V1 = b"TAG".ljust(128, b"y")
APE_HEADER = struct.pack("<8s6I", b"APETAGEX", 2000, 50 + 32, 1, 1 << 31 | 1 << 29, 0, 0)
APE_FOOTER = struct.pack("<8s6I", b"APETAGEX", 2000, 50 + 32, 1, 1 << 31, 0, 0)
APE = APE_HEADER + b"z" * 50 + APE_FOOTER
APE_1 = b"z" * 50 + struct.pack("<8s6I", b"APETAGEX", 1000, 50 + 32, 1, 0, 0, 0)
APE_SHORT = struct.pack("<8s6I", b"APETAGEX", 1000, 31, 1, 0, 0, 0)
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
    assert 500 == before_tags(content_of(b"s" * 500 + tag), 0, 500 + len(tag))


@pytest.mark.parametrize(
    "tag", [APE[-40:], b"000999LYRICS200", b"000020LYRICS200", ID3V1[1:], APE_SHORT]
)
def test_parts_of_tags_at_the_end_are_not_believed(tag):
    """A tag that is longer than the file, or does not begin where it states, is no tag."""
    size = 40 + len(tag)
    assert size == before_tags(content_of(b"s" * 40 + tag), 0, size)


def test_zeros_are_counted():
    """The zeros from a position on are counted, for any number."""
    data = b"ab" + bytes(3_000_000) + b"c"
    assert 3_000_000 == zeros_at(content_of(data), 2, len(data))
    assert 7 == zeros_at(content_of(data), 2, 9)
    assert 0 == zeros_at(content_of(data), 0, 9)


@pytest.mark.parametrize("tag", [ID3V1, APE, LYRICS])
def test_tag_before_the_start_is_no_tag(tag):
    """A tag at the end that would begin before a position is not believed."""
    content = content_of(tag)
    assert 0 == before_tags(content, 0, len(tag))
    assert len(tag) == before_tags(content, 1, len(tag))


def test_bytes_that_are_neither_tags_nor_zeros_are_counted():
    """Tags and zeros, in any order, are known; of a tag that is cut, each byte is unknown."""
    for known in (b"", bytes(99), ID3 + bytes(9) + APE, bytes(9) + ID3 + LYRICS + ID3V1):
        data = b"sound" + known
        assert 0 == unknown_bytes(content_of(data), 5, len(data))
        assert 4 == unknown_bytes(content_of(data + b"junk"), 5, len(data) + 4)
    assert len(ID3) - 1 == unknown_bytes(content_of(b"sound" + ID3[:-1]), 5, 4 + len(ID3))


def test_beginning_of_a_footer_is_no_tag():
    """A footer of an APE tag that is shorter than 32 bytes is no tag."""
    for size in (8, 12, 31):
        data = APE_SHORT[:size]
        assert size == before_tags(content_of(data), 0, size)
