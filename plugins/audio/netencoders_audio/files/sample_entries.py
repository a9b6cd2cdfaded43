"""Sample entries: the coding of a track of an MPEG-4 file, and the header for its decoder."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final, NamedTuple

from netencoders_audio.files.boxes import Box, begin_of, boxes
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import malformed

__all__ = ["SampleEntry", "alac_config", "sample_entry"]

# Codings by the kind of the entry. Entries of the coding "mp4a" have a number of MPEG-4 systems.
_CODINGS: Final[Mapping[bytes, str]] = {
    b"alac": "ALAC", b"Opus": "OPUS", b"fLaC": "FLAC", b"ac-3": "AC3", b"ec-3": "EAC3",
    b".mp3": "MPEG_LAYER_III", b".mp2": "MP2", b"samr": "AMR_NB", b"sawb": "AMR_WB",
    b"dtsc": "DTS", b"dtsh": "DTS", b"dtsl": "DTS", b"dtse": "DTS", b"ulaw": "ULAW",
    b"alaw": "ALAW", b"ac-4": "AC4", b"mlpa": "TRUEHD", b"enca": "ENCRYPTED", b"ima4": "IMA_ADPCM",
    b"agsm": "GSM610", b"MAC3": "MACE3", b"MAC6": "MACE6", b"QDM2": "QDM2", b"QDMC": "QDMC",
    b"mhm1": "MPEGH", b"mha1": "MPEGH", b"spex": "SPEEX", b"sqcp": "QCELP", b"sevc": "EVRC",
    b"ms\0\x02": "MS_ADPCM", b"ms\0\x11": "IMA_ADPCM", b"ms\0\x55": "MPEG_LAYER_III",
}  # fmt: skip
# Uncompressed samples: the bits, or 0 if the entry states them; and whether they are floats.
_STORED: Final[Mapping[bytes, tuple[int, bool]]] = {
    b"sowt": (0, False), b"twos": (0, False), b"in24": (24, False), b"in32": (32, False),
    b"fl32": (32, True), b"fl64": (64, True), b"lpcm": (0, False), b"ipcm": (0, False),
    b"fpcm": (0, True), b"raw ": (0, False),
}  # fmt: skip
_OBJECTS: Final[Mapping[int, str]] = {
    0x40: "AAC", 0x66: "AAC", 0x67: "AAC", 0x68: "AAC", 0x69: "MPEG_LAYER_III",
    0x6B: "MPEG_LAYER_III", 0xA5: "AC3", 0xA6: "EAC3", 0xA9: "DTS", 0xAC: "DTS", 0xAD: "OPUS",
    0xDD: "VORBIS", 0xE1: "QCELP",
}  # fmt: skip
# Audio object types of MPEG-4 audio that are not AAC.
_OTHER_TYPES: Final = {36: "ALS", 32: "MPEG_LAYER_I", 33: "MP2", 34: "MPEG_LAYER_III"}
_AAC_TYPES: Final = (1, 2, 4, 5, 23, 29, 39, 42)


class SampleEntry(NamedTuple):
    """The entry of a track of sound.

    Attributes
    ----------
    coding : str
    rate, channels : int
    config : bytes
    frame : int
        The bytes of a frame of uncompressed samples; 0 for other codings.
    """

    coding: str
    rate: int
    channels: int
    config: bytes
    frame: int = 0


def sample_entry(content: Content, box: Box) -> SampleEntry:
    """Return the facts of the first entry in a box of the kind ``stsd``."""
    entries = list(boxes(content, box.start + 8, box.stop))
    if not entries:
        raise malformed("a track of sound has no sample entry")
    kinds = {entry.kind for entry in entries}
    if len(entries) > 1 and len(kinds) > 1:
        raise malformed(f"the coding of a track changes: {' and '.join(map(repr, sorted(kinds)))}")
    entry = entries[0]
    head = begin_of(content, entry, 28)
    if len(head) < 28:
        raise malformed("a sample entry is incomplete")
    version, channels, bits, rate = struct.unpack(">8xH6xHH4xI", head)
    rate >>= 16
    begin, flags = entry.start + 28, 0
    if version == 1:
        begin += 16
    elif version == 2:  # its size, rate and channels follow
        more = content.read_at(begin, max(0, min(36, entry.stop - begin)))
        if len(more) < 36:
            raise malformed("a sample entry is incomplete")
        real, channels, bits, flags = struct.unpack(">4xdI4xII8x", more)
        rate = round(real) if 0 < real < 1 << 31 else 0
        begin += 36
    coding = _CODINGS.get(entry.kind, "")
    config = b""
    parts = {part.kind: part for part in _all_boxes(content, Box(b"", begin, entry.stop))}
    if entry.kind in _STORED:
        stated, floating = _STORED[entry.kind]
        floating = floating or bool(flags & 1)
        little = entry.kind == b"sowt" or (entry.kind == b"lpcm" and not flags & 2)
        bits = stated or bits
        if b"enda" in parts:
            little = content.read_at(parts[b"enda"].start, 2) == b"\0\1"
        if b"pcmC" in parts:
            facts = content.read_at(parts[b"pcmC"].start + 4, 2)
            little, bits = bool(facts[:1] and facts[0] & 1), facts[1] if len(facts) > 1 else 0
        return _stored(rate, channels, bits, little, floating, entry.kind == b"raw ")
    if entry.kind == b"mp4a" or b"esds" in parts:
        coding, config = _described(content, parts.get(b"esds"))
    elif entry.kind == b"alac" and b"alac" in parts:
        part = parts[b"alac"]
        config = alac_config(begin_of(content, part, 1 << 12)[4:])
    elif entry.kind == b"Opus" and b"dOps" in parts:
        config = _opus_head(begin_of(content, parts[b"dOps"], 300))
    elif entry.kind == b"fLaC" and b"dfLa" in parts:
        config = content.read_at(parts[b"dfLa"].start + 8, 34)
    return SampleEntry(coding or f"the coding {entry.kind!r}", rate, channels, config)


def _stored(
    rate: int, channels: int, bits: int, little: bool, floating: bool, unsigned: bool
) -> SampleEntry:
    """Return the entry of uncompressed samples."""
    coding = {32: "FLOAT", 64: "DOUBLE"}.get(bits, f"floats of {bits} bits")
    if not floating:
        coding = f"PCM_{bits}" if bits in (16, 24, 32) else f"PCM of {bits} bits"
    if bits == 8 and not floating:
        coding = "PCM_U8" if unsigned else "PCM_S8"
    elif not little:
        coding += "_BE"
    return SampleEntry(coding, rate, channels, b"", channels * bits // 8)


def _all_boxes(content: Content, box: Box) -> list[Box]:
    """Return the boxes in an entry, and those in its box ``wave`` of QuickTime."""
    found = []
    for part in boxes(content, box.start, box.stop):
        found.append(part)
        if part.kind == b"wave":
            found += boxes(content, part.start, part.stop)
    return found


def _described(content: Content, box: Box | None) -> tuple[str, bytes]:
    """Return the coding and the header that the descriptors of MPEG-4 systems state."""
    if box is None:
        return "AAC", b""
    data = content.read_at(box.start + 4, min(box.stop - box.start - 4, 1 << 12))
    number, config, place = 0, b"", 0
    while place + 2 <= len(data):
        tag, place = data[place], place + 1
        size = 0
        for _ in range(4):
            byte, place = data[place] if place < len(data) else 0, place + 1
            size = size << 7 | byte & 127
            if byte < 128:
                break
        if tag == 3:  # the descriptor of the stream: its own fields, then others
            flags = data[place + 2] if place + 2 < len(data) else 0
            place += 3 + 2 * bool(flags & 0x80) + 2 * bool(flags & 0x20)
            if flags & 0x40 and place < len(data):
                place += 1 + data[place]
        elif tag == 4:
            number = data[place] if place < len(data) else 0
            place += 13
        elif tag == 5:
            config = data[place : place + size]
            place += size
        else:
            place += size
    coding = _OBJECTS.get(number, f"the MPEG-4 object type 0x{number:02X}")
    if coding == "AAC" and number == 0x40 and len(config) >= 2:
        kind = config[0] >> 3
        if kind == 31:
            kind = 32 + ((config[0] & 7) << 3 | config[1] >> 5)
        if kind not in _AAC_TYPES:
            coding = _OTHER_TYPES.get(kind, f"the MPEG-4 audio object type {kind}")
    return coding, config


def alac_config(header: bytes) -> bytes:
    """Return the header of ALAC as FFmpeg takes it: a box of 36 bytes.

    Parameters
    ----------
    header : bytes
        The 24 bytes of the coding, or boxes of QuickTime that contain them.
    """
    inside = header.find(b"alac\0\0\0\0", 0, 64)
    body = header[inside + 8 :] if inside >= 0 else header
    return (36).to_bytes(4) + b"alac" + bytes(4) + body[:24]


def _opus_head(body: bytes) -> bytes:
    """Return the header of Opus in the form of Ogg, whose numbers have the other order."""
    if len(body) < 11:
        raise malformed("the header of Opus is incomplete")
    _, channels, skip, rate, gain, family = struct.unpack(">BBHIhB", body[:11])
    rest = body[11 : 11 + 2 + channels] if family else b""
    return b"OpusHead" + struct.pack("<BBHIhB", 1, channels, skip, rate, gain, family) + rest
