"""Assets: the files that values of parameters are read from.

A program names any file: ``Asset("cmvn.npy")``. A spec names a file in its own folder:
``{asset: cmvn.npy}``. A type of values, such as `Vector`, takes an Asset in its method `check`, and
gets the bytes from `read_asset`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from netencoders.errors import printable
from netencoders.values.base import RefusedError
from netencoders.values.plain import FrozenMapping, from_plain

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["ASSET_SCHEMA", "MAX_BYTES", "Asset", "asset_problem", "read_asset", "with_assets"]

MAX_BYTES: Final = 2**24
"""The largest size of an asset, unless a type of values has a lower limit."""

ASSET_SCHEMA: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "type": "object",
        "properties": {"asset": {"type": "string", "minLength": 1}},
        "required": ["asset"],
        "additionalProperties": False,
    }
)
"""The mapping ``{asset: a file}`` of a spec as JSON Schema."""


@dataclass(frozen=True, repr=False)
class Asset:
    """A file that the value of a parameter is read from.

    The file is read when an encoder is created. The encoder holds the value, not the name of the
    file: its declaration, its digest and its pickle do not depend on the file.

    Parameters
    ----------
    path : str, path, or package resource
        A str is relative to the current folder.
    spec : str, path or package resource, optional
        The spec that names the file, empty if the spec is a text. `path` is then relative to the
        folder of the spec, or to the current folder, and the file must be in that folder.

    Attributes
    ----------
    path, spec
        The arguments.

    Raises
    ------
    TypeError
        `path` is none of these.

    Examples
    --------
    >>> Asset("cmvn.npy")
    Asset('cmvn.npy')
    """

    path: str | PathLike[str] | Traversable
    spec: str | PathLike[str] | Traversable | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        given: object = self.path  # callers may pass any type
        path = os.fspath(given) if isinstance(given, PathLike) else given
        if not isinstance(path, str) and not _is_resource(path):
            raise TypeError(f"Asset takes the path of a file. Got {path!r:.80}.")

    def __repr__(self) -> str:
        return f"Asset({self.path!r})"

    @property
    def place(self) -> str:
        """The name of the file in messages, with its folder."""
        if isinstance(self.spec, str | PathLike):
            return printable(os.path.join(os.path.dirname(self.spec), str(self.path)))
        if self.spec is not None:
            return printable(f"{self.path}, beside {self.spec}")
        return printable(str(self.path))

    @property
    def suffix(self) -> str:
        """The suffix of the file's name in lower case, such as ``".npy"``."""
        return os.path.splitext(str(self.path))[1].lower()


def read_asset(asset: Asset, limit: int = MAX_BYTES) -> bytes:
    """Return the content of an asset.

    Parameters
    ----------
    asset : Asset
    limit : int
        The largest number of bytes.

    Returns
    -------
    bytes

    Raises
    ------
    RefusedError
        It is not a regular file, it cannot be read, it is too large, or it is outside of the folder
        of its spec. The text names the file.

    Examples
    --------
    >>> read_asset(Asset("no-such-file.npy"))
    Traceback (most recent call last):
        ...
    netencoders.values.base.RefusedError: no-such-file.npy: there is no such file.
    """
    if asset.spec is not None and (problem := _outside(str(asset.path))):
        raise RefusedError(f"{asset.place}: the name of the asset {problem}.")
    if isinstance(asset.spec, str | PathLike):
        content = _file_content(asset, _path_beside(asset, os.fspath(asset.spec)), limit)
    elif asset.spec is not None:
        content = _resource_content(asset, asset.spec, limit)
    elif isinstance(asset.path, str | PathLike):
        content = _file_content(asset, os.fspath(asset.path), limit)
    else:
        content = _resource_content(asset, None, limit)
    if len(content) > limit:
        raise RefusedError(f"{asset.place}: the file has more than {limit} bytes, the limit.")
    return content


