"""plugins/README.md shows the third-party plugin of the tests exactly, and documents all hooks."""

import dataclasses
import doctest
import inspect
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    NetEncoder,
    NetLayer,
    ValueType,
    Window,
    hookspecs,
    registered,
    registrations,
)
from netencoders.cli import main
from netencoders.policies import policies
from netencoders.testing import EncoderContract, LayerContract
from netencoders.windows import window_samples

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "plugins" / "README.md").read_text("utf-8")
PLUGIN = ROOT / "tests" / "third_party" / "netencoders-zerocrossing"


def test_guide_shows_every_file_of_the_plugin():
    """The blocks that name a file are all files of the plugin, byte for byte."""
    shown = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    files = {
        path.relative_to(PLUGIN).as_posix(): path.read_bytes()
        for path in PLUGIN.rglob("*.*")
        if path.suffix in {".py", ".toml", ".yaml"}
    }
    assert files == {name: text.encode() for name, text in shown}
    assert len(files) == len(shown)


def definitions(name):
    """Return the imports and classes of the guide's example that defines a class."""
    blocks = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    (block,) = [text for text in blocks if f"class {name}(" in text]
    sources = [example.source for example in doctest.DocTestParser().get_examples(block)]
    return "".join(s for s in sources if s.startswith(("import", "from", "class", "@register")))


@pytest.mark.parametrize("check", [name for name in dir(EncoderContract) if "test_" in name])
def test_type_of_the_guide_passes_the_contract(check):
    """The value type of the guide, and its encoder, pass every check of the contract."""

    class ToneContract(EncoderContract):
        encoder = "Tone"
        setup = definitions("Tone")

        def inputs(self):
            return [1, 100]

    classes = {}
    exec(definitions("Tone").replace("@register\n", ""), classes)
    with registered(classes["Tone"]):
        getattr(ToneContract(), check)()


def test_guide_documents_every_method_of_a_type():
    """Each public member of ValueType has a row in the guide, and no other name has."""
    members = {name for name in vars(ValueType) if not name.startswith("_")}
    section = GUIDE.partition("\n## Types of your own\n")[2].partition("\n## ")[0]
    assert members == set(re.findall(r"^\| `(\w+)", section, re.MULTILINE))


def test_guide_documents_every_hook():
    """The guide lists exactly the existing hooks, with signature and docstring."""
    hooks = {
        name: hook
        for name, hook in vars(hookspecs).items()
        if hasattr(hook, f"{hookspecs.PROJECT}_spec")
    }
    assert hooks, "no hook is found: does pluggy mark them in another way?"
    # Annotations are kept as texts, which a signature shows in quotation marks.
    expected = {
        name + str(inspect.signature(hook)).replace("'", ""): inspect.getdoc(hook)
        for name, hook in hooks.items()
    }
    listed = re.findall(r"^- `(\w+\(.*?)`: (.*?\.)\s", GUIDE, re.MULTILINE | re.DOTALL)
    assert expected == {signature: " ".join(text.split()) for signature, text in listed}


def test_guide_documents_every_environment_variable():
    """The guide lists exactly the environment variables that control the loading of plugins."""
    variable = r"NETENCODERS_[A-Z_]+"
    sources = [
        (ROOT / "netencoders" / name).read_text() for name in ("registry.py", "discovery.py")
    ]
    expected = {name for source in sources for name in re.findall(variable, source)}
    assert expected == set(re.findall(rf"^- `({variable})", GUIDE, re.MULTILINE))


@pytest.fixture
def examples(fresh_registry, tmp_path, monkeypatch):
    """Install the examples of the section on hooks as a plugin; return its module."""
    section = GUIDE[GUIDE.index("## The hooks") : GUIDE.index("## The test")]
    code = "".join(example.source for example in doctest.DocTestParser().get_examples(section))
    (tmp_path / "code_of_the_guide.py").write_text(code)
    info = tmp_path / "guide-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: guide\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[netencoders]\nguide = code_of_the_guide\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    fresh_registry()
    registrations("register_readers")
    yield sys.modules["code_of_the_guide"]
    del sys.modules["code_of_the_guide"]


def test_examples_of_hooks_work(examples, capsys):
    """The layers, the window and the hook are known, the command runs, the policy is an option."""
    encoder = NetEncoder("AudioSpectrogram").then("PowerLaw", Exponent=0.5)
    magnitude = np.full((2, 201), 4, np.float32)
    assert 2 == encoder._chain.array(magnitude).max()
    assert "" == encoder.output.quantity
    assert encoder == NetEncoder.from_yaml(encoder.to_yaml())
    assert "layer 1" == encoder.diff("AudioSpectrogram")[0].name
    assert 0 == main(["show", "PowerLaw"])
    assert "compresses loud sounds" in capsys.readouterr().out
    np.save("a.npy", np.zeros((3, 2)))
    assert 0 == main(["rows", "a.npy"])
    assert "a.npy 3\n" == capsys.readouterr().out
    assert "welch" == Window().check("welch")
    assert [0.0, 0.75, 1.0, 0.75] == window_samples("welch", 4).tolist()
    assert {} == examples.readers()
    assert 0 == main(["encode", "--help"])
    assert "--mine.clipping {accept,error}" in capsys.readouterr().out
    with (
        policies({"mine.clipping": "error"}),
        pytest.raises(Exception, match="the samples are clipped"),
    ):
        examples.check_clipping(np.ones(1))


@pytest.mark.parametrize("layer", ["PowerLaw", "MinMax"])
@pytest.mark.parametrize("check", [name for name in dir(LayerContract) if "test_" in name])
def test_layers_of_the_guide_pass_the_contract(examples, layer, check):
    """The layers of the guide pass every check of the contract, also for equal elements."""

    class Contract(LayerContract):
        def inputs(self):
            noise = np.random.default_rng(0).standard_normal((700, 3)).astype(np.float32)
            return [noise[:1], np.ones((9, 2), np.float32), noise]

    Contract.layer = layer
    getattr(Contract(), check)()


@pytest.mark.parametrize("layer", ["PowerLaw", "MinMax"])
def test_layers_of_the_guide_take_no_rows(examples, layer):
    """An array without rows gives an array without rows."""
    assert (0, 3) == NetLayer(layer)(np.zeros((0, 3), np.float32)).shape


def test_guide_documents_every_attribute_of_a_form():
    """Each field and property of ArraySpec has a row in the guide, and no other name has."""
    fields = {field.name for field in dataclasses.fields(ArraySpec)}
    properties = {
        name
        for name, value in vars(ArraySpec).items()
        if isinstance(value, property) and not name.startswith("_")
    }
    section = GUIDE.partition("**Output.**")[2].partition("**No rows.**")[0]
    rows = re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
    assert fields | properties == set(re.findall(r"`(\w+)`", " ".join(rows)))
