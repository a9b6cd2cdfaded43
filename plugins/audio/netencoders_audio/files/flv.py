"""FLV: finds the sound of Flash videos, and its packets."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Mapping
from functools import partial
from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, ended_before, malformed, unsupported
from netencoders_audio.files.framed_streams import framed_track
from netencoders_audio.files.scattered import Scattered
from netencoders_audio.files.tracks import Track, Window, packets_of_pairs

__all__ = ["read_flv"]

_SMALL: Final = 1 << 12
_TAG: Final = 11
_SOUND, _VIDEO, _SCRIPT = 8, 9, 18
_AAC, _MP3 = 10, (2, 14)
_CODINGS: Final[Mapping[int, str]] = {
    0: "PCM_16", 3: "PCM_16", 7: "ALAW", 8: "ULAW", 1: "ADPCM_SWF", 4: "NELLYMOSER",
    5: "NELLYMOSER", 6: "NELLYMOSER", 11: "SPEEX", 9: "the coding of an extended header",
}  # fmt: skip
_RATES: Final = (5512, 11025, 22050, 44100)
_LOGARITHMIC: Final = (7, 8)
_SPEECH: Final = 8000
_DURATION: Final = b"\x00\x08duration\x00"
_MAX_SCRIPT: Final = 1 << 16
_GAP: Final = 0.5  # seconds before the stated duration that are a cut


def read_flv(content: Content) -> Findings:
    """Return the findings of a Flash video.

    Raises
    ------
    AudioError
        With code ``malformed``: its tags contradict each other; ``unsupported-coding``: it has no
        sound, or its coding changes.
    """
    window = Window(content, _SMALL)
    place = int.from_bytes(content.read_at(5, 4)) + 4
    stream, packets, config, form = Scattered(content), array("q"), b"", -1
    cut, last, stated = None, 0, 0.0
    while place < content.size:
        head = window.at(place, _TAG + 2)
        size = int.from_bytes(head[1:4])
        behind = place + _TAG + size
        if len(head) < _TAG or behind + 4 > content.size:
            cut = f"ends at byte {content.size}, inside a tag"
            break
        kind = head[0] & 31
        if kind not in (_SOUND, _VIDEO, _SCRIPT) or head[0] & 0xC0:
            raise malformed(f"no tag begins at byte {place}")
        if head[0] & 0x20:
            raise unsupported("that of a Flash video that is encrypted")
        if int.from_bytes(window.at(behind, 4)) not in (_TAG + size, 0):
            raise malformed(f"the tag at byte {place} does not end with its size")
        last = max(last, head[7] << 24 | int.from_bytes(head[4:7]))
        if kind == _SCRIPT and not stated:
            stated = _duration(content.read_at(place + _TAG, min(size, _MAX_SCRIPT)))
        if kind == _SOUND and size:
            if form not in (-1, head[_TAG]):
                raise unsupported(f"sound whose coding changes at byte {place}")
            form = head[_TAG]
            skip = 2 if form >> 4 == _AAC else 1
            if form >> 4 == _AAC and head[_TAG + 1] == 0:
                config = config or content.read_at(place + _TAG + 2, size - 2)
            else:
                stream.add(place + _TAG + skip, size - skip)
                packets.extend((place + _TAG + skip, max(0, size - skip)))
        place = behind + 4
    if cut is None and last / 1000 + _GAP < stated:
        cut = f"ends at {last / 1000:.3f} s of the {stated:.3f} s that its header states"
    if form < 0:
        if cut is not None:
            raise ended_before(cut)
        raise unsupported("that of a Flash video without sound", "give one with sound")
    return Findings((content,), tracks=(_track(stream, packets, form, config, cut),))


def _track(
    stream: Scattered, packets: array[int], form: int, config: bytes, cut: str | None
) -> Track:
    coding = form >> 4
    if coding in _MP3:
        return framed_track("FLV", "MPEG", stream, cut=cut)
    channels = 1 + (form & 1)
    content = stream.file
    if coding == _AAC:
        return Track("FLV", "AAC", content, partial(packets_of_pairs, content, packets),
                     config=config, cut=cut)  # fmt: skip
    rate = _SPEECH if coding in _LOGARITHMIC else _RATES[form >> 2 & 3]
    name = _CODINGS.get(coding, f"number {coding} of Flash")
    if name == "PCM_16" and not form & 2:
        name = "PCM_U8"
    return Track("FLV", name, content, partial(packets_of_pairs, content, packets),
                 rate=rate, channels=channels, cut=cut)  # fmt: skip


def _duration(script: bytes) -> float:
    """Return the duration that the script states in seconds; 0 if it does not."""
    place = script.find(_DURATION) + len(_DURATION)
    if place < len(_DURATION) or place + 8 > len(script):
        return 0.0
    value: float = struct.unpack(">d", script[place : place + 8])[0]
    return value if 0 < value < 1e9 else 0.0
