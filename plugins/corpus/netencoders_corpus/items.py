"""Item: one row of a source, before it is encoded; its input, its content and its key."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from netencoders import EncodeError, NetEncoder
from netencoders.calls import unreadable
from netencoders.cli.file_inputs import file_input
from netencoders_corpus.embedded import Embedded, EmbeddedReader

if TYPE_CHECKING:
    from netencoders_audio.audio import AudioFile

__all__ = ["MISSING", "Item", "RowKeys", "content_of", "input_of", "source_of"]

MISSING: Final = "missing"
"""The content of a file that cannot be read."""

BLOCK: Final = 1 << 20
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Item:
    """One input of a corpus.

    Attributes
    ----------
    id : str
        The name of the row, unique in the corpus.
    source : str
        The path of the file, relative to the source if it lies in the same folder.
    path : str
        The path that is opened.
    start, stop : float or None
        The segment in s; None for the start or the end of the file.
    channel : int or None
        The only channel, counted from 0; None for the rule of the encoder.
    member : tuple of int, or None
        Offset and size in bytes of a member of an archive without compression.
    place : str
        The line or the row of the manifest, for messages.
    columns : mapping of str to object
        Other columns, which the corpus passes through.
    embedded : Embedded or None
        The place of its bytes in the Parquet file at `path`.
    """

    id: str
    source: str
    path: str
    start: float | None = None
    stop: float | None = None
    channel: int | None = None
    member: tuple[int, int] | None = None
    place: str = ""
    columns: Mapping[str, Any] = field(default_factory=lambda: _NONE)
    embedded: Embedded | None = None

    @property
    def is_part(self) -> bool:
        """Whether it is a segment or a channel of a file."""
        return not (self.start is None and self.stop is None and self.channel is None)


def input_of(item: Item, encoder: NetEncoder, content: bytes | None = None) -> Any:
    """Return the input of the encoder for an item.

    Parameters
    ----------
    item : Item
    encoder : NetEncoder
    content : bytes, optional
        The bytes of an embedded item, if they are read already.

    Raises
    ------
    EncodeError
        The file cannot be read.
    SourceError
        The Parquet file of an embedded item has changed.
    """
    if item.member is not None or item.embedded is not None:
        value: Any = content if content is not None else _stored(item)
        if not item.is_part:
            return value
        parts = {"start": item.start, "end": item.stop, "channel": item.channel}
        given = {name: part for name, part in parts.items() if part is not None}
        return {"bytes": value, **given}
    if item.is_part:
        return _audio_file(item)
    return file_input(encoder, item.path, None)


def _audio_file(item: Item) -> AudioFile:
    # Late: only segments and channels need the audio plugin.
    from netencoders_audio import Audio

    return Audio.open(item.path, start=item.start, stop=item.stop, channel=item.channel)


def _stored(item: Item) -> bytes:
    """Return the bytes of a member or of an embedded item."""
    if item.embedded is None:
        return _member(item)
    with EmbeddedReader() as reader:
        return reader.read(item.path, item.embedded, item.source)


def _member(item: Item) -> bytes:
    assert item.member is not None  # noqa: S101 - for mypy: the caller checks it
    offset, size = item.member
    try:
        with open(item.path, "rb") as file:
            file.seek(offset)
            content = file.read(size)
    except OSError as problem:
        raise unreadable(problem, item.path) from None
    if len(content) < size:
        raise EncodeError(
            f"the archive ends {size - len(content)} bytes before the end of this member",
            code="truncated",
            source=item.source,
            remedy="copy the archive again",
        )
    return content


def source_of(item: Item, problem: EncodeError) -> str:
    """Return the name of an item for an error: bytes have no name of their own."""
    if problem.source and item.member is None and item.embedded is None:
        return problem.source
    return item.source


def content_of(item: Item, mode: str, content: bytes | None = None) -> str:
    """Return a text that changes with the content of the file of an item.

    Parameters
    ----------
    item : Item
    mode : {"stat", "hash"}
        The size and the time of the last change, or the sha256 of the bytes. The bytes of an
        embedded item change with the Parquet file, in the mode ``"stat"``.
    content : bytes, optional
        The bytes of an embedded item, if they are read already.
    """
    if mode == "stat" and item.embedded is not None:
        column, row, stamp = item.embedded
        return f"{stamp}:{row}:{column}"
    try:
        if mode == "hash":
            return _sha256(item, content)
        status = os.stat(item.path)
    except (OSError, ValueError, EncodeError):  # the encoder reports it
        return MISSING
    text = f"{status.st_size}:{status.st_mtime_ns}"
    return text if item.member is None else f"{text}:{item.member[0]}:{item.member[1]}"


def _sha256(item: Item, content: bytes | None) -> str:
    if item.member is not None or item.embedded is not None:
        return hashlib.sha256(_stored(item) if content is None else content).hexdigest()
    digest = hashlib.sha256()
    if not stat.S_ISREG(os.stat(item.path).st_mode):  # opening a pipe may wait for ever
        raise OSError("not a regular file")
    with open(item.path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


class RowKeys:
    """The keys of rows: equal keys mean equal arrays.

    A key is the sha256 of the text of the tuple (digest, dtype, content, start, stop, channel).

    Parameters
    ----------
    digest : str
        The digest of the encoder.
    dtype : str
        The type of the stored numbers.
    """

    def __init__(self, digest: str, dtype: str) -> None:
        self._begun = hashlib.sha256(f"({digest!r}, {dtype!r}, ".encode())

    def of(self, item: Item, content: str) -> str:
        """Return the key of the row of an item."""
        rest = f"{content!r}, {item.start!r}, {item.stop!r}, {item.channel!r})"
        key = self._begun.copy()
        key.update(rest.encode())
        return key.hexdigest()
