"""Net files with decoders, and with long values of parameters as members of the zip."""

from __future__ import annotations

import hashlib
import os
import random
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_decoders import Choice, Numbered, toys

from netencoders import (
    ArraySpec,
    DigestError,
    Encoder,
    FileContent,
    Labels,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetFileError,
    NetGraph,
    NetLayer,
    Parameter,
    PortError,
    RowLayer,
    registered,
)

WORDS = [f"word {number}" for number in range(2000)]
MODEL = bytes(range(256)) * 20


class Vocabulary(Encoder):
    """The codes of words."""

    name = "Vocabulary"
    parameters = (Parameter("Words", Labels(), doc="the words"),)
    inputs = ("text",)

    def output(self) -> ArraySpec:
        """Return the form."""
        return ArraySpec((3,), "float32")

    def encode(self, value: Any) -> Any:
        """Return the array."""
        words = value.split(",")
        return np.array([self.resolved["Words"].index(word) for word in words], np.float32)


class Tables(RowLayer):
    """The array itself, with a file."""

    name = "Tables"
    parameters = (Parameter("Model", FileContent(".bin"), doc="the model"),)

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form."""
        return form

    def apply(self, rows: Any) -> Any:
        """Return the rows."""
        return rows


@pytest.fixture(autouse=True)
def _toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    with toys(Vocabulary, Tables):
        yield


def short() -> NetGraph:
    """Return a net with a decoder whose values are short."""
    decoder = NetDecoder("Choice", ["cat", "All"], Threshold=0.25)
    return NetChain(["Softmax"], Input=ArraySpec((2,)), Output=decoder)


def long() -> NetGraph:
    """Return a net with long values in the encoder, its layer, a layer, and the decoder."""
    encoder = NetEncoder("Vocabulary", Words=WORDS).then("Tables", Model=MODEL)
    layers = {"tables": {"Tables": {"Model": NetLayer("Tables", Model=MODEL).parameters["Model"]}}}
    decoder = NetDecoder(
        "Numbered", Words=WORDS, Model=b"other", Weights={"a": [0.5] * 2000, "b": [1]}
    )
    layers["cast"] = {"Cast": {"Type": "int64"}}
    return NetGraph(layers, [("tables", "cast")], Input=encoder, Output=decoder)


def ports() -> NetGraph:
    """Return a net with decoders at two of three output ports, and a nested net."""
    inner = NetChain([{"Tables": {"Model": "zlib+base64:eJwDAAAAAAE="}}])
    layers = {"a": "Softmax", "b": inner, "c": "Softmax"}
    edges = [("In", "a", "One"), ("In", "b", "Two"), ("In", "c", "Three")]
    decoder = NetDecoder("Choice", ["cat", "dog"])
    return NetGraph(layers, edges, In=ArraySpec((2,)), Three=decoder, One=decoder.replace())


@pytest.mark.parametrize("make", [short, long, ports])
def test_net_is_the_same_after_loading(make: Callable[[], NetGraph]) -> None:
    """Decoders, encoders, layers, digest and bytes survive, also of long values."""
    net = make()
    net.save("one.netz")
    loaded = NetGraph.load("one.netz")
    loaded.save("two.netz")
    assert Path("one.netz").read_bytes() == Path("two.netz").read_bytes()
    assert net.digest == loaded.digest
    assert dict(net.decoders) == dict(loaded.decoders)
    assert dict(net.encoders) == dict(loaded.encoders)
    assert repr(net.layers) == repr(loaded.layers) or make is ports
    assert str(net) == str(loaded)


def test_loaded_net_gives_values() -> None:
    """A loaded net decodes as the net that was saved."""
    long().save("a.netz")
    net = NetGraph.load("a.netz")
    assert "word 7 word 1999 word 0" == net("word 7,word 1999,word 0")
    assert 5 == net("word 7,word 7,word 7", Output="Size")


def test_members_have_names_and_one_copy() -> None:
    """Each content is one member, whose name has the parameter and its sha256."""
    long().save("a.netz")
    names = zipfile.ZipFile("a.netz").namelist()
    kinds = [re.sub("-[0-9a-f]{16}", "", name) for name in names]
    expected = ["Words.json", "Model.bin", "Model.bin", "Weights.json"]
    assert sorted(kinds) == sorted([*(f"parameters/{name}" for name in expected), "net.yaml"])
    model = hashlib.sha256(MODEL).hexdigest()[:16]
    assert f"parameters/Model-{model}.bin" in names


def test_digest_covers_decoders() -> None:
    """Another decoder, or another value of it, is another net; without, the digest is as before."""
    net = short()
    decoder = net.decoders["Output"]
    digests = {
        each.digest
        for each in (
            net,
            net.replace(Output=None),
            net.replace(Output=decoder.replace(Threshold=0.5)),
            net.replace(Output=NetDecoder("Choice", ["cat", "dog"])),
        )
    }
    assert 4 == len(digests)


def test_probe_compares_arrays() -> None:
    """The probe of a net with a decoder holds the values of the array before it."""
    net = NetChain(
        ["Mean", "Softmax"],
        Input="AudioMelSpectrogram",
        Output=NetDecoder("Places", Width=40),
    )
    net.save("a.netz")
    loaded = NetGraph.load("a.netz")
    assert [1, 40] == loaded.probe()["shape"]
    assert 0 == loaded.verify().difference
    assert net.replace(Output=None).probe() == net.probe()


def members(net: NetGraph) -> dict[str, bytes]:
    """Return the members of the file of a net."""
    net.save("good.netz", force=True)
    with zipfile.ZipFile("good.netz") as file:
        return {name: file.read(name) for name in file.namelist()}


def pack(content: Mapping[str, bytes]) -> None:
    """Write a zip of members as bad.netz."""
    with zipfile.ZipFile("bad.netz", "w") as file:
        for name, data in content.items():
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            file.writestr(info, data)


def edited(net: NetGraph, *changes: tuple[str, str]) -> None:
    """Write the file of a net with changes of the text of net.yaml."""
    content = members(net)
    text = content["net.yaml"].decode()
    for old, new in changes:
        assert re.search(old, text), text
        text = re.sub(old, new, text, count=1)
    pack({**content, "net.yaml": text.encode()})


def refused(message: str) -> None:
    """Check that bad.netz is refused."""
    with pytest.raises(NetFileError, match=message) as caught:
        NetGraph.load("bad.netz")
    assert str(caught.value).startswith("bad.netz: ")


def first(content: Mapping[str, bytes], start: str) -> str:
    """Return the name of the first member that begins so."""
    return next(name for name in content if name.startswith(f"parameters/{start}"))


def test_member_of_a_value_is_checked() -> None:
    """A member that is missing, has another content or size, or is not declared is refused."""
    content = members(long())
    name = first(content, "Words")
    pack({key: data for key, data in content.items() if key != name})
    refused(f"the member {name} is missing")
    pack({**content, name: content[name].replace(b"word 1", b"word 9", 1)})
    refused(f"the member {name} has not the size and the sha256")
    pack({**content, name: content[name] + b" "})
    refused(f"the member {name} has not the size and the sha256")
    pack({**content, "parameters/more.txt": b"a"})
    refused("the member parameters/more.txt is not declared in net.yaml")
    pack(content)
    assert NetGraph.load("bad.netz").digest == long().digest


def test_bomb_of_a_value_is_refused() -> None:
    """A member that inflates to more than its limit is refused by its stated size."""
    content = members(long())
    name = first(content, "Model")
    with zipfile.ZipFile("bad.netz", "w", zipfile.ZIP_DEFLATED) as file:
        for key, data in content.items():
            file.writestr(key, data if key != name else bytes(10_000_000))
    with pytest.raises(NetFileError, match=r"its members have 100\d+ bytes, more than the limit"):
        NetGraph.load("bad.netz", max_bytes=1_000_000)
    refused(f"the member {name} has not the size and the sha256")


def test_value_that_is_too_large_for_its_type_is_refused() -> None:
    """A member beyond the limit of its type is refused by the type."""
    long().save("good.netz")
    parameters = (
        Numbered.parameters[0],
        Parameter("Model", FileContent(".bin", max_bytes=3), doc="a model"),
        Numbered.parameters[2],
    )
    with registered(type("Numbered", (Numbered,), {"parameters": parameters})):
        Path("bad.netz").write_bytes(Path("good.netz").read_bytes())
        refused(r"the decoder of the output port 'Output': .*more than 3 bytes, the limit")


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../secret.json", "secret.json", "parameters/x.json", "", "a/../b", "C:/x"],
)
def test_asset_outside_of_the_file_is_refused(name: str) -> None:
    """An asset is the name of a stated file: no other file is read, also not a neighbour."""
    Path("secret.json").write_text('["a", "b"]')
    edited(short(), (r"Labels: \[.*\]", f'Labels: {{asset: "{name}"}}'))
    refused("an asset must be the name of a file of the net file, under 'files'. Got")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            [(r"path: parameters/Words", "path: ../parameters/Words")],
            r"the name leads out of the folder by '\.\.'",
        ),
        ([(r"path: parameters/Words", "path: /parameters/Words")], "the name is an absolute path"),
        ([(r"path: parameters/Words\S*json", "path: net.yaml")], "is that of the document"),
        ([(r"asset: Words", "asset: Wards")], "must be the name of a file"),
        ([(r"asset: Words\S*", "asset: [a]")], "must be the name of a file"),
        ([(r"( +)(asset: Words\S*)", r"\1\2\n\1b: 1")], "must be the name of a file"),
        ([(r"Words:\n\s+asset: \S*", "Words: [a]")], "no parameter has the file 'Words-"),
        ([(r"( +)(Words:\n\s+asset: \S*)", r"\1\2\n\1More: {b: 1}")], "'More'"),
        ([(r"bytes: \d+", "bytes: 1")], "states two contents of|has not the size and the sha256"),
        ([(r"sha256: [0-9a-f]{64}", 'sha256: "12"')], "it must be a sha256"),
        ([(r"decoder: Numbered", "decoder: Other")], "no decoder 'Other'"),
        ([(r"decoder: Numbered", "decoder: 7")], "it must be a text. Got 7"),
        ([(r"(      schema: 1\n      decoder)", r"      layers: []\n\1")], "unknown key 'layers'"),
        ([(r"decoders:\n  Output", "decoders:\n  Other")], "'Other' is not an output port"),
        ([(r"decoders:\n  Output", "decoders:\n  Input")], "'Input' is not an output port"),
    ],
)
def test_document_is_checked(changes: list[tuple[str, str]], message: str) -> None:
    """Each part of net.yaml about decoders and files is checked."""
    edited(long(), *changes)
    refused(message)


def test_changed_decoder_does_not_have_the_digest() -> None:
    """A value or a digest of a decoder that was changed is found."""
    edited(short(), ("Threshold: 0.25", "Threshold: 0.5"))
    with pytest.raises(DigestError, match=r"the decoder of the output port 'Output' .Choice. has"):
        NetGraph.load("bad.netz")
    edited(ports(), (r"decoders:\n(  .*\n)+", ""))
    refused("do not have the digest that net.yaml states")
    short().save("bad.netz", force=True)
    newer = type("Choice", (Choice,), {"revision": 2})
    with registered(newer), pytest.raises(DigestError, match=r"and here .* \(revision 2, from "):
        NetGraph.load("bad.netz")


def test_name_of_a_file_from_a_type_is_checked() -> None:
    """A type that gives a file a name with a folder is refused, and nothing is written."""

    class Odd(FileContent):
        """It writes a suffix with a slash."""

        def beside(self, value: Any, keep: Any) -> Any:
            """Keep the content under a bad name."""
            return keep("/../x", value.data)

    parameters = (Numbered.parameters[0], Parameter("Model", Odd(".bin"), doc="a model"))
    with registered(type("Numbered", (Numbered,), {"parameters": parameters})):
        decoder = NetDecoder("Numbered", Words=["a"], Model=b"1")
        net = NetChain([{"Cast": {"Type": "int64"}}], Output=decoder)
        with pytest.raises(PortError, match=r"Numbered: the name of the file .* leads out of"):
            net.save("a.netz")
    assert [] == os.listdir()


def test_versions_have_those_of_decoders(install: Callable[..., None]) -> None:
    """The versions in the file have the plugin of each decoder."""
    code = (
        "from netencoders import Decoder, Property\n"
        "class Half(Decoder):\n"
        "    'Half of a number.'\n"
        "    name = 'Half'\n"
        "    properties = (Property('Value', 'half'),)\n"
        "    input = lambda self: ArraySpec((1,))\n"
        "    decode = lambda self, array, name, options: float(array[0]) / 2\n"
        "@hookimpl\n"
        "def register_decoders(register):\n"
        "    register(Half)\n"
    )
    install("halves", code)
    NetChain(["Softmax"], Input=ArraySpec((1,)), Output="Half").save("half.netz")
    with zipfile.ZipFile("half.netz") as file:
        assert re.search(r"halves: .?2\.1", file.read("net.yaml").decode())
    assert 0.5 == NetGraph.load("half.netz")(np.ones(1, np.float32))


@pytest.mark.parametrize("seed", range(2))
def test_random_changes_of_values_are_refused(seed: int) -> None:
    """Random changes of net.yaml give the same net, or a typed error."""
    content = members(long())
    chance = random.Random(seed)
    parts = [b"", b" ", b"\n", b"{", b"]", b": ", b"1: ", b"asset: ", b"{asset: net.yaml}", b"null"]
    for _ in range(60):
        data = bytearray(content["net.yaml"])
        for _ in range(chance.choice([1, 2, 3])):
            place = chance.randrange(len(data))
            data[place : place + chance.randrange(9)] = chance.choice(parts)
        pack({**content, "net.yaml": bytes(data)})
        try:
            NetGraph.load("bad.netz")
        except (NetFileError, DigestError):
            continue
