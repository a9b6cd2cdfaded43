"""Assets: the files that a spec or a program names, and the files that are refused."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Asset,
    Encoder,
    NetEncoder,
    Parameter,
    ParameterError,
    RefusedError,
    RowLayer,
    SpecError,
    Vector,
    read_asset,
    registered,
)
from netencoders.assets import MAX_BYTES, asset_problem, with_assets
from netencoders.checks import CHECKS
from netencoders.yaml_specs import declaration, declarations

VALUES = np.linspace(-1, 1, 560, dtype=np.float32)
SPEC = "schema: 1\nname: Shifted\nencoder: Shift\nparameters: {By: {asset: cmvn.npy}}\n"


class Shift(Encoder):
    """Adds a vector to a number."""

    name = "Shift"
    parameters = (Parameter("By", Vector(), [0.0], doc="the vector"),)

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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a spec and its vector."""
    made = tmp_path / "model"
    made.mkdir()
    np.save(made / "cmvn.npy", VALUES)
    (made / "spec.yaml").write_text(SPEC)
    return made


def inline() -> NetEncoder:
    """Return the encoder with the values of the file."""
    return NetEncoder("Shift", By=VALUES)


# where assets are found


def test_asset_is_beside_its_spec(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An asset of a spec is in the folder of the spec, for any current folder."""
    assert inline() == NetEncoder.from_yaml(folder / "spec.yaml")
    monkeypatch.chdir(folder)
    assert inline() == NetEncoder.from_yaml("spec.yaml")
    assert inline() == NetEncoder.from_yaml(Path("spec.yaml"))
    folder.rename(folder.parent / "moved")
    assert inline() == NetEncoder.from_yaml(folder.parent / "moved" / "spec.yaml")


def test_asset_in_a_folder_below(folder: Path) -> None:
    """An asset may be in a folder below that of the spec; '.' changes nothing."""
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "cmvn.npy").rename(folder / "a" / "b" / "cmvn.npy")
    text = SPEC.replace("cmvn.npy", "./a/b/cmvn.npy")
    (folder / "spec.yaml").write_text(text)
    assert inline() == NetEncoder.from_yaml(folder / "spec.yaml")


def test_asset_of_a_program_is_any_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program names any file, relative to the current folder or not."""
    monkeypatch.chdir(folder)
    (folder / "below").mkdir()
    assert inline() == NetEncoder("Shift", By=Asset("cmvn.npy"))
    monkeypatch.chdir(folder / "below")
    assert inline() == NetEncoder("Shift", By=Asset("../cmvn.npy"))
    assert inline() == NetEncoder("Shift", By=Asset(folder / "cmvn.npy"))
    assert "Asset('cmvn.npy')" == repr(Asset("cmvn.npy"))


def test_asset_of_a_text_or_dict_is_in_the_current_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text or a dict has no folder: an asset is in the current folder, and not outside of it."""
    given = {"schema": 1, "encoder": "Shift", "parameters": {"By": {"asset": "cmvn.npy"}}}
    monkeypatch.chdir(folder)
    assert inline() == NetEncoder.from_yaml(SPEC)
    assert inline() == NetEncoder.from_dict(given)
    given["parameters"] = {"By": {"asset": "../model/cmvn.npy"}}
    with pytest.raises(SpecError, match=r"leads out of the folder by '\.\.'"):
        NetEncoder.from_dict(given)
    (folder / "link.npy").symlink_to(folder.parent / "outside.npy")
    np.save(folder.parent / "outside.npy", VALUES)
    given["parameters"] = {"By": {"asset": "link.npy"}}
    with pytest.raises(ParameterError, match="a symbolic link leads out of the folder"):
        NetEncoder.from_dict(given)


def test_asset_in_a_zip_archive(folder: Path) -> None:
    """A spec that a package holds in a zip archive has its assets in the archive."""
    archive = folder / "package.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for name in ("spec.yaml", "cmvn.npy"):
            made.write(folder / name, f"package/{name}")
        made.writestr("package/empty/", "")
        made.writestr("package/huge.npy", bytes(MAX_BYTES + 1), zipfile.ZIP_DEFLATED)
    spec = zipfile.Path(archive, "package/spec.yaml")
    [found] = CHECKS["register_specs"](spec)
    assert inline() == NetEncoder("Shift", **found.parameters)
    assert inline() == NetEncoder("Shift", By=Asset(zipfile.Path(archive, "package/cmvn.npy")))
    for name, message in [
        ("absent.npy", r"absent\.npy, beside .*package\.zip/package/spec\.yaml: there is no such"),
        ("empty", "this is a folder"),
        ("huge.npy", "more than 16777216 bytes"),
        ("../package/cmvn.npy", r"leads out of the folder by '\.\.'"),
    ]:
        with pytest.raises(RefusedError, match=message):
            read_asset(Asset(name, spec=spec))
    archive.write_bytes(archive.read_bytes()[:100])
    with pytest.raises(RefusedError, match=r"cmvn\.npy.*cannot be read: BadZipFile"):
        read_asset(Asset("cmvn.npy", spec=spec))


class Resource:
    """A package resource without a folder, which reads a byte at a time."""

    def __init__(self, content: bytes) -> None:
        self.content = [bytes([byte]) for byte in content]

    def joinpath(self, *names: str) -> Resource:
        """Return the resource itself."""
        return self

    def is_file(self) -> bool:
        """Return True."""
        return True

    def open(self, mode: str) -> Any:
        """Return the resource as a file."""
        return self

    def read(self, count: int) -> bytes:
        """Return the next byte."""
        return self.content.pop(0) if self.content else b""

    def __enter__(self) -> Resource:
        return self

    def __exit__(self, *problem: object) -> None:
        pass


def test_resource_of_another_class() -> None:
    """A resource may return fewer bytes than requested; a spec needs a folder."""
    assert b"abc" == read_asset(Asset(Resource(b"abc")))  # type: ignore[arg-type] # a duck
    with pytest.raises(RefusedError, match=r"a\.npy.*without a known folder"):
        read_asset(Asset("a.npy", spec=Resource(b"")))  # type: ignore[arg-type] # a duck


def test_spec_of_a_plugin_has_assets(
    install: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The specs of a plugin and of NETENCODERS_SPECS have their assets beside them."""
    listed = tmp_path / "listed"
    listed.mkdir()
    (tmp_path / "site" / "package").mkdir()
    for name, place in [("Listed", listed), ("Packaged", tmp_path / "site" / "package")]:
        np.save(place / "cmvn.npy", VALUES)
        (place / "spec.yaml").write_text(SPEC.replace("Shifted", name))
    monkeypatch.setenv("NETENCODERS_SPECS", str(listed))
    install(
        "packaged",
        "from importlib.resources import files\n@hookimpl\ndef register_specs(register):\n"
        "    register(files('package') / 'spec.yaml')\n",
    )
    assert inline() == NetEncoder("Listed") == NetEncoder("Packaged")
    (listed / "cmvn.npy").unlink()
    with pytest.raises(ParameterError, match=r"listed/cmvn\.npy: there is no such file"):
        NetEncoder("Listed")
    other = NetEncoder("Listed", By=[1, 2])  # the file is not needed
    assert (1.0, 2.0) == other.parameters["By"]


# symbolic links


def test_link_inside_of_the_folder(folder: Path) -> None:
    """A link to another file of the folder is followed, also if the folder is a link."""
    (folder / "cmvn.npy").rename(folder / "real.npy")
    (folder / "cmvn.npy").symlink_to("real.npy")
    assert inline() == NetEncoder.from_yaml(folder / "spec.yaml")
    (folder.parent / "link").symlink_to("model")
    assert inline() == NetEncoder.from_yaml(folder.parent / "link" / "spec.yaml")


def test_link_out_of_the_folder_is_refused(folder: Path) -> None:
    """A link to a file outside, or through a folder outside, is refused, and so is a sibling."""
    outside = folder.parent / "model-of-another"  # the name begins like that of the folder
    outside.mkdir()
    (folder / "cmvn.npy").rename(outside / "cmvn.npy")
    (folder / "cmvn.npy").symlink_to(outside / "cmvn.npy")
    with pytest.raises(
        ParameterError, match=r"cmvn\.npy: a symbolic link leads out .* to .*another/cmvn\.npy\. C"
    ):
        NetEncoder.from_yaml(folder / "spec.yaml")
    (folder / "cmvn.npy").unlink()
    (folder / "below").symlink_to(outside)
    (folder / "spec.yaml").write_text(SPEC.replace("cmvn.npy", "below/cmvn.npy"))
    with pytest.raises(ParameterError, match=r"below/cmvn\.npy: a symbolic link leads out"):
        NetEncoder.from_yaml(folder / "spec.yaml")


def test_links_of_a_cache_are_followed(folder: Path) -> None:
    """A spec that is a link has its assets also beside the real spec, as in a cache of blobs."""
    snapshot = folder.parent / "snapshots" / "main"
    snapshot.mkdir(parents=True)
    for name in ("spec.yaml", "cmvn.npy"):
        (folder / name).rename(folder / f"blob-{name[:4]}")
        (snapshot / name).symlink_to(f"../../model/blob-{name[:4]}")
    assert inline() == NetEncoder.from_yaml(snapshot / "spec.yaml")


# refused files


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("/etc/passwd", "which is an absolute path"),
        ("C:/x.npy", "which is an absolute path"),
        ("..", r"leads out of the folder by '\.\.'"),
        ("a/../../x.npy", r"leads out of the folder by '\.\.'"),
        ("a\\\\x.npy", "has a backslash instead of '/'"),
        (".", "which is a folder"),
        ("", "not the name of a file"),
        ("a\\nb", "not the name of a file"),
        ("a\\0b", "not the name of a file"),
    ],
)
def test_name_outside_of_the_folder_is_refused(name: str, problem: str) -> None:
    """A spec that names a file outside of its folder is refused when it is read."""
    with pytest.raises(SpecError, match=rf"line 4, column 14: the parameter 'By' .*{problem}"):
        declarations(SPEC.replace("cmvn.npy", f'"{name}"'))


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ({3: "a"}, "has a mapping with the name 3, not a text"),
        ({"asset": "a", "b": 1}, "has a mapping with more than 'asset'"),
        ({"asset": 1}, "not the name of a file"),
        ({"asset": {"asset": "a"}}, "not the name of a file"),
    ],
)
def test_wrong_mappings_are_refused(mapping: Any, problem: str) -> None:
    """The key asset alone, with a text, is an asset, also inside of a list."""
    for value in (mapping, [1, [mapping]]):
        given = {"schema": 1, "encoder": "Shift", "parameters": {"By": value}}
        with pytest.raises(SpecError, match=problem):
            declaration(given)


