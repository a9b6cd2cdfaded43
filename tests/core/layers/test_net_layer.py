"""NetLayer: a layer as a value, its errors, and the names of layers."""

from __future__ import annotations

import copy
import json
import pickle
import re
from typing import Any

import numpy as np
import pytest
from layer_toys import Centre, Pairs, Rows, Scale

from netencoders import (
    ArraySpec,
    DigestError,
    EncodeError,
    Layer,
    LayerError,
    LayerNotFoundError,
    NetEncoder,
    NetLayer,
    ParameterError,
    PluginConflictError,
    PluginError,
    RowLayer,
    SpecError,
    Varying,
    layers,
    register,
    registered,
    unregister,
)
from netencoders.pickling import layer_state, restore_layer


def test_layer_is_a_value() -> None:
    """Layers of the same name and parameters are equal, with one hash, and do not change."""
    layer = NetLayer("Scale", Factor=3)
    assert NetLayer("Scale", Factor=3.0) == layer
    assert hash(NetLayer("Scale", Factor=3.0)) == hash(layer)
    assert NetLayer("Scale") != layer
    assert NetEncoder("Rows") != layer
    assert layer is copy.copy(layer) is copy.deepcopy(layer)
    assert layer == pickle.loads(pickle.dumps(layer))
    assert {"Factor": 3.0, "Extra": 0} == dict(layer.parameters) == dict(layer.resolved)
    with pytest.raises(AttributeError, match=r"a NetLayer is immutable. replace\(digest=...\)"):
        layer.digest = ""  # type: ignore[misc] - that is the test
    with pytest.raises(AttributeError, match="a NetLayer is immutable"):
        del layer.name


def test_representations() -> None:
    """The repr is the call, and the HTML has the parameters."""
    layer = NetLayer("Scale", Factor=3)
    assert 'NetLayer("Scale", Factor=3.0)' == repr(layer)
    assert ">Factor</td>" in layer._repr_html_()
    assert "Multiplies each element." in layer._repr_html_()
    assert "<table>" not in NetLayer("Pairs")._repr_html_()
    assert "Multiplies each element." == layer.summary
    assert ["row", "neighbours", "whole"] == [
        NetLayer(name).reach for name in ("Scale", "Pairs", "Centre")
    ]


def test_digest_covers_name_revision_and_values() -> None:
    """The digest changes with a value and the revision, and not with a neutral value."""

    class Newer(Scale):
        revision = 2

    first = NetLayer("Scale").digest
    assert 64 == len(first)
    assert first == NetLayer("Scale", Extra=0).digest
    assert first != NetLayer("Scale", Extra=1).digest
    assert first != NetLayer("Scale", Factor=3).digest
    with registered(Newer):
        assert first != NetLayer("Scale").digest


def test_replace_changes_parameters() -> None:
    """`replace` keeps the other parameters."""
    layer = NetLayer("Scale", Factor=3, Extra=1)
    assert NetLayer("Scale", Factor=4, Extra=1) == layer.replace(Factor=4)


def test_declaration_round_trip() -> None:
    """`to_dict` and `from_dict` are inverse, also through JSON; a name alone is a declaration."""
    layer = NetLayer("Scale", Factor=3)
    assert {"Scale": {"Factor": 3.0, "Extra": 0}} == layer.to_dict()
    assert layer == NetLayer.from_dict(json.loads(json.dumps(layer.to_dict())))
    assert NetLayer("Pairs") == NetLayer.from_dict("Pairs")
    assert NetLayer("Pairs") == NetLayer.from_dict({"Pairs": None})


@pytest.mark.parametrize(
    ("declaration", "got"),
    [
        ({}, "Got a mapping"),
        ({"Scale": {}, "Pairs": {}}, "Got a mapping"),
        (3, "Got 3"),
        ({"a b": {}}, "Got 'a b'"),
        ({3: {}}, "Got 3"),
    ],
)
def test_wrong_declaration_is_refused(declaration: Any, got: str) -> None:
    """A declaration is a name, or one name with its parameters."""
    with pytest.raises(SpecError, match=f"a layer must be a name, or one name with.*{got}"):
        NetLayer.from_dict(declaration)


