"""The reader of the files that a model refers to, on bytes that are made by hand."""

import random
import re

import pytest

from netencoders import PortError
from netencoders_onnx.model_file import ModelFacts, model_facts
from netencoders_onnx.source import opened, size_text
from netencoders_onnx.wire import Budget, WireError, fields


def number(value):
    """Return a number of variable length."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def part(place, content):
    """Return a field of bytes, or of a number."""
    if isinstance(content, int):
        return number(place << 3) + number(content)
    content = content if isinstance(content, bytes) else content.encode()
    return number(place << 3 | 2) + number(len(content)) + content


def tensor(location, *more):
    """Return a tensor whose data is in a file."""
    entry = part(1, "location") + part(2, location)
    return part(13, part(1, "offset") + part(2, "0")) + part(13, entry) + b"".join(more)


def model(*graph, more=b""):
    """Return a model with the fields of its graph."""
    return part(1, 8) + part(7, b"".join(graph)) + part(8, part(2, 17)) + more


EXTERNAL = part(14, 1)
PLACES = {
    "initializer": model(part(5, tensor("a", EXTERNAL))),
    "sparse values": model(part(15, part(1, tensor("a", EXTERNAL)))),
    "sparse indices": model(part(15, part(2, tensor("a", EXTERNAL)))),
    "attribute": model(part(1, part(5, part(5, tensor("a", EXTERNAL))))),
    "attribute of tensors": model(part(1, part(5, part(10, tensor("a", EXTERNAL))))),
    "sparse attribute": model(part(1, part(5, part(22, part(1, tensor("a", EXTERNAL)))))),
    "sparse attributes": model(part(1, part(5, part(23, part(2, tensor("a", EXTERNAL)))))),
    "subgraph": model(part(1, part(5, part(6, part(5, tensor("a", EXTERNAL)))))),
    "subgraphs": model(part(1, part(5, part(11, part(5, tensor("a", EXTERNAL)))))),
    "function": model(more=part(25, part(7, part(5, part(5, tensor("a", EXTERNAL)))))),
    "attribute of a function": model(more=part(25, part(11, part(5, tensor("a", EXTERNAL))))),
    "training": model(more=part(20, part(1, part(5, tensor("a", EXTERNAL))))),
    "algorithm": model(more=part(20, part(2, part(5, tensor("a", EXTERNAL))))),
    "second graph": model(more=part(7, part(5, tensor("a", EXTERNAL)))),
    "no place stated": model(part(5, tensor("a"))),
    "two places": model(part(5, tensor("a", part(14, 0), EXTERNAL))),
    "unknown place": model(part(5, tensor("a", part(14, 2)))),
}


@pytest.mark.parametrize("content", PLACES.values(), ids=PLACES)
def test_files_are_found_at_each_place(content):
    """Each tensor that may have its data in a file is found."""
    assert ModelFacts(8, ("a",), frozenset()) == model_facts(content, "m")


def test_several_files_are_found_once():
    """Each file is named once, also if an entry contradicts itself."""
    entry = part(1, "offset") + part(1, "location") + part(2, "b") + part(2, "c")
    content = model(*(part(5, tensor(name)) for name in "aab"), part(5, part(13, entry)))
    assert {"a", "b", "c"} == set(model_facts(content, "m").locations)
    assert 3 == len(model_facts(content, "m").locations)


@pytest.mark.parametrize(
    "content",
    [
        model(part(5, tensor("a", part(14, 0)))),
        model(part(5, part(9, tensor("a")))),
        model(part(5, part(13, part(1, "offset") + part(2, "a")))),
        model(part(2, tensor("a"))),
        model(more=part(14, tensor("a"))),
        model(part(5, number(13 << 3) + number(5))),
    ],
    ids=["inside", "data", "other key", "name", "other field", "other type"],
)
def test_other_bytes_are_no_files(content):
    """Data, and tensors that are stated to be in the model, are not taken for names of files."""
    assert () == model_facts(content, "m").locations


def test_location_without_a_name_is_refused():
    """A tensor in a file without a name is refused."""
    with pytest.raises(PortError, match="refers to the file '', which is not the name of a file"):
        opened(model(part(5, part(13, part(1, "location")))), {}, None)


def test_ports_without_a_shape_are_known():
    """An input or output of the graph without a shape is told from a scalar."""
    shape = part(2, part(1, part(1, 1) + part(2, b"")))
    bare = part(2, part(1, part(1, 1)))
    content = model(
        part(11, part(1, "x") + bare),
        part(11, part(1, "scalar") + shape),
        part(12, part(1, "y") + bare),
        part(1, part(5, part(6, part(11, part(1, "inner") + bare)))),
    )
    assert frozenset("xy") == model_facts(content, "m").unshaped


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"m\.onnx: it is empty \(0 bytes\)\. Fetch the model again"),
        (b"RIFF....WAVE", "it is a WAV file, not an ONNX model: give the .onnx file"),
        (b"fLaC", "it is a FLAC file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS.*'git lfs pull'"),
        (b"PK\x03\x04", r"a zip archive.*torch\.onnx\.export"),
        (b"\x89HDF\r\n", "an HDF5 file.*tf2onnx"),
        (b"\x93NUMPY", "an array of numpy"),
        (b"\x20\0\0\0ORTM", "a model in the ORT format.*give the .onnx file that it is made of"),
        (b"\x20\0\0\0TFL3", "a model of TensorFlow Lite"),
        (b"<!DOCTYPE html>\n<html>", "it is a text, not"),
        ("é".encode() * 200, "it is a text, not"),
        (b"\xe9\xe9\xe9", "is not an ONNX model, or is truncated"),
        (b"\0", "at byte 0 no field of a message begins"),
        (b"\x0b", "at byte 0 no field"),
        (b"\x0c", "at byte 0 no field"),
        (b"\x0e", "at byte 0 no field"),
        (b"\x0f", "at byte 0 no field"),
        (b"\x88\x80\x80\x80\x70\0", "at byte 0 no field"),
        (b"\x88\x80\x80\x80\x80\0\0", "no number ends at byte 5"),
        (b"\x08" + b"\xff" * 10 + b"\0", "no number ends at byte 11"),
        (b"\x08\xff", "it ends in a number at byte 2"),
        (b"\x08", "it ends in a number at byte 1"),
        (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "has 9223372036854775807 bytes, of which 0"),
        (b"\x0a\x05abc", "begins at byte 0 and has 5 bytes, of which 3 are there.*has 5 bytes"),
        (b"\x08\x08\x09abc", "has 8 bytes, of which 3 are there"),
        (b"\x08\x08\x0dabc", "has 4 bytes, of which 3 are there"),
        (part(1, 8) + b"\x0dabcd\x09abcdefgh", "it has no graph"),
        (part(7, 8), "it has no graph"),
        (model(part(5, b"\x0b")), "no field of a message begins"),
        (model(part(5, tensor(b"\xff"))), "a name in it is not UTF-8"),
        (model(part(11, part(1, b"\xff"))), "a name in it is not UTF-8"),
    ],
)
def test_bytes_that_are_no_model_are_refused(content, message):
    """Each error says what the bytes are, or the place at which they are no model."""
    with pytest.raises(PortError, match=f"(?s){message}"):
        model_facts(content, "m.onnx")


def test_nesting_is_limited():
    """Graphs in graphs are read without recursion, and not deeper than onnxruntime does."""

    def nested(levels):
        content = b""
        for _ in range(levels):
            content = part(1, part(5, part(6, content)))
        return model(content)

    assert () == model_facts(nested(30), "m").locations
    with pytest.raises(PortError, match="its parts are nested more than 100 times"):
        model_facts(nested(5000), "m")


def test_number_of_fields_is_limited():
    """A file of millions of empty fields ends in an error."""
    content = part(1, 0) * 5
    assert 5 == len(list(fields(content, 0, len(content), Budget(5))))
    with pytest.raises(WireError, match="it has more fields than a model can have"):
        list(fields(content, 0, len(content), Budget(4)))


def test_mutated_models_are_refused_or_read():
    """Changed, cut and doubled bytes give facts or a PortError, and nothing else."""
    dice = random.Random(18)
    sources = [*PLACES.values()]
    refused = 0
    for _ in range(5000):
        content = bytearray(dice.choice(sources))
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(content))
            match dice.randrange(4):
                case 0:
                    content[place] = dice.randrange(256)
                case 1:
                    del content[place:]
                    content += b"\x08"
                case 2:
                    content[place:place] = content[: dice.randrange(20)]
                case _:
                    content[place] ^= 1 << dice.randrange(8)
        try:
            model_facts(bytes(content), "m")
        except PortError:
            refused += 1
    assert 0 < refused < 5000


@pytest.mark.parametrize(
    "location",
    ["/etc/passwd", "../a", "a/../../b", "a\\b", "C:a", "*/_ORT_MEM_ADDR_/*", "a\nb", ".", "a\0"],
)
def test_files_outside_of_the_folder_are_refused(tmp_path, location):
    """An absolute name, one with `..`, and one of another system are refused."""
    content = model(part(5, tensor(location)))
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    for source, files in ((str(path), {}), (content, {location: b"data"})):
        with pytest.raises(PortError, match="which is not the name of a file in the folder"):
            opened(source, files, None)


def test_long_name_of_a_file_is_refused():
    """The name of a file has at most 255 characters."""
    with pytest.raises(PortError, match="which is longer than 255 characters"):
        opened(model(part(5, tensor("a" * 256))), {}, None)


def test_bytes_read_no_file(tmp_path, monkeypatch):
    """A model from bytes reads no file that it refers to, not even in the working folder."""
    (tmp_path / "a").write_bytes(b"data")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PortError, match=r"refers to the file 'a', which is not part of it.*files="):
        opened(PLACES["subgraph"], {}, None)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, r"m\.onnx: there is no such file"),
        (lambda path: path.mkdir(), r"m\.onnx: it is a folder\. Give the path of a \.onnx file"),
        (lambda path: path.symlink_to("/dev/zero"), "it is no regular file"),
        (lambda path: path.symlink_to(path), "the file cannot be read: Too many levels"),
        (lambda path: path.write_bytes(b""), "it is empty"),
        (
            lambda path: path.write_bytes(PLACES["initializer"]),
            "refers to the file 'a' beside it: there is no such file",
        ),
    ],
    ids=["missing", "folder", "device", "loop", "empty", "without data"],
)
def test_paths_that_cannot_be_read_are_refused(tmp_path, make, message):
    """A path that is no file is refused by its name, and a device is not opened."""
    path = tmp_path / "m.onnx"
    make(path)
    with pytest.raises(PortError, match=message):
        opened(path, {}, None)


def test_name_that_no_system_takes_is_refused():
    """A path with a null byte is a PortError, not a ValueError."""
    with pytest.raises(PortError, match=r"a\\x00\.onnx: the file cannot be read: embedded null"):
        opened("a\0.onnx", {}, None)


def test_files_belong_to_bytes(tmp_path):
    """The option `files` is refused for a path."""
    with pytest.raises(PortError, match="files is for a model that is given as bytes"):
        opened(tmp_path / "m.onnx", {"a": b""}, None)


def test_changed_files_are_refused(tmp_path):
    """A model whose file, or file of data, was changed after it was read is not read again."""
    path, data = tmp_path / "m.onnx", tmp_path / "a"
    path.write_bytes(PLACES["initializer"])
    data.write_bytes(b"1234")
    source = opened(path, {}, None)
    assert len(PLACES["initializer"]) + 4 == source.size
    source.check_unchanged()
    data.write_bytes(b"12345")
    with pytest.raises(PortError, match=rf"{re.escape(str(data))}: the file has changed since"):
        source.check_unchanged()


def test_old_onnxruntime_cannot_take_data_from_memory():
    """Without the function of onnxruntime 1.24, a model with data in memory names the version."""
    source = opened(PLACES["initializer"], {"a": b"1234"}, None)
    with pytest.raises(PortError, match=r"pip install 'onnxruntime>=1\.24'"):
        source.arguments(object())


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (7, "7 bytes"),
        (1500, "1.5 kB"),
        (224_860, "225 kB"),
        (12_000_000, "12 MB"),
        (3_100_000_000, "3.1 GB"),
    ],
)
def test_sizes_are_shown_for_people(size, text):
    """A size has two or three digits and a unit."""
    assert text == size_text(size)
