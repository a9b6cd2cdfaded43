"""Description: the file corpus.json, which says how the rows of a corpus were made."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from netencoders import NetEncoder
from netencoders.errors import NetEncodersError, printable
from netencoders_corpus.errors import CorpusError
from netencoders_corpus.files import reported, write_json

__all__ = ["Description", "read_description"]

NAME: Final = "corpus.json"
SCHEMA: Final = 1
STANDARD_INPUT: Final = "standard input"  # the name of that source


@dataclass(frozen=True)
class Description:
    """The content of corpus.json.

    Attributes
    ----------
    encoder : dict
        The declaration, as `NetEncoder.to_dict` returns it.
    digest : str
        The digest of the encoder.
    dtype, content, format : str
        The arguments of `encode`.
    source : str
        The absolute path of the source, or ``"standard input"``.
    rows, failed : int
        The numbers of all rows, and of rows that could not be encoded.
    codes : dict of str to int
        The number of rows of each code of failure.
    versions : dict of str to str
    """

    encoder: dict[str, Any]
    digest: str
    dtype: str
    content: str
    format: str
    source: str = ""
    rows: int = 0
    failed: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        encoder: NetEncoder,
        dtype: str,
        content: str,
        format: str,  # noqa: A002 - the name of the argument
        source: str,
    ) -> Description:
        """Return the description of a new corpus."""
        return cls(
            encoder.to_dict(),
            encoder.digest,
            dtype,
            content,
            format,
            source if source == STANDARD_INPUT else os.path.abspath(source),
            versions={"netencoders": version("netencoders"), encoder.name: encoder.version},
        )

    def write(self, folder: Path, temporary: Path) -> None:
        """Write corpus.json at once, by way of a temporary file."""
        write_json(folder / NAME, {"schema": SCHEMA, **asdict(self)}, temporary)

    def check_same(
        self, other: Description, encoder: NetEncoder, folder: Path, *, update: bool = False
    ) -> None:
        """Refuse a corpus that was made otherwise.

        Raises
        ------
        CorpusError
            The encoder, the type, the format or the kind of content differs.
        """
        shown = printable(str(folder))
        # With an update, all rows get other keys; the format is that of the folder.
        for name in ("format",) if update else ("format", "dtype", "content"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                raise CorpusError(
                    f"{shown}: the corpus was made with {name}={theirs!r}, and {name}={mine!r} is "
                    "asked for. Give the same value, or choose another folder."
                )
        if update or self.digest == other.digest:
            return
        raise CorpusError(
            f"{shown}: the rows were made by an encoder with the digest {other.digest}, and the "
            f"encoder that is given has {self.digest}.{_differences(other, encoder)} Choose "
            "another folder, or give --update (update=True), which encodes all rows again."
        )


def _differences(other: Description, encoder: NetEncoder) -> str:
    """Return a sentence with the differences between the encoders."""
    try:
        before = NetEncoder.from_dict(other.encoder)
        text = str(before.diff(encoder)).strip()
    except NetEncodersError:
        return " The encoder of the rows cannot be made here."
    if before.digest != other.digest or not text:
        return " The declarations are equal: the code of the encoder has another revision."
    return f" They differ in:\n{text}\n"


def read_description(folder: Path) -> Description | None:
    """Return the description of a corpus; None if the folder has none.

    Raises
    ------
    CorpusError
        corpus.json is not a description.
    """
    path = folder / NAME
    try:
        with reported(path, "read"):
            try:
                content: Any = json.loads(path.read_text("utf-8"))
            except (FileNotFoundError, NotADirectoryError):
                return None
    except ValueError as problem:
        raise _wrong(path, str(problem)) from problem
    names = {*Description.__dataclass_fields__, "schema"}
    if not isinstance(content, Mapping) or names != content.keys():
        raise _wrong(path, "it does not have the fields of a corpus")
    if content["schema"] != SCHEMA:
        raise _wrong(path, f"its schema is {content['schema']!r}, and {SCHEMA} is known here")
    return Description(**{name: value for name, value in content.items() if name != "schema"})


def _wrong(path: Path, text: str) -> CorpusError:
    return CorpusError(
        f"{printable(str(path))}: {text}. Restore the file, or choose another folder."
    )