def test_wrong_parameters_of_a_declaration_are_refused() -> None:
    """The parameters of a declaration are a mapping of values."""
    with pytest.raises(SpecError, match=r"the parameters of Scale must be a mapping.* Got \[?a"):
        NetLayer.from_dict({"Scale": [1]})
    with pytest.raises(SpecError, match="the parameter 'Factor' has a mapping with the name 1"):
        NetLayer.from_dict({"Scale": {"Factor": {1: 1}}})


def test_bad_parameters_have_the_messages_of_encoders() -> None:
    """One error lists all problems of the parameters, by name."""
    with pytest.raises(ParameterError) as caught:
        NetLayer("Scale", Factor="x", gain=2)
    assert (
        "'Factor' must be a number from -10 to 10. Got 'x'.",
        "unknown parameter 'gain'. Did you mean 'Factor'? Write Factor=2.",
    ) == caught.value.problems
    with pytest.raises(ParameterError, match="Scale: 1 problem\n  'Factor' must not be 0"):
        NetLayer("Scale", Factor=0)


def test_unknown_name_is_refused() -> None:
    """An unknown name is an error with a similar name, or all names; an encoder is named."""
    with pytest.raises(LayerNotFoundError, match=r"no layer 'Sclae'\. Did you mean 'Scale'\?"):
        NetLayer("Sclae")
    with pytest.raises(LayerNotFoundError, match=r"no layer 'Zq'\. Known: .*Centre, .*Scale"):
        NetLayer("Zq")
    with pytest.raises(LayerNotFoundError, match="'Rows' is an encoder, and not a layer"):
        NetLayer("Rows")


def test_name_of_another_library_suggests_the_layer() -> None:
    """A name in `known_as` is an error that names the layer."""
    gain = type("Amplify", (Scale,), {"name": "Amplify", "known_as": ("VolumeControl",)})
    with registered(gain):
        for name in ("VolumeControl", "volumecontrol"):
            with pytest.raises(LayerNotFoundError, match=r"Did you mean 'Amplify'\?"):
                NetLayer(name)
    with pytest.raises(LayerNotFoundError, match=r"the name of a layer must be a text. Got 3"):
        NetLayer(3)  # type: ignore[arg-type] - that is the test


def test_registration() -> None:
    """A layer is registered in this process, replaced by another of its name, and removed."""

    class Named(Scale):
        """Another scale."""

        name = "Rows"  # an encoder may have the same name

    assert Named is register(Named)
    try:
        assert Named is layers()["Rows"].layer
        assert "Another scale." == layers()["Rows"].summary
        assert "this process" == layers()["Rows"].version
        assert ["Factor", "Extra"] == [p.name for p in layers()["Rows"].parameters]
        assert isinstance(NetEncoder("Rows"), NetEncoder)
    finally:
        unregister(Named)
    with pytest.raises(LayerNotFoundError, match="'Rows' is not registered in this process"):
        unregister(Named)


def test_taken_or_incomplete_class_is_refused() -> None:
    """A name that a plugin provides, and a class without its methods, are refused."""

    class Taken(Scale):
        name = "Log"

    class Incomplete(RowLayer):
        name = "Incomplete"

    class Unnamed(Scale):
        name = "a b"

    class Unnumbered(Scale):
        revision = "2"  # type: ignore[assignment] - that is the test

    with pytest.raises(PluginConflictError, match="the layer 'Log' is provided by netencoders"):
        register(Taken)
    with pytest.raises(PluginError, match="Incomplete does not implement apply, infer"):
        register(Incomplete)
    direct = type("Direct", (Layer,), {"name": "Direct"})
    with pytest.raises(PluginError, match="Direct must extend RowLayer, NeighbourLayer or Whole"):
        register(direct)
    with pytest.raises(PluginError, match=r"Unnamed.name must be a letter.* Got 'a b'"):
        register(Unnamed)
    with pytest.raises(PluginError, match=r"Unnumbered.revision must be an integer. Got '2'"):
        register(Unnumbered)
    text = type("Text", (Scale,), {"name": "Text", "known_as": "Gain"})
    with pytest.raises(PluginError, match=r"Text.known_as must be a tuple of texts. Got 'Gain'"):
        register(text)
    with pytest.raises(PluginError, match="layer Broken: 'parameters' must be a tuple"):
        type("Broken", (Scale,), {"name": "Broken", "parameters": 3})


