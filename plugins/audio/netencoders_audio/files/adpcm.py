"""ADPCM: counts the frames and checks the blocks of IMA and Microsoft ADPCM in WAV files.

The samples are coded in blocks of one size. The last block of a file may be shorter, or it may be
padded: then a fact chunk has the number of frames.
"""

from __future__ import annotations

import re
import struct
from typing import Final

import numpy as np

from netencoders_audio.files.chunks import require
from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.findings import Findings, malformed
from netencoders_audio.files.ima import MAX_INDEX, ImaBlocks
from netencoders_audio.files.uncompressed import Extent
from netencoders_audio.files.wave_format import IMA_ADPCM, MS_ADPCM, WaveFormat

__all__ = ["read_adpcm"]

# For each channel: the bytes of a block before its nibbles, the frames in these bytes, and the
# bytes of nibbles that belong together.
_BLOCKS: Final = {IMA_ADPCM: (4, 1, 4), MS_ADPCM: (7, 2, 0)}
_LARGEST: Final = (1 << 32) - 1
_MS_PREDICTORS: Final = 7
_PIECE: Final = 1 << 20
_HEAD: Final = 1 << 16
# The text by which ffmpeg names itself in its files.
_FFMPEG: Final = re.compile(rb"ISFT.{4}Lavf", re.DOTALL)


def read_adpcm(content: Content, found: Extent, form: WaveFormat, fact: int) -> Findings:
    """Return the findings of ADPCM samples.

    Parameters
    ----------
    content, found, form : Content, Extent and WaveFormat
    fact : int
        The number of frames in the fact chunk, or 0.

    Raises
    ------
    AudioError
        With code ``malformed``: the size of the blocks is impossible, or contradicts the number of
        frames in a block.
    """
    require("number of bytes of a block", form.align)
    full = _frames(form, form.align)
    stated = int.from_bytes(form.extra[:2], "little" if form.order == "<" else "big")
    if full == 0 or stated not in (0, full):
        raise malformed(
            f"its header claims blocks of {form.align} bytes with {stated} frames, but such blocks "
            f"have {full}"
        )
    size = len(found.data)
    held = _held(form, size, full)
    claimed = None if found.claimed is None else _held(form, found.claimed, full)
    notes: tuple[str, ...] = ()
    if claimed is not None and claimed - full < fact <= claimed:
        claimed = fact
        held = min(held, fact)
    elif claimed is None and held - full < fact <= held:
        held = fact
    # libsndfile divides the number by that of the channels.
    elif fact and fact * form.channels != (blocks := held if claimed is None else claimed):
        note = f"has a fact chunk of {fact} frames, but its blocks hold {blocks}: all are encoded"
        notes = (note,)
    if damaged := _damaged(content, found.data, form):
        notes = (*notes, f"has {damaged} ADPCM blocks with impossible headers: they are encoded")
    present = None if claimed is None else held
    if form.tag == IMA_ADPCM:
        by_ffmpeg = bool(_FFMPEG.search(content.read_at(0, min(found.data.start, _HEAD))))
        coded = ImaBlocks(form.rate, form.channels, form.align, found.data, held, by_ffmpeg)
        return Findings((content,), claimed, present, notes=notes, layout=coded)
    part: Content = content
    missing = -size % form.align  # libsndfile reads whole blocks
    if missing or found.claimed != size or found.end < content.size:
        part = Pieces(content, [_header(form, size + missing), found.data, bytes(missing)])
    return Findings((part,), claimed, present, notes=notes, counted=held)


def _damaged(content: Content, data: range, form: WaveFormat) -> int:
    """Return the number of blocks whose header no coder writes."""
    size, channels = form.align, form.channels
    # The largest value of some bytes: the index of a step and a reserved zero, or the predictor.
    limits = dict.fromkeys(range(channels), _MS_PREDICTORS - 1)
    if form.tag == IMA_ADPCM:
        limits = {2 + 4 * channel: MAX_INDEX for channel in range(channels)}
        limits |= {3 + 4 * channel: 0 for channel in range(channels)}
    bounds = np.array(list(limits.values()), np.uint8)
    count = 0
    for place in range(data.start, data.stop - size + 1, max(1, _PIECE // size) * size):
        piece = content.read_at(place, min(max(1, _PIECE // size) * size, data.stop - place))
        blocks = np.frombuffer(piece, np.uint8)[: len(piece) // size * size].reshape(-1, size)
        count += int((blocks[:, list(limits)] > bounds).any(axis=1).sum())
    return count


def _frames(form: WaveFormat, size: int) -> int:
    """Return the number of frames in a block of `size` bytes."""
    head, first, group = _BLOCKS[form.tag]
    rest = size - head * form.channels
    if rest < 0:
        return 0
    if group:
        return first + rest // (group * form.channels) * group * 2
    return first + rest * 2 // form.channels


def _held(form: WaveFormat, size: int, full: int) -> int:
    blocks, rest = divmod(size, form.align)
    return blocks * full + _frames(form, rest)


def _header(form: WaveFormat, size: int) -> bytes:
    """Return the chunks of a file before `size` bytes of samples."""
    order = form.order
    length = min(size, _LARGEST)
    data = struct.pack(
        order + "HHIIHHH", form.tag, form.channels, form.rate, form.byte_rate, form.align,
        form.bits, len(form.extra),
    ) + form.extra  # fmt: skip
    magic = b"RIFF" if order == "<" else b"RIFX"
    return (
        magic + struct.pack(order + "I", min(length + len(data) + 20, _LARGEST)) + b"WAVEfmt "
        + struct.pack(order + "I", len(data)) + data + b"data" + struct.pack(order + "I", length)
    )  # fmt: skip
