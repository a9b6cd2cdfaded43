"""Shards of WebDataset: tar archives whose members with the same key are one sample."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO, Any, Final

from netencoders.errors import printable
from netencoders_corpus.items import Item
from netencoders_corpus.sources.base import Problem, Source
from netencoders_corpus.sources.paths import Paths
from netencoders_corpus.sources.tar_members import Member, TarError, members
from netencoders_corpus.sources.text_lines import MAX_LINE
from netencoders_corpus.sources.walk import is_audio_name

__all__ = ["Shards"]

TEXTS: Final = ("json", "txt", "cls")
_KEY: Final = re.compile(r"^((?:.*/|)[^.]+)[.]([^/]*)$", re.DOTALL)  # as WebDataset splits names


class Shards(Source):
    """The samples of shards; the id is the key, and texts of the same key are columns.

    Parameters
    ----------
    name : str
        The name in messages.
    paths : sequence of str
        The archives.
    folder : str
        Names of archives are relative to this folder.
    column : str, optional
        The extension of the audio of each sample, if there are several.
    """

    def __init__(
        self, name: str, paths: Sequence[str], folder: str, column: str | None = None
    ) -> None:
        self.name, self._archives, self._extension = name, tuple(paths), column
        self._paths = Paths(folder)
        self._others: Counter[str] = Counter()

    def items(self) -> Iterator[Item | Problem]:
        """Yield the samples of all shards."""
        others: Counter[str] = Counter()
        for path in self._archives:
            shown = self._paths.locate(os.path.relpath(path, self._paths.folder)).name
            empty = True
            try:
                with open(path, "rb") as file:
                    for key, members_of_key in _samples(file, others):
                        empty = False
                        yield from self._sample(file, path, shown, key, members_of_key, others)
            except TarError as problem:
                yield Problem(printable(shown), str(problem))
                continue
            except OSError as problem:
                reason = problem.strerror or type(problem).__name__
                yield Problem(printable(shown), f"it cannot be read: {reason}: check the path.")
                continue
            if empty:
                yield Problem(printable(shown), "the shard has no samples: leave it out.")
        self._others = others

    @property
    def notes(self) -> tuple[str, ...]:
        """The members that are no audio and no texts."""
        if not self._others:
            return ()
        common = sorted(self._others.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
        kinds = ", ".join(f"{number} {printable(name)}" for name, number in common)
        count = self._others.total()
        named = "1 member" if count == 1 else f"{count} members"
        return (f"{named} without audio or text left out: {kinds}",)

    def _sample(
        self,
        file: IO[bytes],
        path: str,
        shown: str,
        key: str,
        found: dict[str, Member],
        others: Counter[str],
    ) -> Iterator[Item | Problem]:
        place = printable(f"{shown}/{key}")
        if not key.isprintable():
            yield Problem(place, "the key is not printable: rename the members.")
            return
        wanted = self._extension
        audio = [
            extension
            for extension, member in found.items()
            if (extension == wanted if wanted is not None else is_audio_name(member.name))
        ]
        if len(audio) != 1:
            have = ", ".join(printable(extension) for extension in list(found)[:20])
            if audio:
                text = f"there are several files of audio, {have}: choose one with --column."
            else:
                sought = "no audio" if wanted is None else f"no member .{printable(wanted)}"
                text = f"there is {sought}, only {have}: add it, or leave the sample out."
            yield Problem(place, text)
            return
        columns: dict[str, Any] = {}
        for extension, member in found.items():
            if extension == audio[0]:
                continue
            if extension.rpartition(".")[2] not in TEXTS:
                _count(others, extension)
                continue
            try:
                columns[extension] = _text(file, member)
            except ValueError as problem:
                yield Problem(f"{place}.{printable(extension)}", str(problem))
                return
        member = found[audio[0]]
        yield Item(
            key,
            printable(f"{shown}/{member.name}"),
            path,
            member=(member.offset, member.size),
            place=place,
            columns=columns,
        )


def _samples(file: IO[bytes], others: Counter[str]) -> Iterator[tuple[str, dict[str, Member]]]:
    """Yield each key and its members by extension; members with the same key follow each other."""
    current = ""
    found: dict[str, Member] = {}
    for member in members(file):
        matched = _KEY.match(member.name)
        base = os.path.basename(member.name)
        if matched is None or (base.startswith("__") and base.endswith("__")):
            _count(others, "without an extension")
            continue
        key, extension = matched[1], matched[2].lower()
        if key != current and found:
            yield current, found
            found = {}
        current = key
        if extension in found:
            raise TarError(
                f"the member {printable(member.name)} is given twice: write the shard again."
            )
        found[extension] = member
        if len(found) > 1000:
            raise TarError(f"the key {printable(key)} has more than 1000 members: divide it.")
    if found:
        yield current, found


def _text(file: IO[bytes], member: Member) -> str:
    if member.size > MAX_LINE:
        raise ValueError(f"the text has more than {MAX_LINE} bytes: leave it out of the shard.")
    file.seek(member.offset)
    try:
        return file.read(member.size).decode("utf-8")
    except UnicodeDecodeError as problem:
        byte = problem.object[problem.start]
        raise ValueError(f"the byte 0x{byte:02x} is not UTF-8: write the text as UTF-8.") from None


def _count(others: Counter[str], name: str) -> None:
    others[name if name in others or len(others) < 1000 else "other extensions"] += 1
