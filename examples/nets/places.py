"""A net of three kinds of inputs: a text, a picture and a recording give one answer.

    pip install "netencoders[image,onnx]" onnx          # onnx makes the model
    python examples/nets/places.py places.netz          # saves the net
    netencoders run places.netz photo.jpg --input Text=caption.txt --input Sound=street.wav

Each input port has an encoder of its own, and the output port has a decoder. The weights of the
model are random: the example shows the way of the data, and not a model that was trained.
"""

import argparse

import numpy as np
import onnx
from onnx import helper, numpy_helper

from netencoders import NetDecoder, NetEncoder, NetGraph
from netencoders_onnx import OnnxNet

LABELS = ("beach", "forest", "street")
SIZES = {"text": 27, "picture": 3 * 32 * 32, "sound": 40}


def make_model():
    """Return a model as bytes: one product for each input, their sum, and probabilities."""
    generator = np.random.default_rng(1)
    inputs, weights, nodes = [], [], []
    for name, size in SIZES.items():
        shape = ["N", 3, 32, 32] if name == "picture" else ["N", size]
        inputs.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape))
        weight = generator.standard_normal((size, len(LABELS))).astype(np.float32) / size**0.5
        weights.append(numpy_helper.from_array(weight, f"{name}_weight"))
        nodes.append(helper.make_node("Flatten", [name], [f"{name}_flat"]))
        nodes.append(
            helper.make_node("MatMul", [f"{name}_flat", f"{name}_weight"], [f"{name}_part"])
        )
    nodes.append(helper.make_node("Sum", [f"{name}_part" for name in SIZES], ["logits"]))
    nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"]))
    form = ["N", len(LABELS)]
    outputs = [helper.make_tensor_value_info("probabilities", onnx.TensorProto.FLOAT, form)]
    graph = helper.make_graph(nodes, "places", inputs, outputs, weights)
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def make_net():
    """Return the net, with an encoder at each input port and a decoder at the output port."""
    letters = NetEncoder(
        "Characters",
        [*"abcdefghijklmnopqrstuvwxyz "],
        Form="IndicatorVector",
        IgnoreCase=True,
        UnknownCode=26,
    )
    return NetGraph(
        {"model": OnnxNet(make_model())},
        [("Text", "model.text"), ("Picture", "model.picture"), ("Sound", "model.sound")],
        Text=letters.then("Mean", KeepDimension=False),  # the share of each letter
        Picture=NetEncoder("Image", 32),
        Sound=NetEncoder("AudioMelSpectrogram").then("Log").then("Mean", KeepDimension=False),
        Output=NetDecoder("Class", LABELS),
    )


def main():
    """Save the net, and print it."""
    parser = argparse.ArgumentParser(description="A net of a text, a picture and a recording.")
    parser.add_argument("output", help="the file of the net, such as places.netz")
    net = make_net()
    net.save(parser.parse_args().output, force=True)
    print(net)


if __name__ == "__main__":
    main()
