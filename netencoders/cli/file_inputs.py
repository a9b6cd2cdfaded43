"""The input that the command passes to an encoder for a file: its path, or its content."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO, Any, Final

import numpy.typing as npt

from netencoders.array_files import read_npy
from netencoders.calls import unreadable
from netencoders.cli.console import UsageError
from netencoders.cli.standard_input import DASH, NAME
from netencoders.encoder import NetEncoder
from netencoders.errors import EncodeError, printable

__all__ = ["MAX_BYTES", "check_inputs", "file_input", "names_content"]

MAX_BYTES: Final = 2**30
"""The largest file that the command reads into memory."""


def check_inputs(encoder: NetEncoder) -> None:
    """Check that the encoder takes files.

    Raises
    ------
    UsageError
        It takes neither paths nor a kind of content.
    """
    kinds = encoder.inputs
    if kinds and not {"path", "bytes", "text", "array"} & {*kinds}:
        raise UsageError(
            f"{encoder.name}: the command reads files, and this encoder takes {', '.join(kinds)} "
            "(call it in Python)"
        )


def names_content(encoder: NetEncoder) -> bool:
    """Return whether the encoder gets the content of a file, so that messages need its name."""
    return bool(encoder.inputs) and "path" not in encoder.inputs


def file_input(encoder: NetEncoder, source: str, standard_input: Any) -> Any:
    """Return the input of an encoder for a file.

    An encoder that declares no inputs gets the path. An encoder that takes paths gets the path, an
    array the content of a .npy file, bytes the content, and a text the content as UTF-8.

    Parameters
    ----------
    encoder : NetEncoder
    source : str
        The name of the file, ``"-"`` for standard input.
    standard_input : file object or None
        Standard input.

    Raises
    ------
    EncodeError
        The file cannot be read, or is not of the kind that the encoder takes.
    """
    kinds = encoder.inputs
    if source == DASH:
        if not kinds or "object" in kinds:
            return standard_input
        if not names_content(encoder):
            raise EncodeError(
                "the encoder takes the path of a file",
                code="unsupported-input",
                source=NAME,
                remedy="write the input to a file, and name the file",
            )
        return _content(kinds, NAME, standard_input)
    if not kinds:
        return source
    if "path" in kinds:
        return Path(source) if "text" in kinds else source  # a str would be the text
    try:
        mode = os.stat(source).st_mode
        if not stat.S_ISREG(mode):  # opening a pipe may wait for ever
            raise EncodeError(
                f"it is {'a folder' if stat.S_ISDIR(mode) else 'not a regular file'}",
                code="not-a-file",
                source=printable(source),
                remedy="name a file",
            )
        with open(source, "rb") as file:
            return _content(kinds, source, file)
    except OSError as problem:
        raise unreadable(problem, source) from None


def _content(kinds: tuple[str, ...], source: str, file: IO[bytes]) -> Any:
    content = file.read(MAX_BYTES + 1) if source != NAME else _read_all(file)
    if len(content) > MAX_BYTES:
        raise EncodeError(
            f"it has more than {MAX_BYTES} bytes, the limit of the command",
            code="too-large",
            source=printable(source),
            remedy="encode it in Python, or divide it",
        )
    if not content:
        raise EncodeError(
            "it is empty: 0 bytes",
            code="empty-file",
            source=printable(source),
            remedy="check the source of the file; an empty value is encoded in Python",
        )
    if "array" in kinds and (content[:6] == b"\x93NUMPY" or kinds == ("array",)):
        return _array(content, source)
    if "bytes" in kinds:
        return content
    if "text" not in kinds:
        return _array(content, source)
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        raise EncodeError(
            f"the byte 0x{content[problem.start]:02x} at position {problem.start} is not UTF-8",
            code="malformed",
            source=printable(source),
            remedy="save the text as UTF-8",
        ) from None


def _array(content: bytes, source: str) -> npt.NDArray[Any]:
    try:
        return read_npy(content)
    except ValueError as problem:
        text = str(problem)
        raise EncodeError(
            f"{text[0].lower()}{text[1:-1]}",
            code="malformed",
            source=printable(source),
            remedy="give a .npy file of numbers",
        ) from None


def _read_all(file: IO[bytes]) -> bytes:
    """Read standard input up to the limit, of which a read may return a part."""
    content = bytearray()
    while len(content) <= MAX_BYTES and (part := file.read(2**20)):
        content += part
    return bytes(content)
