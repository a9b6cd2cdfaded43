"""Models that onnxruntime refuses, and its errors at run time, as PortErrors."""

import random

import numpy as np
import pytest
from made_models import DOUBLE, HEAD, SUMS, THREE, made, with_weights

from netencoders import NetChain, NetGraph, PortError
from netencoders_onnx import OnnxNet
from netencoders_onnx.model_file import model_facts

pytestmark = pytest.mark.models


@pytest.mark.parametrize("cut", range(1, 80, 3))
def test_truncated_models_are_refused(tmp_path, cut):
    """A model without its last bytes is a PortError that names the file."""
    path = tmp_path / "m.onnx"
    content = made(SUMS)
    path.write_bytes(content[: -cut * len(content) // 80])
    with pytest.raises(PortError, match=r"m\.onnx: .*(truncated|Fetch|cannot load)"):
        OnnxNet(path)


def test_newer_opset_names_both_versions():
    """A newer opset is refused with both versions, and the remedy is an upgrade."""
    with pytest.raises(
        PortError, match=r"opset 99 of the domain ai\.onnx.*opsets up to \d+.*pip install -U"
    ):
        OnnxNet(made(DOUBLE, '<ir_version: 8, opset_import: ["" : 99]> '))


def test_newer_format_names_both_versions():
    """A newer version of the format is refused with both versions."""
    with pytest.raises(
        PortError, match=r"has the version 99 of the ONNX format.*up to \d+.*pip install -U"
    ):
        OnnxNet(made(DOUBLE, '<ir_version: 99, opset_import: ["" : 17]> '))


CUSTOM = "net (float[N] x) => (float[N] y) { y = my.domain.Strange(x) }"


def test_unknown_operators_are_named():
    """An operator of a domain that onnxruntime does not know is named with its domain."""
    head = '<ir_version: 8, opset_import: ["" : 17, "my.domain" : 1]> '
    with pytest.raises(PortError, match=r"the operator 'Strange' of the domain 'my\.domain'"):
        OnnxNet(made(CUSTOM, head))
    with pytest.raises(PortError, match="the operator 'Strange', which this onnxruntime"):
        OnnxNet(made("net (float[N] x) => (float[N] y) { y = Strange(x) }"))


def test_invalid_graph_has_the_words_of_onnxruntime():
    """A graph that contradicts itself is refused with the reason that onnxruntime gives."""
    with pytest.raises(PortError, match=r"onnxruntime [\d.]+ cannot load the model: .*x"):
        OnnxNet(made("net (string[N] x) => (string[N] y) { y = Add(x, x) }"))


def test_data_that_is_too_short_is_refused(tmp_path):
    """A file with data that is shorter than its tensor is refused, on disk and in memory."""
    path = with_weights(tmp_path)
    data = tmp_path / "m.data"
    data.write_bytes(data.read_bytes()[:-1])
    with pytest.raises(PortError, match=r"m\.onnx: onnxruntime .* cannot load .*out of bounds"):
        OnnxNet(path)
    with pytest.raises(PortError, match="cannot load"):
        OnnxNet(path.read_bytes(), files={"m.data": data.read_bytes()})


def test_data_outside_of_the_folder_is_not_read(tmp_path):
    """A model that refers to a file in another folder is refused before onnxruntime opens it."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "secret").write_bytes(bytes(24))
    path = with_weights(tmp_path / "inner", "../secret")
    with pytest.raises(PortError, match=r"'\.\./secret', which is not the name of a file"):
        OnnxNet(path)


def test_changed_model_is_not_read_again(tmp_path, monkeypatch):
    """A session that is made later than the first one refuses a changed file."""
    monkeypatch.setenv("NETENCODERS_WORKERS", "2")
    path = tmp_path / "m.onnx"
    path.write_bytes(made(DOUBLE))
    net = NetChain([path])
    path.write_bytes(made(SUMS))
    with pytest.raises(PortError, match="the file has changed since the model was read"):
        list(net.map([np.ones(3, np.float32)], workers=2))
    with pytest.raises(PortError, match="the file has changed"):
        net["OnnxNet"].saved()
    assert np.array_equal([2, 2, 2], net(np.ones(3, np.float32)))


@pytest.mark.parametrize(
    ("providers", "message"),
    [
        (["NoProvider"], r"cannot use the provider 'NoProvider'\. It has: .*CPUExecutionProvider"),
        ([("NoProvider", {})], "cannot use the provider 'NoProvider'"),
        ("CPUExecutionProvider", r"providers must be a list .* Got 'CPUExecutionProvider'"),
        ([], r"providers must be a list .* Got \[\]"),
        ([3], r"providers must be a list .* Got \[3\]"),
    ],
)
def test_providers_are_checked(providers, message):
    """A provider that this onnxruntime does not have is refused, and not replaced in silence."""
    with pytest.raises(PortError, match=message):
        OnnxNet(made(DOUBLE), providers)


def test_provider_that_does_not_load_is_refused(monkeypatch):
    """A provider that is listed but that the session leaves out is refused."""
    import onnxruntime

    monkeypatch.setattr(onnxruntime.InferenceSession, "get_providers", lambda _: [])
    with pytest.raises(PortError, match="cannot use the provider 'CPUExecutionProvider'"):
        OnnxNet(made(DOUBLE))


def test_providers_may_have_options():
    """A provider may be a pair of a name and options."""
    net = OnnxNet(made(DOUBLE), [("CPUExecutionProvider", {})])
    assert np.array_equal([[2, 2, 2]], net.run({"x": np.ones((1, 3), np.float32)})["y"])


def test_shapes_that_contradict_each_other_are_named():
    """Inputs that fit their ports but not each other are a PortError with all shapes."""
    net = NetGraph({"net": OnnxNet(made(THREE), batch=False)}, [])
    inputs = {
        "a": np.ones((2, 5), np.float32),
        "b": np.ones((3, 4), np.float32),
        "c": np.ones((2, 4), np.int64),
    }
    with pytest.raises(
        PortError, match=r"a \(2, 5\), b \(3, 4\), c \(2, 4\): .*Give arrays"
    ) as caught:
        net(inputs)
    assert ["in layer 'net' of the net"] == caught.value.__notes__


def test_wrong_size_names_the_port_and_both_sizes():
    """The runtime's error for a wrong size is a PortError, with the port and both sizes."""
    with pytest.raises(PortError, match=r"x \(1, 4\): .*Got: 4 Expected: 3"):
        OnnxNet(made(DOUBLE)).run({"x": np.ones((1, 4), np.float32)})


def test_errors_of_other_libraries_stay(monkeypatch):
    """An exception that is not one of onnxruntime is raised as it is."""

    class Broken:
        def run(self, names, arrays):
            raise RuntimeError("not ours")

    net = OnnxNet(made(DOUBLE))
    monkeypatch.setattr(net._sessions, "session", Broken)
    with pytest.raises(RuntimeError, match="not ours"):
        net.run({"x": np.ones((1, 3), np.float32)})


@pytest.mark.parametrize("letter", ["x", "y", "N"])
def test_names_that_are_no_text_are_refused(letter):
    """A name of a port that is not UTF-8 is a PortError."""
    content = made(DOUBLE).replace(f"\x01{letter}".encode(), b"\x01\xce")
    with pytest.raises(PortError, match=r"a name.* is not UTF-8"):
        OnnxNet(content)


def test_nan_of_a_model_is_refused():
    """NaN from a model is an error that names the layer and the output."""
    net = NetChain([OnnxNet(made("net (float[N, 3] x) => (float[N, 3] y) { y = Log(x) }"))])
    with pytest.raises(PortError, match="layer 'OnnxNet', output 'y': the result has NaN"):
        net(np.array([1, -1, 1], np.float32))


def test_failing_input_of_a_batch_is_named():
    """In a batch, an input that a model refuses has its index, and the others their results."""
    net = NetChain([OnnxNet(made(DOUBLE))])
    values = [np.ones(3, np.float32), np.ones(4, np.float32), np.ones(3, np.float32)]
    results = list(net.map(values, batch_size=3, on_error="return"))
    assert "for element 1 of the batch" in results[1].__notes__
    assert [6, 6] == [results[0].sum(), results[2].sum()]


def test_reader_finds_all_files_that_protobuf_finds():
    """In changed models, the reader finds each file that the reader of onnx finds."""
    import onnx

    dice = random.Random(18)
    text = made(SUMS, HEAD)
    model = onnx.load_from_string(text)
    for place, name in enumerate(["first", "second"]):
        tensor = model.graph.node[place].attribute[0].t
        tensor.external_data.add(key="location", value=name)
        tensor.data_location = onnx.TensorProto.EXTERNAL
    whole = model.SerializeToString()
    read = 0
    for _ in range(3000):
        content = bytearray(whole)
        for _ in range(dice.randint(1, 3)):
            content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        try:
            parsed = onnx.load_from_string(bytes(content))
        except Exception:  # of protobuf: it is no model
            continue
        expected = {
            entry.value
            for node in parsed.graph.node
            for attribute in node.attribute
            for entry in attribute.t.external_data
            if entry.key == "location" and attribute.t.data_location
        }
        try:
            found = model_facts(bytes(content), "m").locations
        except PortError:
            continue
        assert expected <= set(found)
        read += 1
    assert read > 300
