"""File recordings: the rules for truncated files, warnings and limits, for any way of decoding."""

from __future__ import annotations

import warnings

from netencoders.policies import current
from netencoders_audio.errors import AudioError, AudioWarning
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings
from netencoders_audio.limits import check_coding, check_form, current_limits, exceeded
from netencoders_audio.recordings.recording import Recording

__all__ = ["FileRecording"]


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
                remedy="the file is truncated: fetch it again, or encode the available frames with "
                "Audio.open(path, truncated='warn') or --truncated warn",
            )
        self._warn(f"{problem}: the available frames are encoded")

    def _warn(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            warnings.warn(f"{self.name}: {text}", AudioWarning, stacklevel=2)

    def _max_frames(self) -> float:
        limits = current_limits()
        return min(limits.max_hours * 3600 * self.rate, limits.max_bytes / (4 * self.channels))

    def _too_long(self) -> AudioError:
        limits = current_limits()
        if limits.max_hours * 3600 * self.rate <= limits.max_bytes / (4 * self.channels):
            problem = f"it is longer than {limits.max_hours:g} hours"
            return exceeded(problem, "max_hours", limits.max_hours, f"{2 * limits.max_hours:g}")
        problem = f"it decodes to more than {limits.max_bytes} bytes"
        return exceeded(problem, "max_bytes", limits.max_bytes, str(2 * limits.max_bytes))
