"""Nets saved in files: round trips, equal bytes, digests, and layers that cannot be saved."""

import json
import math
import os
import pickle
import re
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Axis,
    NetChain,
    NetEncoder,
    NetGraph,
    NetLayer,
    NetModel,
    NetReader,
    Port,
    PortError,
    RowLayer,
    SavedModel,
    Varying,
    registered,
    yaml_specs,
)
from netencoders.net_files.member_names import member_name, name_problem
from netencoders.net_files.stored import MAX_NESTED
from netencoders.records import Provider

SPEECH = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"
MEL = NetEncoder("AudioMelSpectrogram")
ROWS = ArraySpec((Varying, 3), "float64", minimum=0)


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def again(net, cls=NetGraph):
    """Save a net, load it, and save it again; return the loaded net."""
    net.save("one.netz")
    loaded = cls.load("one.netz")
    loaded.save("two.netz")
    assert Path("one.netz").read_bytes() == Path("two.netz").read_bytes()
    return loaded


def chain():
    """Return a chain with parameters that are not defaults."""
    return NetChain([{"Log": {"Floor": 1e-6}}, ("mean", "Mean")], Input=MEL)


def two_ports():
    """Return a net of two input ports with encoders, two layers each, and two output ports."""
    layers = {"log": "Log", "mean": "Mean", "root": NetGraph({"Log": "Log", "Mean": "Mean"}, [])}
    edges = [("Voice", "log", "mean"), ("mean", "Level"), ("Room", "root.Input1")]
    edges += [("Voice", "root.Input2")]
    return NetGraph(layers, edges, Voice=MEL, Room=NetEncoder("AudioSpectrogram"))


def with_forms():
    """Return a net without encoders: a port with a form, and one with nothing."""
    axes = (Axis("time", "s", 0.5, 1), Axis("channel", step=2))
    form = ArraySpec((Varying, 4), "int16", axes, minimum=2, stream_axis=0, low=-1, high=300)
    layers = {"log": {"Cast": {"Type": "float32"}}, "Mean": "Mean"}
    return NetGraph(layers, [("Counts", "log"), ("Any", "Mean")], Counts=form)


def nested():
    """Return nets within a net, two of them one object."""
    inner = NetChain(["SubtractMaximum", NetChain([{"Clip": {"Low": -9.0}}])])
    return NetGraph({"a": inner, "b": inner, "c": "Log"}, [("a", "b", "c")], Input=MEL)


def vectors():
    """Return a layer of long vectors."""
    numbers = [math.pi * n / 7 for n in range(1, 1201)]
    rows = ArraySpec((Varying, 1200), "float32")
    return NetChain([{"Affine": {"Factor": numbers, "Shift": [-0.0, *numbers[1:]]}}], Input=rows)


def spec():
    """Return a net whose encoder is a spec with a probe."""
    return NetChain(["Transpose"], Input="Whisper")


def layered_encoder():
    """Return a net whose encoder has layers."""
    return NetChain(["Transpose"], Input=MEL.then("Log", Floor=0.5).then("Transpose"))


def odd_names():
    """Return a net of layers and ports whose names YAML and zip files must escape."""
    layers = {"a/b": "Log", "yes": "Softmax", "ü\u2028: #": "Mean", "//": "Softmax"}
    edges = [("a/b", "yes"), ("yes", "ü\u2028: #"), ("ü\u2028: #", "//"), ("In 1", "a/b")]
    return NetGraph(layers, [*edges, ("//", "1e3")], **{"In 1": MEL})


NETS = [chain, two_ports, with_forms, nested, vectors, spec, layered_encoder, odd_names]


@pytest.mark.parametrize("make", NETS)
def test_net_is_the_same_after_loading(make):
    """Layers, ports, edges, digest, class and bytes of all kinds of nets survive."""
    net = make()
    loaded = again(net)
    assert type(net) is type(loaded)
    assert net.digest == loaded.digest
    assert net.edges == loaded.edges
    assert dict(net.inputs) == dict(loaded.inputs)
    assert dict(net.outputs) == dict(loaded.outputs)
    assert dict(net.encoders) == dict(loaded.encoders)
    assert [*net.layers] == [*loaded.layers]
    assert str(net) == str(loaded)