def test_call_returns_contiguous_arrays() -> None:
    """A call applies the layer to one array, of any memory order."""
    array = np.arange(12, dtype=np.float32).reshape(4, 3)
    assert (2 * array).tolist() == NetLayer("Scale")(np.asfortranarray(array)).tolist()
    flipped = NetLayer("Flip")(array)
    assert flipped.flags.c_contiguous
    assert array.T.tolist() == flipped.tolist()
    assert [[3, 5, 7], [15, 17, 19]] == NetLayer("Pairs")(array).tolist()
    assert [[-4.5] * 3, [4.5] * 3] == NetLayer("Centre")(array[::3]).tolist()


def test_array_without_rows() -> None:
    """Without rows, the result has no rows; a layer that needs rows says so."""
    empty = np.zeros((0, 3), np.float32)
    assert (0, 3) == NetLayer("Scale")(empty).shape
    assert (3, 0) == NetLayer("Flip")(empty).shape


@pytest.mark.parametrize(
    ("array", "problem"),
    [
        ([1.0], r"Scale takes an array of numpy. Got \[1.0\]"),
        (np.zeros(3), "layer 1 of 1, Scale: it takes float32, and gets float64"),
        (np.array("a"), "Scale does not take this array: the elements must be numbers"),
        (np.zeros((3, 0), np.float32), "Scale does not take this array: a dimension must be"),
        (np.array(3, np.float32), "a layer takes arrays of at least one dimension"),
    ],
)
def test_wrong_array_is_refused(array: Any, problem: str) -> None:
    """A value that the layer does not take is an error with the reason."""
    with pytest.raises(LayerError, match=problem):
        NetLayer("Scale")(array)


class Wrong(Scale):
    """Breaks its declarations, by the mode."""

    name = "Wrong"
    mode = ""

    def infer(self, form: ArraySpec) -> Any:
        """Return a form, or another value."""
        if self.mode == "infer raises":
            raise KeyError("k")
        return 3 if self.mode == "infer returns" else form

    def apply(self, rows: Any) -> Any:
        """Return something else."""
        if self.mode == "raises":
            raise KeyError("k")
        if self.mode == "refuses":
            raise EncodeError("not this one", code="mine")
        if self.mode == "large":
            raise MemoryError("of a block")
        return {
            "list": [1.0],
            "type": rows.astype(np.float64),
            "shape": rows[:, :1],
            "no features": rows[:, :0],
        }[self.mode]


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        (
            "raises",
            "shape .2, 3.: the layer Wrong raised KeyError: 'k' .this is a bug of the lay",
        ),
        (
            "list",
            "Wrong breaks its declaration: the result is of type list, not an array",
        ),
        ("type", "does not have the form that infer.. returns: type float64 is not float32"),
        ("shape", r"dimensions \(2, 1\) do not fit \(Varying, 3\)"),
        ("no features", r"dimensions \(2, 0\) do not fit \(Varying, 3\)"),
    ],
)
def test_bug_of_a_layer_is_named(mode: str, problem: str, monkeypatch: Any) -> None:
    """An exception of a layer, and a result of another form, are bugs with the layer's name."""
    monkeypatch.setattr(Wrong, "mode", mode)
    with registered(Wrong), pytest.raises(EncodeError, match=problem) as caught:
        NetLayer("Wrong")(np.ones((2, 3), np.float32))
    assert "bug" == caught.value.code


def test_result_that_does_not_fit_into_memory_is_named(monkeypatch: Any) -> None:
    """Neither a layer that lacks memory, nor the joined result, is a bug."""
    message = "not enough memory for the result of the layer Wrong: .*smaller sizes"
    monkeypatch.setattr(Wrong, "mode", "large")
    with registered(Wrong), pytest.raises(EncodeError, match=message) as caught:
        NetLayer("Wrong")(np.ones((2, 3), np.float32))
    assert "no-memory" == caught.value.code
    monkeypatch.setattr(Wrong, "mode", "type")

    def join(*arguments: Any) -> Any:
        raise MemoryError("of the result")

    monkeypatch.setattr("netencoders.chain.join", join)
    with registered(Wrong), pytest.raises(EncodeError, match=message) as caught:
        NetLayer("Wrong")(np.ones((0, 3), np.float32))
    assert "no-memory" == caught.value.code


