"""The files beside a spec: the long values of an encoder with its layers, or of a decoder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netencoders.replacing import replacing

if TYPE_CHECKING:
    from netencoders.declared_value import DeclaredValue
    from netencoders.decoder import NetDecoder
    from netencoders.encoder import NetEncoder
    from netencoders.layer import NetLayer

__all__ = ["parameters_beside", "values_beside", "with_files"]


def with_files(
    value: NetEncoder | NetDecoder, declared: Mapping[str, Any], folder: str | PathLike[str]
) -> dict[str, Any]:
    """Return a declaration whose long values are files of a folder, and write the files.

    Parameters
    ----------
    value : NetEncoder or NetDecoder
    declared : mapping
        Its `to_dict`.
    folder : str or path

    Raises
    ------
    OSError
        A file cannot be written.
    """

    def keep(name: str, content: bytes) -> None:
        path = Path(folder) / name
        if not path.exists() or path.read_bytes() != content:
            with replacing(path, force=True) as file:
                file.write(content)

    return {**declared, **values_beside(value, keep)}


def values_beside(
    value: NetEncoder | NetLayer | NetDecoder, write: Callable[[str, bytes], None]
) -> dict[str, Any]:
    """Return the keys of a declaration that have values: the parameters, and layers if any."""
    result: dict[str, Any] = {"parameters": parameters_beside(value, write)}
    layers = getattr(value, "layers", ())  # an encoder may have some
    if layers:
        result["layers"] = [{layer.name: parameters_beside(layer, write)} for layer in layers]
    return result


def parameters_beside(value: DeclaredValue, write: Callable[[str, bytes], None]) -> dict[str, Any]:
    """Return the parameters as a spec holds them; `write` gets each file by name.

    The name has the parameter and the sha256 of the content, so that equal files have one name.
    """

    def plain(name: str, type_: Any, item: Any) -> Any:
        def keep(suffix: str, content: bytes) -> dict[str, str]:
            file = f"{name}-{hashlib.sha256(content).hexdigest()[:16]}{suffix}"
            write(file, content)
            return {"asset": file}

        return type_.beside(item, keep)

    return {
        parameter.name: plain(parameter.name, parameter.type, value.parameters[parameter.name])
        for parameter in value.declarations
    }
