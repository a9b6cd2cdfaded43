"""The source of a model: a path, or bytes; and the files with data that the model refers to."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from netencoders.errors import PortError, printable
from netencoders.parameters import short
from netencoders_onnx.model_file import ModelFacts, model_facts

__all__ = ["Source", "opened", "size_text"]

LONGEST: Final = 255  # of the name of a file with data
IN_MEMORY: Final = "add_external_initializers_from_files_in_memory"  # since onnxruntime 1.24


@dataclass(frozen=True)
class Source:
    """The files of a model.

    Attributes
    ----------
    name : str
        The name in messages.
    facts : ModelFacts
    path : Path or None
        The absolute path; None for bytes.
    content : bytes
        The bytes of a model without a path; else empty.
    files : mapping of str to bytes or Path
        The files with data, by their names in the model.
    stamps : mapping of Path to tuple
        The sizes and times of the files on the disk when the model was read.
    size : int
        Of all files, in bytes.
    """

    name: str
    facts: ModelFacts
    path: Path | None
    content: bytes
    files: Mapping[str, bytes | Path]
    stamps: Mapping[Path, tuple[int, ...]]
    size: int

    def check_unchanged(self) -> None:
        """Refuse files that have changed since the model was read.

        Raises
        ------
        PortError
            A file was changed, replaced or removed.
        """
        for path, stamp in self.stamps.items():
            if _stamp(path, str(path)) != stamp:
                raise PortError(
                    f"{printable(str(path))}: the file has changed since the model was read. Make "
                    "the OnnxNet again."
                )

    def arguments(self, options: Any) -> str | bytes:
        """Return the first argument of an InferenceSession, and put the files into its options.

        Raises
        ------
        PortError
            A file has changed, or this onnxruntime cannot take files from memory.
        """
        self.check_unchanged()
        if self.path is not None:
            return str(self.path)
        held = {name: data for name, data in self.files.items() if isinstance(data, bytes)}
        if held:
            if not hasattr(options, IN_MEMORY):
                raise PortError(
                    f"{self.name}: its data is in files of its own, and this onnxruntime reads "
                    "them from a folder only. Run: pip install 'onnxruntime>=1.24'."
                )
            names, data = list(held), list(held.values())
            getattr(options, IN_MEMORY)(names, data, [len(each) for each in data])
        return self.content


def opened(value: Any, files: Mapping[str, Any], name: str | None) -> Source:
    """Return the source for a path or bytes, the bytes of files with data, and a name of bytes.

    Raises
    ------
    PortError
        A file is missing, is no regular file, or is no ONNX model; or the model refers to a file
        that is not there, or not beside it.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return _of_bytes(bytes(value), files, name or "the bytes of the model")
    if files:
        raise PortError("files is for a model that is given as bytes: a path has them beside it.")
    path = Path(os.path.abspath(os.fspath(value)))
    name = printable(os.fspath(value))
    stamps = {path: _stamp(path, name)}
    content = path.read_bytes()
    facts = model_facts(content, name)
    beside = {}
    for location in facts.locations:
        target = path.parent / safe_name(location, name)
        stamps[target] = _stamp(
            target, f"{name} refers to the file {printable(location)!r} beside it"
        )
        beside[location] = target
    size = sum(stamp[0] for stamp in stamps.values())
    return Source(name, facts, path, b"", beside, stamps, size)


def _of_bytes(content: bytes, files: Mapping[Any, Any], name: str) -> Source:
    for key, data in files.items():
        if not (isinstance(key, str) and isinstance(data, bytes)):
            raise PortError(f"files must map names to bytes. Got {short(key)}: {short(data)}.")
    facts = model_facts(content, name)
    held, names = {}, set()
    for location in facts.locations:
        clean = safe_name(location, name)
        if clean not in files:
            raise PortError(
                f"{name}: the model refers to the file {printable(location)!r}, which is not part "
                "of it. Give the path of the model, or the bytes of the file by files={...}."
            )
        held[location] = files[clean]
        names.add(clean)
    unused = [key for key in files if key not in names]
    if unused:
        raise PortError(f"files: the model does not refer to a file {printable(unused[0])!r}.")
    size = len(content) + sum(map(len, held.values()))
    return Source(name, facts, None, content, held, {}, size)


def safe_name(location: str, name: str) -> str:
    """Return the name of a file with data, relative to the model.

    Raises
    ------
    PortError
        The file may be outside of the folder of the model.
    """
    path = PurePosixPath(location)
    forbidden = set(location) & set('\\:*?"<>|\0') or not location.isprintable()
    if not path.parts or path.is_absolute() or ".." in path.parts or forbidden:
        problem = "is not the name of a file in the folder of the model"
    elif len(location) > LONGEST:
        problem = f"is longer than {LONGEST} characters"
    else:
        return str(path)
    raise PortError(
        f"{name}: the model refers to the file {printable(location)[:LONGEST]!r}, which {problem}. "
        "It is not read. Save the model again with its data beside it."
    )


def _stamp(path: Path, name: str) -> tuple[int, ...]:
    """Return numbers that change with the file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        raise PortError(f"{name}: there is no such file.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PortError(f"{name}: the file cannot be read: {reason}.") from None
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "no regular file"
        raise PortError(f"{name}: it is {kind}. Give the path of a .onnx file.")
    return found.st_size, found.st_mtime_ns, found.st_ino


def saved_files(source: Source) -> Iterator[tuple[str, bytes | Path]]:
    """Yield the names of all files of a model in a saved net, and their content."""
    yield "model.onnx", source.content if source.path is None else source.path
    for location, data in source.files.items():
        yield f"data/{safe_name(location, source.name)}", data


def size_text(size: int) -> str:
    """Return a size in bytes for people.

    >>> size_text(224_860)
    '225 kB'
    """
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= scale:
            number = size / scale
            return f"{number:.1f} {unit}" if number < 10 else f"{number:.0f} {unit}"
    return f"{size} bytes"
