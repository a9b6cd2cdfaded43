"""The numbers of FLAC frames: those of a regular file are 0, 1, 2, and so on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netencoders_audio.files import flac_numbers
from netencoders_audio.files.flac_frames import CRC8, frame_header
from netencoders_audio.files.flac_numbers import Numbers, _fields


def coded(number):
    """Return the bytes of a number, as UTF-8 extended to 36 bits."""
    if number < 0x80:
        return bytes([number])
    rest = []
    while number >= 1 << (6 - len(rest)):
        rest.insert(0, 0x80 | number & 63)
        number >>= 6
    return bytes([0xFF00 >> (len(rest) + 1) & 0xFF | number, *rest])


def header(number, samples=256, *, variable=False):
    """Return 16 bytes that begin with a header."""
    head = bytes([0xFF, 0xF8 | variable, 0x75, 0x08]) + coded(number) + (samples - 1).to_bytes(2)
    check = 0
    for byte in head:
        check = CRC8[check ^ byte]
    return (head + bytes([check])).ljust(16, b"\x55")


def regular(headers, block=256):
    """Return whether headers are regular."""
    numbers = Numbers(block)
    for each in headers:
        numbers.add(each)
    numbers.end()
    return numbers.regular


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 2**36 - 1), st.binary(min_size=4))
def test_fields_are_those_of_one_header(sizes, form, number, rest):
    """Fields of many headers are those that `frame_header` reads from each."""
    head = bytes([0xFF, 0xF8, sizes, form & 0xFE]) + coded(number) + rest[:4]
    rows = []
    for end in range(5, min(15, len(head) + 1)):
        check = 0
        for byte in head[:end]:
            check = CRC8[check ^ byte]
        rows.append((head[:end] + bytes([check])).ljust(16, b"\x55"))
    numbers, samples, whole = _fields(np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 16))
    for index, row in enumerate(rows):
        expected = frame_header(row, 0)
        if expected is not None:
            assert whole[index]
            assert (expected.number, expected.samples) == (numbers[index], samples[index])


def test_bytes_that_are_no_header_are_left_out():
    """A header whose checksum or number is wrong does not count."""
    wrong = bytearray(header(5))
    wrong[4] = 0x80
    headers = [header(0), header(7)[:7] + b"\0" * 9, bytes(wrong), header(1), header(2)[:9]]
    assert regular(headers)


@pytest.mark.parametrize("group", [1, 2, 3, 4096])
@pytest.mark.parametrize(
    ("expected", "headers"),
    [
        (True, [header(number) for number in range(300)]),
        (True, [header(0), header(1), header(2, 17)]),
        (False, [header(1), header(2)]),
        (False, [header(0), header(2)]),
        (False, [header(0), header(1), header(1), header(2)]),
        (False, [header(0), header(1, 17), header(2)]),
        (False, [header(0), header(256, variable=True)]),
    ],
)
def test_numbers_without_a_gap_are_regular(monkeypatch, group, expected, headers):
    """Numbers in order, and frames of one size except the last, are regular in any groups."""
    monkeypatch.setattr(flac_numbers, "_GROUP", group)
    assert expected == regular(headers)


def test_irregular_stays_irregular(monkeypatch):
    """Regular numbers after a gap do not make a file regular, and no size is none."""
    monkeypatch.setattr(flac_numbers, "_GROUP", 1)
    assert not regular([header(1), header(0), header(1)])
    assert not regular([header(0)], block=0)
