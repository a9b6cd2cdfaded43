"""Remedies: the line that fixes an input that is not audio, written with the input itself."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from typing import Any, Final

from netencoders_audio.errors import AudioError
from netencoders_audio.recordings.adapters import wrapping
from netencoders_audio.recordings.names import attribute

__all__ = ["INPUTS", "not_a_file", "path_remedy", "unsupported"]

INPUTS: Final = (
    "a path, an Audio, bytes, a binary file object, an iterator of Audio blocks, or a dict with "
    "'array' and 'sampling_rate', 'waveform' and 'sample_rate', 'bytes' or 'path'"
)
_LONGEST: Final = 500  # characters of a path that a remedy repeats
# pathlib makes one slash of two; a scheme of one letter is a drive of Windows.
_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/{1,3}(?=[^/])|(file):/+")


def path_remedy(path: str) -> str:
    """Return the remedy for a path without a file."""
    if path == "-":
        return "only the command reads standard input as '-': give sys.stdin.buffer"
    if len(path) > _LONGEST:
        return "check the path"
    if match := _URL.match(path):
        return _url_remedy(match[1] or match[2], path[match.end() :], path)
    if path.startswith("data:") and ";base64," in path:
        return "decode it: give base64.b64decode(text.partition(',')[2])"
    if path.startswith("~"):
        return f"only the shell replaces '~': use os.path.expanduser({path!r})"
    if re.search(r"\$(\w|\{)", path):
        return f"only the shell replaces variables: use os.path.expandvars({path!r})"
    if re.search(r"[*?]|\[.+\]", path):
        return (
            f"patterns are not expanded: use encoder.map(sorted(glob.glob({path!r}))); a shell "
            "expands them, without quotes and if a file matches"
        )
    if path != path.strip():
        return f"it begins or ends with white space: give {path.strip()!r}"
    if path[:1] == path[-1:] and path[:1] in ("'", '"') and len(path) > 1:
        return f"the quotes are part of the path: give {path[1:-1]!r}"
    return "check the path"


def _url_remedy(scheme: str, rest: str, path: str) -> str:
    if scheme.casefold() == "file":
        from urllib.parse import unquote  # late, as only a mistake needs it

        local = "/" + rest.lstrip("/") if not rest.startswith("localhost/") else rest[9:]
        return f"give its path: {unquote(local)!r}"
    import shlex  # late, as above

    url = f"{scheme}://{rest}"
    if scheme.casefold() in ("http", "https"):
        return (
            f"URLs are not opened: give urllib.request.urlopen({url!r}), or to the command: "
            f"curl -fsSL {shlex.quote(url)} | netencoders encode - -o OUT"
        )
    return (
        f"URLs are not opened: with fsspec.open({url!r}) as file: encoder(file); or download the "
        "file, and give its path"
    )


def not_a_file(kind: int, path: str) -> AudioError:
    """Return the error for a path of another kind than a regular file, such as a folder."""
    kinds = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
    remedy = "give the path of an audio file"
    if kind == stat.S_IFDIR and len(path) <= _LONGEST:
        pattern = os.path.join(path, "*.wav")
        remedy = (
            f"give the paths of its files: encoder.map(sorted(glob.glob({pattern!r}))), or to the "
            f"command: {pattern}"
        )
    return AudioError(
        f"it is {kinds.get(kind, 'a device')}, not a regular file",
        code="not-a-file",
        remedy=remedy,
    )


def unsupported(value: Any) -> AudioError:
    """Return the error for a value of a type that is no input."""
    kind = f"a value of type {type(value).__name__}"
    if isinstance(value, Mapping):
        items = [f"{str(key)[:40]!r} of type {type(value[key]).__name__}" for key in value]
        return AudioError(
            f"a dict with {', '.join(items[:8]) or 'no keys'} is not audio",
            code="unsupported-input",
            source="dict",
            remedy=f"give {INPUTS}",
        )
    if (shape := _shape(value)) is not None:
        turned = ".T" if len(shape) == 2 and shape[0] < shape[1] else ""
        return AudioError(
            f"a bare array of shape {shape} and type {value.dtype} has no sample rate",
            code="bare-array",
            source=kind,
            remedy=f"wrap it: Audio(samples{turned}, rate) from netencoders_audio",
        )
    if isinstance(value, tuple) and (error := wrapping(value)) is not None:
        return error
    if isinstance(value, int | float) and not isinstance(value, bool):
        return AudioError(
            "it is one number, and not audio",
            code="unsupported-input",
            source=kind,
            remedy="wrap a list of samples: Audio(np.asarray(samples, np.float32), rate) from "
            "netencoders_audio",
        )
    return AudioError(
        "it is not audio", code="unsupported-input", source=kind, remedy=f"give {INPUTS}"
    )


def _shape(value: Any) -> tuple[int, ...] | None:
    """Return the shape of an array or a tensor; None for other values."""
    if attribute(value, "dtype") is None:
        return None
    try:
        shape = tuple(int(size) for size in attribute(value, "shape"))
    except (TypeError, ValueError):
        return None
    return shape or None
