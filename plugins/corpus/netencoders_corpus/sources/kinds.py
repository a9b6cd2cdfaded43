"""The choice of the kind of a source by its content."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from netencoders.errors import printable
from netencoders.parameters import short
from netencoders_corpus.errors import SourceError
from netencoders_corpus.sources.base import Problem, Source
from netencoders_corpus.sources.content import file_kind, refusal
from netencoders_corpus.sources.csv_table import CsvTable
from netencoders_corpus.sources.folder import Folder
from netencoders_corpus.sources.globs import Glob, expanded_braces, is_pattern, matching
from netencoders_corpus.sources.hugging_face import AudioFolder, metadata_of
from netencoders_corpus.sources.json_lines import JsonLines
from netencoders_corpus.sources.kaldi import KaldiFolder
from netencoders_corpus.sources.lhotse import LhotseManifest, lhotse_kind
from netencoders_corpus.sources.lists import FileList, spooled_input
from netencoders_corpus.sources.parquet_table import ParquetTable
from netencoders_corpus.sources.paths import Paths
from netencoders_corpus.sources.tables import AUDIO_COLUMNS, RowReader, Table, TableSource
from netencoders_corpus.sources.walk import LeftOut
from netencoders_corpus.sources.webdataset import Shards

__all__ = ["KINDS", "open_source"]

DASH: Final = "-"
_SHAR: Final = re.compile(r"cuts\.\d{6}\.jsonl(\.gz)?")
COLUMN_KINDS: Final = ("csv", "tsv", "jsonl", "parquet", "huggingface", "webdataset")


def open_source(
    path: str | os.PathLike[str], *, column: str | None = None, kind: str | None = None
) -> Source:
    """Return the source of a folder, a pattern or a manifest.

    The kind is found by the content, not by the name. The source is read when its items are: it may
    have millions of rows. Relative paths in a manifest are relative to the folder of the manifest,
    and those of standard input to the current folder.

    Parameters
    ----------
    path : str or path-like
        A folder, a manifest, a pattern such as ``"a/**/*.wav"``, shards such as
        ``"train-{000..009}.tar"`` or ``"train-*.parquet"``, or ``"-"`` for a list on standard
        input, which is copied to a temporary file.
    column : str, optional
        The column of a table that holds the paths; by default the only one of ``path``, ``audio``,
        ``file``, ``file_name`` and ``audio_filepath``. For WebDataset, the extension of the audio.
    kind : str, optional
        The kind instead of that of the content: ``"folder"``, ``"glob"``, ``"list"``, ``"csv"``,
        ``"tsv"``, ``"jsonl"`` (NeMo and JSON arrays, too), ``"parquet"``, ``"huggingface"``,
        ``"kaldi"``, ``"lhotse"`` or ``"webdataset"``.

    Returns
    -------
    Source

    Raises
    ------
    SourceError
        There is no such file, its kind is not known, or the manifest as a whole is not valid. Rows
        that are not valid are given by `Source.items` as `Problem`.

    Examples
    --------
    >>> from netencoders_corpus import open_source
    >>> source = open_source("tests/data")
    >>> [item.id for item in source.items()][-1]
    'ten_of_clubs_16k_mono.wav'
    """
    text = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(text, str):
        raise TypeError(
            "a source is the path of a folder or of a manifest, or an instance of Source. Write a "
            f"list of paths to a file, one a line. Got {short(path)}."
        )
    if kind is not None and kind not in KINDS:
        known = ", ".join(KINDS)
        raise SourceError(text, [("", f"the kind {kind!r} is not known: choose one of {known}.")])
    if text == DASH:
        if kind not in (None, "list"):
            raise SourceError("standard input", [("", "it is a list of paths: leave kind out.")])
        return FileList.of_input(spooled_input(), os.curdir)
    chosen = kind or _kind(text)
    if column is not None and chosen not in COLUMN_KINDS:
        raise SourceError(
            text, [("", f"a source of the kind {chosen} has no column: leave it out.")]
        )
    return KINDS[chosen](text, column)


def _kind(path: str) -> str:
    """Return the kind of a source."""
    if os.path.isdir(path):
        if os.path.isfile(os.path.join(path, "wav.scp")):
            return "kaldi"
        _refuse_shar(path)
        return "huggingface" if metadata_of(path) else "folder"
    if not os.path.exists(path):
        if _is_several(path) and path.endswith((".tar", ".parquet")):
            return "webdataset" if path.endswith(".tar") else "parquet"
        if is_pattern(path):
            return "glob"
        text = "there is no such file or folder: check the path."
        raise SourceError(path, [("", text)])
    if not os.path.isfile(path):
        raise SourceError(path, [("", "it is no regular file: name a file, or - for a pipe.")])
    return _kind_of_file(path)


def _refuse_shar(folder: str) -> None:
    """Refuse a folder that Lhotse wrote in its format shar, whose cuts name no files.

    Raises
    ------
    SourceError
        It is such a folder.
    """
    try:
        with os.scandir(folder) as entries:
            is_shar = any(_SHAR.fullmatch(entry.name) for entry in entries)
    except OSError:  # the kind of the folder reports it
        return
    if is_shar:
        text = (
            "it is a folder of Lhotse in the format shar: write its audio by "
            "CutSet.from_shar(in_dir=...).save_audios(FOLDER), and name this folder."
        )
        raise SourceError(folder, [("", text)])


def _is_several(path: str) -> bool:
    return "{" in path or is_pattern(path)


def _kind_of_file(path: str) -> str:
    try:
        problem = refusal(path)
    except OSError as failure:
        reason = failure.strerror or type(failure).__name__
        problem = f"it cannot be read: {reason}: check the path."
    if problem:
        raise SourceError(path, [("", problem)])
    kind = file_kind(path)
    if kind == "jsonl":
        first = next(JsonLines(path).rows(), None)
        if first is not None and not isinstance(first, Problem) and _is_lhotse(first.values):
            return "lhotse"
    if kind is None:
        known = ", ".join(KINDS)
        text = f"the kind of the file is not known: name its kind, one of {known}."
        raise SourceError(path, [("", text)])
    return kind


def _is_lhotse(row: Mapping[str, Any]) -> bool:
    return lhotse_kind(row) is not None and not any(name in row for name in AUDIO_COLUMNS)


def _table(table: Table, path: str, column: str | None) -> Source:
    return TableSource(path, [(table, RowReader(Paths(os.path.dirname(path)), column))])


def _lhotse(path: str) -> Source:
    first = next(JsonLines(path).rows(), None)
    if isinstance(first, Problem):
        raise SourceError(path, [first])
    kind = None if first is None else lhotse_kind(first.values)
    if kind is None:
        text = "it is no manifest of recordings, supervisions or cuts: leave the kind out."
        raise SourceError(path, [("", text)])
    return LhotseManifest(path, kind)


def _parquet(path: str, column: str | None) -> Source:
    """Return the source of one Parquet file, or of those that braces and patterns mean."""
    paths = _expanded(path, "file") if _is_several(path) else [path]
    folder = _common_folder(paths)
    tables = []
    for each in paths:
        name = path if each == path else os.path.relpath(each, folder)
        reader = RowReader(Paths(os.path.dirname(each), folder), column)
        tables.append((ParquetTable(each, name, column), reader))
    return TableSource(path, tables)


def _shards(path: str, column: str | None) -> Source:
    """Return the source of one archive, or of those that braces and patterns mean."""
    if os.path.exists(path):
        return Shards(path, [path], os.path.dirname(path), column)
    paths = _expanded(path, "archive")
    reasons = ((printable(name), refusal(name)) for name in paths)
    refused = [(name, reason) for name, reason in reasons if reason is not None]
    if refused:
        raise SourceError(path, refused[:20], max(0, len(refused) - 20))
    return Shards(path, paths, _common_folder(paths), column)


def _expanded(path: str, noun: str) -> list[str]:
    """Return the files that a path with braces and patterns means.

    Raises
    ------
    SourceError
        There is none, or one of them is missing.
    """
    if os.path.exists(path):
        return [path]
    paths: list[str] = []
    missing: list[tuple[str, str]] = []
    for name in expanded_braces(path):
        if os.path.exists(name):
            paths.append(name)
        elif not is_pattern(name):
            missing.append((printable(name), f"there is no such {noun}: check the names."))
        else:
            for found in matching(name, LeftOut()):
                if isinstance(found, Problem):
                    missing.append(found)
                else:
                    paths.append(found[0])
    if missing:
        raise SourceError(path, missing[:20], max(0, len(missing) - 20))
    if not paths:
        raise SourceError(path, [("", f"no {noun} has such a name: check the pattern.")])
    return paths


def _common_folder(paths: list[str]) -> str:
    return os.path.commonpath([os.path.dirname(os.path.abspath(name)) for name in paths])


Opener = Callable[[str, str | None], Source]

KINDS: Final[Mapping[str, Opener]] = {
    "folder": lambda path, column: Folder(path),
    "glob": lambda path, column: Glob(path),
    "list": lambda path, column: FileList(path, os.path.dirname(path)),
    "csv": lambda path, column: _table(CsvTable(path, ","), path, column),
    "tsv": lambda path, column: _table(CsvTable(path, "\t"), path, column),
    "jsonl": lambda path, column: _table(JsonLines(path), path, column),
    "parquet": _parquet,
    "huggingface": AudioFolder,
    "kaldi": lambda path, column: KaldiFolder(path),
    "lhotse": lambda path, column: _lhotse(path),
    "webdataset": _shards,
}
"""Makes the source of each kind of a path and a column."""