@pytest.mark.parametrize("make", [chain, nested, spec, layered_encoder, two_ports])
def test_loaded_net_gives_the_same_results(make):
    """A loaded net gives the bits of the net that was saved."""
    net = make()
    loaded = again(net)
    value = SPEECH if len(net.inputs) == 1 else dict.fromkeys(net.inputs, SPEECH)
    np.testing.assert_equal(net(value), loaded(value))


def test_net_with_a_model_survives(dense):
    """The files of a model, and its parameters, are in the file, and load without the original."""
    Path("source.npy").write_bytes(dense().saved().files["weights.npy"])
    net = NetChain(["Log", "source.npy"], Input=MEL)
    net.save("one.netz")
    expected, digest = net(SPEECH), net.digest
    Path("source.npy").unlink()
    loaded = NetChain.load("one.netz")
    np.testing.assert_array_equal(expected, loaded(SPEECH))
    assert digest == loaded.digest
    loaded.save("two.netz")
    assert Path("one.netz").read_bytes() == Path("two.netz").read_bytes()


def test_content_that_two_layers_share_is_stored_once(dense):
    """One object, and one path, are stored once, and each layer has a model of its own."""
    model = dense(40, 40)
    Path("w.npy").write_bytes(model.saved().files["weights.npy"])
    layers = [("a", model), ("b", model), ("c", "w.npy"), ("d", "./w.npy")]
    inner = NetChain([("a", model)])
    net = NetChain([*layers, ("e", inner)], Input=MEL)
    loaded = again_with(net)
    names = zipfile.ZipFile("one.netz").namelist()
    assert ["models/a/weights.npy", "models/c/weights.npy", "net.yaml"] == names
    models = [loaded[name] for name in "abcd"] + [loaded["e"]["a"]]
    assert 5 == len({id(model) for model in models})
    np.testing.assert_array_equal(net(SPEECH), loaded(SPEECH))


def again_with(net):
    """Save a net and load it; the second bytes differ where files became bytes."""
    net.save("one.netz")
    return NetGraph.load("one.netz")


def test_equal_contents_of_two_objects_are_stored_twice_under_free_names(dense):
    """Names of layers that are equal after escaping get numbers."""
    net = NetChain([("a b", dense(40, 40)), ("a_b", dense(40, 2))], Input=MEL)
    again(net)
    names = ["models/a_b/weights.npy", "models/a_b_2/weights.npy", "net.yaml"]
    assert names == zipfile.ZipFile("one.netz").namelist()


def test_zip_has_no_trace_of_the_time(dense):
    """Members are stored, with a fixed time and mode; a usual program can list them."""
    NetChain([dense()], Input=MEL).save("a.netz")
    for member in zipfile.ZipFile("a.netz").infolist():
        assert (1980, 1, 1, 0, 0, 0) == member.date_time
        assert stat.S_IFREG | 0o644 == member.external_attr >> 16
        assert zipfile.ZIP_STORED == member.compress_type


def test_document_names_the_versions():
    """The file names the packages that made it."""
    chain().save("a.netz")
    text = zipfile.ZipFile("a.netz").read("net.yaml").decode()
    assert f"  numpy: {np.__version__}\n" in text
    assert re.search(r"^  netencoders: \d", text, re.MULTILINE)
    assert ["netencoders", "numpy"] == [
        line.split(":")[0].strip()
        for line in text.partition("made_with:\n")[2].partition("\nkind:")[0].splitlines()
    ]


def test_document_leaves_out_parts_without_a_version():
    """A layer that a program registers has no version."""

    class Mine(RowLayer):
        """The array itself."""

        name = "Mine"

        def infer(self, form):
            """Return the form."""
            return form

        def apply(self, rows):
            """Return the rows."""
            return rows

    with registered(Mine):
        NetChain(["Mine"]).save("a.netz")
    assert "this process" not in zipfile.ZipFile("a.netz").read("net.yaml").decode()


def test_document_names_the_version_of_a_model_s_plugin(dense):
    """The distribution of a net reader is among the packages."""
    NetChain([dense()], Input=MEL).save("a.netz")
    text = zipfile.ZipFile("a.netz").read("net.yaml").decode()
    assert '  dense-models: "1.5"\n' in text


