"""An OnnxNet in a saved net, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy.typing as npt

from netencoders import PortError, SavedModel
from netencoders_onnx.constants import as_json, from_json
from netencoders_onnx.net import OnnxNet
from netencoders_onnx.source import Source, saved_files

__all__ = ["restored", "saved_model"]

MODEL: Final = "model.onnx"
DATA: Final = "data/"
KEPT: Final = ("outputs", "lengths", "mask", "batch", "reach")  # providers belong to a machine
KNOWN: Final = {"name", "constants", *KEPT}


def saved_model(
    source: Source,
    options: Mapping[str, Any],
    constants: Mapping[str, npt.NDArray[Any]],
    name: str,
) -> SavedModel:
    """Return the parts of a model that a saved net holds; see `OnnxNet.saved`."""
    source.check_unchanged()
    parameters: dict[str, Any] = {"name": name} if name else {}
    for option in KEPT:
        value = options[option]
        if value is not None:
            parameters[option] = dict(value) if isinstance(value, Mapping) else value
    if "outputs" in parameters:
        parameters["outputs"] = list(parameters["outputs"])
    if constants:
        parameters["constants"] = {name: as_json(name, array) for name, array in constants.items()}
    return SavedModel(parameters, dict(saved_files(source)))


def restored(parameters: Mapping[str, Any], files: Mapping[str, bytes]) -> OnnxNet:
    """Return the model from the parts of `OnnxNet.saved`. It reads no other file.

    Raises
    ------
    PortError
        A part is missing, unknown or invalid.
    """
    unknown = [name for name in parameters if name not in KNOWN]
    unknown += [name for name in files if name != MODEL and not name.startswith(DATA)]
    if unknown:
        raise PortError(f"a saved OnnxNet has no part {unknown[0]!r}.")
    if MODEL not in files:
        raise PortError(f"the saved OnnxNet has no file {MODEL}.")
    options = dict(parameters)
    constants = options.get("constants")
    if isinstance(constants, Mapping):
        options["constants"] = {name: from_json(name, value) for name, value in constants.items()}
    data = {name.removeprefix(DATA): content for name, content in files.items() if name != MODEL}
    return OnnxNet(files[MODEL], **options, files=data or None)
