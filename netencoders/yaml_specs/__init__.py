"""YAML specs: files that declare encoders by names and values, and contain no code.

The format is described in ``specs/README.md``; ``specs/encoder.schema.json`` checks it in editors.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from netencoders.assets import with_assets
from netencoders.errors import SpecError
from netencoders.parameters import short
from netencoders.yaml_specs.probe import Probe
from netencoders.yaml_specs.results import Declaration, DecoderDeclaration, LayerDeclaration
from netencoders.yaml_specs.scalars import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_VALUES,
    written,
    written_text,
)
from netencoders.yaml_specs.structure import SCHEMA, Structure
from netencoders.yaml_specs.values import value_problem

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from netencoders.yaml_specs.strict_yaml import Places

# strict_yaml is imported late: PyYAML would add a tenth to the time of `import netencoders`.

__all__ = [
    "SCHEMA",
    "Declaration",
    "DecoderDeclaration",
    "LayerDeclaration",
    "Probe",
    "declaration",
    "declarations",
    "decoder",
    "decoder_declaration",
    "dump",
    "layer",
    "read",
    "scalar",
]


def read(source: str | PathLike[str]) -> tuple[bytes | str, str | None]:
    """Return the text of a spec, and the name of the file that it comes from.

    Parameters
    ----------
    source : str or path
        A path, or the text itself: a str with a line break.

    Raises
    ------
    SpecError
        The path does not name a readable regular file. Other kinds of files are not opened.
    """
    if isinstance(source, str) and ("\n" in source or "\r" in source):
        return source, None
    # Callers may pass any type, and open() takes an int as a file descriptor.
    path: object = os.fspath(source) if hasattr(source, "__fspath__") else source
    if not isinstance(path, str):
        raise SpecError(f"a spec must be a path, or a str with a line break. Got {short(source)}.")
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISREG(mode):
            with open(path, "rb") as file:
                return file.read(MAX_BYTES + 1), path  # one more byte, to detect a larger file
    except FileNotFoundError:
        text = "there is no such file."
        if isinstance(source, str):
            text += " (Only a str with a line break is the text of a spec.)"
        raise SpecError(text, source=path) from None
    except PermissionError:
        raise SpecError(
            "there is no permission to read the file: check its mode.", source=path
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SpecError(f"the path cannot be used: {reason}.", source=path) from None
    kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
    raise SpecError(f"this is {kind}: name a YAML file.", source=path)


def declarations(
    text: bytes | str,
    *,
    source: str | None = None,
    spec: str | PathLike[str] | Traversable | None = None,
) -> list[Declaration]:
    r"""Return the encoders that a YAML spec declares, at least one, in the order of the text.

    The function does not import plugins or look up names.

    Parameters
    ----------
    text : bytes or str
        The spec itself; bytes are UTF-8.
    source : str, optional
        The name of the file, for messages.
    spec : str, path or package resource, optional
        The file, whose folder holds the assets that the spec names. The default is `source`, or
        else the current folder.

    Raises
    ------
    SpecError
        The text is not a valid spec. The error has a line and a column. If the YAML itself is
        valid, the error lists all problems.

    Examples
    --------
    >>> [spec] = declarations("schema: 1\nencoder: AudioSpectrogram\nparameters: {Offset: 10 ms}")
    >>> spec.encoder, dict(spec.parameters)
    ('AudioSpectrogram', {'Offset': '10 ms'})
    """
    document, places = _loaded(text, source)
    return Structure(places, source, (source or "") if spec is None else spec).several(document)


def declaration(
    mapping: Mapping[str, Any], spec: str | PathLike[str] | Traversable = ""
) -> Declaration:
    """Return the encoder that a mapping declares, with the keys of a spec of one encoder.

    Its assets are in the folder of `spec`.

    Raises
    ------
    SpecError
        The mapping is not a valid spec. The error lists all problems.
    """
    return Structure({}, None, spec).one(mapping)


def decoder(
    mapping: Mapping[str, Any], spec: str | PathLike[str] | Traversable = ""
) -> DecoderDeclaration:
    """Return the decoder that a mapping declares, whose assets are in the folder of `spec`.

    Raises
    ------
    SpecError
        The mapping is not valid. The error lists all problems.
    """
    return Structure({}, None, spec).decoder(mapping)


def decoder_declaration(text: bytes | str, *, source: str | None = None) -> DecoderDeclaration:
    """Return the decoder that a YAML spec declares.

    Raises
    ------
    SpecError
        As for `declarations`.
    """
    document, places = _loaded(text, source)
    return Structure(places, source, source or "").decoder(document)


def layer(
    item: Mapping[str, Any] | str, spec: str | PathLike[str] | Traversable = ""
) -> LayerDeclaration:
    """Return the layer that an item of the list ``layers`` declares.

    Raises
    ------
    SpecError
        The item is not valid. The error lists all problems.
    """
    return Structure({}, None, spec).layer(item)


def dump(mapping: Mapping[str, Any]) -> str:
    """Return a mapping as a YAML spec, with its keys in order; `declarations` reads the spec.

    Raises
    ------
    SpecError
        A spec cannot contain one of the values: a number that is not finite, an integer of more
        than 64 bits, a lone surrogate, or an object. Or the spec would be too large to be read.

    Examples
    --------
    >>> print(dump({"schema": 1, "encoder": "Spectrum", "parameters": {"Size": 8, "Scale": "1e3"}}))
    schema: 1
    encoder: Spectrum
    parameters:
      Size: 8
      Scale: "1e3"
    <BLANKLINE>
    """
    text = "".join(f"{line}\n" for line in _lines(mapping, 1))
    if len(text) > MAX_BYTES or _count(mapping) > MAX_VALUES:
        raise SpecError(
            f"the spec would have more than {MAX_VALUES} values or {MAX_BYTES} bytes, the limits. "
            "Write its long values to files beside it: to_yaml(assets=folder)."
        )
    return text


def scalar(text: str) -> Any:
    """Return the value of YAML text for a parameter: a scalar, a list in brackets, or an asset.

    An asset may be in any folder: the user of the command names it.

    Raises
    ------
    SpecError
        The text is not YAML, or is another mapping.

    Examples
    --------
    >>> [scalar(text) for text in ("8000", "25 ms", "Automatic", "[Max, 0.5]", "null")]
    [8000, '25 ms', Automatic, ('Max', 0.5), None]
    >>> scalar("{asset: models/cmvn.npy}")
    Asset('models/cmvn.npy')
    """
    from netencoders.yaml_specs.strict_yaml import load

    value, _ = load(text)
    problem = value_problem(value, confined=False)
    if problem:
        raise SpecError(f"{short(text)} {problem}. Quote a text that contains ': '.")
    return with_assets(value, None)


def _loaded(text: bytes | str, source: str | None) -> tuple[Any, Places]:
    """Return the document of a YAML text, and the place of each path of it."""
    from netencoders.yaml_specs.strict_yaml import load

    try:
        return load(text)
    except SpecError as error:
        error.source = source
        raise


def _count(value: Any) -> int:
    """Return the number of values, as the reader counts them."""
    parts = value.values() if isinstance(value, Mapping) else value
    return 1 + sum(map(_count, parts)) if isinstance(value, Mapping | list | tuple) else 1


def _lines(mapping: Mapping[str, Any], level: int) -> Iterator[str]:
    indent = "  " * (level - 1)
    for key, value in mapping.items():
        if isinstance(value, Mapping) and value and level < MAX_DEPTH:
            yield f"{indent}{written_text(key)}:"
            yield from _lines(value, level + 1)
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            yield f"{indent}{written_text(key)}:"
            yield from (f"{indent}  - {_item(item, level + 2)}" for item in value)
        else:
            yield f"{indent}{written_text(key)}: {written(value, level + 1)}"


def _item(item: Any, level: int) -> str:
    """Return an item of a list; a mapping of one key without braces."""
    if isinstance(item, Mapping) and len(item) == 1:
        [(key, value)] = item.items()
        return f"{written_text(key)}: {written(value, level + 1)}"
    return written(item, level)
