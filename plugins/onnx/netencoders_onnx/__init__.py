"""Models in the ONNX format as layers of nets, run by onnxruntime (extra ``onnx``)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netencoders_onnx.net import OnnxNet

__all__ = ["OnnxNet"]


def __getattr__(name: str) -> Any:
    # Each process that makes an encoder imports this package with the plugin; few need the class.
    if name == "OnnxNet":
        from netencoders_onnx.net import OnnxNet

        return OnnxNet
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
