"""Vector: its values, the files that it reads, and how long vectors are shown."""

from __future__ import annotations

import contextlib
import io
import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from netencoders import (
    ArraySpec,
    Asset,
    Choice,
    DigestError,
    Encoder,
    NetEncoder,
    Parameter,
    ParameterError,
    Real,
    RefusedError,
    SpecError,
    TupleOf,
    Union,
    Vector,
    registered,
)
from netencoders.cli import main
from netencoders.pickling import restore, state
from netencoders.testing import EncoderContract
from netencoders.values.plain import is_shortened
from netencoders.values.vector_files import _READERS
from netencoders.values.vectors import MAX_LENGTH, Numbers
from netencoders.yaml_specs import declarations, dump

LONG = np.arange(560) / 7


class Shift(Encoder):
    """Adds a vector to a number."""

    name = "ShiftByVector"
    parameters = (
        Parameter("By", Vector(), [0.0], doc="the vector"),
        Parameter(
            "Scale",
            Union(Choice(None), Real(), TupleOf(Choice("Power"), Vector(Real(above=0)))),
            None,
            neutral=None,
            doc="nested",
        ),
    )

    def output(self) -> ArraySpec:
        """Return the form of the vector."""
        return ArraySpec((len(self.resolved["By"]),), "float64")

    def encode(self, value: Any) -> Any:
        """Return the vector plus a number."""
        return np.array(self.resolved["By"]) + value


@pytest.fixture(autouse=True)
def shift() -> Iterator[None]:
    """Register the encoder of these tests."""
    with registered(Shift):
        yield


def made(**parameters: Any) -> NetEncoder:
    """Return the encoder of these tests."""
    return NetEncoder("ShiftByVector", **parameters)


class TestContract(EncoderContract):
    """The contract, for an encoder with a long vector."""

    encoder = "ShiftByVector"
    parameters = {"By": LONG.tolist()}  # noqa: RUF012 - as in plugins/README.md
    setup = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_vectors import Shift
