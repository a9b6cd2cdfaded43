"""The errors of corpora."""

from __future__ import annotations

from collections.abc import Sequence

from netencoders import NetEncodersError
from netencoders.errors import printable

__all__ = ["CorpusError", "SourceError"]


class CorpusError(NetEncodersError):
    """A corpus cannot be written or read; the message names the folder and the remedy."""


class SourceError(NetEncodersError, ValueError):
    """A source of inputs is not valid.

    Parameters
    ----------
    source : str
        The name of the file or the folder.
    problems : sequence of (place, sentence)
        Every problem: the line or the row, or an empty text, and a sentence with the remedy.
    more : int
        The number of problems that are not listed.
    """

    def __init__(self, source: str, problems: Sequence[tuple[str, str]], more: int = 0) -> None:
        self.source, self.problems, self.more = source, tuple(problems), more
        lines = [f"{place}: {text}" if place else text for place, text in problems]
        lines += [f"{more} more problems."] if more else []
        text = lines[0] if len(lines) == 1 else "".join(f"\n  {line}" for line in lines)
        super().__init__(f"{printable(source)}: {text}")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.source, self.problems, self.more))
