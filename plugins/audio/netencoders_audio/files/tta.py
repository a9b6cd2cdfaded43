"""TTA: the header and the table of frames of True Audio files, version 1."""

from __future__ import annotations

import struct
import zlib
from array import array
from functools import partial
from itertools import accumulate
from typing import Final

from netencoders_audio.files.chunks import fields, require
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, ended_before, malformed, unsupported
from netencoders_audio.files.tags import unknown_bytes
from netencoders_audio.files.tracks import Track, packets_of_pairs

__all__ = ["read_tta"]

_HEADER: Final = 22
_MAX_FRAMES: Final = 1 << 22
_PLAIN: Final = 1


def read_tta(content: Content) -> Findings:
    """Return the findings of a TTA file.

    Raises
    ------
    AudioError
        With code ``malformed``: the checksum of the header or of the table is wrong;
        ``unsupported-coding``: it is encrypted.
    """
    header = content.read_at(0, _HEADER)
    form, channels, bits, rate, total, check = fields("<4xHHHIII", header)
    if check != zlib.crc32(header[:18]):
        raise malformed("the checksum of its header is wrong")
    if form != _PLAIN:
        raise unsupported("TTA that is encrypted" if form == 2 else f"TTA of the form {form}")
    require("number of channels", channels, 1 << 12)
    require("sample rate", rate, 1 << 24)
    length = 256 * rate // 245
    count = -(-total // max(1, length))
    if count > _MAX_FRAMES:
        raise malformed(f"its header claims {total} frames, which is no length of a recording")
    table = content.read_at(_HEADER, 4 * count + 4)
    begin = _HEADER + 4 * count + 4
    if len(table) < 4 * count + 4:
        raise ended_before(f"ends at byte {content.size}, inside its table")
    if zlib.crc32(table[:-4]) != int.from_bytes(table[-4:], "little"):
        raise malformed("the checksum of its table is wrong")
    sizes = struct.unpack(f"<{count}I", table[:-4])
    packets = array("q")
    cut = None
    for size, end in zip(sizes, accumulate(sizes, initial=0), strict=False):
        if begin + end + size > content.size:
            have = min(total, length * (len(packets) // 2))
            cut = f"has {have} of the {total} frames that its header claims"
            break
        packets.extend((begin + end, size))
    end = begin + sum(sizes)
    notes: tuple[str, ...] = ()
    if cut is None and (unknown := unknown_bytes(content, end, content.size)):
        text = f"has {unknown} bytes behind its last frame that are not audio: they are left out"
        notes = (text,)
    track = Track(
        "TTA",
        "TTA",
        content,
        partial(packets_of_pairs, content, packets),
        rate=rate,
        channels=channels,
        config=header,
        settings=(("bits", bits),),
        scale=0,
        length=total if cut is None else min(total, length * (len(packets) // 2)),
        cut=cut,
        notes=notes,
    )
    return Findings((content,), tracks=(track,))
