"""Content: the kind of a file by its first bytes and its first line."""

from __future__ import annotations

import csv
import gzip
import os
import re
import zlib
from typing import Final

from netencoders.errors import printable
from netencoders_corpus.sources.tables import AUDIO_COLUMNS
from netencoders_corpus.sources.tar_members import is_tar_header
from netencoders_corpus.sources.text_lines import BOM, GZIP, opened
from netencoders_corpus.sources.walk import is_audio_name

__all__ = ["file_kind", "refusal"]

HEAD: Final = 1 << 16
_YAML: Final = re.compile(rb"- [A-Za-z_]\w*: ?")
_YAML_NAME: Final = re.compile(r"\.ya?ml(\.gz)?$", re.IGNORECASE)
_UNPACK: Final = "decompress it first: members of a compressed archive have no fixed places"
_REFUSED: Final = (
    (b"BZh", "it is compressed by bzip2: decompress it first."),
    (b"\xfd7zXZ\x00", "it is compressed by xz: decompress it first."),
    (b"\x28\xb5\x2f\xfd", "it is compressed by zstd: decompress it first."),
    (b"PK\x03\x04", "it is a zip archive: unpack it, and name the folder or the manifest."),
    (b"\xff\xfe", "it is UTF-16: save it as UTF-8."),
    (b"\xfe\xff", "it is UTF-16: save it as UTF-8."),
    (b"ARROW1", "it is an Arrow file: write it as Parquet."),
)
_AUDIO: Final = (b"RIFF", b"RF64", b"fLaC", b"OggS", b"ID3", b"FORM", b".snd", b"caff", b"\xff\xfb")


def refusal(path: str) -> str | None:
    """Return the reason why a file is no manifest, with the remedy, or None."""
    with open(path, "rb") as file:
        head = file.read(HEAD)
    if not head:
        return "it is empty: write one row for each input."
    for mark, text in _REFUSED:
        if head.startswith(mark):
            return text
    if head.startswith(_AUDIO):
        return "it is an audio file, not a manifest: name its folder, or a list of files."
    if head.startswith(GZIP):
        inner = _decompressed(path)
        if inner is None:
            return "the gzip file is damaged: copy it again."
        if len(inner) >= 512 and is_tar_header(inner[:512]):
            return f"it is a compressed tar archive: {_UNPACK} (gunzip)."
        if _is_yaml(inner, path):
            return _yaml_refusal(path)
        if not inner.lstrip().startswith((b"{", b"[")):
            return "it is compressed by gzip, and no JSON: decompress it first."
    if os.path.basename(path) == "wav.scp":
        return "it is a file of Kaldi: name its folder."
    return _yaml_refusal(path) if _is_yaml(head, path) else None


def _is_yaml(head: bytes, path: str) -> bool:
    """Return whether a file is a list of YAML, as Lhotse writes it."""
    text, name = head.removeprefix(BOM).lstrip(), path.lower().removesuffix(".gz")
    if name.endswith((".yaml", ".yml")) and not text.startswith((b"{", b"[")):
        return True
    return _YAML.match(text) is not None


def _yaml_refusal(path: str) -> str:
    name = os.path.basename(path)
    stem = _YAML_NAME.sub("", name)
    text = "convert it: for a manifest of Lhotse, `lhotse copy"
    return f"it is YAML: {text} {printable(name)} {printable(stem)}.jsonl.gz`."


def file_kind(path: str) -> str | None:
    """Return the kind of a manifest by its content, or None if it is not known."""
    with opened(path, path) as file:
        head = file.read(HEAD)
    if head.startswith(b"PAR1"):
        return "parquet"
    if len(head) >= 512 and is_tar_header(head[:512]):
        return "webdataset"
    text = head.removeprefix(BOM).lstrip()
    if text.startswith((b"{", b"[")):
        return "jsonl"
    first = text.partition(b"\n")[0].removesuffix(b"\r").decode("utf-8", "replace")
    if b"\0" in head:
        return (
            "list" if is_audio_name(head.partition(b"\0")[0].decode("utf-8", "replace")) else None
        )
    for kind, delimiter in (("tsv", "\t"), ("csv", ",")):
        if _has_audio_column(first, delimiter):
            return kind
    if is_audio_name(first):
        return "list"
    if "\t" in first or "," in first:  # the error lists the columns
        suffix = os.path.splitext(path)[1].lower()
        return {".csv": "csv", ".tsv": "tsv"}.get(suffix)
    return None


def _has_audio_column(line: str, delimiter: str) -> bool:
    try:
        fields = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return False
    return any(name in fields for name in AUDIO_COLUMNS)


def _decompressed(path: str) -> bytes | None:
    """Return the first bytes of a gzip file, or None if it is damaged."""
    try:
        with gzip.open(path) as file:
            return file.read(HEAD)
    except (OSError, EOFError, zlib.error):
        return None