def test_assets_inside_of_lists() -> None:
    """A list may contain assets, and names as elsewhere."""
    value = [{"asset": "a.npy"}, ("All", [{"asset": "b.npy"}])]
    first, (every, (second,)) = with_assets(value, "spec.yaml")
    assert (Asset("a.npy", spec="spec.yaml"), "All") == (first, repr(every))
    assert "b.npy" == second.path
    assert "" == asset_problem({"asset": "/a.npy"}, confined=False)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.npy", "absent.npy: there is no such file"),
        ("folder.npy", r"folder\.npy: this is a folder\. Name a file"),
        ("fifo.npy", r"fifo\.npy: this is not a regular file"),
        ("loop.npy", r"loop\.npy: the path cannot be used: Too many levels"),
        ("huge.npy", r"huge\.npy: the file has more than 1048576 bytes, the limit"),
        ("spec.yaml/x.npy", r"x\.npy: the path cannot be used: Not a directory"),
    ],
)
@pytest.mark.parametrize("of_spec", [True, False])
def test_other_than_regular_files_are_refused(
    folder: Path, name: str, message: str, of_spec: bool
) -> None:
    """Only a regular file is opened: a pipe does not block, and a huge file is not read whole."""
    os.mkfifo(folder / "fifo.npy")
    (folder / "folder.npy").mkdir()
    (folder / "loop.npy").symlink_to("loop.npy")
    with (folder / "huge.npy").open("wb") as file:
        file.truncate(2**40)
    asset = Asset(name, spec=folder / "spec.yaml") if of_spec else Asset(folder / name)
    with pytest.raises(RefusedError, match=message) as caught:
        Vector().check(asset)
    assert 1 == str(caught.value).count(str(folder / name))


