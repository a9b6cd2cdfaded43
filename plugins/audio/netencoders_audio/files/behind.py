"""Behind: accounts for the bytes behind the sound of an uncompressed file.

Chunks that parse, known tags and zeros are expected there. Another file may begin there, if files
were joined. All other bytes are left out, and their number is reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from netencoders_audio.files.chunks import MAX_CHUNKS, ChunkForm, chunks, end_of_chunk
from netencoders_audio.files.content import Content
from netencoders_audio.files.tags import skip_tags, zeros_at

__all__ = ["Behind", "find_joined", "look_behind"]

_MAGIC: Final = re.compile(
    rb"RIF[FX].{4}WAVE|(RF64|BW64).{4}WAVE|riff\x2e\x91\xcf\x11|FORM.{4}AIF[FC]"
    rb"|\.snd.{8}\x00\x00\x00[\x01-\x1b]|dns\..{8}[\x01-\x1b]\x00\x00\x00|caff\x00\x01"
    rb"|fLaC[\x00\x80]\x00\x00\x22|OggS\x00\x02"
    rb"|NIST_1A\n",
    re.DOTALL,
)
_MAGIC_SIZE: Final = 16
_SEARCHED: Final = 1 << 18
# Chunks of sound: they are never expected behind the sound.
_SOUND: Final = (b"data", b"SSND")
# Chunks that are expected behind the sound, also if the bytes after them are not.
_KNOWN: Final = frozenset(
    {
        b"LIST", b"id3 ", b"ID3 ", b"JUNK", b"junk", b"PAD ", b"FLLR", b"fact", b"cue ", b"plst",
        b"smpl", b"inst", b"bext", b"iXML", b"axml", b"chna", b"afsp", b"acid", b"_PMX", b"cart",
        b"PEAK", b"minf", b"elm1", b"regn", b"umid", b"levl", b"DISP", b"NAME", b"AUTH", b"ANNO",
        b"(c) ", b"COMT", b"MARK", b"INST", b"MIDI", b"AESD", b"APPL", b"FVER", b"CHAN", b"COMM",
        b"fmt ", b"free", b"chan", b"info", b"kuki", b"strg", b"mark", b"list", b"uuid", b"peak",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Behind:
    """The bytes behind the sound.

    Attributes
    ----------
    joined : int or None
        The position of another file.
    unknown : int
        The number of bytes before it, or before the end, that are neither chunks nor tags.
    """

    joined: int | None = None
    unknown: int = 0


def look_behind(content: Content, place: int, form: ChunkForm | None) -> Behind:
    """Return the meaning of the bytes from `place` to the end.

    Parameters
    ----------
    content : Content
    place : int
        The end of the sound.
    form : ChunkForm or None
        The chunks of the format; None if it has no chunks.
    """
    known = place  # the bytes up to here are accounted for
    for _ in range(MAX_CHUNKS):
        place += zeros_at(content, place, content.size)
        if place >= content.size:
            return Behind()
        if _MAGIC.match(content.read_at(place, _MAGIC_SIZE)):
            return Behind(place)
        if (end := skip_tags(content, place)) > place:
            known = place = end
        elif form is not None and (found := _after_chunk(content, place, form)) is not None:
            place, expected = found
            known = place if expected else known
        else:
            break
    return Behind(unknown=content.size - known)


def find_joined(content: Content, start: int) -> int | None:
    """Return the position of another file of the same format from `start` on, or None.

    A sound of unknown length is searched in whole; this takes some per cent of its decoding.
    """
    (magic,) = np.frombuffer(content.read_at(0, 4), np.uint32)
    while len(piece := content.read_at(start, _SEARCHED + _MAGIC_SIZE)) >= _MAGIC_SIZE:
        found = []
        for offset in range(4):  # several times as fast as bytes.find
            words = np.frombuffer(piece, np.uint32, (len(piece) - offset) // 4, offset)
            found += [offset + 4 * index for index in np.flatnonzero(words == magic).tolist()]
        for place in sorted(found):
            if _MAGIC.match(piece, place):
                return start + place
        start += _SEARCHED
    return None


def _after_chunk(content: Content, place: int, form: ChunkForm) -> tuple[int, bool] | None:
    """Return the end of the chunk at `place`, and whether its kind is known; None for no chunk."""
    found = next(chunks(content, place, form), None)
    if found is None:
        return None
    kind, start, length = found
    if not form.is_kind(kind) or kind[:4] in _SOUND:
        return None
    if length < 0 or start + length > content.size:
        return None
    return end_of_chunk(content, start, length, form), kind[:4] in _KNOWN
