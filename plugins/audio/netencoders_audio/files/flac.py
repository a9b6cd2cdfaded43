"""FLAC: finds the parts of a file, and checks its length, its form, and the bytes behind it.

libsndfile stops at the length that the header claims, and ignores all bytes after it. Each frame
states its number or that of its first sample, so the last frame determines the length of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.findings import Findings, malformed, patched, unsupported
from netencoders_audio.files.flac_behind import behind_frame
from netencoders_audio.files.flac_frames import (
    HEADER,
    FrameHeader,
    StreamInfo,
    first_frame,
    frame_bound,
    frame_header,
    is_whole,
    stream_info,
)
from netencoders_audio.files.flac_packets import read_flac_frames
from netencoders_audio.files.flac_regular import regular_length
from netencoders_audio.files.flac_scan import Scan, scan

__all__ = ["read_flac"]

# libsndfile reads the first depths. It scales each frame by the bits that the frame states, so it
# reads the other depths correctly if the header of the file states 24 bits.
_READ_DEPTHS: Final = (8, 16, 24)
_STATED_DEPTHS: Final = (12, 20)


@dataclass(frozen=True)
class _Part:
    """One FLAC file; several may be joined in a content.

    Attributes
    ----------
    start, stop : int
        The positions in the content.
    info : StreamInfo
    total : int
        The number of samples that libsndfile shall expect. It reads to the end if this is 0.
    notes : tuple of str
    regular : bool
        See `Scan`.
    """

    start: int
    stop: int
    info: StreamInfo
    total: int
    notes: tuple[str, ...] = ()
    regular: bool = False

    def given(self, content: Content) -> Content:
        """Return the bytes for the decoder: those of the file, with the corrected header."""
        whole = range(content.size)[self.start : self.stop]
        if len(whole) < content.size:
            content = Pieces(content, [whole])
        rate, channels, bits = self.info.form
        if bits in _READ_DEPTHS and self.total == self.info.claimed:
            return content
        bits = bits if bits in _READ_DEPTHS else 24
        packed = rate << 44 | (channels - 1) << 41 | (bits - 1) << 36 | self.total
        return patched(content, 18, packed.to_bytes(8))


def read_flac(content: Content) -> Findings:
    """Return the findings of a FLAC file, or of several files that are joined.

    Raises
    ------
    AudioError
        With code ``malformed``: the header is incomplete, or the sample rate, the number of
        channels or of bits changes between the frames or the parts; ``unsupported-coding``:
        libsndfile does not read the number of bits.
    """
    if (length := regular_length(content)) is not None:
        return Findings((content,), claimed=length, regular=True)
    if _has_other_depth(content):
        return read_flac_frames(content)
    parts: list[_Part] = []
    while not parts or parts[-1].stop < content.size:
        part = _part(content, parts[-1].stop if parts else 0)
        if parts and part.info.form != parts[0].info.form:
            raise AudioError(
                f"part {len(parts) + 1} of the joined FLAC files has another sample rate or number "
                f"of channels or bits than part 1: {part.info.form} instead of "
                f"{parts[0].info.form}",
                code="malformed",
                remedy="split it into one file for each part",
            )
        parts.append(part)
    claims = [part.total or part.info.claimed for part in parts]
    notes = [note for part in parts for note in part.notes]
    if len(parts) > 1:
        notes.append(f"consists of {len(parts)} FLAC files that are joined: all are encoded")
    return Findings(
        tuple(part.given(content) for part in parts),
        claimed=sum(claims) if all(claims) else None,
        notes=tuple(notes),
        regular=len(parts) == 1 and parts[0].regular,
    )


def _has_other_depth(content: Content) -> bool:
    """Return whether the file has a number of bits that libsndfile does not read."""
    info = stream_info(content)
    begin = first_frame(content)
    if begin is None or info.form.bits in _READ_DEPTHS:
        return False
    first = frame_header(content.read_at(begin, HEADER), info.block)
    return info.form.bits not in _STATED_DEPTHS or (first is not None and not first.form.bits)


def _part(content: Content, start: int) -> _Part:
    """Return the file that begins at a byte."""
    info = stream_info(content, start)
    stated = info.block
    begin = first_frame(content, start)
    if begin is None:
        return _Part(start, content.size, info, 0)  # the decoder refuses it
    first = frame_header(content.read_at(begin, HEADER), info.block)
    if first is not None and first.form_in(info) != info.form:
        raise malformed(f"its frames have {first.form_in(info)}, but its header has {info.form}")
    if first is not None and not first.variable:
        info = info._replace(block=first.samples)
    if info.form.bits not in _READ_DEPTHS + _STATED_DEPTHS:
        raise unsupported(f"FLAC of {info.form.bits} bits")
    if info.form.bits in _STATED_DEPTHS and first is not None and not first.form.bits:
        raise _unstated(info.form.bits)
    fixed = content.read_at(start + 8, 4) == 2 * stated.to_bytes(2) and info.block == stated
    found = scan(content, begin, info, fixed)
    if found.changed is not None:
        raise _changed(*found.changed, info)
    last = _last_frame(found, begin)
    if first is None or last is None or found.restarted or last[1].end < info.claimed:
        return _Part(start, found.stop, info, 0)
    total = info.claimed if last[1].end == info.claimed else 0
    behind = behind_frame(
        content, last[0], found.stop, frame_bound(last[1].form_in(info), last[1].samples)
    )
    if behind is None:  # the decoder finds the damage
        return _Part(start, found.stop, info, total, regular=found.regular)
    notes = behind.notes
    if behind.present and not total:
        # Without a length, libsndfile would read the bytes behind the last frame.
        total = last[1].end - (first.end - first.samples)
        if info.claimed:
            claim = f"has {total} frames, but its header claims {info.claimed}: all are encoded"
            notes = (*notes, claim)
    return _Part(start, found.stop, info, total, notes, found.regular)


def _unstated(bits: int) -> AudioError:
    return unsupported(f"FLAC of {bits} bits with frames that do not state them")


def _changed(place: int, header: FrameHeader, info: StreamInfo) -> AudioError:
    form = header.form_in(info)
    if form == info.form:
        return _unstated(form.bits)
    return AudioError(
        f"the frame at byte {place} has another sample rate or number of channels or bits than "
        f"the frames before it: {form} instead of {info.form}",
        code="malformed",
        remedy="split it into one file for each part",
    )


def _last_frame(found: Scan, begin: int) -> tuple[int, FrameHeader] | None:
    """Return the position and header of the last frame; None if none is found near the end.

    Other bytes may look like a header. The last frame ends at the claimed length, or its checksum
    or that of the frame before it is right.
    """
    frames = []
    for place, header in found.last_frames():
        if header.end == found.info.claimed:
            return place, header
        frames.append((place, header))
    content = found.content
    places = [place for place, _ in frames]
    for index, (place, header) in enumerate(frames):
        bound = frame_bound(header.form_in(found.info), header.samples)
        if place == begin or is_whole(content.read_at(place, min(bound, found.stop - place))):
            return place, header
        for before in places[index + 1 :]:
            if is_whole(content.read_at(before, place - before)):
                return place, header
    return None