def with_assets(value: Any, spec: str | PathLike[str] | Traversable | None) -> Any:
    """Return the canonical value of a value from JSON or YAML, with its assets.

    Parameters
    ----------
    value : object
        A value for which `asset_problem` finds no problem.
    spec : str, path, package resource or None
        The attribute `spec` of each Asset.

    Examples
    --------
    >>> with_assets(["Automatic", {"asset": "cmvn.npy"}], "models/spec.yaml")
    (Automatic, Asset('cmvn.npy'))
    """
    if isinstance(value, Mapping) and list(value) == ["asset"]:
        return Asset(value["asset"], spec=spec)
    if isinstance(value, Mapping):
        return FrozenMapping({name: with_assets(item, spec) for name, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(with_assets(item, spec) for item in value)
    return from_plain(value)


def asset_problem(mapping: Mapping[Any, Any], *, confined: bool) -> str:
    """Return the reason why a mapping is no value, or an empty text.

    A mapping of ``asset`` alone names a file; any other one is a value, with texts as names.

    Parameters
    ----------
    mapping : mapping
    confined : bool
        Whether the file must be in the folder of a spec.

    Examples
    --------
    >>> asset_problem({"asset": "cmvn.npy"}, confined=True)
    ''
    >>> asset_problem({"asset": "/etc/passwd"}, confined=True)
    "has the asset '/etc/passwd', which is an absolute path: name a file in the folder of the spec"
    """
    if "asset" in mapping and len(mapping) > 1:
        return "has a mapping with more than 'asset': {asset: a file} names a file, alone"
    if "asset" not in mapping:
        wrong = next((name for name in mapping if not isinstance(name, str)), None)
        return "" if wrong is None else f"has a mapping with the name {wrong!r:.80}, not a text"
    name = mapping["asset"]
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        return f"has an asset that is not the name of a file: {name!r:.80}"
    problem = _outside(name) if confined else ""
    if problem:
        return f"has the asset {name!r:.80}, which {problem}: name a file in the folder of the spec"
    return ""


def _outside(name: str) -> str:
    """Return the reason why a name is not that of a file in the folder, or an empty text."""
    if name.startswith("/") or name[1:2] == ":":
        return "is an absolute path"
    if "\\" in name:
        return "has a backslash instead of '/'"
    if ".." in name.split("/"):
        return "leads out of the folder by '..'"
    return "" if _parts(name) else "is a folder"


def _parts(name: str) -> list[str]:
    return [part for part in name.split("/") if part not in ("", ".")]


def _path_beside(asset: Asset, spec: str) -> str:
    """Return the path of the real file, which is in the folder of the spec.

    If the spec is a symbolic link, the file may also be in the folder that the link leads to: the
    cache of the Hugging Face hub consists of such links.

    Raises
    ------
    RefusedError
        A symbolic link leads out of these folders.
    """
    folder = os.path.dirname(spec)
    real = os.path.realpath(os.path.join(folder, *_parts(str(asset.path))))
    folders = [os.path.realpath(folder)]
    if os.path.islink(spec):
        folders.append(os.path.dirname(os.path.realpath(spec)))
    if not any(_is_inside(real, folder) for folder in folders):
        raise RefusedError(
            f"{asset.place}: a symbolic link leads out of the folder of the spec, to "
            f"{printable(real)}. Copy the file to the folder."
        )
    return real


def _is_inside(path: str, folder: str) -> bool:
    try:
        return os.path.commonpath([path, folder]) == folder
    except ValueError:  # another drive of Windows
        return False


def _file_content(asset: Asset, path: str, limit: int) -> bytes:
    """Return one more byte than the limit at most. Only a regular file is opened."""
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISREG(mode):
            with open(path, "rb", opener=_open_at_once) as file:
                mode = os.fstat(file.fileno()).st_mode  # it may have been replaced
                if stat.S_ISREG(mode):
                    return file.read(limit + 1)
    except FileNotFoundError:
        raise RefusedError(f"{asset.place}: there is no such file.") from None
    except PermissionError:
        raise RefusedError(
            f"{asset.place}: there is no permission to read the file: check its mode."
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RefusedError(f"{asset.place}: the path cannot be used: {reason}.") from None
    kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
    raise RefusedError(f"{asset.place}: this is {kind}. Name a file.")


def _open_at_once(path: str, flags: int) -> int:
    """Open a file; do not wait for a writer if a pipe has replaced it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _resource_content(asset: Asset, spec: Any, limit: int) -> bytes:
    """Return the content of a package resource, such as a member of a zip archive."""
    folder = getattr(spec, "parent", None)
    if spec is not None and folder is None:
        raise RefusedError(
            f"{asset.place}: the spec is a resource without a known folder. Install the package as "
            "files."
        )
    try:
        resource: Any = folder.joinpath(*_parts(str(asset.path))) if folder else asset.path
        if resource.is_file():
            content = b""
            with resource.open("rb") as file:
                while len(content) <= limit and (part := file.read(limit + 1 - len(content))):
                    content += part
            return content
        known = "this is a folder. Name a file." if resource.is_dir() else "there is no such file."
    except Exception as problem:  # of the class of the resource, which may be a third party's
        raise RefusedError(
            f"{asset.place}: the file cannot be read: {type(problem).__name__}: {problem}."
        ) from problem
    raise RefusedError(f"{asset.place}: {known}")


def _is_resource(path: object) -> bool:
    return all(callable(getattr(path, name, None)) for name in ("joinpath", "is_file", "open"))
