"""Manifests of Lhotse: recordings, supervisions and cuts, as JSON lines."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from netencoders.errors import printable
from netencoders_corpus.errors import SourceError
from netencoders_corpus.items import Item
from netencoders_corpus.sources.base import Problem, Source
from netencoders_corpus.sources.json_lines import JsonLines
from netencoders_corpus.sources.lhotse_recordings import (
    RefusedError,
    Selection,
    read_recording,
    selected,
)
from netencoders_corpus.sources.lookup import Lookup
from netencoders_corpus.sources.paths import Paths
from netencoders_corpus.sources.tables import TableRow

__all__ = ["LhotseManifest", "lhotse_kind"]

Kind = Literal["recordings", "supervisions", "cuts"]

TEXTS: Final = ("text", "speaker", "language", "gender")
CUTS: Final = ("MonoCut", "MultiCut", "MixedCut", "PaddingCut", "DataCut", "Cut")
_REASONS: Final = {
    "MixedCut": "it mixes tracks, so no part of one file has its samples",
    "PaddingCut": "it has no recording",
}


def lhotse_kind(row: Mapping[str, Any]) -> Kind | None:
    """Return the kind of a manifest of Lhotse by one of its rows, or None for another manifest."""
    if row.get("type") in CUTS or isinstance(row.get("recording"), dict):
        return "cuts"
    if isinstance(row.get("sources"), list) and "sampling_rate" in row:
        return "recordings"
    if {"id", "recording_id", "start", "duration"} <= row.keys():
        return "supervisions"
    return None


class LhotseManifest(Source):
    """A manifest of Lhotse; the id is that of the recording, the supervision or the cut.

    Parameters
    ----------
    path : str
    kind : {"recordings", "supervisions", "cuts"}

    Raises
    ------
    SourceError
        The recordings of supervisions are not beside them.
    """

    def __init__(self, path: str, kind: Kind) -> None:
        self.name, self._path, self._kind = path, path, kind
        self._paths = Paths(os.path.dirname(path))
        self._recordings = self._beside() if kind == "supervisions" else ""

    def items(self) -> Iterator[Item | Problem]:
        """Yield the items of all rows."""
        known = Lookup(self._known()) if self._kind == "supervisions" else None
        try:
            if known is not None and known.twice is not None:
                shown = os.path.basename(self._recordings)
                text = f"the recording {known.twice!r} is twice in {shown}: make ids unique."
                yield Problem("", text)
            empty = True
            for row in JsonLines(self._path, self.name).rows():
                empty = False
                if isinstance(row, Problem):
                    yield row
                    continue
                try:
                    yield self._item(row, known)
                except RefusedError as problem:
                    name = row.values.get("id")
                    shown = f"{self._kind[:-1]} {printable(str(name)[:200])}: " if name else ""
                    yield Problem(row.place, f"{shown}{problem}")
            if empty:
                yield Problem("", "it has no rows: write one for each input.")
        finally:
            if known is not None:
                known.close()

    def _item(self, row: TableRow, known: Lookup | None) -> Item:
        """Return the item of a row.

        Raises
        ------
        RefusedError
            It is no part of one file.
        """
        values = row.values
        identity = values.get("id")
        if not isinstance(identity, str) or not identity or not identity.isprintable():
            raise RefusedError("the id must be a text of printable characters: write one.")
        columns: dict[str, Any] = {}
        if self._kind == "recordings":
            chosen = selected(read_recording(values))
        elif self._kind == "cuts":
            chosen, columns = _of_cut(values)
        else:
            chosen, columns = self._of_supervision(values, known)
        path, name = self._paths.locate(chosen.path)
        return Item(identity, name, path, *chosen.segment, place=row.place, columns=columns)

    def _of_supervision(
        self, values: Mapping[str, Any], known: Lookup | None
    ) -> tuple[Selection, dict[str, Any]]:
        name = values.get("recording_id")
        found = known.get(name) if known is not None and isinstance(name, str) else None
        if found is None:
            shown = os.path.basename(self._recordings)
            raise RefusedError(f"its recording {str(name)[:200]!r} is not in {shown}: add it.")
        columns = {"recording_id": name, **_texts(values)}
        for other in ("custom", "alignment"):
            if values.get(other) is not None:
                columns[other] = values[other]
        return selected(read_recording(json.loads(found)), values), columns

    def _known(self) -> Iterator[tuple[str, str]]:
        for row in JsonLines(self._recordings).rows():
            if isinstance(row, Problem):
                raise SourceError(self._recordings, [row])
            name = row.values.get("id")
            if isinstance(name, str):
                yield name, json.dumps(dict(row.values))

    def _beside(self) -> str:
        """Return the manifest of the recordings, which Lhotse writes beside the supervisions."""
        folder, name = os.path.split(self._path)
        for ending in ("", ".gz"):
            stem = name.removesuffix(".gz").replace("supervisions", "recordings")
            path = os.path.join(folder, stem + ending)
            if "supervisions" in name and os.path.exists(path):
                return path
        wanted = name.replace("supervisions", "recordings") if "supervisions" in name else ""
        hint = f"put them beside it as {wanted}" if wanted else "name it ..._supervisions_....jsonl"
        text = (
            f"supervisions have no files, and their recordings are not found: {hint}, or make cuts."
        )
        raise SourceError(self.name, [("", text)])


def _of_cut(values: Mapping[str, Any]) -> tuple[Selection, dict[str, Any]]:
    """Return the part of a file of a cut, and its other columns."""
    kind = values.get("type", "MonoCut")
    if kind in _REASONS:
        raise RefusedError(f"it is a {kind}: {_REASONS[kind]}. Write its audio, or leave it out.")
    recording = values.get("recording")
    if not isinstance(recording, Mapping):
        raise RefusedError("it has no recording, only features perhaps: add the recording.")
    supervisions = values.get("supervisions") or []
    columns: dict[str, Any] = {"recording_id": recording.get("id")}
    if isinstance(supervisions, list) and supervisions:
        if len(supervisions) == 1 and isinstance(supervisions[0], Mapping):
            columns |= _texts(supervisions[0])
        columns["supervisions"] = supervisions
    if values.get("custom") is not None:
        columns["custom"] = values["custom"]
    return selected(read_recording(recording), values), columns


def _texts(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in TEXTS if values.get(name) is not None}
