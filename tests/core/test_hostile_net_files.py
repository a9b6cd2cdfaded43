"""Files that are not nets, are damaged, or are made to do harm: each is a NetFileError."""

import hashlib
import io
import os
import random
import re
import stat
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from netencoders import ArraySpec as Form
from netencoders import (
    Boolean,
    DigestError,
    Encoder,
    LayerNotFoundError,
    NetChain,
    NetEncoder,
    NetFileError,
    NetGraph,
    NetReader,
    Parameter,
    PluginError,
    PortError,
    RowLayer,
    registered,
)
from netencoders.net_files.end_record import MAX_MEMBERS
from netencoders.records import Provider

MODEL = "models/Dense/weights.npy"


class Ramp(Encoder):
    """The numbers below the input."""

    name = "Ramp"
    parameters = (Parameter("Up", Boolean(), default=True, doc="the direction"),)

    def output(self):
        """Return the form."""
        return Form((3, 40))

    def encode(self, value):
        """Return an array."""
        return np.zeros((3, 40), np.float32)


class Same(RowLayer):
    """The array itself."""

    name = "Same"

    def infer(self, form):
        """Return the form."""
        return form

    def apply(self, rows):
        """Return the rows."""
        return rows


@pytest.fixture(autouse=True)
def _toys(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with registered(Ramp, Same):
        yield


@pytest.fixture
def members(dense):
    """Return the members of a net file: net.yaml, and the weights of a model."""
    NetChain(["Same", dense()], Input="Ramp").save("good.netz")
    file = zipfile.ZipFile("good.netz")
    return {name: file.read(name) for name in file.namelist()}


def pack(members, name="bad.netz", **fields):
    """Write a zip of members; return its name. The fields change each ZipInfo."""
    with zipfile.ZipFile(name, "w") as file:
        for member, content in [*members.items()] if isinstance(members, dict) else members:
            info = zipfile.ZipInfo(member)
            info.create_system = 3
            for field, value in fields.items():
                setattr(info, field, value)
            file.writestr(info, content)
    return name


def edited(members, *changes):
    """Write the members with changes of the text of net.yaml."""
    text = members["net.yaml"].decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return pack({**members, "net.yaml": text.encode()})


def refused(name, message, remedy=None):
    """Check that a file is refused with a message that names it; return the error."""
    with pytest.raises(NetFileError, match=re.escape(message)) as caught:
        NetGraph.load(name)
    assert str(caught.value).startswith(f"{name}: ")
    return caught.value


def test_packed_members_are_accepted(members):
    """The functions of this module make files that are loaded if nothing is wrong."""
    assert NetGraph.load("good.netz").digest == NetGraph.load(edited(members)).digest


# Paths


def test_missing_file_is_refused():
    """A file that does not exist."""
    refused("missing.netz", "missing.netz: no such file (check the path)")


def test_folder_and_pipe_are_refused():
    """A folder, and a pipe that nobody writes to, are not opened."""
    os.mkdir("folder.netz")
    os.mkfifo("pipe.netz")
    refused("folder.netz", "this is a folder (name a file that net.save has written)")
    refused("pipe.netz", "this is not a regular file")


def test_path_that_the_system_refuses():
    """A path that is too long, or has a null character."""
    refused("a" * 300, "it cannot be opened: File name too long")
    with pytest.raises(NetFileError, match="it cannot be opened: embedded null"):
        NetGraph.load("a\0b")


def test_error_of_the_disk_is_a_net_file_error(members, monkeypatch):
    """A file that cannot be read to its end."""

    def fails(file):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("netencoders.net_files.archive.read_end", fails)
    refused("good.netz", "it cannot be read: Input/output error")


# Zips


def test_file_that_is_empty_is_refused():
    """No bytes."""
    Path("bad.netz").write_bytes(b"")
    refused("bad.netz", "the file is empty (copy or download it again)")


@pytest.mark.parametrize("content", [b"x", b"schema: 1\n" * 20, b"\x93NUMPY", b"PK\x05\x06"])
def test_file_that_is_no_zip_is_refused(content):
    """Other content."""
    Path("bad.netz").write_bytes(content)
    refused("bad.netz", "this is not a zip file (name a file that net.save has written)")


def test_zip_without_members_is_refused():
    """An empty zip begins with its end record."""
    pack({})
    refused("bad.netz", "there are bytes before the zip")


def test_truncated_zip_is_refused(members):
    """Every beginning of a file is refused."""
    whole = Path("good.netz").read_bytes()
    for length in range(0, len(whole), 7):
        Path("bad.netz").write_bytes(whole[:length])
        with pytest.raises(NetFileError):
            NetGraph.load("bad.netz")
    refused("bad.netz", "the zip is truncated: it has no end record (copy or download it again)")


def test_bytes_around_the_zip_are_refused(members):
    """Bytes before or after the zip, and a comment, may be content for another reader."""
    whole = Path("good.netz").read_bytes()
    Path("bad.netz").write_bytes(b"#!/bin/sh\n" + whole)
    refused("bad.netz", "there are bytes before the zip")
    Path("bad.netz").write_bytes(whole + b"\n")
    refused("bad.netz", "there are bytes after the zip, or a comment")
    pack(members)
    with zipfile.ZipFile("bad.netz", "a") as file:
        file.comment = b"hello"
    refused("bad.netz", "there are bytes after the zip, or a comment")
    Path("bad.netz").write_bytes(whole[:-2] + b"\5\0")  # a comment that is not there
    refused("bad.netz", "there are bytes after the zip, or a comment")


def test_bytes_between_members_are_refused(members):
    """Bytes that belong to no member."""
    with open("bad.netz", "wb") as file, zipfile.ZipFile(file, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
            file.seek(0, os.SEEK_END)
            file.write(b"hidden")
            zipped.start_dir += 6
    refused("bad.netz", "the members of the zip overlap, or have other bytes between them")


def test_members_that_overlap_are_refused(members):
    """Two entries of the directory for one content, which multiply its size."""
    pack({**members, "b": b"x"})
    data = bytearray(Path("bad.netz").read_bytes())
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 42 : entry + 46] = struct.pack("<L", 0)
    Path("bad.netz").write_bytes(data)
    refused("bad.netz", "the members of the zip overlap, or have other bytes between them")


def test_members_of_one_size_that_overlap_are_refused(members):
    """The second entry has the place of the first one, and the sizes add up."""
    pack({**members, "x1": b"x", "x2": b"x"})
    data = bytearray(Path("bad.netz").read_bytes())
    last = data.rfind(b"PK\x01\x02")
    first = data.rfind(b"PK\x01\x02", 0, last)
    data[last + 42 : last + 46] = data[first + 42 : first + 46]
    Path("bad.netz").write_bytes(data)
    refused("bad.netz", "the members of the zip overlap, or have other bytes between them")


@pytest.mark.parametrize(
    ("field", "value"), [(4, 1), (6, 1), (8, 1), (10, 9), (12, 1), (16, 2**31), (16, 2**32 - 1)]
)
def test_end_record_that_does_not_fit_is_refused(members, field, value):
    """Disks, numbers of members, sizes and places that the file does not have."""
    data = bytearray(Path("good.netz").read_bytes())
    size = 4 if field in (12, 16) else 2
    start = len(data) - 22 + field
    data[start : start + size] = value.to_bytes(size, "little")
    Path("bad.netz").write_bytes(data)
    refused("bad.netz", "the end record of the zip does not fit the file")


def test_end_record_of_a_large_zip_is_checked(members):
    """Numbers that promise a record for zips of more than 4 GiB, in a file too short for it."""
    data = b"PK\x03\x04" + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *[0xFFFF] * 2, 0, 0, 0)
    Path("bad.netz").write_bytes(data)
    refused("bad.netz", "the end record of the zip does not fit the file")


