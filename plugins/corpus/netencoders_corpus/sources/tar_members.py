"""Members of a tar archive, with their offsets: nothing is unpacked, and no name is opened.

The module tarfile ends in silence at a damaged header, and keeps all members in memory.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from typing import IO, Final, NamedTuple

__all__ = ["Member", "TarError", "is_tar_header", "members"]

BLOCK: Final = 512
MAX_HEADER: Final = 1 << 20  # bytes of an extended header
TAIL: Final = 1 << 20  # bytes behind the end that are looked at

REGULAR: Final = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
IGNORED: Final = (tarfile.DIRTYPE,)
_COPY: Final = "copy the archive again, or write it again"


class TarError(ValueError):
    """An archive is damaged, or has a member that cannot be read in place."""


class Member(NamedTuple):
    """A file in an archive: its name, and the place of its bytes."""

    name: str
    offset: int
    size: int


def is_tar_header(block: bytes) -> bool:
    """Return whether a block of 512 bytes is a header of a tar archive."""
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def members(file: IO[bytes]) -> Iterator[Member]:
    """Yield the regular files of an archive, in order.

    Raises
    ------
    TarError
        The message has the offset and the remedy.
    """
    end = os.fstat(file.fileno()).st_size
    place = 0
    name: str | None = None
    size: int | None = None
    while True:
        file.seek(place)
        block = file.read(BLOCK)
        if len(block) < BLOCK:
            raise TarError(f"it ends at byte {end} without the mark of its end: {_COPY}.")
        if not block.strip(b"\0"):
            _check_tail(file, place)
            return
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as problem:
            raise TarError(f"the header at byte {place} is damaged: {problem}: {_COPY}.") from None
        start = place + BLOCK
        length = header.size if size is None or _is_extended(header) else size
        if header.type in (tarfile.LNKTYPE, tarfile.SYMTYPE, *IGNORED):
            length = 0
        if length < 0 or start + length > end:
            raise TarError(
                f"the member at byte {place} has {length} bytes, and the archive ends before: "
                f"{_COPY}."
            )
        place = start + (length + BLOCK - 1) // BLOCK * BLOCK
        if _is_extended(header):
            if length > MAX_HEADER:
                raise TarError(f"the extended header at byte {start - BLOCK} is too long: {_COPY}.")
            content = file.read(length)
            if header.type == tarfile.GNUTYPE_LONGNAME:
                name = content.rstrip(b"\0").decode("utf-8", "surrogateescape")
            elif header.type == tarfile.XGLTYPE:
                if {"path", "size"} & _records(content).keys():
                    raise TarError(f"a header for all members names one at byte {start}: {_COPY}.")
            elif header.type != tarfile.GNUTYPE_LONGLINK:
                given = _records(content)
                if any(key.startswith("GNU.sparse") for key in given):
                    raise _sparse(start - BLOCK)
                name = given.get("path", name)
                size = _size(given.get("size"))
            continue
        shown = header.name if name is None else name
        name, size = None, None
        if header.type == tarfile.GNUTYPE_SPARSE:
            raise _sparse(start - BLOCK)
        if header.type in IGNORED or (header.type == tarfile.AREGTYPE and shown.endswith("/")):
            continue
        if header.type not in REGULAR:
            raise TarError(
                f"the member at byte {start - BLOCK} is a link or a device: write files (tar -h)."
            )
        yield Member(shown, start, length)


def _is_extended(header: tarfile.TarInfo) -> bool:
    return header.type in (
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
    )


def _records(content: bytes) -> dict[str, str]:
    """Return the records of an extended header of pax, such as ``11 path=abc`` and a line end."""
    found, place = {}, 0
    while place < len(content) and content[place : place + 1] != b"\0":
        digits, space, _ = content[place : place + 24].partition(b" ")
        length = int(digits) if space and digits.isdigit() else 0
        record = content[place + len(digits) + 1 : place + length]
        key, equals, value = record.removesuffix(b"\n").partition(b"=")
        if not equals or not record.endswith(b"\n") or place + length > len(content):
            raise TarError(f"an extended header is damaged: {_COPY}.")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        place += length
    return found


def _size(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise TarError(f"an extended header has the size {text[:20]!r}: {_COPY}.")
    return int(text)


def _sparse(place: int) -> TarError:
    return TarError(f"the member at byte {place} is sparse: write the archive without --sparse.")


def _check_tail(file: IO[bytes], place: int) -> None:
    """Require that zeros follow the end: a second archive would be left out in silence."""
    file.seek(place)
    if file.read(TAIL).strip(b"\0"):
        raise TarError(
            f"there are bytes behind its end at byte {place}, perhaps a second archive: name each "
            "archive on its own."
        )