def test_pipe_that_replaces_the_file_does_not_block(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe that takes the place of the file before it is opened is refused at once."""
    regular, fifo = os.stat(folder / "cmvn.npy"), folder / "fifo.npy"
    os.mkfifo(fifo)
    monkeypatch.setattr("netencoders.assets.os.stat", lambda path: regular)
    with pytest.raises(RefusedError, match="not a regular file"):
        read_asset(Asset(fifo))


def test_file_without_permission_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error for a file without read permission names the file."""

    def refuse(*_: Any) -> None:
        raise PermissionError

    monkeypatch.setattr("netencoders.assets.os.open", refuse)
    with pytest.raises(RefusedError, match=r"cmvn\.npy: there is no permission to read the file"):
        read_asset(Asset(folder / "cmvn.npy"))


def test_limit_of_an_asset(folder: Path) -> None:
    """A file of as many bytes as the limit is read whole, and a larger one is refused."""
    (folder / "a").write_bytes(b"12345")
    assert b"12345" == read_asset(Asset(folder / "a"), 5)
    with pytest.raises(RefusedError, match="more than 4 bytes"):
        read_asset(Asset(folder / "a"), 4)


@pytest.mark.parametrize("path", [5, None, b"a.npy", ["a.npy"]])
def test_asset_takes_a_path(path: Any) -> None:
    """A value that is not a path is refused where the Asset is made."""
    with pytest.raises(TypeError, match=r"Asset takes the path of a file\. Got"):
        Asset(path)


# declarations


def test_declaration_is_complete_without_the_file(folder: Path) -> None:
    """The dict, the YAML and the pickle of an encoder hold the numbers, and need no file."""
    encoder = NetEncoder.from_yaml(folder / "spec.yaml")
    kept = encoder.to_dict(pin=True), encoder.to_yaml(pin=True), pickle.dumps(encoder)
    (folder / "cmvn.npy").unlink()
    again = [NetEncoder.from_dict(kept[0]), NetEncoder.from_yaml(kept[1]), pickle.loads(kept[2])]
    for other in [*again, encoder.replace()]:
        assert encoder == other
        assert (hash(encoder), encoder.digest) == (hash(other), other.digest)
    assert np.array_equal(VALUES.astype(np.float64), encoder(0))


def test_changed_file_changes_the_digest(folder: Path) -> None:
    """The digest is that of the numbers: a spec that states it detects another file."""
    digest = NetEncoder.from_yaml(folder / "spec.yaml").digest
    (folder / "spec.yaml").write_text(f"{SPEC}digest: '{digest}'\n")
    assert digest == NetEncoder.from_yaml(folder / "spec.yaml").digest
    np.save(folder / "cmvn.npy", VALUES[::-1])
    with pytest.raises(SpecError, match="states the digest"):
        NetEncoder.from_yaml(folder / "spec.yaml")


def test_encoder_does_not_follow_its_file(folder: Path) -> None:
    """An encoder keeps the numbers that it was created with."""
    encoder = NetEncoder.from_yaml(folder / "spec.yaml")
    np.save(folder / "cmvn.npy", VALUES[::-1])
    assert inline() == encoder == encoder.replace(By=encoder.parameters["By"])
    assert encoder != NetEncoder.from_yaml(folder / "spec.yaml")


class Subtract(RowLayer):
    """Subtracts a vector from each row."""

    name = "SubtractVector"
    parameters = (Parameter("By", Vector(), [0.0], doc="the vector"),)

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the form of the input."""
        return form

    def apply(self, rows: Any) -> Any:
        """Return the rows without the vector."""
        return rows - np.array(self.resolved["By"])


def test_long_values_of_a_layer_are_files_beside_the_spec(tmp_path: Path) -> None:
    """`to_yaml` writes the numbers of a layer to a file, and replaces a file with other bytes."""
    numbers = [float(number) for number in range(2000)]
    with registered(Subtract):
        encoder = inline().then("SubtractVector", By=numbers)
        spec = tmp_path / "spec.yaml"
        spec.write_text(encoder.to_yaml(assets=tmp_path))
        [file] = tmp_path.glob("By-*.json")
        assert len(spec.read_text()) < 20_000
        assert encoder == NetEncoder.from_yaml(spec)
        file.write_text("[1, 2]")
        encoder.to_yaml(assets=tmp_path)
        assert encoder == NetEncoder.from_yaml(spec)


def test_layer_of_a_spec_has_assets(folder: Path) -> None:
    """A layer in a spec names a file as an encoder does, and holds its numbers."""
    layers = "layers:\n  - SubtractVector: {By: {asset: cmvn.npy}}\n"
    with registered(Subtract):
        (folder / "spec.yaml").write_text(SPEC + layers)
        encoder = NetEncoder.from_yaml(folder / "spec.yaml")
        assert inline().then("SubtractVector", By=VALUES) == encoder
        assert encoder == NetEncoder.from_yaml(encoder.to_yaml())
        assert encoder == pickle.loads(pickle.dumps(encoder))
        assert "By=<Vector of 560 numbers" in repr(encoder).partition(".then(")[2]
        assert len(encoder._repr_html_()) < 4000
        (folder / "spec.yaml").write_text(SPEC + layers.replace("cmvn", "absent"))
        with pytest.raises(ParameterError, match=r"SubtractVector(?s:.)*absent\.npy: there is no"):
            NetEncoder.from_yaml(folder / "spec.yaml")
        (folder / "spec.yaml").write_text(SPEC + layers.replace("cmvn", "../cmvn"))
        with pytest.raises(SpecError, match=r"line 6, column 22: the parameter 'By' .* leads out"):
            NetEncoder.from_yaml(folder / "spec.yaml")
