"""Stored samples: their form, from the fields of a header; contradictions are refused."""

from __future__ import annotations

from typing import Final

from netencoders_audio.errors import AudioError
from netencoders_audio.files.alignment import Alignment, scan
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import unsupported
from netencoders_audio.files.layout import Layout

__all__ = ["Form", "floats", "integers", "logarithmic"]

_INTEGERS: Final = {1: "PCM_S8", 2: "PCM_16", 3: "PCM_24", 4: "PCM_32"}
_FLOATS: Final = {32: "FLOAT", 64: "DOUBLE"}

Form = tuple[str, int, int, str]
"""The container, the sample rate, the number of channels, and the byte order."""


def integers(
    content: Content,
    data: range,
    form: Form,
    *,
    bits: int,
    frame: int = 0,
    packed_rate: bool = False,
    unsigned: int = 0,
) -> tuple[Layout, str | None]:
    """Return the layout of integers, and a note; the samples decide if the header is ambiguous.

    The valid bits of a sample are at the upper end of its bytes: so do the specifications say. Some
    programs write them at the lower end. If the number of bits is not that of whole bytes, all
    samples are looked at.

    Parameters
    ----------
    content, data : Content and range
        The samples.
    form : Form
    bits : int
        The number of bits in the header.
    frame : int, optional
        The number of bytes of a frame in the header; 0 if the header does not have it.
    packed_rate : bool, optional
        Whether the header has the byte rate of samples without padding.
    unsigned : int, optional
        The widest samples, in bytes, that are unsigned.

    Raises
    ------
    AudioError
        With code ``unsupported-coding``: more than 32 bits; ``malformed``: the number of bits and
        the size of a frame contradict each other, and the samples do not decide.
    """
    if bits > 32:
        raise unsupported(f"PCM of {bits} bits")
    channels = form[2]
    packed = -(-bits // 8)
    width = frame // channels if frame % channels == 0 else packed
    if not packed <= width <= 4:
        width = packed  # the size of a frame is wrong: the number of bits decides
    full, note = 8 * width, None
    if width > packed and bits <= 8:
        if not packed_rate:
            raise _contradiction(bits, frame, channels, "8-bit samples need no padding")
        width, full = packed, 8 * packed
    elif bits < full and width > 1:
        found = scan(content, data, width, form[3], bits)
        if width == packed:  # as the specifications say, unless all samples contradict
            full = bits if found is Alignment.RIGHT else full
            if found is Alignment.NEITHER:
                note = f"claims {bits} bits a sample, but its samples use {full}: all are kept"
        elif found is Alignment.RIGHT:
            full = bits
        elif found is Alignment.NEITHER and packed_rate:
            width, full = packed, 8 * packed
        elif found in (Alignment.NEITHER, Alignment.BOTH):
            problem = {
                Alignment.NEITHER: "the samples use all bits",
                Alignment.BOTH: "the valid bits may be the upper or the lower ones",
            }[found]
            raise _contradiction(bits, frame, channels, problem)
    kind = "u" if width <= unsigned else "i"
    coding = "PCM_U8" if kind == "u" else _INTEGERS[width]
    return _layout(form, coding, kind, width, full), note


def floats(form: Form, bits: int) -> Layout:
    """Return the layout of floats.

    Raises
    ------
    AudioError
        With code ``unsupported-coding``: the floats have neither 32 nor 64 bits.
    """
    if bits not in _FLOATS:
        raise unsupported(f"floats of {bits} bits")
    return _layout(form, _FLOATS[bits], "f", bits // 8, bits)


def logarithmic(form: Form, coding: str) -> Layout:
    """Return the layout of A-law or mu-law samples, from the coding "ALAW" or "ULAW"."""
    return _layout(form, coding, coding[0], 1, 16)


def _layout(form: Form, coding: str, kind: str, width: int, bits: int) -> Layout:
    container, rate, channels, order = form
    return Layout(container, coding, rate, channels, kind, width, order, bits)


def _contradiction(bits: int, frame: int, channels: int, problem: str) -> AudioError:
    return AudioError(
        f"its header claims {bits} bits a sample, and frames of {frame} bytes for {channels} "
        f"channels; {problem}",
        code="malformed",
        remedy="write it again with a header that is right, or read the samples, and wrap them as "
        "Audio(samples, rate)",
    )