def test_wide_zip_is_loaded(members, monkeypatch):
    """A zip with the records for more than 4 GiB is read."""
    digest = NetGraph.load("good.netz").digest
    with monkeypatch.context() as small:
        small.setattr("zipfile.ZIP64_LIMIT", 100)
        pack(members)
    data = Path("bad.netz").read_bytes()
    assert b"PK\x06\x06" in data
    assert digest == NetGraph.load("bad.netz").digest
    wide = len(data) - 22 - 20 - 56
    for offset in (4, 16, 24, 56, 56 + 16):  # its size, a disk, a number, and those of the locator
        changed = bytearray(data)
        changed[wide + offset] ^= 3
        Path("bad.netz").write_bytes(changed)
        refused("bad.netz", "the end record of the zip does not fit the file")


def test_too_many_members_are_refused(members):
    """The directory is not read if it claims too many members."""
    pack({**members, **{f"m{number}": b"" for number in range(MAX_MEMBERS)}})
    refused("bad.netz", f"the zip has {MAX_MEMBERS + 2} members in a directory of")


def test_damaged_directory_is_refused(members):
    """A directory whose entries are not entries."""
    data = bytearray(Path("good.netz").read_bytes())
    data[data.rfind(b"PK\x01\x02") + 1] = 0
    Path("bad.netz").write_bytes(data)
    refused("bad.netz", "the zip is damaged: Bad magic number for central directory")