def test_encoder_keeps_the_name_of_its_spec():
    """An encoder that was made by a spec has its name and its probe after loading."""
    loaded = again(spec())
    assert "Whisper" == loaded.encoders["Input"].spec
    assert NetEncoder("Whisper")._stated == loaded.encoders["Input"]._stated


def test_chain_loads_a_chain_only():
    """NetChain.load refuses a file that holds a graph, and NetGraph.load takes both."""
    again(chain(), NetChain)
    nested().save("graph.netz")
    with pytest.raises(ValueError, match=r"graph.netz: the net is a NetGraph \(load it by NetGra"):
        NetChain.load("graph.netz")


def test_zip_that_a_program_packed_again_is_loaded(dense):
    """Members may be deflated, in any order, and have any time."""
    net = NetChain([dense()], Input=MEL)
    net.save("a.netz")
    source = zipfile.ZipFile("a.netz")
    with zipfile.ZipFile("b.netz", "w", zipfile.ZIP_DEFLATED) as target:
        for name in reversed(source.namelist()):
            target.writestr(name, source.read(name))
    assert net.digest == NetGraph.load("b.netz").digest


# Digests


def test_digest_depends_on_each_part(dense):
    """Another parameter, encoder, weight, parameter of a model, edge, name or form changes it."""
    inner = NetChain([{"Log": {"Floor": 1.0}}])
    port = {"Input": ArraySpec((Varying, 40))}
    variants = [
        NetChain(["Log"], Input=MEL),
        NetChain(["Log"]),
        NetChain(["Log"], **port),
        NetChain([{"Log": {"Floor": 1.0}}], Input=MEL),
        NetChain(["Log"], Input=MEL.replace(Offset=160)),
        NetChain([("log", "Log")], Input=MEL),
        NetGraph({"Log": "Log"}, [("Log", "Out")], Input=MEL),
        NetGraph({"Log": "Log"}, [("In", "Log")], In=MEL),
        NetChain([dense()], Input=MEL),
        NetChain([dense(scale=2)], Input=MEL),
        NetChain([dense(name="other.npy")], Input=MEL),
        NetChain([inner], Input=MEL),
        NetChain([NetChain(["Log"])], Input=MEL),
    ]
    assert len(variants) == len({net.digest for net in variants})


def test_digest_does_not_depend_on_the_spelling():
    """The order of layers, edges as chains or pairs, and the class have no effect."""
    layers = {"Log": NetLayer("Log"), "Mean": NetLayer("Mean")}
    other = NetGraph(dict(reversed(layers.items())), [["Log", "Mean"], ("Mean", "Output")])
    assert NetChain(["Log", "Mean"]).digest == other.digest
    assert re.fullmatch("[0-9a-f]{64}", other.digest)


def test_pickle_of_a_net_stays_as_it_is():
    """A pickled net has the digest of the net."""
    assert chain().digest == pickle.loads(pickle.dumps(chain())).digest


# Nets that cannot be saved


class Plain(NetModel):
    """A model that is not data."""

    kind = "Plain"

    def __init__(self):
        self.inputs, self.outputs = {"x": Port(None, 0)}, {"y": Port(None, 0)}

    def run(self, arrays):
        """Return the input."""
        return {"y": arrays["x"]}


def saving(parameters, files):
    """Return a model with these saved parts."""
    model = Plain()
    model.saved = lambda: SavedModel(parameters, files)
    return model


def reader(restore):
    """Return readers of Plain models."""
    found = NetReader("Plain", "plain", lambda value: Plain(), restore=restore)
    return {"Plain": (Provider("here", "here"), found)}


