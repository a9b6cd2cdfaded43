"""FileContent: the files that it reads, its packed texts and their limits."""

from __future__ import annotations

import base64
import json
import pickle
import re
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netencoders import (
    ArraySpec,
    Asset,
    Content,
    Encoder,
    FileContent,
    NetEncoder,
    Parameter,
    ParameterError,
    RefusedError,
    registered,
)
from netencoders.cli import main
from netencoders.values.contents import packed

SMALL = FileContent((".json", ".model"), max_bytes=1000)


class Sized(Encoder):
    """The size of a file."""

    name = "SizeOfContent"
    inputs = ("text",)
    positional = ("Model",)
    parameters = (Parameter("Model", FileContent((".json", ".model")), doc="the file"),)

    def output(self) -> ArraySpec:
        """Return the form of a number."""
        return ArraySpec((), "int64")

    def encode(self, value: Any) -> Any:
        """Return the size."""
        return np.array(len(self.resolved["Model"].data))


@pytest.fixture(autouse=True)
def sized() -> Iterator[None]:
    """Register the encoder of these tests."""
    with registered(Sized):
        yield


def text_of(data: bytes) -> str:
    """Return a packed text, made without the type."""
    return "zlib+base64:" + base64.b64encode(zlib.compress(data)).decode()


@given(st.binary(max_size=2000))
def test_bytes_survive_specs(data: bytes) -> None:
    """YAML, JSON and pickle hold the bytes; the digest is that of their sha256."""
    encoder = NetEncoder("SizeOfContent", data)
    assert data == encoder.parameters["Model"].data
    assert len(data) == encoder("")
    assert encoder == NetEncoder.from_yaml(encoder.to_yaml(pin=True))
    assert encoder == NetEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    again = pickle.loads(pickle.dumps(encoder))
    assert encoder == again
    assert data == again.resolved["Model"].data


def test_digest_does_not_depend_on_the_packing() -> None:
    """Another level of compression gives other texts, and an equal encoder."""
    data = b"abc" * 500
    texts = [
        "zlib+base64:" + base64.b64encode(zlib.compress(data, level)).decode() for level in (0, 9)
    ]
    assert 2 == len(set(texts))
    one, other = (NetEncoder("SizeOfContent", text) for text in texts)
    assert one == other
    assert one.digest == other.digest
    content = FileContent(".json").content(packed(data))
    assert {"bytes": 1500, "sha256": sha256(data).hexdigest()} == content


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (b"x" * 1001, "It has 1001 bytes, and the limit is 1000."),
        (packed(b"x" * 1001), "It has 1001 bytes, and the limit is 1000."),
        (text_of(bytes(10**8)), "It has 1001 bytes, and the limit is 1000."),
        (text_of(b"hello")[:-4], "The packed content is damaged: it has another length."),
        (text_of(b"hello") + "AAAA", "The packed content is damaged: "),
        (text_of(b"hello").replace("J", "!"), "The packed content is damaged: "),
        (text_of(b"hello") + "\n", "The packed content is damaged: "),
        ("zlib+base64:é", "The packed content is damaged: "),
        ("zlib+base64:\ud800", "The packed content is damaged: "),
        ("zlib+base64:", "The packed content is damaged: it has another length."),
        ("zlib+base64:AAAA", "The packed content is damaged: Error -3"),
        ("model.json", "For a file, pass Asset(path)"),
        (Path("model.json"), "For a file, pass Asset(path)"),
        (Asset("a.txt"), "a.txt: the name of the file must end in .json or .model."),
        (Asset("none.json"), "none.json: there is no such file."),
        (None, ""),
        (1, ""),
        ([], ""),
    ],
)
def test_wrong_contents_are_refused(given: Any, message: str) -> None:
    """A packed text is unpacked up to the limit; each damage of it is found."""
    with pytest.raises(RefusedError, match=re.escape(message) or "^$"):
        SMALL.check(given)


def test_stream_behind_the_packed_bytes_is_damage() -> None:
    """Bytes behind the end of the compressed ones are not left out."""
    more = base64.b64encode(zlib.compress(b"hello") + b"more").decode()
    with pytest.raises(RefusedError, match="it has another length"):
        SMALL.check(f"zlib+base64:{more}")


def test_file_has_a_limit(tmp_path: Path) -> None:
    """One byte more than the limit is refused."""
    path = tmp_path / "a.model"
    path.write_bytes(b"x" * 1000)
    assert b"x" * 1000 == SMALL.check(Asset(path)).data
    path.write_bytes(b"x" * 1001)
    with pytest.raises(RefusedError, match="the file has more than 1000 bytes, the limit"):
        SMALL.check(Asset(path))


def test_content_is_held_and_not_the_file(tmp_path: Path) -> None:
    """A file that changes later changes no encoder; equal bytes are equal."""
    path = tmp_path / "a.model"
    path.write_bytes(b"first")
    encoder = NetEncoder("SizeOfContent", Asset(path))
    path.write_bytes(b"second")
    assert b"first" == encoder.parameters["Model"].data
    assert NetEncoder("SizeOfContent", bytearray(b"first")) == encoder
    assert NetEncoder("SizeOfContent", Asset(path)) != encoder


def test_pickled_content_has_its_bytes() -> None:
    """A pickle of the value itself, such as of `parameters`, gives the value with its bytes."""
    again = pickle.loads(pickle.dumps(packed(b"abc")))
    assert (Content, b"abc", packed(b"abc")) == (type(again), again.data, again)


def test_repr_is_short() -> None:
    """A repr has the size and the sha256."""
    content = packed(b"abc")
    assert isinstance(content, Content)
    assert content.is_shortened
    assert "<Content of 3 bytes, sha256 ba7816bf8f01>" == repr(content)


def test_content_is_a_file_beside_the_spec(tmp_path: Path) -> None:
    """`to_yaml` writes the bytes to a file with the first suffix, and reads them again."""
    encoder = NetEncoder("SizeOfContent", b"{}")
    path = tmp_path / "spec.yaml"
    path.write_text(encoder.to_yaml(assets=tmp_path))
    [file] = tmp_path.glob("Model-*.json")
    assert b"{}" == file.read_bytes()
    assert encoder == NetEncoder.from_yaml(path)
    file.write_bytes(b"other")
    assert encoder != NetEncoder.from_yaml(path)


def test_command_takes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An option of the command names a file; a wrong suffix exits with 2."""
    (tmp_path / "input.txt").write_text("text")
    (tmp_path / "a.model").write_bytes(b"four")
    (tmp_path / "a.txt").write_bytes(b"four")
    target = tmp_path / "out.npy"
    for name, code in (("a.model", 0), ("a.txt", 2)):
        option = f"Model={{asset: {tmp_path / name}}}"
        arguments = ["--encoder", "SizeOfContent", "-p", option, "-o", str(target), "--force"]
        assert code == main(["encode", str(tmp_path / "input.txt"), *arguments])
    assert 4 == np.load(target)
    assert "the name of the file must end in .json or .model." in capsys.readouterr().err


def test_error_of_an_encoder_names_the_parameter() -> None:
    """The message has the parameter, and the kinds of values."""
    message = r"'Model' must be an Asset \(\.json or \.model\) or bytes\. Got 'a\.json'"
    with pytest.raises(ParameterError, match=message):
        NetEncoder("SizeOfContent", "a.json")
