"""Data folders of Kaldi: wav.scp, and segments, utt2spk and text if they exist."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any, Final

from netencoders_corpus.arrow import pyarrow
from netencoders_corpus.items import Item
from netencoders_corpus.sources.base import Problem, Source
from netencoders_corpus.sources.lookup import Lookup
from netencoders_corpus.sources.paths import Paths, value_problem
from netencoders_corpus.sources.segments import Segment, decimal_seconds, segment_problem
from netencoders_corpus.sources.text_lines import decoded, line_place, lines

__all__ = ["KaldiFolder"]

COLUMNS: Final = {"utt2spk": "speaker", "text": "text"}
_OFFSET: Final = re.compile(r".*:[0-9]+(\[[^\]]*\])?$")
SORT: Final = "sort the file by LC_ALL=C sort, as utils/fix_data_dir.sh does."


class KaldiFolder(Source):
    """The utterances of a data folder of Kaldi; the id is that of the utterance.

    Parameters
    ----------
    folder : str
    """

    def __init__(self, folder: str) -> None:
        self.name = self._folder = folder
        self._paths = Paths(folder)
        self._files = {name: os.path.join(folder, name) for name in ("wav.scp", *COLUMNS)}
        self._has = {name for name in COLUMNS if os.path.exists(self._files[name])}
        segments = os.path.join(folder, "segments")
        self._segments = segments if os.path.exists(segments) else None
        text: Any = pyarrow().string()
        self.columns = {COLUMNS[name]: text for name in COLUMNS if name in self._has}
        if self._segments is not None:
            self.columns["recording"] = text

    def items(self) -> Iterator[Item | Problem]:
        """Yield the utterances in order; the files of a data folder are sorted."""
        others = [_Sorted(self._files[name], name, COLUMNS[name]) for name in sorted(self._has)]
        empty = True
        for item in self._utterances() if self._segments else self._recordings():
            empty = False
            if isinstance(item, Problem):
                yield item
                continue
            columns = dict(item.columns)
            for other in others:
                columns[other.column] = yield from other.value(item.id)
            yield replace(item, columns=columns)
        for other in others:
            yield from other.rest()
        if empty:
            yield Problem("wav.scp", "it is empty: write one recording a line.")

    def _recordings(self) -> Iterator[Item | Problem]:
        for entry in _entries(self._files["wav.scp"], "wav.scp", sorted_by_key=bool(self._has)):
            yield entry if isinstance(entry, Problem) else self._item(*entry)

    def _item(self, place: str, identity: str, value: str) -> Item | Problem:
        problem = _file_problem(value)
        if problem:
            return Problem(place, problem)
        path, name = self._paths.locate(value)
        return Item(identity, name, path, place=place)

    def _utterances(self) -> Iterator[Item | Problem]:
        """Yield the items of the file segments, whose recordings are looked up on disk."""
        for entry in self._sorted_recordings():
            if isinstance(entry, Problem):
                yield entry
            elif problem := _file_problem(entry[2]):
                yield Problem(entry[0], problem)
        entries = self._sorted_recordings()
        known = Lookup(entry[1:] for entry in entries if not isinstance(entry, Problem))
        try:
            by_key = bool(self._has)
            for entry in _entries(self._segments or "", "segments", sorted_by_key=by_key):
                if isinstance(entry, Problem):
                    yield entry
                else:
                    yield from self._segment(*entry, known)
        finally:
            known.close()

    def _sorted_recordings(self) -> Iterator[tuple[str, str, str] | Problem]:
        return _entries(self._files["wav.scp"], "wav.scp", sorted_by_key=True)

    def _segment(
        self, place: str, identity: str, rest: str, known: Lookup
    ) -> Iterator[Item | Problem]:
        fields = rest.split()
        if len(fields) not in (3, 4):
            text = (
                f"there are {len(fields) + 1} fields: write utterance, recording, start and stop, "
                "and perhaps a channel."
            )
            yield Problem(place, text)
            return
        recording, *numbers = fields
        value = known.get(recording)
        if value is None:
            text = f"the recording {recording!r} is not in wav.scp: add it, or remove the line."
            yield Problem(place, text)
            return
        try:
            start, stop = (decimal_seconds(text) for text in numbers[:2])
        except ValueError:
            yield Problem(place, f"{' '.join(numbers[:2])} are no times: write them in seconds.")
            return
        end = None if stop == -1 else stop  # -1: up to the end, as for extract-segments
        channel = numbers[2] if len(numbers) == 3 else None
        if channel is not None and not (channel.isdecimal() and len(channel) < 10):
            yield Problem(place, f"the channel {channel!r} is no index: the first channel is 0.")
            return
        problem = segment_problem(start, end)
        if problem:
            yield Problem(place, problem)
            return
        if _file_problem(value):
            return  # it is listed for wav.scp
        path, name = self._paths.locate(value)
        times = Segment(
            float(start) + 0.0,
            None if end is None else float(end),
            None if channel is None else int(channel),
        )
        yield Item(identity, name, path, *times, place=place, columns={"recording": recording})


class _Sorted:
    """The values of a file that is sorted by key, in step with the utterances."""

    def __init__(self, path: str, name: str, column: str) -> None:
        self.column = column
        self._entries = _entries(path, name, sorted_by_key=True)
        self._next: tuple[str, str, str] | None = None
        self._has_begun = False

    def value(self, key: str) -> Generator[Problem, None, str | None]:
        """Return the value of the next key, or None if the file has none; yield problems."""
        if not self._has_begun:
            yield from self._advance()
        wanted = key.encode("utf-8")
        while self._next is not None and self._next[1].encode("utf-8") < wanted:
            yield from self._unused(*self._next)
        if self._next is None or self._next[1] != key:
            return None
        value = self._next[2]
        yield from self._advance()
        return value

    def rest(self) -> Iterator[Problem]:
        """Yield a problem for each key that is left."""
        if not self._has_begun:
            yield from self._advance()
        while self._next is not None:
            yield from self._unused(*self._next)

    def _unused(self, place: str, key: str, value: str) -> Iterator[Problem]:
        text = f"{key!r} has no audio: remove the line, as utils/fix_data_dir.sh does."
        yield Problem(place, text)
        yield from self._advance()

    def _advance(self) -> Iterator[Problem]:
        self._next, self._has_begun = None, True
        for entry in self._entries:
            if not isinstance(entry, Problem):
                self._next = entry
                return
            yield entry


def _entries(
    path: str, name: str, *, sorted_by_key: bool = False
) -> Iterator[tuple[str, str, str] | Problem]:
    """Yield the place, the key and the rest of each line of a file."""
    before = b""
    for line in lines(path, name):
        if isinstance(line, Problem):
            yield Problem(f"{name} {line.place}", line.text)
            continue
        number, content = line
        place = f"{name} {line_place(number)}"
        text = decoded(content, place)
        if isinstance(text, Problem):
            yield text
            continue
        if not text.strip():
            continue
        key, *rest = text.split(maxsplit=1)
        raw = key.encode("utf-8")
        if sorted_by_key and raw <= before:
            if raw == before:
                yield Problem(place, f"{key!r} is given twice: keep one line.")
            else:
                yield Problem(place, f"{key!r} is behind a greater key: {SORT}")
                return
            continue
        before = raw
        value = rest[0].strip() if rest else ""
        if not value and name != "text":
            yield Problem(place, f"{key!r} has no value: complete the line.")
            continue
        if not key.isprintable():
            yield Problem(place, f"{key!r} is not printable: rename it.")
            continue
        yield place, key, value


def _file_problem(value: str) -> str | None:
    """Return the reason why a value of wav.scp is no file."""
    if value == "-":
        return "'-' is standard input: name a file."
    if _OFFSET.match(value):
        return f"{value!r} is a place in an archive of Kaldi: write WAV files by wav-copy."
    return value_problem(value, "the recording")