from netencoders import register
register(Shift)
"""

    def inputs(self) -> Any:
        """Return a number."""
        return [np.float64(2)]

    def test_nonsense_is_refused_by_name(self) -> None:
        """The toy adds any value; its errors are not of interest here."""


# values


@pytest.mark.parametrize(
    "value",
    [
        [1, 2, 0],
        (1.0, 2.0, -0.0),
        [np.float32(1), np.int8(2), 0],
        *[np.array([1, 2, 0], dtype) for dtype in ("i1", "u8", "<i4", ">i4", "f2", "<f4", ">f8")],
        np.array([1, 2, 0], np.longdouble),
        np.array([1, 9, 2, 9, 0, 9])[::2],
        Numbers([1.0, 2.0, 0.0]),
    ],
    ids=repr,
)
def test_forms_of_a_vector_are_equal(value: Any) -> None:
    """Lists, tuples and arrays of equal numbers give equal encoders, without a reference."""
    expected, actual = made(By=[1, 2, 0]), made(By=value)
    assert expected == actual
    assert (hash(expected), expected.digest) == (hash(actual), actual.digest)
    numbers = actual.resolved["By"]
    assert [float] * 3 == [type(number) for number in numbers]
    assert "(1.0, 2.0, 0.0)" == repr(numbers)
    array = np.array(numbers)
    assert ("float64", (3,)) == (array.dtype.name, array.shape)


def test_vector_does_not_change_with_its_array() -> None:
    """The numbers are copied when the encoder is created."""
    array = np.ones(3)
    encoder = made(By=array)
    array[:] = 5
    assert (1.0, 1.0, 1.0) == encoder.resolved["By"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], r"Got \[\]\. It has 0 numbers\."),
        ([1], r"Got \[1\]\. It has 1 number\."),
        (np.arange(9), "It has 9 numbers"),
        ([1, float("nan")], r"Element 1 must be a number > 0\. Got nan\."),
        ([1, float("inf")], "Element 1 must be a number > 0. Got inf"),
        ([2, 10**400], "Element 1 must be a number > 0. Got an integer of 1329 bits"),
        ([1, True], "Element 1 must be a number > 0. Got True"),
        ([1, "2"], "Element 1 must be a number > 0. Got '2'"),
        ([1, 0], "Element 1 must be a number > 0. Got 0"),
        ([[1, 2]] * 2, r"Element 0 must be a number > 0. Got \[1, 2\]"),
        (np.array([1, np.nan]), "Element 1 must be a number > 0. Got nan"),
        (np.array([1, 2**1030], np.longdouble), "Element 1 must be"),
        (np.ones((2, 2)), r"The array has the shape \(2, 2\), a vector has one dimension"),
        (np.array(1.0), r"The array has the shape \(\)"),
        (np.ones(2, bool), "elements of type bool, not integers or floats"),
        (np.ones(2, complex), "elements of type complex128"),
        (np.ones(2, object), "elements of type object"),
        (np.array(["1", "2"]), "elements of type <U1"),
        (np.ones(2, "m8[s]"), "elements of type timedelta64"),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), "A masked array may lack elements"),
        ("cmvn.npy", r"Got 'cmvn.npy'\. For a file, pass Asset\(path\)"),
        (Path("cmvn.npy"), r"For a file, pass Asset\(path\)"),
        (5, r"Got 5\.$"),
        ({"asset": "cmvn.npy"}, r"Got \{'asset': 'cmvn.npy'\}\. In YAML, quote a text"),
        ((x for x in (1, 2)), "Got <generator"),
    ],
    ids=lambda value: f"{value!r:.30}".partition(" at 0x")[0],
)
def test_bad_vectors_are_refused(value: Any, message: str) -> None:
    """The message has the type, the value, and the first element that is wrong."""
    kind = Parameter("Factor", Vector(Real(above=0), 2, 8), [1, 2])
    head = re.escape(
        "'Factor' must be a list of 2 to 8 numbers > 0 or an Asset of them (.npy, .json, .yaml or "
        ".yml)."
    )
    with pytest.raises(ValueError, match=f"^{head} .*{message}"):
        kind.check(value)


def test_vector_has_a_longest_length() -> None:
    """A vector is not longer than a spec can contain, and a type may not allow more."""
    assert MAX_LENGTH == len(Vector().check(np.zeros(MAX_LENGTH)))
    with pytest.raises(RefusedError, match="It has 16385 numbers"):
        Vector().check(np.zeros(MAX_LENGTH + 1))
    with pytest.raises(ValueError, match=r"max_length must be at most 16384\. Got 16385"):
        Vector(max_length=MAX_LENGTH + 1)
    encoder = made(By=np.linspace(-1e300, 1e300, MAX_LENGTH))
    assert encoder == NetEncoder.from_yaml(encoder.to_yaml())


def test_spec_that_cannot_be_read_is_not_written() -> None:
    """A declaration that would be larger than a spec may be is refused, with the remedy."""
    numbers = [0.5] * 9996  # with the document, the mapping and two lists: 19996 values
    whole = {"encoder": "X", "schema": 1, "parameters": {"A": numbers, "B": numbers, "C": 1}}
    assert 9996 == len(declarations(dump(whole))[0].parameters["B"])
    for more in ([1, 2], ["x" * 2**20]):
        whole["parameters"] = {"A": numbers, "B": numbers, "C": more}
        with pytest.raises(
            SpecError, match=r"more than 20000 values or 1048576 .* to_yaml.assets=folder"
        ):
            dump(whole)


# files


def npy(array: Any, version: Any = None) -> bytes:
    """Return an array as a .npy file."""
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), version)
    return file.getvalue()


def header(text: str, data: bytes = b"", version: bytes = b"\1\0") -> bytes:
    """Return a .npy file with this header."""
    size = struct.pack("<H" if version == b"\1\0" else "<I", len(text))
    return b"\x93NUMPY" + version + size + text.encode("latin-1") + data


def npy_of(shape: str, descr: str = "'<f8'", data: bytes = b"", more: str = "") -> bytes:
    """Return a .npy file with these fields."""
    return header(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}{more}}}", data)


TWO = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *[("a.npy", npy(TWO.astype(t))) for t in ("i1", "u1", "<i8", ">u2", "f2", "<f4", ">f8")],
        ("a.NPY", npy(TWO, (2, 0))),
        ("a.npy", npy(TWO, (3, 0))),
        ("a.npy", npy_of("(2,)", data=TWO.tobytes(), more=", ")),
        ("a.npy", npy_of("(2)", data=TWO.tobytes())),
        ("a.npy", npy_of("(2L,)", '"<f8"', TWO.tobytes())),
        ("a.npy", header("{'shape':(2,),'fortran_order':True,'descr':'<f8'}\n", TWO.tobytes())),
        ("a.json", b"[1, 2]"),
        ("a.json", b"\xef\xbb\xbf[1.0,\r\n2e0]\r\n"),
        ("a.yaml", b"[1, 2.0]\n"),
        ("a.yml", b"# means\r\n- 1\r\n- 2e0\r\n"),
        ("a.yaml", b"\xef\xbb\xbf- 1\n- 2\n"),
    ],
    ids=lambda value: f"{value!r:.40}",
)
def test_files_of_equal_numbers_are_equal(tmp_path: Path, name: str, content: bytes) -> None:
    """Each format and each type of elements gives the encoder of the inline numbers."""
    (tmp_path / name).write_bytes(content)
    assert made(By=[1, 2]) == made(By=Asset(tmp_path / name))


def test_files_written_by_numpy_and_json_are_read_exactly(tmp_path: Path) -> None:
    """Random float64 numbers keep their bits in each format."""
    values = np.random.default_rng(0).normal(size=1000) * 10.0 ** np.arange(-500, 500).clip(
        -300, 300
    )
    np.save(tmp_path / "a.npy", values)
    (tmp_path / "a.json").write_text(json.dumps(values.tolist()))
    (tmp_path / "a.yaml").write_text("".join(f"- {value!r}\n" for value in values.tolist()))
    for name in ("a.npy", "a.json", "a.yaml"):
        numbers = Vector().check(Asset(tmp_path / name))
        assert values.tobytes() == np.array(numbers).tobytes()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.npz", b"", r"name of the file must end in \.npy, \.json, \.yaml or \.yml"),
        ("a", b"1", "name of the file must end in"),
        ("a.npy", b"", "the file is empty"),
        ("a.npy", b"1 2 3", "not a .npy file: it begins with other bytes"),
        ("a.npy", b"\x93NUMPY\4\0" + bytes(100), "version of the .npy file is not 1, 2 or 3"),
        ("a.npy", b"\x93NUMPY\1", "version of the .npy file is not"),
        ("a.npy", b"\x93NUMPY\1\0v", "truncated: it ends in its header"),
        ("a.npy", npy(TWO)[:50], "truncated: it ends in its header"),
        ("a.npy", b"\x93NUMPY\2\0\xff\xff\xff\x7f{", "header .* claims more than 10000 bytes"),
        ("a.npy", npy(TWO)[:-1], "truncated: 2 numbers of type float64 have 16 bytes, it has 15"),
        ("a.npy", npy(TWO) + b"x", "has 1 bytes after its 2 numbers"),
        (
            "a.npy",
            npy_of("(1000000000,)", data=bytes(100)),
            "1000000000 numbers of type float64 have 8000000000 bytes",
        ),
        ("a.npy", npy_of("(" + "9" * 5000 + ",)"), "claims an array that is too large"),
        ("a.npy", npy_of("(100,)", data=bytes(100)), "truncated: 100 numbers"),
        ("a.npy", npy_of("(-1,)"), "header .* does not describe an array of numbers"),
        ("a.npy", npy_of("(True,)"), "header .* does not describe an array of numbers"),
        ("a.npy", npy_of("(2,", data=TWO.tobytes()), "does not describe an array of numbers"),
        ("a.npy", header("{" * 9000), "does not describe an array of numbers"),
        ("a.npy", header("'a':True," * 1000), "does not describe an array of numbers"),
        ("a.npy", header("{'a':True,'b':True,'c':True}"), "does not describe an array of numbers"),
        ("a.npy", npy_of("(2,)", "'<f8'", more=", 'x': True"), "does not describe an array"),
        ("a.npy", npy(np.zeros(2, [("a", "f8")])), "does not describe an array of numbers"),
        ("a.npy", npy(np.array([1, 2], object)), "holds Python objects. Save integers or floats"),
        ("a.npy", npy(np.ones(2, bool)), "elements of type bool"),
        ("a.npy", npy(np.ones(2, complex)), "elements of type '<c16'"),
        ("a.npy", npy_of("(2,)", "'<f16'"), "elements of type '<f16'.*floats of at most 64 bits"),
        ("a.npy", npy(np.array(["a", "b"])), "elements of type '<U1'"),
        ("a.npy", npy_of("(2,)", "True"), "elements of type 'True'"),
        (
            "a.npy",
            npy(np.ones((2, 3))),
            r"shape \(2, 3\), a vector has one dimension. Save each row in a file of its own",
        ),
        ("a.npy", npy(np.array(1.0)), r"shape \(\), a vector has one dimension"),
        ("a.npy", npy(np.array([])), "it has 0 numbers"),
        ("a.npy", npy(np.array([1, np.nan])), "element 1 must be a number. Got nan"),
        ("a.npy", npy(np.array([1, np.inf])), "element 1 must be a number. Got inf"),
        ("a.json", b"", "the file is empty"),
        ("a.json", b"[1, NaN]", "contains NaN, which is not a finite number"),
        ("a.json", b"[1, -Infinity]", "contains -Infinity"),
        ("a.json", b"[1, 1e999]", "element 1 must be a number. Got inf"),
        ("a.json", b"[1, " + b"9" * 5000 + b"]", "the file is not JSON"),
        ("a.json", b"[1, " + b"9" * 400 + b"]", "element 1 must be a number"),
        ("a.json", b"[1, 2", "the file is not JSON: .*line 1"),
        ("a.json", b"[" * 100_000, "not a list of numbers: it is nested too deeply"),
        ("a.json", "[1, 2]".encode("utf-16"), "the file is not UTF-8"),
        ("a.json", b'{"a": [1]}', "contains a mapping, not a list of numbers"),
        ("a.json", b"1.5", "contains a single value, not a list"),
        ("a.json", b"[[1, 2]]", r"element 0 must be a number. Got \[1, 2\]"),
        ("a.json", b"[1, true]", "element 1 must be a number. Got True"),
        ("a.json", b'["1"]', "element 0 must be a number. Got '1'"),
        ("a.json", b"[" + b"1," * 16384 + b"1]", "it has 16385 numbers"),
        ("a.json", b"[" + b" " * 2**20 + b"1]", "more than 1048576 bytes"),
        ("a.yaml", "- 1\n".encode("utf-16"), "this is UTF-16: save it as UTF-8"),
        ("a.yaml", b"- 1\n- .nan\n", "not a YAML list of numbers: line 2, .* is not finite"),
        ("a.yaml", b"- &a 1\n- *a\n", "an anchor"),
        ("a.yaml", b"a: [1]\n", "contains a mapping"),
        ("a.yaml", b"[" * 100, "nested more than 16 levels"),
        ("a.yaml", b"[" + b"1," * 30_000 + b"]", "more than 20000 values"),
        ("a.yaml", b"- 1 2\n", "element 0 must be a number. Got '1 2'"),
    ],
    ids=lambda value: f"{value!r:.40}",
)
def test_bad_files_of_vectors_are_refused(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    """The message names the file and the problem; nothing is allocated from a header."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ParameterError, match=message) as caught:
        made(By=Asset(tmp_path / name))
    assert 1 == str(caught.value).count(f" {tmp_path / name}: ")


