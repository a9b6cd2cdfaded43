"""The choice of the kind of a source by its content."""

from __future__ import annotations

import os
from pathlib import Path

from netencoders.errors import printable
from netencoders_corpus.errors import SourceError
from netencoders_corpus.sources.base import Source
from netencoders_corpus.sources.folder import Folder

__all__ = ["AUDIO_SUFFIXES", "open_source"]

_SUFFIXES = (
    ".aac .ac3 .aif .aifc .aiff .amr .ape .au .avi .caf .flac .flv .m4a .mka .mkv .mov .mp3 .mp4 "
    ".nist .oga .ogg .opus .rf64 .snd .sph .spx .ts .tta .w64 .wav .wave .webm .wma .wv"
)
AUDIO_SUFFIXES = frozenset(_SUFFIXES.split(" "))
"""The suffixes of the files that a folder gives."""


def open_source(source: str | os.PathLike[str], *, column: str | None = None) -> Source:
    """Return the source of a path.

    Parameters
    ----------
    source : str or path-like
    column : str, optional
        The column of a table that holds the paths.

    Raises
    ------
    SourceError
        There is no such file, or its kind is not known.
    """
    path = Path(source)
    if path.is_dir():
        return Folder(path, AUDIO_SUFFIXES)
    if not path.exists():
        raise SourceError(str(source), [("", "there is no such file or folder: check the path.")])
    raise SourceError(printable(str(source)), [("", "the kind of the file is not known.")])
