"""Audio folders of Hugging Face: metadata files, with the column ``file_name``, and the audio."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from netencoders.errors import printable
from netencoders_corpus.errors import SourceError
from netencoders_corpus.items import Item
from netencoders_corpus.sources.base import Problem
from netencoders_corpus.sources.csv_table import CsvTable
from netencoders_corpus.sources.json_lines import JsonLines
from netencoders_corpus.sources.parquet_table import ParquetTable
from netencoders_corpus.sources.paths import Paths
from netencoders_corpus.sources.tables import RowReader, Table, TableSource
from netencoders_corpus.sources.walk import LeftOut, is_audio_name, walk

__all__ = ["METADATA", "AudioFolder", "metadata_of"]

METADATA: Final = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
COLUMN: Final = "file_name"
MAX_FILES: Final = 1000


class AudioFolder(TableSource):
    """A folder with metadata files, in itself or in its subfolders.

    Paths are relative to the folder of the metadata file, and ids to the whole folder.

    Parameters
    ----------
    folder : str
    column : str, optional
        The column of files, if it is not ``file_name``.
    """

    def __init__(self, folder: str, column: str | None = None) -> None:
        self._folder = folder
        found = metadata_of(folder)
        kinds = {os.path.basename(path) for path in found}
        if len(kinds) > 1:
            text = f"there are {' and '.join(sorted(kinds))}: keep metadata files of one kind."
            raise SourceError(folder, [("", text)])
        tables = []
        for path in found:
            table = _table(path, os.path.relpath(path, folder), column or COLUMN)
            reader = RowReader(Paths(os.path.dirname(path), folder), column or COLUMN)
            tables.append((table, reader))
        super().__init__(folder, tables)
        self._rows = 0
        self._notes: tuple[str, ...] = ()

    def items(self) -> Iterator[Item | Problem]:
        """Yield the items of all metadata files."""
        rows = 0
        for item in super().items():
            rows += isinstance(item, Item)
            yield item
        self._rows = rows

    @property
    def notes(self) -> tuple[str, ...]:
        """The number of audio files that have no row."""
        files = sum(
            1
            for found in walk(self._folder, LeftOut(), _visible)
            if not isinstance(found, Problem) and is_audio_name(found[0].relative)
        )
        if files <= self._rows:
            return ()
        return (
            f"{files - self._rows} of {files} audio files without a row in the metadata left out",
        )


def metadata_of(folder: str) -> list[str]:
    """Return the metadata files with the column ``file_name`` of a folder and its subfolders."""
    paths = []
    for found in walk(folder, LeftOut(), _visible, only=METADATA):
        if isinstance(found, Problem):
            raise SourceError(folder, [found])
        if _names_files(found[0].path):
            paths.append(found[0].path)
            if len(paths) > MAX_FILES:
                text = f"there are more than {MAX_FILES} metadata files: write one manifest."
                raise SourceError(folder, [("", text)])
    return paths


def _visible(name: str, relative: str, state: object) -> object:
    return None if name.startswith(".") else True


def _names_files(path: str) -> bool:
    """Return whether a file is metadata: others may have the same name."""
    name = printable(path)
    if path.endswith(".csv"):
        with open(path, "rb") as file:
            return COLUMN.encode() in file.readline(1 << 16)
    if path.endswith(".jsonl"):
        first = next(JsonLines(path, name).rows(), None)
        return first is None or isinstance(first, Problem) or COLUMN in first.values
    return COLUMN in (ParquetTable(path, name).columns or {})


def _table(path: str, name: str, column: str) -> Table:
    if path.endswith(".csv"):
        return CsvTable(path, ",", name)
    if path.endswith(".jsonl"):
        return JsonLines(path, name)
    return ParquetTable(path, name, column)
