"""Boxes: the parts of MPEG-4 files, which may contain further boxes (ISO/IEC 14496-12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import malformed

__all__ = ["Box", "begin_of", "boxes", "child"]

_MAX_BOXES: Final = 1 << 20


class Box(NamedTuple):
    """The kind of a box, and the positions of its content.

    Attributes
    ----------
    kind : bytes
    start, stop : int
        The bytes after its header.
    missing : int
        The number of bytes that its parent, or the file, does not have.
    """

    kind: bytes
    start: int
    stop: int
    missing: int = 0


def boxes(content: Content, start: int, stop: int) -> Iterator[Box]:
    """Yield the boxes from a position to another one.

    Raises
    ------
    AudioError
        With code ``malformed``: a box is smaller than its header.
    """
    for _ in range(_MAX_BOXES):
        head = content.read_at(start, min(16, stop - start)) if start < stop else b""
        if len(head) < 8:
            if any(head):
                yield Box(b"", start, stop, 8 - len(head))
            return
        size, kind = int.from_bytes(head[:4]), head[4:8]
        begin = start + 8
        if size == 1 and len(head) == 16:
            size, begin = int.from_bytes(head[8:16]), start + 16
        elif size == 0:  # to the end
            if not any(head):
                return
            size = stop - start
        end = start + size
        if end < begin:
            raise malformed(f"the box {kind!r} at byte {start} has a size of {size} bytes")
        yield Box(kind, begin, min(end, stop), max(0, end - stop))
        start = end
    raise malformed(f"it has more than {_MAX_BOXES} boxes")


def begin_of(content: Content, box: Box, count: int) -> bytes:
    """Return the first bytes of the content of a box; fewer if it is shorter."""
    return content.read_at(box.start, min(count, box.stop - box.start))


def child(content: Content, box: Box, *path: bytes) -> Box | None:
    """Return the first box of a path of kinds inside of a box; None if there is none."""
    for kind in path:
        for found in boxes(content, box.start, box.stop):
            if found.kind == kind:
                box = found
                break
        else:
            return None
    return box
