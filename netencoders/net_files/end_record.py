"""The end of a zip file: the number of members, and the place of their directory.

zipfile accepts bytes before the first member and after the last record. Here each byte of the file
belongs to the zip, so that a reader of another format cannot see other content in it.
"""

from __future__ import annotations

import os
import struct
import zipfile
from dataclasses import dataclass
from typing import BinaryIO, Final

from netencoders.errors import NetFileError

__all__ = ["MAX_MEMBERS", "EndRecord", "read_end"]

MAX_MEMBERS: Final = 1000
"""The largest number of members."""

MAX_DIRECTORY: Final = 2**20
"""The largest size of the directory, which zipfile reads at once."""

_FIRST: Final = b"PK\x03\x04"
_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR: Final = struct.Struct("<4sLQL")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_NO_ZIP: Final = "name a file that net.save has written"
_AGAIN: Final = "copy or download it again"


@dataclass(frozen=True)
class EndRecord:
    """The place of the directory of a zip file.

    Attributes
    ----------
    count : int
        The number of members.
    start : int
        The offset of the directory, at which the members end.
    """

    count: int
    start: int


def read_end(file: BinaryIO) -> EndRecord:
    """Return the end record of a zip file that fills the whole file.

    Raises
    ------
    NetFileError
        It is not a zip file, is truncated, has bytes before or after the zip, or too many members.
    """
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    first = file.read(len(_FIRST))
    if not first:
        raise NetFileError("the file is empty", remedy=_AGAIN)
    if first != _FIRST:
        if zipfile.is_zipfile(file):
            raise NetFileError("there are bytes before the zip", remedy=_NO_ZIP)
        raise NetFileError("this is not a zip file", remedy=_NO_ZIP)
    tail = _last(file, length, _END.size)
    signature, *disks, here, count, size, start, comment = _END.unpack(tail.rjust(_END.size, b"\0"))
    if signature != b"PK\x05\x06" or comment:
        if zipfile.is_zipfile(file):
            raise NetFileError("there are bytes after the zip, or a comment", remedy=_NO_ZIP)
        raise NetFileError("the zip is truncated: it has no end record", remedy=_AGAIN)
    records = _END.size
    # zipfile writes the record for more than 4 GiB from 2 GiB on, with all numbers in both records.
    is_wide = _last(file, length, _LOCATOR.size + _END.size).startswith(b"PK\x06\x07")
    if is_wide or 0xFFFF in (here, count) or 0xFFFFFFFF in (size, start):
        records += _LOCATOR.size + _END64.size
        disks, here, count, size, start = _wide_end(_last(file, length, records))
    if any(disks) or here != count or start + size + records != length:
        raise NetFileError("the end record of the zip does not fit the file", remedy=_AGAIN)
    if count > MAX_MEMBERS or size > MAX_DIRECTORY:
        raise NetFileError(
            f"the zip has {count} members in a directory of {size} bytes; the limits are "
            f"{MAX_MEMBERS} and {MAX_DIRECTORY}",
            remedy=_NO_ZIP,
        )
    return EndRecord(count, start)


def _last(file: BinaryIO, length: int, size: int) -> bytes:
    file.seek(max(0, length - size))
    return file.read(size)


def _wide_end(tail: bytes) -> tuple[list[int], int, int, int, int]:
    """Return the numbers of the end record for zips of more than 4 GiB."""
    if len(tail) < _END64.size + _LOCATOR.size + _END.size:
        raise NetFileError("the end record of the zip does not fit the file", remedy=_AGAIN)
    mark, *_, disks = _LOCATOR.unpack_from(tail, _END64.size)
    signature, rest, *_, disk, other, here, count, size, start = _END64.unpack_from(tail)
    is_end = (mark, signature, rest) == (b"PK\x06\x07", b"PK\x06\x06", _END64.size - 12)
    return [disk, other, 0 if is_end and disks == 1 else 1], here, count, size, start
