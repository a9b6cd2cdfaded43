"""The entry point: registers the layers, encoders, decoders, and the models of saved nets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from netencoders import Decoder, Encoder, Layer, NetModel, NetReader, PortError, hookimpl
from netencoders_core import decoders, encoders
from netencoders_core.layers.affine import Affine, Clip
from netencoders_core.layers.cast import Cast
from netencoders_core.layers.delta import Delta
from netencoders_core.layers.fit_rows import FitRows
from netencoders_core.layers.levels import DynamicRange, SubtractMaximum
from netencoders_core.layers.logarithm import Log
from netencoders_core.layers.mean import Mean
from netencoders_core.layers.one_hot import OneHotMaximum
from netencoders_core.layers.patches import Patches
from netencoders_core.layers.polynomial import Polynomial
from netencoders_core.layers.select_features import SelectFeatures
from netencoders_core.layers.shape import AddAxis, Repeat, Reshape
from netencoders_core.layers.softmax import Softmax
from netencoders_core.layers.stack import Stack
from netencoders_core.layers.standardize import Standardize
from netencoders_core.layers.subsample import Subsample
from netencoders_core.layers.transpose import Transpose

__all__ = ["register_decoders", "register_encoders", "register_layers", "register_net_readers"]


@hookimpl
def register_encoders(register: Callable[[type[Encoder]], None]) -> None:
    """Register the encoders of numbers, classes and texts."""
    for encoder in (
        encoders.Boolean,
        encoders.Characters,
        encoders.Class,
        encoders.Scalar,
        encoders.Tokens,
        encoders.UTF8,
    ):
        register(encoder)


@hookimpl
def register_decoders(register: Callable[[type[Decoder]], None]) -> None:
    """Register the decoders."""
    for decoder in (
        decoders.Boolean,
        decoders.CTCBeamSearch,
        decoders.Characters,
        decoders.Class,
        decoders.Scalar,
        decoders.Tokens,
        decoders.UTF8,
    ):
        register(decoder)


@hookimpl
def register_layers(register: Callable[[type[Layer]], None]) -> None:
    """Register the layers."""
    for layer in (
        AddAxis,
        Affine,
        Cast,
        Clip,
        Delta,
        DynamicRange,
        FitRows,
        Log,
        Mean,
        OneHotMaximum,
        Patches,
        Polynomial,
        Repeat,
        Reshape,
        SelectFeatures,
        Softmax,
        Stack,
        Standardize,
        Subsample,
        SubtractMaximum,
        Transpose,
    ):
        register(layer)


@hookimpl
def register_net_readers(register: Callable[[NetReader], None]) -> None:
    """Register NetMap and NetFold, which saved nets hold: they read no files of their own."""
    register(
        NetReader("NetMap", "A model that runs for each row.", read=_map, restore=_restored_map)
    )
    register(
        NetReader(
            "NetFold",
            "A model that runs for each row, with a state.",
            read=_made_by_hand,
            restore=_restored_fold,
        )
    )


def _map(value: Any) -> NetModel:
    from netencoders import NetMap  # late, as in `_restored_map`: few programs use nets

    return NetMap(value)


def _restored_map(parameters: Mapping[str, Any], files: Mapping[str, bytes]) -> NetModel:
    from netencoders import NetMap

    return NetMap.restored(parameters, files)


def _restored_fold(parameters: Mapping[str, Any], files: Mapping[str, bytes]) -> NetModel:
    from netencoders import NetFold

    return NetFold.restored(parameters, files)


def _made_by_hand(value: object) -> NoReturn:
    """Refuse a value alone: a NetFold needs the names of its states."""
    raise PortError(f"NetFold takes a model and the names of its states. Got only {value!r:.80}.")
