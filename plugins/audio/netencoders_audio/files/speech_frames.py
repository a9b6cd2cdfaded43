"""Speech frames: the headers of AMR and AMR-WB files (RFC 4867)."""

from __future__ import annotations

from functools import partial
from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, malformed, unsupported
from netencoders_audio.files.framed import Frame, FrameForm, read_framed

__all__ = ["read_amr"]

_NARROW: Final = b"#!AMR\n"
_WIDE: Final = b"#!AMR-WB\n"
# The bytes of a frame with its header, by the type of the frame; 0 is a reserved type.
_NARROW_SIZES: Final = (13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1)
_WIDE_SIZES: Final = (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1)


def read_amr(content: Content) -> Findings:
    """Return the findings of an AMR or AMR-WB file."""
    magic = content.read_at(0, len(_WIDE))
    if magic == _WIDE:
        form = FrameForm("AMR", 1, partial(_frame, _WIDE_SIZES, 16000, "AMR_WB"))
        return read_framed(content, form, len(_WIDE), channels=1)
    if not magic.startswith(_NARROW):
        if magic.startswith((b"#!AMR_MC1", b"#!AMR-WB_")):
            raise unsupported("AMR of several channels")
        raise malformed("its first line must be #!AMR or #!AMR-WB")
    form = FrameForm("AMR", 1, partial(_frame, _NARROW_SIZES, 8000, "AMR_NB"))
    return read_framed(content, form, len(_NARROW), channels=1)


def _frame(sizes: tuple[int, ...], rate: int, coding: str, head: bytes) -> Frame | None:
    """Return the facts of a frame; the bits of padding in its header are 0."""
    size = sizes[head[0] >> 3 & 15] if head and not head[0] & 0x83 else 0
    return Frame(size, rate // 50, rate, coding) if size else None