def test_directory_with_another_number_of_members_is_refused(members):
    """The end record and the directory must agree."""
    data = bytearray(Path("good.netz").read_bytes())
    data[-22 + 8 : -22 + 12] = struct.pack("<2H", 3, 3)
    Path("bad.netz").write_bytes(data)
    refused("bad.netz", "the directory of the zip is damaged")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("/etc/passwd", "has a name that is an absolute path"),
        ("C:/a", "has a name that is an absolute path"),
        ("../a", "has a name that leads out of the folder by '..'"),
        ("models/../../a", "has a name that leads out of the folder by '..'"),
        ("models\\a", "has a name that has a backslash"),
        ("models/", "has a name that is a folder"),
        ("a\x1bb", "has a name that has a character that is not printable"),
        ("./a", "has a name that has an empty part"),
    ],
)
def test_names_out_of_the_zip_are_refused(members, name, problem):
    """Names that would leave a folder."""
    pack({**members, name: b"x"})
    refused("bad.netz", problem)


def test_name_with_a_null_is_refused(members):
    """The module zipfile cuts a name at a null."""
    pack({**members, "extra#hidden": b"x"})
    data = Path("bad.netz").read_bytes().replace(b"extra#hidden", b"extra\0hidden")
    Path("bad.netz").write_bytes(data)
    refused("bad.netz", "has a name that has a character that is not printable")


def test_name_in_two_ways_is_refused(members):
    """A second name for Unicode, which some readers take."""
    extra = struct.pack("<BL", 1, zlib.crc32(b"extra")) + b"other"
    pack({**members, "extra": b""}, extra=struct.pack("<HH", 0x7075, len(extra)) + extra)
    with pytest.raises(NetFileError, match=r"bad\.netz: the member '?extra'? "):
        NetGraph.load("bad.netz")