@given(st.binary(max_size=200), st.integers(0, 140), st.sampled_from([".npy", ".json", ".yaml"]))
def test_any_bytes_give_numbers_or_a_refusal(data: bytes, place: int, suffix: str) -> None:
    """Changed bytes of a file give numbers or RefusedError, and no other error or warning."""
    good = {".npy": npy(TWO), ".json": b"[1.5, 2.25]", ".yaml": b"- 1.5\n- 2.25\n"}[suffix]
    changed = good[:place] + data + good[place + len(data) :]
    with contextlib.suppress(RefusedError):
        Vector()._numbers(_READERS[suffix](changed))


# how vectors are shown


def test_long_vectors_are_shown_by_length_and_digest(capsys: pytest.CaptureFixture[str]) -> None:
    """No text for people prints hundreds of numbers; YAML and JSON have them all."""
    encoder = made(By=LONG, Scale=["Power", LONG + 1])
    shown = r"<Vector of 560 numbers, sha256 [0-9a-f]{12}>"
    assert re.fullmatch(rf'NetEncoder\("ShiftByVector", By={shown}, .*{shown}\)\)', repr(encoder))
    html, found = encoder._repr_html_(), made().diff(encoder)
    with pytest.raises(ParameterError) as caught:
        made(By=[*LONG.tolist(), None])
    main(["diff", "ShiftByVector", "ShiftByVector"])
    for text in (html, str(found), repr(found), found._repr_html_(), str(caught.value)):
        assert len(text) < 4000
        assert repr(float(LONG[100])) not in text
    for text in (repr(encoder), html.replace("&lt;", "<").replace("&gt;", ">"), str(found)):
        assert re.search(shown, text)
    assert str(float(LONG[100])) in encoder.to_yaml()