@pytest.mark.parametrize(
    ("layer", "restore", "message"),
    [
        (np.log1p, None, "layer 'x' is <ufunc 'log1p'>, a callable of Python: its code is not da"),
        (NetChain([("f", np.sqrt)]), None, "layer 'x.f' is <ufunc 'sqrt'>, a callable"),
        (Plain(), None, "layer 'x': no net reader loads models of the kind 'Plain' from a file"),
        (Plain(), dict, "layer 'x': a layer of the kind Plain cannot be saved: its code is not"),
        (saving({"a": math.nan}, {}), dict, "layer 'x': its parameters are not JSON values"),
        (saving({"a": {1, 2}}, {}), dict, "layer 'x': its parameters are not JSON values"),
        (saving({}, {"../a": b""}), dict, "'../a' leads out of the folder by '..'"),
        (saving({"a": 2**70}, {}), dict, "could not be read again: a spec cannot hold 11805916"),
        (saving({"a": [0] * 20_000}, {}), dict, "could not be read again: the spec would have"),
        (saving({"a": [{1: 2}]}, {}), dict, "layer 'x': a key of its parameters is no text: 1."),
    ],
)
def test_layer_that_cannot_be_saved_is_named(layer, restore, message, monkeypatch):
    """The error names the layer and the reason, and nothing is written."""
    monkeypatch.setattr("netencoders.registry.net_readers", lambda: reader(restore))
    net = NetChain([("x", layer)])
    with pytest.raises(PortError, match=re.escape(message)):
        net.save("a.netz")
    assert [] == os.listdir()


def test_model_without_a_reader_is_not_saved():
    """A model of a kind that no plugin reads could not be loaded."""
    with pytest.raises(PortError, match="layer 'x': no net reader loads models of the kind 'Plai"):
        NetChain([("x", Plain())]).save("a.netz")


def test_digest_of_a_callable_is_refused():
    """A net with a callable has no digest."""
    with pytest.raises(PortError, match="layer 'f' is <ufunc 'log1p'>"):
        NetChain([("f", np.log1p)]).digest  # noqa: B018 - it raises


def test_long_vectors_are_members():
    """A long vector is a member of the zip with its sha256, once for equal vectors."""
    layer = {"Affine": {"Factor": [1 / 3] * 16_000}}
    net = NetChain([layer, layer], Input=ArraySpec((Varying, 16_000)))
    loaded = again(net)
    assert net.digest == loaded.digest
    assert list(net.layers.values()) == list(loaded.layers.values())
    model, document = zipfile.ZipFile("one.netz").namelist()
    assert "net.yaml" == document
    assert re.fullmatch(r"parameters/Factor-[0-9a-f]{16}\.json", model)


def test_net_with_too_many_values_is_not_saved():
    """Values beyond the limits of net.yaml are an error, and not a file that cannot be loaded."""
    layer = {"Affine": {"Factor": [1 / 3] * 999}}
    net = NetChain([layer] * 60, Input=ArraySpec((Varying, 999)))
    with pytest.raises(
        PortError, match=r"net\.yaml could not be read again: the spec would have mor"
    ):
        net.save("a.netz")
    assert [] == os.listdir()


def test_document_that_is_read_differently_is_not_saved(monkeypatch):
    """The YAML is read again before the file is complete."""
    dump = yaml_specs.dump
    monkeypatch.setattr(
        yaml_specs, "dump", lambda content: dump(content).replace("KeepDimension: true", "K: true")
    )
    with pytest.raises(PortError, match="read again: a value of it does not survive YAML"):
        chain().save("a.netz")
    assert [] == os.listdir()


def test_net_with_too_many_characters_is_not_saved():
    """The limit of bytes holds for characters of several bytes."""
    net = NetChain([("ü" * 600_000, "Log")])
    with pytest.raises(PortError, match="could not be read again: the spec has more than 1048576"):
        net.save("a.netz")


def test_nets_may_be_nested_to_a_limit():
    """Nets within each other are saved up to a depth."""

    def deep(levels):
        net = NetChain(["Log"])
        for _ in range(levels):
            net = NetChain([("n", net)])
        return net

    assert deep(MAX_NESTED).digest == again(deep(MAX_NESTED)).digest
    with pytest.raises(PortError, match="more than 20 nets are within each other"):
        deep(MAX_NESTED + 1).save("three.netz")


@pytest.mark.parametrize("name", ["folder", "fifo"])
def test_path_of_a_model_that_is_no_file_is_refused(name, monkeypatch):
    """A folder and a pipe are not copied, and a pipe is not waited for."""
    os.mkdir("folder")
    os.mkfifo("fifo")
    monkeypatch.setattr("netencoders.registry.net_readers", lambda: reader(dict))
    net = NetChain([("x", saving({}, {"m": Path(name)}))])
    with pytest.raises(PortError, match="layer 'x': 'm' is not a regular file"):
        net.save("a.netz")


