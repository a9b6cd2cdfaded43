"""The structure of a spec: it turns plain values into declarations, and lists all problems."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from netencoders.assets import with_assets
from netencoders.errors import SpecError, nearest
from netencoders.parameters import is_name, short
from netencoders.yaml_specs.probe import read_probe
from netencoders.yaml_specs.results import Declaration, DecoderDeclaration, LayerDeclaration
from netencoders.yaml_specs.values import got, value_problem

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from os import PathLike

    from netencoders.yaml_specs.strict_yaml import Path, Places

__all__ = ["SCHEMA", "Structure"]

SCHEMA = 1
"""The version of the spec format that this version of netencoders reads and writes."""

_ENCODER_KEYS = ("name", "summary", "encoder", "parameters", "layers", "digest", "probe")
_DECODER_KEYS = ("schema", "decoder", "parameters", "digest")
_DIGEST = re.compile("[0-9a-f]{64}")


class Structure:
    """Reads the structure of one document, and collects its problems.

    Parameters
    ----------
    places : dict
        The place of each path of the document, if it is known.
    source : str or None
        The name of the file.
    spec : str, path or package resource
        The file itself, whose folder holds the assets; empty for a text or a dict.
    """

    def __init__(
        self,
        places: Places,
        source: str | None,
        spec: str | PathLike[str] | Traversable = "",
    ) -> None:
        self.places = places
        self.source = source
        self.spec = spec
        self.problems: list[tuple[Path, str]] = []

    def several(self, document: Any) -> list[Declaration]:
        """Return all declarations of a document, of one encoder or of several.

        Raises
        ------
        SpecError
            The document is not a valid spec. The error lists all problems, and has the line and
            the column of the first.
        """
        if document is None:
            raise SpecError("the spec is empty.", source=self.source, line=1, column=1)
        if not (isinstance(document, Mapping) and "encoders" in document):
            return [self.one(document)]
        self._schema(document)
        self._known(document, (), ("schema", "encoders"))
        listed = document["encoders"]
        if not isinstance(listed, list) or not listed:
            self._add(("encoders",), f"'encoders' must be a list of encoders. Got {got(listed)}.")
            listed = []
        found = [
            self._encoder(item, ("encoders", index), _ENCODER_KEYS)
            for index, item in enumerate(listed)
        ]
        self._named(listed, found)
        self._raise()
        return found

    def one(self, document: Any) -> Declaration:
        """Return the declaration of a document of one encoder.

        Raises
        ------
        SpecError
            As for `several`.
        """
        if isinstance(document, Mapping):
            self._schema(document)
        spec = self._encoder(document, (), ("schema", *_ENCODER_KEYS))
        self._raise()
        return spec

    def decoder(self, document: Any) -> DecoderDeclaration:
        """Return the declaration of a document of one decoder.

        Raises
        ------
        SpecError
            As for `several`.
        """
        if document is None:
            raise SpecError("the spec is empty.", source=self.source, line=1, column=1)
        if not isinstance(document, Mapping):
            self._add((), f"a decoder must be a mapping (key: value). Got {got(document)}.")
            self._raise()
        self._schema(document)
        other = next((key for key in ("encoder", "encoders") if key in document), None)
        if other and "decoder" not in document:
            text = f"{other!r}: the spec declares an encoder, and not a decoder"
            self._add((other,), f"{text}: NetEncoder.from_yaml or from_dict reads it.")
            self._raise()
        self._known(document, (), _DECODER_KEYS)
        if "decoder" not in document:
            self._add((), "'decoder' is missing: the name of the decoder to use.")
        name = self._text(document, (), "decoder")
        parameters = self._parameters(document, ("parameters",))
        digest = self._digest(document, ())
        self._raise()
        return DecoderDeclaration(name, MappingProxyType(parameters), self.source, digest)

    def layer(self, item: Any) -> LayerDeclaration:
        """Return one item of the list ``layers``.

        Raises
        ------
        SpecError
            It is neither the name of a layer, nor a mapping of the name to its parameters.
        """
        found = self._layer(item, ())
        self._raise()
        return found

    def _schema(self, document: Mapping[str, Any]) -> None:
        if "schema" not in document:
            self._add((), f"'schema' is missing: begin with 'schema: {SCHEMA}'.")
            return
        number = document["schema"]
        if isinstance(number, bool) or not isinstance(number, int):
            self._add(("schema",), f"'schema' must be the integer {SCHEMA}. Got {got(number)}.")
        elif number != SCHEMA:
            remedy = " Update netencoders to read it." if number > SCHEMA else ""
            text = (
                f"this version of netencoders reads schema {SCHEMA}. Got {short(number)}.{remedy}"
            )
            self._add(("schema",), text)
            self._raise()  # these rules do not apply to another version

    def _encoder(self, item: Any, path: Path, known: Sequence[str]) -> Declaration:
        if not isinstance(item, Mapping):
            self._add(path, f"an encoder must be a mapping (key: value). Got {got(item)}.")
            return Declaration("", "")
        if "decoder" in item and "encoder" not in item:
            text = "'decoder': the spec declares a decoder, and not an encoder"
            self._add((*path, "decoder"), f"{text}: NetDecoder.from_yaml or from_dict reads it.")
            return Declaration("", "")
        self._known(item, path, known)
        name = self._text(item, path, "name")
        if name and not is_name(name):
            text = (
                f"'name' must be a letter, then letters, digits and underscores. Got {short(name)}."
            )
            self._add((*path, "name"), text)
        if "encoder" not in item:
            self._add(path, "'encoder' is missing: the name of the encoder to use.")
        return Declaration(
            name,
            self._text(item, path, "encoder"),
            MappingProxyType(self._parameters(item, (*path, "parameters"))),
            self._text(item, path, "summary"),
            self.source,
            self._digest(item, path),
            tuple(self._layers(item, (*path, "layers"))),
            read_probe(item["probe"], (*path, "probe"), self._add) if "probe" in item else None,
        )

    def _named(self, listed: Sequence[Any], found: Sequence[Declaration]) -> None:
        """Check that each of several encoders has a unique name."""
        seen: set[str] = set()
        for index, (item, spec) in enumerate(zip(listed, found, strict=True)):
            if isinstance(item, Mapping) and "name" not in item:
                self._add(
                    ("encoders", index), "'name' is missing: each of several encoders needs a name."
                )
            elif spec.name and spec.name in seen:
                self._add(("encoders", index, "name"), f"the name {spec.name!r} is repeated.")
            seen.add(spec.name)

    def _layers(self, item: Mapping[str, Any], path: Path) -> list[LayerDeclaration]:
        given = item.get("layers", [])
        if not isinstance(given, list | tuple):
            self._add(path, f"'layers' must be a list of layers. Got {got(given)}.")
            return []
        return [self._layer(layer, (*path, index)) for index, layer in enumerate(given)]

    def _layer(self, item: Any, path: Path) -> LayerDeclaration:
        rule = "a layer must be a name, or one name with its parameters, such as 'Log: {Base: 10}'."
        if isinstance(item, str):
            item = {item: {}}
        if not isinstance(item, Mapping) or len(item) != 1:
            self._add(path, f"{rule} Got {got(item)}.")
            return LayerDeclaration("", {})
        [(name, given)] = item.items()
        if not is_name(name):
            self._add(path, f"{rule} Got {short(name)}.")
            return LayerDeclaration("", {})
        given = {} if given is None else given
        owner = f"the parameters of {name}"
        return LayerDeclaration(name, MappingProxyType(self._values(owner, given, (*path, name))))

    def _parameters(self, item: Mapping[Any, Any], path: Path) -> dict[str, Any]:
        return self._values("'parameters'", item.get("parameters", {}), path)

    def _values(self, owner: str, given: Any, path: Path) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            self._add(path, f"{owner} must be a mapping (key: value). Got {got(given)}.")
            return {}
        valid = {}
        for name, value in given.items():
            problem = (
                value_problem(value) if isinstance(name, str) else "must have a text as its name"
            )
            if problem:
                self._add((*path, name), f"the parameter {short(name)} {problem}.")
            else:
                valid[name] = with_assets(value, self.spec)
        return valid

    def _text(self, item: Mapping[str, Any], path: Path, key: str) -> str:
        """Return the text of `key`, empty if the key is missing."""
        if key not in item:
            return ""
        text = item[key]
        if isinstance(text, str) and text.strip() and text.isprintable():
            return text
        self._add((*path, key), f"{key!r} must be a text on one line. Got {got(text)}.")
        return ""

    def _digest(self, item: Mapping[str, Any], path: Path) -> str:
        """Return the stated digest, empty if there is none."""
        if "digest" not in item:
            return ""
        digest = item["digest"]
        if isinstance(digest, str) and _DIGEST.fullmatch(digest):
            return digest
        text = (
            f"'digest' must be a sha256: 64 hexadecimal digits, in quotes. Got {got(digest)}. "
            "'netencoders show NAME' prints it."
        )
        self._add((*path, "digest"), text)
        return ""

    def _known(self, item: Mapping[Any, Any], path: Path, known: Sequence[str]) -> None:
        for key in item:
            if key not in known:
                hint = nearest(key, known) if isinstance(key, str) else ""
                hint = hint or f" Known: {', '.join(known)}."
                self._add((*path, key), f"unknown key {short(key)}.{hint}")

    def _add(self, path: Path, problem: str) -> None:
        self.problems.append((path, problem))

    def _raise(self) -> None:
        """Raise the collected problems, in the order of the document."""
        if not self.problems:
            return
        placed = [(self.places.get(path, (0, 0)), text) for path, text in self.problems]
        placed.sort(key=lambda pair: pair[0])
        (line, column), message = placed[0]
        if len(placed) > 1:
            lines = [f"line {at[0]}: {text}" if at[0] else text for at, text in placed]
            message = "\n  ".join([f"{len(placed)} problems", *lines])
        raise SpecError(message, source=self.source, line=line or None, column=column or None)