def test_show_shortens_long_vectors(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`show` prints a long vector in one short line, and takes lists and assets of any folder."""
    np.save(tmp_path / "by.npy", LONG)
    argument = f"By={{asset: {tmp_path / 'by.npy'}}}"
    assert 0 == main(["show", "ShiftByVector", "-p", argument])
    assert "<Vector of 560 numbers, sha256 " in (shown := capsys.readouterr().out)
    assert len(shown) < 2000
    assert 0 == main(["show", "ShiftByVector", "--json", "-p", argument])
    assert LONG.tolist() == json.loads(capsys.readouterr().out)["resolved"]["By"]
    assert 0 == main(["show", "ShiftByVector", "-p", "By=[1, 2.5]"])
    assert "[1.0, 2.5]" in capsys.readouterr().out
    assert 2 == main(["show", "ShiftByVector", "-p", "By={asset: absent.npy}"])
    assert "absent.npy: there is no such file" in capsys.readouterr().err
    assert 2 == main(["show", "ShiftByVector", "-p", "By={file: absent.npy}"])
    assert "a file is {asset: name}" in capsys.readouterr().err


def test_shown_digest_is_that_of_the_numbers() -> None:
    """The digest in the repr is the sha256 of the numbers as little-endian float64."""
    import hashlib

    expected = hashlib.sha256(LONG.astype("<f8").tobytes()).hexdigest()[:12]
    assert f"<Vector of 560 numbers, sha256 {expected}>" == repr(Vector().check(LONG))
    assert tuple(range(16)) == eval(repr(Vector().check([*range(16)])))
    assert is_shortened(("Power", Vector().check(LONG)))
    assert not is_shortened(("Power", Vector().check([1.0] * 16)))


def test_values_of_a_pickle_that_differ_are_short() -> None:
    """A pickle of another version is refused with short texts for long vectors."""
    text = state(made(By=LONG))
    changed = json.loads(text)
    changed["resolved"]["By"] = (LONG + 1).tolist()
    changed["digest"] = "0" * 64
    with pytest.raises(DigestError, match=r"'By' was <Vector of 560.*, is <Vector of 560") as error:
        restore(NetEncoder, json.dumps(changed))
    assert len(str(error.value)) < 1000


def test_repr_distinguishes_the_default() -> None:
    """The repr leaves out a vector only at its default, compared by all of its numbers."""
    cls = type("Other", (Shift,), {"parameters": (Parameter("By", Vector(), LONG, doc="d"),)})
    with registered(cls):
        assert 'NetEncoder("ShiftByVector")' == repr(made(By=LONG))
        assert "By=<Vector" in repr(made(By=LONG + 1))
