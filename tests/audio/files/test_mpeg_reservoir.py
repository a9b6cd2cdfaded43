"""The bit reservoir: side information that contradicts the frames around it is found."""

import pytest

from netencoders_audio.files.mpeg_reservoir import Reservoir

# By version and channels: the lengths of the fields of the side information, in bits, before the
# granules; the number of granules, and of the bits after the first two fields of each.
LAYOUTS = {
    (1, 1): (9, 5 + 4, 2, 38), (1, 2): (9, 3 + 8, 4, 38),
    (2, 1): (8, 1, 1, 42), (2, 2): (8, 2, 2, 42),
}  # fmt: skip
SIDE = {(1, 1): 17, (1, 2): 32, (2, 1): 9, (2, 2): 17}
LENGTH = 417


def frame(layout, back=0, size=0, pairs=0, *, crc=False, fill=b"\x55"):
    """Return a frame whose sound begins `back` bytes before it and has `size` bytes."""
    begin, other, granules, rest = LAYOUTS[layout]
    text = f"{back:0{begin}b}" + "0" * other
    for index in range(granules):
        bits = size * 8 if index == 0 else 0
        last = pairs if index == granules - 1 else 0
        text += f"{min(bits, 4095):012b}{last:09b}" + "0" * rest
    assert SIDE[layout] * 8 == len(text)
    side = int(text, 2).to_bytes(SIDE[layout], "big")
    head = bytes((0xFF, 0xFA if crc else 0xFB, 0x90, 0x40))
    return (head + b"cc" * crc + side).ljust(LENGTH, fill)


def checked(layout, *frames, parts=1):
    """Return the number of damaged frames among some, checked in a number of pieces."""
    reservoir = Reservoir(SIDE[layout], layout[1], layout[0] == 1)
    damaged = 0
    step = -(-len(frames) // parts)
    for first in range(0, len(frames), step):
        piece = b"".join(frames[first : first + step])
        starts = list(range(0, len(piece), LENGTH))
        damaged += reservoir.check(piece, starts, len(piece))[0]
    return damaged


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("crc", [False, True])
def test_sound_between_the_frames_around_it_is_correct(layout, crc):
    """Sound that begins after the sound before it, and ends in its frame, is correct."""
    room = LENGTH - 4 - SIDE[layout] - 2 * crc
    one, two = frame(layout, 0, room - 100, crc=crc), frame(layout, 100, room + 100, crc=crc)
    assert 0 == checked(layout, one, two, one, two)
    assert 0 == checked(layout, one, two, one, two, parts=2)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("crc", [False, True])
@pytest.mark.parametrize("parts", [1, 2])
def test_sound_outside_of_its_place_is_damaged(layout, crc, parts):
    """Sound that begins before the end of the sound before it, or ends too late, is damaged."""
    room = LENGTH - 4 - SIDE[layout] - 2 * crc
    one = frame(layout, 0, room - 100, crc=crc)
    assert 1 == checked(layout, one, frame(layout, 101, 5, crc=crc), parts=parts)
    assert 1 == checked(layout, one, frame(layout, 99, room + 100, crc=crc), parts=parts)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_more_values_than_a_granule_has_are_damage(layout):
    """A granule has at most 288 pairs of values."""
    assert 0 == checked(layout, frame(layout, 0, 9, 288))
    assert 1 == checked(layout, frame(layout, 0, 9, 289))


def test_sound_before_the_first_frame_is_not_damage():
    """A file that begins in the middle of a recording lacks sound before it; that is accepted."""
    assert 0 == checked((1, 2), frame((1, 2), 300, 200), frame((1, 2), 90, 200))
    reservoir = Reservoir(32, 2, True)
    full = frame((1, 2), 0, 381)
    reservoir.check(full, [0], LENGTH)
    reservoir.restart()
    assert (0, []) == reservoir.check(frame((1, 2), 300, 200), [0], LENGTH)


def test_zeros_in_the_sound_are_damage():
    """A long run of zeros in the sound is damage; behind the sound it is filling."""
    layout, length = (1, 1), 1044
    for size, damaged in ((511, 0), (20, 0)):
        one = frame(layout, 0, size, fill=b"\0").ljust(length, b"\0")
        reservoir = Reservoir(SIDE[layout], 1, True)
        assert damaged == reservoir.check(one * 2, [0, length], 2 * length)[0]
    text = f"{0:018b}" + (f"{4095:012b}" + "0" * 47) * 2
    side = int(text, 2).to_bytes(17, "big")
    one = (
        (b"\xff\xfb\xe0\xc0" + side)
        .ljust(100, b"\x55")
        .ljust(900, b"\0")
        .ljust(length + 60, b"\x55")
    )
    reservoir = Reservoir(17, 1, True)
    assert 2 == reservoir.check(one * 2, [0, len(one)], 2 * len(one))[0]
    assert 0 == reservoir.check(one.replace(b"\0" * 600, b"\x55" * 600), [0], len(one))[0]


@pytest.mark.parametrize(
    ("name", "place"), [(b"Xing", 36), (b"Info", 36), (b"Info", 38), (b"VBRI", 36)]
)
def test_frames_with_a_tag_are_named(name, place):
    """A frame with a tag after zeros has no sound; other bytes before the tag make it sound."""
    tag = frame((1, 2), fill=b"\0")
    tag = tag[:place] + name + b"\xff" * 60 + tag[place + 64 :]
    sound = frame((1, 2), 0, 100)
    reservoir = Reservoir(32, 2, True)
    data = sound + tag + sound
    assert (0, [1]) == reservoir.check(data, [0, LENGTH, 2 * LENGTH], len(data))
    data = sound + tag[:20] + b"\1" + tag[21:] + sound
    assert [] == reservoir.check(data, [0, LENGTH, 2 * LENGTH], len(data))[1]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_frame_of_a_tag_has_no_sound(layout):
    """The decoder does not get the frame of a tag, so its bytes are no room for sound."""
    room = LENGTH - 4 - SIDE[layout]
    one = frame(layout, 0, room - 100)
    tag = (one[:4] + bytes(SIDE[layout]) + b"Info").ljust(LENGTH, b"\x55")
    for parts in (1, 3):
        assert 0 == checked(layout, one, tag, frame(layout, 100, 5), parts=parts)
        assert 1 == checked(layout, one, tag, frame(layout, 101, 5), parts=parts)


def test_zeros_in_the_frame_of_a_tag_are_no_damage():
    """LAME fills the frame of its tag with zeros, which are no sound of the frames before it."""
    one, two = frame((1, 2), 0, 300), frame((1, 2), 0, 300)
    tag = (one[:4] + bytes(32) + b"Info" + bytes(2000)).ljust(2500, b"\x55")
    reservoir = Reservoir(32, 2, True)
    starts = [0, LENGTH, LENGTH + 2500]
    assert (0, [1]) == reservoir.check(one + tag + two, starts, 2 * LENGTH + 2500)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_name_of_a_tag_follows_zeros(layout):
    """A name is a tag only after zeros: VBRI 32 bytes after the header, others after the side."""
    for place, name in ((4 + SIDE[layout], b"Xing"), (6 + SIDE[layout], b"Info"), (36, b"VBRI")):
        for other in (0, 1):
            before = bytes(place - 5) + bytes([other])
            content = (b"\xff\xfb\x90\x40" + before + name).ljust(LENGTH, b"\x55")
            reservoir = Reservoir(SIDE[layout], layout[1], layout[0] == 1)
            assert ([] if other else [0]) == reservoir.check(content, [0], LENGTH)[1]
