"""Scans: the compiled walks over the frames of MPEG audio and of FLAC files.

Each has a twin in Python in `files`, which explains it. A scan gives no result for a file that is
not as most files are; then the twin reads it. So the findings do not depend on the kernel.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Final, NamedTuple

from netencoders_audio.kernel.library import library

__all__ = ["FlacScan", "Frames", "MpegWalk", "has_scans"]

MAX_GRANULES: Final = 4  # as in mpeg.h
# The bits of a header that all frames of a form share: synchronization, version, layer, rate.
SHARED: Final = 0xFFFE0C00
CHANNELS: Final = 0xC0  # both bits are set in a frame of one channel


class _MpegState(ctypes.Structure):
    """The structure `mpeg_walk` of mpeg.h."""

    _fields_ = (
        ("lengths", ctypes.c_int64 * 16),
        ("slot", ctypes.c_int64),
        ("mask", ctypes.c_int64),
        ("head", ctypes.c_int64),
        ("mono", ctypes.c_int64),
        ("layer", ctypes.c_int64),
        ("side", ctypes.c_int64),
        ("back", ctypes.c_int64),
        ("granules", ctypes.c_int64),
        ("places", ctypes.c_int64 * MAX_GRANULES),
        ("bits", ctypes.c_int64 * MAX_GRANULES),
        ("bytes", ctypes.c_int64),
        ("end", ctypes.c_int64),
        ("count", ctypes.c_int64),
        ("damaged", ctypes.c_int64),
        ("tag", ctypes.c_int64),
    )


class _FlacState(ctypes.Structure):
    """The structure `flac_scan` of flac.h."""

    _fields_ = (
        ("rate", ctypes.c_int64),
        ("channels", ctypes.c_int64),
        ("bits", ctypes.c_int64),
        ("block", ctypes.c_int64),
        ("count", ctypes.c_int64),
        ("place", ctypes.c_int64),
        ("samples", ctypes.c_int64),
    )


def has_scans() -> bool:
    """Return whether this process uses the compiled kernel.

    Raises
    ------
    KernelError
        The environment variable asks for a kernel that cannot be used.
    """
    return library() is not None


class Frames(NamedTuple):
    """The MPEG frames at the beginning of a piece.

    Attributes
    ----------
    size : int
        The length of all of them, in bytes.
    sounds, damaged : int
        The number of frames with sound, and of those that are damaged.
    tag : int
        The length of the first frame if that contains a tag; otherwise 0.
    main, end : int
        The length of the main data up to the last frame, and the end of its sound there.
    """

    size: int
    sounds: int
    damaged: int
    tag: int
    main: int
    end: int


class MpegWalk:
    """The walk over the frames of one form.

    Parameters
    ----------
    head : bytes
        The header of the first frame.
    lengths : sequence of int
        The length of a frame without padding, by the index of its bit rate; 0 if there is none.
    slot : int
        The number of bytes of padding.
    layer : int
    side : int
        The length of the side information in bytes.
    back : int
        The number of bits behind main_data_begin in its word of 32 bits.
    places, bits : sequence of int
        The places of the words of the granules, and the number of bits behind their first field.
    """

    def __init__(
        self,
        head: bytes,
        lengths: Sequence[int],
        slot: int,
        layer: int,
        side: int,
        back: int,
        places: Sequence[int],
        bits: Sequence[int],
    ) -> None:
        word = int.from_bytes(head)
        self._state = state = _MpegState(
            slot=slot,
            mask=SHARED,
            head=word & SHARED,
            mono=word & CHANNELS == CHANNELS,
            layer=layer,
            side=side,
            back=back,
            granules=len(places),
        )
        state.lengths[:] = lengths
        state.places[: len(places)] = places
        state.bits[: len(bits)] = bits
        self._library = library()
        self._address = ctypes.addressof(state)

    def frames(self, data: bytes, room: int, main: int, end: int) -> Frames | None:
        """Return the frames at the beginning of a piece; None if its twin has to read the piece.

        Parameters
        ----------
        data : bytes
        room : int
            The number of bytes from the beginning of the piece to the end of the file.
        main, end : int
            The length of the main data before the piece, and the end of the sound there.
        """
        if self._library is None:
            return None
        state = self._state
        state.bytes, state.end = main, end
        size = self._library.mpeg_walk(self._address, data, len(data), max(room, len(data)))
        if size < 0:
            return None
        return Frames(size, state.count, state.damaged, state.tag, state.bytes, state.end)


class FlacScan:
    """The headers of the frames of a FLAC file, from piece to piece.

    Parameters
    ----------
    rate, channels, bits : int
        The form of the file.
    block : int
        The number of samples of each frame except the last one.
    """

    def __init__(self, rate: int, channels: int, bits: int, block: int) -> None:
        self._state = _FlacState(rate=rate, channels=channels, bits=bits, block=block)
        self._library = library()
        self._address = ctypes.addressof(self._state)

    def add(self, data: bytes, count: int, base: int) -> bool:
        """Read the headers that begin in a piece; return whether all are as expected.

        Parameters
        ----------
        data : bytes
            The piece, and the bytes of a header behind it.
        count : int
            The number of bytes of the piece.
        base : int
            The number of bytes of the pieces before it.
        """
        if self._library is None:
            return False
        count = min(count, len(data))
        return bool(self._library.flac_scan(self._address, data, len(data), count, base))

    def is_whole(self, frame: bytes) -> bool:
        """Return whether the bytes are a frame with a correct checksum; zeros may follow it."""
        return self._library is not None and bool(self._library.flac_whole(frame, len(frame)))

    @property
    def place(self) -> int:
        """The place of the last frame."""
        return int(self._state.place)

    @property
    def samples(self) -> int:
        """The number of samples of the last frame."""
        return int(self._state.samples)

    @property
    def length(self) -> int:
        """The number of samples of all frames."""
        state = self._state
        return int((state.count - 1) * state.block + state.samples) if state.count else 0
