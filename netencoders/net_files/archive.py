"""Reads the zip of a net file: its members are checked before any of them is read.

Sizes in headers are limits, and never the size of an allocation: memory grows with the bytes that
are really there.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from os import PathLike
from typing import BinaryIO, Final

from netencoders.errors import NetFileError, printable
from netencoders.net_files.end_record import read_end
from netencoders.net_files.member_names import name_problem
from netencoders.parameters import short

__all__ = ["Archive", "opened"]

_BLOCK: Final = 2**20
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_STREAMED: Final = 0x8
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError),
    *(RuntimeError, ValueError, OverflowError, IndexError),
)
"""The exceptions of zipfile for content that is not a zip."""

_AGAIN: Final = "copy or download it again"
_NOT_OURS: Final = "save the net again by net.save"


def opened(path: str | PathLike[str]) -> BinaryIO:
    """Open a regular file.

    Raises
    ------
    NetFileError
        There is no such file, it is not a regular file, or it cannot be opened.
    """
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISREG(mode):  # opening a pipe may wait for ever
            return open(path, "rb")
    except FileNotFoundError:
        raise NetFileError("no such file", remedy="check the path") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise NetFileError(f"it cannot be opened: {reason}", remedy="check the path") from None
    kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
    raise NetFileError(f"this is {kind}", remedy="name a file that net.save has written")


class Archive:
    """The members of an open zip file.

    Parameters
    ----------
    file : binary file
    max_bytes : int
        The largest size of all members together.

    Attributes
    ----------
    sizes : mapping of str to int
        The size of each member, as the zip states it.

    Raises
    ------
    NetFileError
        The file is not a zip, or has members that a net file must not have.
    """

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        end = read_end(file)
        file.seek(0)
        try:
            self._zip = zipfile.ZipFile(file)
            members = self._zip.infolist()
        except _BROKEN as problem:
            raise NetFileError(f"the zip is damaged: {problem}", remedy=_AGAIN) from None
        if len(members) != end.count:
            raise NetFileError("the directory of the zip is damaged", remedy=_AGAIN)
        names = [member.filename for member in members]
        for member in members:
            refusal = member_problem(member)
            if not refusal and names.count(member.filename) > 1:
                refusal = "is there twice"
            if refusal:
                shown = short(member.orig_filename)
                raise NetFileError(f"the member {shown} {refusal}", remedy=_NOT_OURS)
        _check_places(file, members, end.start)
        total = sum(member.file_size for member in members)
        if total > max_bytes:
            raise NetFileError(
                f"its members have {total} bytes, more than the limit of {max_bytes}",
                remedy="if you trust the file, raise the limit by NetGraph.load(path, max_bytes=)",
            )
        self._members = {member.filename: member for member in members}
        self.sizes: Mapping[str, int] = {member.filename: member.file_size for member in members}

    def read(self, name: str) -> bytes:
        """Return the content of a member, of the size that the zip states.

        Raises
        ------
        NetFileError
            It is damaged, or has another size.
        """
        size = self.sizes[name]
        content = io.BytesIO()
        try:
            with self._zip.open(self._members[name]) as member:
                while part := member.read(min(_BLOCK, size + 1 - content.tell())):
                    content.write(part)
        except _BROKEN as problem:
            raise NetFileError(
                f"the member {printable(name)} is damaged: {problem}", remedy=_AGAIN
            ) from None
        if content.tell() != size:
            raise NetFileError(
                f"the member {printable(name)} has {content.tell()} bytes, and the zip states "
                f"{size}",
                remedy=_AGAIN,
            )
        return content.getvalue()  # without a copy


def member_problem(member: zipfile.ZipInfo) -> str:
    """Return the reason why a net file must not have this member, or an empty text."""
    problem = name_problem(member.orig_filename)  # zipfile may have shortened the other
    if problem or member.orig_filename != member.filename:
        return f"has a name that {problem or 'zipfile reads in two ways'}"
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        return "is a symbolic link, or no regular file"
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if member.flag_bits & _STREAMED:
        return "has its size behind its content"
    if member.compress_type not in _METHODS:
        return "is neither stored nor deflated"
    if member.compress_type == zipfile.ZIP_STORED and member.compress_size != member.file_size:
        return "is stored with another size than its own"
    return ""


def _check_places(file: BinaryIO, members: list[zipfile.ZipInfo], end: int) -> None:
    """Check that the members follow each other without gaps, from the first byte to `end`.

    Members that overlap could inflate one content many times.
    """
    place = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        file.seek(place)
        header = file.read(_LOCAL.size).ljust(_LOCAL.size, b"\0")
        *_, name, extra = _LOCAL.unpack(header)
        if member.header_offset != place:
            break
        place += _LOCAL.size + name + extra + member.compress_size
    if place != end:
        raise NetFileError(
            "the members of the zip overlap, or have other bytes between them", remedy=_NOT_OURS
        )
