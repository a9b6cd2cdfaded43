"""Net readers in use: the choice of the reader of a file or an object, and its model."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any

from netencoders import registry
from netencoders.errors import (
    NetEncodersError,
    PluginConflictError,
    PluginError,
    PortError,
    nearest,
    printable,
)
from netencoders.net_model import NetModel, NetReader
from netencoders.parameters import short
from netencoders.records import Provider

__all__ = ["read_model", "restored_model", "suffix_of"]

Found = tuple[Provider, NetReader]


def suffix_of(value: object) -> str:
    """Return the suffix of a path in lower case, with its dot; empty for any other value."""
    if not isinstance(value, str | PathLike):
        return ""
    path = os.fspath(value)
    return os.path.splitext(path)[1].lower() if isinstance(path, str) else ""


def read_model(value: object) -> NetModel | None:
    """Return the model of a path or an object of another library; None if no reader takes it.

    Raises
    ------
    PortError
        A path has a suffix that no reader declares.
    PluginConflictError
        More than one reader takes the value.
    PluginError
        The code of a reader fails.
    """
    readers = registry.net_readers()
    suffix = suffix_of(value)
    if isinstance(value, str | PathLike):
        found = [pair for pair in readers.values() if suffix in pair[1].suffixes]
        if not found:
            known = sorted(end for _, reader in readers.values() for end in reader.suffixes)
            raise PortError(
                f"{printable(os.fsdecode(value))}: no net reader takes files of this kind"
                f"{f' ({suffix})' if suffix else ''}. The kinds are: {', '.join(known) or 'none'}."
            )
    else:
        found = [pair for pair in readers.values() if _called(*pair, pair[1].recognizes, value)]
    if not found:
        return None
    if len(found) > 1:
        names = ", ".join(f"{reader.name} of {provider}" for provider, reader in found)
        raise PluginConflictError(
            f"{short(value)} can be read by {names}: call one of them, and give its result."
        )
    provider, reader = found[0]
    return _model(provider, reader, _called(provider, reader, reader.read, value))


def restored_model(
    kind: str, parameters: Mapping[str, Any], files: Mapping[str, bytes]
) -> NetModel:
    """Return the model of a layer of a saved net.

    Raises
    ------
    PortError
        No reader has this name, or it cannot restore models.
    PluginError
        The code of the reader fails.
    """
    readers = registry.net_readers()
    if kind not in readers:
        hint = nearest(kind, readers) or " Install the plugin that provides it."
        raise PortError(f"there is no net reader {short(kind)}.{hint}")
    provider, reader = readers[kind]
    if reader.restore is None:
        raise PortError(f"layers of the kind {kind} cannot be loaded from a file.")
    restored = _called(provider, reader, reader.restore, parameters, files)
    return _model(provider, reader, restored)


def _model(provider: Provider, reader: NetReader, made: object) -> NetModel:
    if not isinstance(made, NetModel):
        raise PluginError(
            f"it must return a NetModel. Got {short(made)}.", plugin=_owner(provider, reader)
        )
    return made


def _called(
    provider: Provider, reader: NetReader, function: Callable[..., Any], *given: Any
) -> Any:
    """Call the code of a reader, and raise its bugs as a PluginError that names it."""
    try:
        return function(*given)
    except (NetEncodersError, OSError):
        raise
    except Exception as bug:  # code of a plugin may raise anything
        raise PluginError(
            f"it failed: {type(bug).__name__}: {bug}", plugin=_owner(provider, reader)
        ) from bug


def _owner(provider: Provider, reader: NetReader) -> str:
    return f"net reader {reader.name}, {provider}"
