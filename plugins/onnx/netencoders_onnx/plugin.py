"""The entry point: registers the reader of ONNX models with netencoders.

It imports neither onnxruntime nor the module that uses it: each process that makes an encoder
imports this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from netencoders import NetReader, hookimpl

if TYPE_CHECKING:
    from netencoders_onnx.net import OnnxNet

__all__ = ["register_net_readers"]

MODULE, NAME = "onnxruntime.capi.onnxruntime_inference_collection", "InferenceSession"


def read(value: Any) -> OnnxNet:
    """Return the layer for a path or an InferenceSession."""
    from netencoders_onnx.net import OnnxNet

    return OnnxNet(value)


def recognizes(value: object) -> bool:
    """Return whether an object is an InferenceSession, without importing onnxruntime."""
    kinds = type(value).__mro__
    return any((kind.__module__, kind.__name__) == (MODULE, NAME) for kind in kinds)


def restore(parameters: Mapping[str, Any], files: Mapping[str, bytes]) -> OnnxNet:
    """Return the layer of a saved net."""
    from netencoders_onnx.saving import restored

    return restored(parameters, files)


@hookimpl
def register_net_readers(register: Callable[[NetReader], None]) -> None:
    """Register the reader."""
    register(
        NetReader(
            "OnnxNet",
            "models in the ONNX format (.onnx), and sessions of onnxruntime",
            read,
            suffixes=(".onnx",),
            recognizes=recognizes,
            restore=restore,
        )
    )
