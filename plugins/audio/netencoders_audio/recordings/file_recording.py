"""File recordings: the rules for truncated files, warnings and limits, for any way of decoding."""

from __future__ import annotations

from typing import Final

from netencoders.policies import current
from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings
from netencoders_audio.limits import check_coding, check_form, max_frames, too_long
from netencoders_audio.recordings.recording import Recording

__all__ = ["TRUNCATED_REMEDY", "FileRecording"]

TRUNCATED_REMEDY: Final = (
    "the file is truncated: fetch it again, or encode the available frames with "
    "Audio.open(path, truncated='warn') or --truncated warn"
)


class FileRecording(Recording):
    """A file whose header was inspected; the base of the classes that decode it.

    Parameters
    ----------
    content : Content
        The recording closes it.
    found : Findings
        The result of its inspection.
    name : str
        The name in messages.

    Raises
    ------
    AudioError
        With code ``truncated``: the file has fewer frames than its header claims.
    """

    repeatable = True

    def __init__(self, content: Content, found: Findings, name: str) -> None:
        self.name = name
        self._content = content
        self._found = found
        self._tolerant = current("truncated", "error") == "warn"
        self._warned: set[str] = set()
        if found.cut is not None:
            self._report_cut(found.cut)
        if found.claimed is not None and found.present is not None:
            self._compare(found.claimed, found.present)

    def close(self) -> None:
        """Close the file."""
        self._content.close()

    def _check(self, container: str, coding: str) -> None:
        """Check the form against the limits, and give the warnings of the inspection."""
        check_coding(container, coding)
        check_form(self.channels, self.rate)
        for note in self._found.notes:
            self._warn(note)

    def _compare(self, claimed: int, present: int) -> None:
        if present < claimed:
            self._report_cut(f"has {present} of the {claimed} frames that its header claims")

    def _report_cut(self, problem: str) -> None:
        if not self._tolerant:
            raise AudioError(
                problem,
                code="truncated",
                remedy=TRUNCATED_REMEDY,
            )
        self._warn(f"{problem}: the available frames are encoded")

    def _warn(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self.warn(text)

    def _max_frames(self) -> float:
        return max_frames(self.channels, self.rate)

    def _too_long(self) -> AudioError:
        return too_long(self.channels, self.rate)