def test_file_that_grows_while_it_is_copied_is_refused(monkeypatch):
    """A model file that changes during the copy is an error, and no file is left."""
    Path("w").write_bytes(b"12")
    monkeypatch.setattr("netencoders.registry.net_readers", lambda: reader(dict))
    real = os.fstat
    short = os.stat_result([*real(0)[:6], 1, *real(0)[7:]])
    regular = os.stat_result([stat.S_IFREG, *short[1:]])
    monkeypatch.setattr("netencoders.net_files.saving.os.fstat", lambda number: regular)
    with pytest.raises(PortError, match="layer 'x': 'm' has changed while it was copied: save ag"):
        NetChain([("x", saving({}, {"m": Path("w")}))]).save("a.netz")
    assert ["w"] == os.listdir()


def test_missing_file_of_a_model_is_an_os_error(monkeypatch):
    """A model file that is gone is the error of the system, with its name."""
    monkeypatch.setattr("netencoders.registry.net_readers", lambda: reader(dict))
    with pytest.raises(FileNotFoundError, match=r"gone\.onnx"):
        NetChain([("x", saving({}, {"m": Path("gone.onnx")}))]).save("a.netz")


def test_models_of_too_many_files_are_refused(monkeypatch):
    """A net of more files than the reader takes is not saved."""
    monkeypatch.setattr("netencoders.registry.net_readers", lambda: reader(dict))
    files = {f"f{number}": bytes([number % 256, number // 256]) for number in range(1000)}
    with pytest.raises(PortError, match="its parts have 1000 files or more"):
        NetChain([("x", saving({}, files))]).save("a.netz")
    assert [] == os.listdir()


def test_existing_file_is_kept_without_force():
    """A file, or a dangling link, of the name is refused; force replaces it."""
    Path("a.netz").symlink_to("nowhere")
    with pytest.raises(FileExistsError, match=r"a.netz exists already: force=True overwrites it"):
        chain().save("a.netz")
    chain().save("a.netz", force=True)
    assert chain().digest == NetGraph.load("a.netz").digest
    assert ["a.netz"] == os.listdir()


def test_failure_keeps_the_file_that_is_there():
    """A net that cannot be saved leaves the former file as it is."""
    chain().save("a.netz")
    before = Path("a.netz").read_bytes()
    with pytest.raises(PortError):
        NetChain([np.log1p]).save("a.netz", force=True)
    assert before == Path("a.netz").read_bytes()


# Names


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "is a folder"),
        ("a/", "is a folder"),
        ("a\nb", "has a character that is not printable"),
        ("a\0b", "has a character that is not printable"),
        ("a\\b", "has a backslash instead of '/'"),
        ("/a", "is an absolute path"),
        ("C:/a", "is an absolute path"),
        ("a/../b", "leads out of the folder by '..'"),
        ("a//b", "has an empty part"),
        ("./a", "has an empty part"),
        ("ü" * 126, "has more than 250 bytes"),
        ("models/a..b/c.onnx", ""),
    ],
)
def test_names_of_members_are_relative(name, problem):
    """Each rule for a name has its reason."""
    assert problem == name_problem(name)


@pytest.mark.parametrize("layer", ["...", "/", "a" * 500, "ü\u2028", "C:\\a", ""])
def test_each_name_of_a_layer_gives_a_valid_name(layer):
    """A layer may have any name, and its files have valid ones."""
    assert "" == name_problem(member_name(layer, "model.onnx", ()))


def test_document_is_json():
    """The document holds JSON values alone, as yaml_specs writes them."""
    chain().save("a.netz")
    content, _ = __import__("netencoders.yaml_specs.strict_yaml", fromlist=["load"]).load(
        zipfile.ZipFile("a.netz").read("net.yaml")
    )
    assert content == json.loads(json.dumps(content))
    assert yaml_specs.dump(content).encode() == zipfile.ZipFile("a.netz").read("net.yaml")
