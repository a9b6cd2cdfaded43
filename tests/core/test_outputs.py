"""Encoders of several named arrays, such as ids and a mask."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    EncodeError,
    Encoder,
    Integer,
    LayerError,
    NetEncoder,
    NetEncodersError,
    NetGraph,
    Parameter,
    PluginError,
    PortError,
    Varying,
    registered,
)
from netencoders.cli import main
from netencoders.isolation import process
from netencoders.isolation.frames import array_reply, reply
from netencoders.outputs import Outputs
from netencoders.testing import EncoderContract

CODE = '''
import numpy as np
from netencoders import ArraySpec, EncodeError, Encoder, Integer, Parameter, Varying, hookimpl


class Letters(Encoder):
    """The codes of the characters of a text, and which of them are letters."""

    name = "Letters"
    parameters = (Parameter("First", Integer(0), default=0, doc="the code that is number 0"),)
    inputs = ("text",)

    def output(self):
        return {
            "ids": ArraySpec((Varying,), "int64", low=0, high=0x10FFFF),
            "letters": ArraySpec((Varying,), "bool"),
            "length": ArraySpec((), "int64"),
        }

    def encode(self, value):
        if not value:
            raise EncodeError("an empty text", code="empty")
        ids = np.array([ord(one) for one in value], np.int64) - self.resolved["First"]
        letters = np.array([one.isalpha() for one in value])
        return {"ids": ids, "letters": letters, "length": np.array(len(value))}


@hookimpl
def register_encoders(register):
    register(Letters)
'''
SPACE: dict[str, Any] = {"__name__": "characters"}
exec(CODE, SPACE)
Letters: type[Encoder] = SPACE["Letters"]


@pytest.fixture
def encoder() -> Iterator[NetEncoder]:
    """Return the encoder of three arrays."""
    with registered(Letters):
        yield NetEncoder("Letters")


def test_result_is_a_dict_of_arrays(encoder: NetEncoder) -> None:
    """A call, a list, `map` and a stream give dicts with the declared names."""
    one = encoder("a1")
    assert ["ids", "letters", "length"] == list(one)
    assert ([97, 49], [True, False], 2) == tuple(array.tolist() for array in one.values())
    assert [2, 1] == [int(found["length"]) for found in encoder(["a1", "b"])]
    assert [1] == [int(found["length"]) for found in encoder.map(["b"])]
    [block] = encoder.stream("a1")
    assert [97, 49] == block["ids"].tolist()
    with pytest.raises(EncodeError, match="an empty text") as caught:
        list(encoder.stream(""))
    assert "empty" == caught.value.code


def test_forms_are_named(encoder: NetEncoder) -> None:
    """`outputs` has the form of each array; `output` needs a single one."""
    assert encoder.has_names
    assert (Varying,) == encoder.outputs["ids"].dims
    assert ["ids", "letters", "length"] == list(encoder.outputs)
    assert 3 == len(encoder.outputs)
    for way in (lambda: encoder.output, lambda: encoder.forms):
        with pytest.raises(NetEncodersError, match="Letters gives several arrays: ids, letters"):
            way()
    single = NetEncoder("AudioSpectrogram")
    assert {"Output": single.output} == dict(single.outputs)
    assert not single.has_names


def test_encoded_dict_passes_unchanged(encoder: NetEncoder) -> None:
    """A dict of arrays of the declared forms is encoded already; each array is checked."""
    encoded = encoder("a1")
    assert encoded is encoder(encoded)
    assert [encoded] == list(encoder.stream(encoded))
    with pytest.raises(EncodeError, match="the smallest value is -1, and must be at least 0"):
        encoder({**encoded, "ids": np.array([-1, 2])})
    for wrong in (
        {**encoded, "ids": np.array([1.0])},
        {"ids": encoded["ids"]},
        {**encoded, "a": 1},
    ):
        with pytest.raises(EncodeError, match="Letters takes a text, not a value of type dict"):
            encoder(wrong)


def test_encoder_is_a_value(encoder: NetEncoder) -> None:
    """Representations, declarations and pickles work as for one array."""
    assert encoder == pickle.loads(pickle.dumps(encoder))
    assert encoder == NetEncoder.from_yaml(encoder.to_yaml(pin=True))
    assert encoder != encoder.replace(First=1)
    assert [96, 48] == encoder.replace(First=1)("a1")["ids"].tolist()
    html = encoder._repr_html_()
    assert "<p>ids: int64 (Varying,)</p>" in html
    assert "<p>length: int64 ()</p>" in html
    assert repr(Outputs(encoder.outputs)).startswith("{'ids': ArraySpec(dims=(Varying,)")


def test_layer_takes_one_array(encoder: NetEncoder) -> None:
    """A layer after an encoder of several arrays is refused with the reason."""
    with pytest.raises(LayerError, match="layer 1 of 1, Log: it takes one array, and the encoder"):
        encoder.then("Log")


def test_port_takes_one_array(encoder: NetEncoder) -> None:
    """An input port of a net refuses an encoder of several arrays."""
    for given in (encoder, "Letters"):
        with pytest.raises(PortError, match="'Input' takes one array, and Letters gives several"):
            NetGraph({"double": np.square}, [("Input", "double")], Input=given)


def test_picture_needs_one_array(encoder: NetEncoder) -> None:
    """A plot of several arrays is refused with the way to draw each."""
    with pytest.raises(ValueError, match="Letters gives named arrays: draw each by netencoders"):
        encoder.plot("a1")


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        ([1], "the result is of type list, not a dict of ids, letters, length"),
        ({}, "the arrays are none, not ids, letters, length"),
        ({"ids": np.array([1])}, "the arrays are ids, not ids, letters, length"),
        (
            {"ids": [1], "letters": np.array([True]), "length": np.array(1)},
            "ids: the value is of type list, not an array",
        ),
        (
            {"ids": np.array([1]), "letters": np.array([1]), "length": np.array(1)},
            "letters: type int64 is not bool",
        ),
    ],
)
def test_other_results_are_bugs(made: Any, problem: str) -> None:
    """A result that is not a dict of the declared arrays is a bug of the encoder."""
    wrong = type("Wrong", (Letters,), {"name": "Wrong", "encode": lambda self, value: made})
    with registered(wrong), pytest.raises(EncodeError, match=problem) as caught:
        NetEncoder("Wrong")("a")
    assert "bug" == caught.value.code


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        ({}, "ValueError: an encoder needs at least one output"),
        ({"a b": ArraySpec((1,))}, "the name of an output must be a letter, .* Got 'a b'"),
        ({"a": 3}, "the output 'a' must be an ArraySpec. Got 3"),
        (3, "gives 3, which is not an ArraySpec"),
    ],
)
def test_wrong_declarations_are_refused(declared: Any, problem: str) -> None:
    """The declaration is an ArraySpec, or a mapping of names to such."""
    wrong = type("Wrong", (Letters,), {"name": "Wrong", "output": lambda self: declared})
    with registered(wrong), pytest.raises(PluginError, match=problem):
        NetEncoder("Wrong")


def test_single_named_array_is_a_dict() -> None:
    """An encoder of one named array gives a dict, too, and refuses layers."""

    class One(Encoder):
        """Gives one named array."""

        name = "One"
        parameters = (Parameter("Size", Integer(1), default=2, doc="the size"),)

        def output(self) -> dict[str, ArraySpec]:
            return {"zeros": ArraySpec((self.resolved["Size"],))}

        def encode(self, value: Any) -> Any:
            return {"zeros": np.zeros(self.resolved["Size"], np.float32)}

    with registered(One):
        encoder = NetEncoder("One")
    assert {"zeros": [0, 0]} == {name: array.tolist() for name, array in encoder(1).items()}


class TestCharacters(EncoderContract):
    """The encoder of several arrays passes the contract."""

    encoder = "Letters"
    setup = f"exec({CODE!r}); from netencoders import register; register(Letters)"

    @pytest.fixture(autouse=True)
    def _registered(self) -> Iterator[None]:
        with registered(Letters):
            yield

    def inputs(self) -> list[str]:
        """Return texts."""
        return ["a", "abc 123"]


@pytest.fixture
def installed(install: Any, fresh_registry: Any) -> NetEncoder:
    """Return the encoder of a plugin, which other processes find."""
    install("characters", CODE)
    fresh_registry()
    return NetEncoder("Letters")


def test_worker_processes_send_all_arrays(installed: NetEncoder) -> None:
    """Isolated encoders give the dicts of the call."""
    found = list(installed.map(["a1", "xyz"], isolate=True, workers=1))
    assert ["a1", "xyz"] == ["".join(map(chr, one["ids"])) for one in found]
    assert [2, 3] == [int(one["length"]) for one in found]
    assert ["ids", "letters", "length"] == list(found[0])


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ([("ids", np.array([1]))], "some of the arrays of a block"),
        ([("ids", np.array([1]))] * 2, "an array of another name than the encoder declares"),
        ([("other", np.array([1]))], "an array of another name than the encoder declares"),
        ([("ids", np.array([1.0]))], "an array of another type than the encoder declares"),
    ],
)
def test_wrong_arrays_of_a_process_are_a_crash(
    installed: NetEncoder, monkeypatch: pytest.MonkeyPatch, arrays: Any, problem: str
) -> None:
    """A process that sends other arrays than the declared ones is reported."""
    content = b"".join(bytes(part) for name, a in arrays for part in array_reply(a, name))
    content += reply("done", {})
    code = (
        f"import sys, time; sys.stdout.buffer.write({content!r}); sys.stdout.flush(); time.sleep(9)"
    )
    monkeypatch.setattr(process, "_SERVE", code)
    [error] = installed.map(["a"], isolate=True, workers=1, on_error="return")
    assert "crashed" == error.code
    assert problem in str(error)


def test_command_writes_all_arrays(
    installed: NetEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`encode` writes a .npz file, `show` lists all forms, and `plot` says what to do."""
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("a1")
    assert 0 == main(["encode", "-e", "Letters", "a.txt", "-o", "a.npz"])
    assert "a.npz  ids int64 (2,), letters bool (2,), length int64 ()" in capsys.readouterr().out
    with np.load("a.npz") as found:
        assert ["ids", "letters", "length"] == found.files
        assert [97, 49] == found["ids"].tolist()
    assert 0 == main(["encode", "-e", "Letters", "a.txt", "-o", "folder/", "--quiet"])
    assert Path("folder/a.npz").exists()
    assert 2 == main(["encode", "-e", "Letters", "a.txt", "-o", "a.npy"])
    assert "the output file of one input must end in .npz" in capsys.readouterr().err
    assert 2 == main(["plot", "-e", "Letters", "a.txt", "-o", "a.png"])
    assert "gives named arrays (encode writes them to a .npz file)" in capsys.readouterr().err
    assert 0 == main(["show", "Letters"])
    assert "output letters  bool (Varying,)" in capsys.readouterr().out
    assert 0 == main(["show", "Letters", "--json"])
    facts = json.loads(capsys.readouterr().out)
    assert {"ids": "int64", "letters": "bool", "length": "int64"} == {
        name: form["dtype"] for name, form in facts["outputs"].items()
    }
