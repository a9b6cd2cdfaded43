"""The reader of ONNX models without onnxruntime."""

import subprocess
import sys

import pytest

from netencoders import NetChain, PortError
from netencoders.net_readers import read_model
from netencoders.registry import net_readers
from netencoders_onnx import OnnxNet
from netencoders_onnx.plugin import recognizes

# A model of no nodes, for errors that come before onnxruntime reads it.
EMPTY_GRAPH = b"\x08\x08\x3a\x03\x12\x01g"


def test_reader_is_registered():
    """The reader takes .onnx files and restores saved models."""
    provider, reader = net_readers()["OnnxNet"]
    assert ("OnnxNet", (".onnx",)) == (reader.name, reader.suffixes)
    assert "netencoders" in str(provider)
    assert reader.restore is not None


def test_path_goes_to_the_reader(tmp_path):
    """A path with the suffix, also in capitals, is read by OnnxNet."""
    path = tmp_path / "m.ONNX"
    path.write_bytes(b"RIFF")
    for value in (str(path), path):
        with pytest.raises(PortError, match=r"m\.ONNX: it is a WAV file, not an ONNX model"):
            NetChain([value])


def test_session_is_recognized_by_its_name():
    """A session, and one of a subclass, is recognized without an import of onnxruntime."""
    made_up = type(
        "InferenceSession",
        (),
        {"__module__": "onnxruntime.capi.onnxruntime_inference_collection"},
    )
    assert recognizes(made_up())
    assert recognizes(type("Own", (made_up,), {})())
    assert not recognizes(object())
    assert not recognizes(made_up)


def test_other_objects_are_refused():
    """OnnxNet takes a path, bytes or a session."""
    with pytest.raises(PortError, match=r"takes the path of a model, its bytes, or .* Got 3\."):
        OnnxNet(3)
    assert read_model(object()) is None


def test_package_has_no_other_names():
    """A name that the package does not have is an AttributeError, as for any module."""
    import netencoders_onnx

    assert hasattr(netencoders_onnx, "OnnxNet")
    with pytest.raises(AttributeError, match="'netencoders_onnx' has no attribute 'OnnxNot'"):
        netencoders_onnx.OnnxNot  # noqa: B018 - the access raises


def test_without_onnxruntime_the_remedy_is_named(monkeypatch):
    """If onnxruntime cannot be imported, the error names the command that installs it."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(PortError, match=r"pip install 'netencoders\[onnx\]'"):
        OnnxNet(EMPTY_GRAPH)


def test_readers_import_no_library_of_models():
    """Loading the plugins and their classes imports neither onnxruntime nor torch nor sklearn."""
    code = (
        "import sys, netencoders\n"
        "from netencoders.net_readers import read_model\n"
        "assert read_model(object()) is None\n"
        "assert read_model(len) is None\n"
        "heavy = ['netencoders_onnx.net', 'netencoders_adapters.torch_net']\n"
        "print([name for name in heavy if name in sys.modules])\n"
        "from netencoders_onnx import OnnxNet\n"
        "from netencoders_adapters import EstimatorNet, TorchNet\n"
        "heavy = 'onnx', 'onnxruntime', 'torch', 'sklearn'\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ("[]\n[]\n", "") == (result.stdout, result.stderr)