def test_name_that_is_there_twice_is_refused(members):
    """Two readers might read two contents."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        pack([*members.items(), ("net.yaml", b"schema: 1")])
    refused("bad.netz", "the member 'net.yaml' is there twice (save the net again by net.save)")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO])
def test_links_and_other_kinds_of_files_are_refused(members, kind):
    """A symbolic link, a folder, a pipe."""
    pack(members, external_attr=(kind | 0o777) << 16)
    refused("bad.netz", "is a symbolic link, or no regular file")


@pytest.mark.parametrize("bit", [0x1, 0x40])
def test_encrypted_members_are_refused(members, bit):
    """A password is not asked for."""
    data = bytearray(Path("good.netz").read_bytes())
    data[data.find(b"PK\x03\x04") + 6] |= bit
    data[data.find(b"PK\x01\x02") + 8] |= bit
    Path("bad.netz").write_bytes(data)
    refused("bad.netz", f"the member '{MODEL}' is encrypted")


def test_streamed_members_are_refused(members):
    """Members whose sizes are behind them, as of a zip that was written to a pipe."""

    class Pipe(io.RawIOBase):
        def __init__(self):
            self.content = b""

        def writable(self):
            return True

        def write(self, data):
            self.content += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    Path("bad.netz").write_bytes(pipe.content)
    refused("bad.netz", "has its size behind its content")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(members, method):
    """Only stored and deflated members are read."""
    pack(members, compress_type=method)
    refused("bad.netz", "is neither stored nor deflated")


def test_stored_member_with_two_sizes_is_refused(members):
    """The size of a stored member is that of its bytes."""
    data = bytearray(Path("good.netz").read_bytes())
    entry = data.find(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<L", 2**31)
    Path("bad.netz").write_bytes(data)
    refused("bad.netz", f"the member '{MODEL}' is stored with another size than its own")


def deflated(members, sizes):
    """Write deflated members whose headers state other sizes."""
    pack(members, compress_type=zipfile.ZIP_DEFLATED)
    data = bytearray(Path("bad.netz").read_bytes())
    place = 0
    for name, size in sizes.items():
        place = data.find(b"PK\x01\x02", place)
        assert name.encode() == bytes(data[place + 46 : place + 46 + len(name)])
        data[place + 24 : place + 28] = struct.pack("<L", size)
        place += 1
    Path("bad.netz").write_bytes(data)


def test_content_of_another_size_than_stated_is_refused(members):
    """A deflated member that inflates to more, or to less, than the zip states."""
    deflated(members, {MODEL: len(members[MODEL]) - 1, "net.yaml": len(members["net.yaml"]) - 1})
    refused("bad.netz", "the member net.yaml is damaged: Bad CRC-32 for file 'net.yaml'")
    deflated(members, {MODEL: len(members[MODEL]), "net.yaml": len(members["net.yaml"]) + 1})
    with pytest.raises(NetFileError, match=r"the member net\.yaml"):
        NetGraph.load("bad.netz")


def test_size_that_is_a_lie_allocates_nothing(members):
    """A member that states 3 GiB takes the memory of its bytes."""
    import tracemalloc

    deflated(members, {MODEL: 3 * 2**30})
    tracemalloc.start()
    with pytest.raises(NetFileError, match=r"has not the size and the sha256 that net\.yaml"):
        NetGraph.load("bad.netz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 2**20


def test_bomb_is_refused_by_its_stated_size(members):
    """A member that inflates to much more than the file is refused before it is read."""
    bomb = bytes(2**25)
    pack({**members, MODEL: bomb}, compress_type=zipfile.ZIP_DEFLATED)
    assert os.path.getsize("bad.netz") < 2**17
    with pytest.raises(NetFileError, match=r"its members have 3355\d+ bytes, more than the limit"):
        NetGraph.load("bad.netz", max_bytes=2**24)


def test_limit_of_the_content_can_be_raised(members):
    """The limit is an argument, and the message has the line."""
    with pytest.raises(NetFileError, match=r"raise the limit by NetGraph.load\(path, max_bytes="):
        NetGraph.load("good.netz", max_bytes=100)
    assert NetGraph.load("good.netz", max_bytes=sum(map(len, members.values())))


def test_document_that_is_a_bomb_is_refused(members):
    """net.yaml has a limit of its own."""
    pack({**members, "net.yaml": b" " * (2**20 + 1)}, compress_type=zipfile.ZIP_DEFLATED)
    refused("bad.netz", "net.yaml has 1048577 bytes, more than the limit of 1048576")


def test_member_whose_bytes_are_damaged_is_refused(members):
    """The checksum of the zip differs."""
    data = bytearray(Path("good.netz").read_bytes())
    data[data.find(members[MODEL]) + 200] ^= 1
    Path("bad.netz").write_bytes(data)
    refused("bad.netz", f"the member {MODEL} is damaged: Bad CRC-32")


# Members


def test_member_that_is_not_declared_is_refused(members):
    """A file that net.yaml does not name."""
    pack({**members, "models/extra.py": b"import os"})
    refused("bad.netz", "the member models/extra.py is not declared in net.yaml")


def test_member_that_is_missing_is_refused(members):
    """A file that net.yaml names, and net.yaml itself."""
    pack({"net.yaml": members["net.yaml"]})
    refused("bad.netz", f"the member {MODEL} is missing (copy or download it again)")
    pack({MODEL: members[MODEL]})
    refused("bad.netz", "the zip has no net.yaml (save the net by net.save)")


def test_member_of_another_content_is_refused(members):
    """Other bytes of the same size, and of another size."""
    content = members[MODEL]
    for other in (content[:-1] + bytes([content[-1] ^ 1]), content + b"0"):
        pack({**members, MODEL: other})
        refused("bad.netz", f"the member {MODEL} has not the size and the sha256 that net.yaml")


def test_document_that_states_two_contents_of_one_member_is_refused(dense):
    """A member of two layers has one sha256."""
    model = dense(40, 40)
    NetChain([("a", model), ("b", model)], Input="Ramp").save("good.netz")
    file = zipfile.ZipFile("good.netz")
    members = {name: file.read(name) for name in file.namelist()}
    sha256 = hashlib.sha256(members["models/a/weights.npy"]).hexdigest()
    text = members["net.yaml"].decode()
    members["net.yaml"] = text.replace(f"sha256: {sha256}", f"sha256: {'f' * 64}", 1).encode()
    refused(pack(members), "net.yaml states two contents of models/a/weights.npy")


# net.yaml


def test_document_that_is_not_yaml_is_refused(members):
    """Tags, aliases and other content are not read."""
    for text, problem in [
        (b"!!python/object/apply:os.system [ls]", "line 1: a tag ('!...') is not allowed"),
        (b"a: &x 1\nb: *x", "line 1: an anchor"),
        (b"a: 1\na: 2", "line 2: the key 'a' is repeated"),
        (b"\xff", "line 1: the byte 0xff is not UTF-8"),
        (b"[" * 100, "line 1: the values are nested more than 16 levels deep"),
        (b"", "the document: it must be a mapping. Got None"),
        (b"- 1", "the document: it must be a mapping. Got [1]"),
    ]:
        refused(pack({**members, "net.yaml": text}), f"net.yaml, {problem}")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("schema: 1\n", "schema: 2\n", "net.yaml has the schema 2, and this version reads the sch"),
        ("schema: 1\n", "schema: 0\n", "schema: it must be 1. Got 0"),
        ("schema: 1\n", "schema: true\n", "schema: it must be an integer. Got True"),
        ("kind: NetChain", "kind: os.system", "kind: it must be one of NetChain, NetGraph"),
        ("kind: NetChain", "kin: NetChain", "the document: the key 'kind' is missing"),
        ("kind: NetChain", "kind: NetChain\nrun: x", "unknown key 'run'. Known: schema, digest"),
        ("kind: NetChain", "kind: NetChain\nprob: {}", "unknown key 'prob'. Did you mean 'probe'"),
        ("kind: NetChain", "kind: NetChain\nprobe: {}", "probe: 2 problems of a probe"),
        ("kind: NetChain", "kind: NetChain\nprobe: {inputs: {a: 1}}", "probe: 1 problems of a"),
        ("kind: NetChain", "kind: NetChain\nnets: {x: 1}", "nets.x: it must be a mapping. Got 1"),
        ("digest: ", "digest: x", "digest: it must be a sha256"),
        ("  numpy: ", "  numpy: 1\n  other: ", "made_with: the versions must be texts"),
        ("encoder: Ramp", "encoder: 5", "inputs.Input.encoder.encoder: it must be a text. Got 5"),
        ("encoder: Ramp", "encoder: Rampp", "Input': no encoder 'Rampp'. Did you mean 'Ramp'?"),
        ("Up: true", "Up: 5", "the encoder of the input port 'Input': Ramp: 1 problem"),
        ("Up: true", "Up: {asset: /etc/passwd}", "must be the name of a file of the net file"),
        ("Up: true", "Up: [[{asset: a}]]", "must be the name of a file of the net file"),
        ("Up: true", "Up: true\n      name: x", "unknown key 'name'"),
        ("Up: true", "Up: true\n      layers: [Log]", "a layer must be one name with parameters"),
        (
            "Up: true",
            "Up: true\n      layers: [{Log: {Base: {asset: a}}}]",
            "an asset must be the name",
        ),
        ("      Same: {}", "      Other: {}", "layer 'Same': no layer 'Other'"),
        ("      Same: {}", "      Same: {A: {asset: b}}", "must be the name of a file of the net"),
        ("      Same: {}", "      Same: {A: 1}", "layer 'Same': Same: 1 problem"),
        ("    layer:\n", "    layers:\n", "layers.Same: the key 'layer' is missing"),
        ("model: Dense", "model: Torch", "layer 'Dense': there is no net reader 'Torch'"),
        ("model: Dense", "model: os.path", "layer 'Dense': there is no net reader 'os.path'"),
        ("name: weights.npy", "name: other", "layer 'Dense': net reader Dense, dense-models 1.5"),
        (f"path: {MODEL}", "path: ../a", "path: the name leads out of the folder by '..'"),
        (f"path: {MODEL}", "path: net.yaml", "path: the name is that of the document"),
        ("bytes: ", "bytes: 1", "has not the size and the sha256 that net.yaml states"),
        ("bytes: ", "bytes: x", "bytes: it must be an integer. Got 'x"),
        ("bytes: ", "size: ", "the key 'bytes' is missing"),
        ("edges: [[Same, Dense]]", "edges: []", "the net has the ports Input, x, Output, y, and"),
        ("edges: [[Same, Dense]]", "edges: [[Same, Dens]]", "the net: 'Dens' is not a layer"),
        ("edges: [[Same, Dense]]", "edges: [5]", "edges: it must be a list of texts. Got 5"),
        ("edges: [[Same, Dense]]", "edges: 5", "edges: it must be a list. Got 5"),
        ("outputs: [Output]", "outputs: [Out]", "the net has the ports Input, Output, and net.ya"),
        ("outputs: [Output]", "outputs: [1]", "outputs: it must be a list of texts. Got [1]"),
        ("edges: [[Same, Dense]]", "edges: [[Input, Same, Dense], [Dense, Output]]", ""),
    ],
)
def test_document_with_other_content_is_refused(members, old, new, message):
    """Each part of net.yaml is checked, and the message names its place."""
    name = edited(members, (old, new))
    if message:
        refused(name, message)
    else:  # other edges for the same wiring
        assert NetGraph.load("good.netz").digest == NetGraph.load(name).digest


def test_changed_parts_do_not_have_the_digest(members):
    """Parts that are right by themselves, but are not those of the digest."""
    name = edited(members, ("edges: [[Same, Dense]]", "edges: [[Dense, Same]]"))
    refused(name, "the parts of the net do not have the digest that net.yaml states")


def test_form_in_the_document_is_checked(dense):
    """A port without an encoder has a form whose fields are checked."""
    NetChain([dense()], Input=Form((3, 40), quantity="power")).save("good.netz")
    file = zipfile.ZipFile("good.netz")
    members = {name: file.read(name) for name in file.namelist()}
    for old, new, message in [
        ("dims: [3, 40]", "dims: [3, -1]", "form: a dimension must be an integer >= 1"),
        ("dims: [3, 40]", "dims: [3, [1]]", "form: a dimension must be an integer >= 1"),
        ("dtype: float32", "dtype: O", "dtype: it must be a type of numbers. Got 'O'"),
        ("dtype: float32", 'dtype: "(9,)f4"', "dtype: it must be a type of numbers."),
        ("axes: []", "axes: [1]", "axes: it must be a mapping. Got 1"),
        (
            "axes: []",
            "axes: [{name: a, unit: s, step: 0, start: 1.5}]",
            "an axis needs a finite start, and a finite step other than 0",
        ),
        ("axes: []", "axes: [{name: a, unit: s, step: a, start: 0}]", "step: it must be a number"),
        ("stream_axis: 0", "stream_axis: 7", "stream_axis must be the index"),
        ("stream_axis: 0", "stream_axis: 0\n      low: 1", "low and high need a type of integers"),
        ("quantity: power", "quantity: log", "the parts of the net do not have the digest"),
        ("    form:\n", "    forms:\n", "inputs.Input: unknown key 'forms'. Did you mean 'form'?"),
    ]:
        refused(edited(members, (old, new)), message)


def test_nets_in_the_document_are_those_of_layers():
    """A net that contains itself, or that no layer uses, is refused."""
    NetChain([("a", NetChain(["Same"]))], Input="Ramp").save("good.netz")
    members = {"net.yaml": zipfile.ZipFile("good.netz").read("net.yaml")}
    text = members["net.yaml"].decode()
    same = text[text.index("      Same:\n        layer:") : text.index("    edges: []")]
    other = "nets:\n  b: {kind: NetGraph, inputs: {}, layers: {}, edges: [], outputs: []}\n  a:"
    for change, message in [
        ((same, "      Same:\n        net: a\n"), "layers.Same: the net must be 'a.Same', under"),
        (("    net: a\n", "    net: b\n"), "layers.a: the net must be 'a', under nets"),
        (("nets:\n  a:", "nets:\n  b:"), "layers.a: the net must be 'a', under nets"),
        (("nets:\n  a:", other), "nets: the net 'b' is not a layer of another net"),
    ]:
        refused(edited(members, change), message)


def test_nets_that_are_too_deep_are_refused(monkeypatch):
    """Nets within each other have the limit of saving."""
    net = NetChain(["Same"])
    for _ in range(21):
        net = NetChain([("n", net)])
    monkeypatch.setattr("netencoders.net_files.describing.MAX_NESTED", 30)
    with monkeypatch.context() as lax:
        lax.setattr("netencoders.net_files.document.MAX_NESTED", 30)
        net.save("deep.netz")
        NetGraph.load("deep.netz")
    refused("deep.netz", "nets: more than 20 nets are within each other")


def test_stated_spec_of_an_encoder_is_checked():
    """The name and the probe of the spec of an encoder have their form."""
    NetChain(["Log"], Input=NetEncoder("Whisper").then("Transpose")).save("plain.netz")
    NetChain(["Transpose"], Input="Whisper").save("good.netz")
    members = {"net.yaml": zipfile.ZipFile("good.netz").read("net.yaml")}
    for old, new, message in [
        ("      spec: Whisper", "      spec: 5", "stated.spec: it must be a text. Got 5"),
        ("      spec: Whisper", "      specs: a", "stated: unknown key 'specs'. Did you mean 'sp"),
    ]:
        refused(edited(members, (old, new)), message)
    text = members["net.yaml"].decode()
    if "        signal: " in text:
        refused(edited(members, ("        signal: ", "        sign: ")), "stated: ")


# Versions


def test_encoder_of_another_revision_is_a_digest_error(members, monkeypatch):
    """Both digests, the revision and the versions are named."""
    digest = NetEncoder("Ramp").digest
    monkeypatch.setattr(Ramp, "revision", 7)
    with pytest.raises(DigestError) as caught:
        NetGraph.load("good.netz")
    text = str(caught.value)
    assert text.startswith("good.netz: the encoder of the input port 'Input' (Ramp) has the digest")
    assert digest in text
    assert NetEncoder("Ramp").digest in text
    assert "(revision 7, from this process)" in text
    assert f"numpy {np.__version__}" in text


def test_layer_of_another_revision_is_a_digest_error(members, monkeypatch):
    """The layer is named."""
    monkeypatch.setattr(Same, "revision", 2)
    with pytest.raises(DigestError, match=r"good\.netz: layer 'Same' \(Same\) has the digest"):
        NetGraph.load("good.netz")


def test_cause_of_an_error_is_kept(members):
    """The error of the part is the cause of the error of the file."""
    error = refused(edited(members, ("      Same: {}", "      Gone: {}")), "layer 'Same': no layer")
    assert isinstance(error.__cause__, LayerNotFoundError)
    error = refused(edited(members, ("name: weights.npy", "name: gone")), "KeyError: 'gone'")
    assert isinstance(error.__cause__, PluginError)


def test_model_that_another_plugin_cannot_restore_is_refused(members, monkeypatch):
    """A reader without restore."""
    reader = NetReader("Dense", "weights", lambda value: None)
    named = {"Dense": (Provider("a", "b"), reader)}
    monkeypatch.setattr("netencoders.registry.net_readers", lambda: named)
    refused("good.netz", "layer 'Dense': layers of the kind Dense cannot be loaded from a file")


def test_refusal_of_a_reader_names_the_file(members, monkeypatch):
    """A PortError of a reader, such as for damaged weights."""

    def refuses(parameters, files):
        raise PortError("this is not a model.")

    reader = NetReader("Dense", "weights", lambda value: None, restore=refuses)
    named = {"Dense": (Provider("a", "b"), reader)}
    monkeypatch.setattr("netencoders.registry.net_readers", lambda: named)
    refused("good.netz", "good.netz: layer 'Dense': this is not a model")


# No code, no import


def test_loading_imports_no_module_of_the_file(members):
    """Names in the file are looked up among the registered ones alone."""
    Path("harm.py").write_text("raise SystemExit('imported')")
    before = set(sys.modules)
    for change in [
        ("encoder: Ramp", "encoder: harm"),
        ("model: Dense", "model: harm"),
        ("      Same: {}", "      harm: {}"),
        ("kind: NetChain", "kind: harm"),
    ]:
        with pytest.raises(NetFileError):
            NetGraph.load(edited(members, change))
    assert "harm" not in set(sys.modules) - before


def test_loading_writes_nothing(members, tmp_path):
    """Nothing is extracted."""
    before = sorted(os.listdir())
    NetGraph.load("good.netz")
    assert before == sorted(os.listdir())


# Random changes


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_are_refused(members, seed):
    """A file with some changed, inserted or removed bytes is refused, or is the same net."""
    whole = Path("good.netz").read_bytes()
    digest = NetGraph.load("good.netz").digest
    chance = random.Random(seed)
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 1, 2, 8])):
            place = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[place] = chance.randrange(256)
                case 1:
                    data[place] ^= 1 << chance.randrange(8)
                case 2:
                    del data[place : place + chance.randrange(1, 9)]
                case 3:
                    data[place:place] = chance.randbytes(chance.randrange(1, 9))
        Path("bad.netz").write_bytes(data)
        try:
            assert digest == NetGraph.load("bad.netz").digest
        except NetFileError:
            continue


@pytest.mark.parametrize("seed", range(2))
def test_random_changes_of_the_document_are_refused(members, seed):
    """The same for net.yaml in a zip that is right: the checksum does not protect it."""
    whole = members["net.yaml"]
    chance = random.Random(seed)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 2, 4])):
            place = chance.randrange(len(data))
            data[place : place + chance.randrange(2)] = chance.choice(
                [b"", b" ", b"\n", b"0", b"-", b"{", b"]", b":", b"a: ", b"null", b"\xff", b"1e9"]
            )
        pack({**members, "net.yaml": bytes(data)})
        try:
            NetGraph.load("bad.netz")
        except (NetFileError, DigestError):
            continue
