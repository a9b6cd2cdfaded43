"""The table of a net, and its flowchart; tests/docs/test_mermaid_page.py draws flowcharts."""

import re

import numpy as np
import pytest

from netencoders import ArraySpec, NetChain, NetEncoder, NetGraph, NetLayer, Varying
from netencoders.net_model import NetModel, Port


class Scores(NetModel):
    """A model of two inputs and two outputs."""

    kind = "OnnxNet"
    summary = "scores.onnx"

    def __init__(self):
        self.inputs = {"mel": Port(ArraySpec((9, 40)), 0), "wave": Port(None, 0)}
        self.outputs = {"p": Port(ArraySpec((3,)), 0), "q": Port(None, 0)}

    def run(self, arrays):
        """Return no results."""
        return {}


def scores():
    """Return a net with all kinds of layers."""
    layers = {"fit": NetLayer("FitRows", Rows=9), "層": Scores(), "in": NetChain(["Affine", "Log"])}
    return NetGraph(layers, [("Mel", "fit", "層.mel"), ("層.p", "in")], Mel="AudioMelSpectrogram")


def test_table_has_a_line_for_each_input_and_output():
    """Several inputs and outputs of a layer are lines; wide letters do not move the columns."""
    expected = """\
layer   kind      inputs       output form            parameters
------  --------  -----------  ---------------------  ---------------------------------
Mel     input                  float32 (Varying, 40)  NetEncoder("AudioMelSpectrogram")
Input   input                  unknown
fit     FitRows   Mel          float32 (9, 40)        Rows=9
層      OnnxNet   mel: fit     p: float32 (3,)        scores.onnx
                  wave: Input  q: unknown
in      NetChain  層.p         float32 (3,)           Affine, Log
q       output    層.q         unknown
Output  output    in           float32 (3,)"""
    assert expected == str(scores())
    assert "9, 40)</td>" in scores()._repr_html_()
    assert ">p: float32 (3,)<br>q: unknown</td>" in scores()._repr_html_()


def test_table_is_one_line_for_a_name_of_two():
    """Line breaks and control characters of a name are escaped."""
    net = NetGraph({"a\nb\x1b": np.log1p}, [])
    assert r"a\nb\x1b  log1p" in str(net)
    assert 5 == len(str(net).splitlines())
    assert "<br>" not in net._repr_html_()


def test_repr_names_the_class():
    """A chain is a NetChain, and any other net a NetGraph."""
    chain = NetChain(["Log"])
    assert "<NetChain of 1 layer: Input -> Output>" == repr(chain)
    assert "<NetChain of 2 layers: Input -> Output>" == repr(chain.append("Mean"))
    assert "<NetGraph of 1 layer: Input -> Output>" == repr(NetGraph({"a": "Log"}, []))


def test_flowchart_shows_ports_encoders_layers_and_forms():
    """Ports are round; an arrow has the output and the input if there are several."""
    expected = """\
flowchart TD
    input1(["Mel"])
    encoder1["AudioMelSpectrogram"]
    input2(["Input"])
    layer1["fit<br>FitRows<br>Rows=9"]
    layer2["層<br>OnnxNet<br>scores.onnx"]
    layer3["in<br>NetChain<br>Affine, Log"]
    output1(["q"])
    output2(["Output"])
    input1 --> encoder1
    encoder1 -->|"float32 (Varying, 40)"| layer1
    layer1 -->|"mel<br>float32 (9, 40)"| layer2
    input2 -->|"wave"| layer2
    layer2 -->|"p<br>float32 (3,)"| layer3
    layer2 -->|"q"| output1
    layer3 -->|"float32 (3,)"| output2"""
    assert expected == scores().to_mermaid()
    assert scores().to_mermaid("LR").startswith("flowchart LR\n")


def test_flowchart_escapes_names():
    """Each character with a meaning in Mermaid, Markdown or HTML is its number."""
    name = '1) "<a>" #1 `_b_` $$ \\n 2.5 a_b x=3 [c]'
    (line,) = re.findall(
        r'layer1\["(.*)"\]', NetGraph({name.replace(".", ""): np.exp}, []).to_mermaid()
    )
    expected = (
        "1#41; #34;#60;a#62;#34; #35;1 #96;#95;b#95;#96; #36;#8288;#36; #92;#8288;n 25 a_b x=3 "
        "#91;c#93;<br>exp"
    )
    assert expected == line


def test_flowchart_shortens_long_lines():
    """A line of a label has at most 60 characters."""
    net = NetGraph({"a" * 99: np.exp}, [])
    assert f'layer1["{"a" * 57}#46;#46;#46;<br>exp"]' in net.to_mermaid()


def test_direction_of_a_flowchart_is_checked():
    """A direction is TD or LR."""
    with pytest.raises(ValueError, match=r"direction must be 'TD' or 'LR'\. Got 'up'\."):
        scores().to_mermaid("up")


def test_flowchart_shows_the_layers_of_an_encoder():
    """The node of an encoder has its layers, and parameters that differ from their defaults."""
    encoder = NetEncoder("AudioSpectrogram", SampleRate=8000).then("Log", Base=2)
    text = NetGraph({"a": np.exp}, [], Input=encoder).to_mermaid()
    assert 'encoder1["AudioSpectrogram(SampleRate=8000)<br>Log(Base=2)"]' in text
    assert ArraySpec((Varying, 101)).dims == encoder.output.dims