def test_error_of_a_layer_is_kept(monkeypatch: Any) -> None:
    """An EncodeError of a layer keeps its code."""
    monkeypatch.setattr(Wrong, "mode", "refuses")
    with registered(Wrong), pytest.raises(EncodeError, match="not this one") as caught:
        NetLayer("Wrong")(np.ones((2, 3), np.float32))
    assert "mine" == caught.value.code


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        ("infer raises", "layer Wrong: infer.. raised KeyError: 'k'"),
        ("infer returns", "layer Wrong: infer.. returns int, not an ArraySpec"),
    ],
)
def test_bug_of_infer_is_a_plugin_error(mode: str, problem: str, monkeypatch: Any) -> None:
    """A failure of `infer` is reported with the layer's name."""
    monkeypatch.setattr(Wrong, "mode", mode)
    with registered(Wrong), pytest.raises(PluginError, match=problem):
        NetLayer("Wrong").infer(ArraySpec((Varying, 3)))


def test_bug_of_a_constructor_is_a_plugin_error() -> None:
    """A failure of the constructor is reported with the plugin."""

    class Failing(Scale):
        name = "Failing"

        def __init__(self, resolved: Any) -> None:
            raise OSError("disk")

    with (
        registered(Failing),
        pytest.raises(PluginError, match=r"layer Failing, this process .*: cannot be created: OSE"),
    ):
        NetLayer("Failing")


def test_pickle_of_another_version_is_refused() -> None:
    """Unpickling compares the digest, and names the values that differ."""

    class Newer(Scale):
        revision = 2

    text = layer_state(NetLayer("Scale"))
    with (
        registered(Newer),
        pytest.raises(DigestError, match=r"Scale was pickled with .*: its revision was 1, is 2"),
    ):
        restore_layer(NetLayer, text)
    with pytest.raises(DigestError, match=r"refuses its parameters: Scale: 1 problem"):
        restore_layer(NetLayer, text.replace('"Factor":2.0', '"Factor":99'))
    with pytest.raises(SpecError, match="this pickle does not hold a NetLayer as this version"):
        restore_layer(NetLayer, "{}")


def test_layers_of_a_plugin_are_checked_and_may_conflict(install: Any, fresh_registry: Any) -> None:
    """A plugin registers layers by the hook; two plugins with one name are a conflict."""
    code = (
        "from netencoders import RowLayer, hookimpl\n"
        "class Same(RowLayer):\n"
        "    'Returns its input.'\n"
        "    name = 'Same'\n"
        "    def infer(self, form): return form\n"
        "    def apply(self, rows): return rows\n"
        "@hookimpl\n"
        "def register_layers(register): register(Same)\n"
    )
    install("one", code)
    fresh_registry()
    assert "one" == layers()["Same"].provider.distribution
    assert [[1.0]] == NetLayer("Same")(np.ones((1, 1), np.float32)).tolist()
    install("two", code)
    fresh_registry()
    with pytest.warns(match="the layer 'Same' is provided by one .* and two"):
        layers()
    assert "Same" not in layers()
    with pytest.raises(PluginConflictError, match="the layer 'Same' is provided by one"):
        NetLayer("Same")


def test_hook_refuses_other_classes(install: Any, fresh_registry: Any) -> None:
    """`register_layers` takes subclasses of Layer only."""
    code = (
        "from netencoders import hookimpl\n"
        "@hookimpl\n"
        "def register_layers(register): register(int)\n"
    )
    install("one", code)
    fresh_registry()
    with pytest.warns(match=re.escape("a layer must be a subclass of Layer. Got <class 'int'>.")):
        layers()


def test_classes_state_their_word() -> None:
    """Encoders and layers have their own names in messages."""
    assert ("encoder", "layer") == (Rows.word, Layer.word)
    assert issubclass(Centre, Layer)
    assert issubclass(Pairs, Layer)
