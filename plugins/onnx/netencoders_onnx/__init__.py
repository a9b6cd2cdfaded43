"""Models in the ONNX format as layers of nets, run by onnxruntime (extra ``onnx``)."""

from netencoders_onnx.net import OnnxNet

__all__ = ["OnnxNet"]
