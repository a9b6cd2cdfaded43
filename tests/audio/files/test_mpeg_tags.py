"""The tags in an MPEG frame without sound."""

import struct

from netencoders_audio.files.mpeg_tags import frame_tag


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
