"""Spec files of plugins: read at once, or when the name of their encoder is first used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from netencoders import yaml_specs
from netencoders.errors import PluginError, SpecError
from netencoders.parameters import is_name, short
from netencoders.yaml_specs import Declaration

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["SpecFile", "read_specs", "spec_file"]


class SpecFile:
    """A spec of one encoder, whose name is known before the file is read.

    To read a spec takes about a millisecond. A program uses few of many specs.

    Parameters
    ----------
    path : path or package resource
    name : str
        The name of the encoder that the file declares.

    Attributes
    ----------
    declaration : Declaration
        The content of the file. The first access reads the file, and raises a SpecError if it
        cannot be read, is not a valid spec, or declares another name.
    """

    def __init__(self, path: Traversable, name: str) -> None:
        self.path = path
        self.name = name

    @cached_property
    def declaration(self) -> Declaration:
        """The content of the file."""
        found = _read(self.path)
        names = [spec.name for spec in found]
        if names != [self.name]:
            raise SpecError(
                f"it is registered as the file of {self.name!r} alone, and declares "
                f"{', '.join(map(repr, names))}.",
                source=str(self.path),
            )
        return found[0]


def spec_file(path: Any, name: object) -> SpecFile:
    """Return a spec that is read later.

    Raises
    ------
    PluginError
        `path` is not a path, or `name` is not a name.
    """
    if not (isinstance(name, str) and is_name(name)):
        raise PluginError(
            "the name of a registered spec must be a letter, then letters, digits and "
            f"underscores. Got {short(name)}."
        )
    return SpecFile(_path(path), name)


def read_specs(path: Any) -> list[Declaration]:
    """Return the encoders of a spec, which all have names.

    Raises
    ------
    PluginError
        `path` is not a path, or an encoder has no name.
    SpecError
        The file cannot be read, or is not a valid spec.
    """
    path = _path(path)
    found = _read(path)
    if not all(spec.name for spec in found):
        raise PluginError(f"{path}: each encoder of a registered spec needs a 'name'")
    return found


def _path(path: Any) -> Traversable:
    # Imported late: they import the readers of zip archives and of URLs.
    from importlib.resources.abc import Traversable
    from pathlib import Path

    if isinstance(path, str):
        path = Path(path)
    if not isinstance(path, Traversable):
        raise PluginError(f"register_specs takes the path of a YAML file. Got {short(path)}.")
    return path


def _read(path: Traversable) -> list[Declaration]:
    from pathlib import Path

    # `read` opens only regular files of bounded size; a package resource may not be a file.
    text: bytes | str
    if isinstance(path, Path):
        text = yaml_specs.read(path)[0]
    else:
        try:
            text = path.read_bytes()
        except OSError as error:
            raise SpecError(f"it cannot be read: {error}.", source=str(path)) from error
    return yaml_specs.declarations(text, source=str(path), spec=path)
