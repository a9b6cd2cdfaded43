"""Promises: how much sound the header of a file claims, and how much there is.

libsndfile reads what it finds and says nothing of what is missing. Here the chunks of WAV, RF64,
W64, AIFF, AU and CAF files are walked, which is all that it takes to tell a file that was cut; of a
FLAC file the claim and the last frame are read. The layouts are those of the formats'
specifications; nothing is allocated on a header's word.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from netencoders_audio.errors import AudioError
from netencoders_audio.files.flac import claimed_samples, ends_as_claimed

__all__ = ["Promise", "read_promise"]

ReadAt = Callable[[int, int], bytes]

# Programs that write to a pipe cannot know the size: they leave the largest number of 31 or 32
# bits, or one somewhat below it, such as SoX's 0x7FFFF000.
_UNKNOWN: Final = (range(0x7FFF_0000, 0x8000_0001), range(0xFFFF_0000, 0x1_0000_0000))
# PCM, float, A-law, mu-law, extensible: the formats whose frames all have one size.
_FRAMED_WAV: Final = frozenset({1, 3, 6, 7, 0xFFFE})
_AU_WIDTHS: Final = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}
_AIFC_ONE_BYTE: Final = frozenset({b"ulaw", b"ULAW", b"alaw", b"ALAW"})
_AIFC_FRAMED: Final = _AIFC_ONE_BYTE | {
    b"NONE", b"sowt", b"twos", b"raw ", b"fl32", b"FL32", b"fl64", b"FL64", b"in24", b"in32",
    b"23ni", b"42n1",
}  # fmt: skip
_MAX_CHUNKS: Final = 10_000
_DENIED: Final = "its header says that it holds no sound, but there is some: it is read"


@dataclass(frozen=True)
class Promise:
    """What a header claims.

    Attributes
    ----------
    promised : int or None
        Frames that the header claims; None where it does not say.
    present : int or None
        Frames that the file has room for.
    patch : tuple of int and bytes, or None
        The place of bytes that are wrong, and what is to be read there instead.
    note : str or None
        What is odd about the file.
    """

    promised: int | None = None
    present: int | None = None
    patch: tuple[int, bytes] | None = None
    note: str | None = None


def read_promise(container: str, read_at: ReadAt, size: int) -> Promise:
    """Return what the header of a file claims.

    Parameters
    ----------
    container : str
        As `container.sniff` names it; for Ogg and MP3 the answer is empty.
    read_at : callable
        From offset and count to that many bytes, or fewer at the end.
    size : int
        The file's size in bytes.

    Raises
    ------
    AudioError
        With code ``malformed``: a field that no sound can have, such as 0 channels.
    """
    readers = {
        "WAV": _riff, "RF64": _riff, "W64": _w64, "AIFF": _aiff, "AU": _au, "CAF": _caf,
        "FLAC": _flac,
    }  # fmt: skip
    reader = readers.get(container)
    return reader(read_at, size) if reader else Promise()


def _riff(read_at: ReadAt, size: int) -> Promise:
    order = ">" if read_at(0, 4) == b"RIFX" else "<"
    frame, data_size_64 = 0, None
    for kind, start, length in _chunks(read_at, size, 12, order + "4sI"):
        if kind == b"ds64":
            (data_size_64,) = _fields(order + "8xQ", read_at(start, 16))
        elif kind == b"fmt ":
            tag, channels, rate, align = _fields(order + "HHI4xH", read_at(start, 14))
            _require("channels", channels)
            _require("sample rate", rate, most=1 << 31)
            frame = align if tag in _FRAMED_WAV else 0
        elif kind == b"data":
            if length == 0xFFFF_FFFF and data_size_64 is not None:
                length = data_size_64
            if length == 0 and not _are_chunks(read_at, start, size, order + "4sI"):
                room = min(size - start, 0xFFFF_FFFF)
                return Promise(patch=(start - 4, struct.pack(order + "I", room)), note=_DENIED)
            if _is_unknown(length) or length in (size, size - 8):  # some write the file's size
                return Promise()
            return _compared(length, size - start, frame)
    return Promise()


def _w64(read_at: ReadAt, size: int) -> Promise:
    frame = 0
    for kind, start, length in _chunks(read_at, size, 40, "<16sQ", inclusive=24, align=8):
        if kind[:4] == b"fmt ":
            tag, channels, rate, align = _fields("<HHI4xH", read_at(start, 14))
            _require("channels", channels)
            _require("sample rate", rate, most=1 << 31)
            frame = align if tag in _FRAMED_WAV else 0
        elif kind[:4] == b"data":
            return _compared(length, size - start, frame)
    return Promise()


def _aiff(read_at: ReadAt, size: int) -> Promise:
    promised, frame, present = None, 0, None
    for kind, start, length in _chunks(read_at, size, 12, ">4sI"):
        if kind == b"COMM":
            channels, promised, bits, exponent, mantissa = _fields(">hIhHQ", read_at(start, 18))
            _require("channels", channels)
            _require("sample rate", 0 if exponent >= 0x8000 else mantissa)
            coding = read_at(start + 18, 4) if read_at(8, 4) == b"AIFC" else b"NONE"
            width = 1 if coding in _AIFC_ONE_BYTE else -(-bits // 8)
            frame = channels * width if coding in _AIFC_FRAMED else 0
        elif kind == b"SSND":
            (skipped,) = _fields(">I", read_at(start, 4))
            room = size - start if length == 0 else min(length, size - start)
            present = max(0, room - 8 - skipped)
            if length >= 0x7F00_0000 and length > size:  # SoX, to a pipe
                return Promise()
    if promised is None or present is None or frame <= 0:
        return Promise()
    return Promise(promised, present // frame)


def _au(read_at: ReadAt, size: int) -> Promise:
    order = ">" if read_at(0, 4) == b".snd" else "<"
    start, length, coding, rate, channels = _fields(order + "4x5I", read_at(0, 24))
    _require("channels", channels)
    _require("sample rate", rate, most=1 << 31)
    if length == 0 and size > start:
        return Promise(patch=(8, b"\xff\xff\xff\xff"), note=_DENIED)
    if _is_unknown(length):
        return Promise()
    return _compared(length, size - start, channels * _AU_WIDTHS.get(coding, 0))


def _caf(read_at: ReadAt, size: int) -> Promise:
    frame = 0
    for kind, start, length in _chunks(read_at, size, 8, ">4sq", align=1):
        if kind == b"desc":
            rate, packet, frames, channels = _fields(">d8xIII", read_at(start, 28))
            _require("channels", channels)
            _require("sample rate", rate if math.isfinite(rate) else 0)
            frame = packet if frames == 1 else 0
        elif kind == b"data":
            patch = (start - 8, struct.pack(">q", size - start))
            if length == -1:
                return Promise(patch=patch)  # up to the end, which libsndfile does not know
            claim = _compared(length - 4, size - start - 4, frame)
            return replace(claim, patch=patch) if start + length > size else claim
    return Promise()


def _flac(read_at: ReadAt, size: int) -> Promise:
    _read(read_at, 21, 5)
    claimed = claimed_samples(read_at)
    if claimed == 0 or ends_as_claimed(read_at, size):
        return Promise(promised=claimed or None)
    # libsndfile reads no further than the claim. Without one, it reads all that is there.
    unknown = bytes((read_at(21, 1)[0] & 0xF0, 0, 0, 0, 0))
    return Promise(promised=claimed, patch=(21, unknown))


def _chunks(
    read_at: ReadAt, size: int, start: int, header: str, *, inclusive: int = 0, align: int = 2
) -> Iterator[tuple[bytes, int, int]]:
    """Give kind, first byte and length of each chunk; `inclusive` is counted in the length."""
    for _ in range(_MAX_CHUNKS):
        head = read_at(start, struct.calcsize(header))
        if len(head) < struct.calcsize(header):
            return
        kind, length = struct.unpack(header, head)
        length -= inclusive
        start += len(head)
        yield kind, start, length
        if length < 0 or start + length > size:
            return
        start += -(-length // align) * align


def _are_chunks(read_at: ReadAt, start: int, size: int, header: str) -> bool:
    """Tell whether nothing but sound chunks stands from `start` to the end of the file."""
    end = start
    for kind, begin, length in _chunks(read_at, size, start, header):
        if not all(32 <= letter < 127 for letter in kind):
            return False
        end = begin + length
    return end in (size, size - 1, size + 1)


def _compared(promised: int, present: int, frame: int) -> Promise:
    if not frame:
        return Promise()
    return Promise(promised // frame, max(0, min(promised, present)) // frame)


def _is_unknown(length: int) -> bool:
    return any(length in unknown for unknown in _UNKNOWN)


def _read(read_at: ReadAt, place: int, count: int) -> bytes:
    data = read_at(place, count)
    if len(data) < count:
        raise _malformed("its header is cut short")
    return data


def _fields(layout: str, data: bytes) -> tuple[int, ...]:
    if len(data) < struct.calcsize(layout):
        raise _malformed("its header is cut short")
    return struct.unpack_from(layout, data)


def _require(field: str, value: float, most: float = math.inf) -> None:
    if not 0 < value < most:
        raise _malformed(f"its header says {value:g} for the {field}")


def _malformed(what: str) -> AudioError:
    return AudioError(what, code="malformed", remedy="the file is damaged, fetch it again")
