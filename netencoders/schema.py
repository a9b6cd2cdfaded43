"""The JSON Schema of specs, for editors that complete and check specs.

The schema is generated from the declarations of the encoders. It checks each parameter by itself.
In a spec of one encoder, it checks the name of the encoder. In a list, an encoder may be derived
from another one of the list, so that any name is accepted. Only `NetEncoder` checks conflicts
between parameters, and references between files.

``python -m netencoders.schema`` prints the schema of the encoders that netencoders ships;
``--all`` adds the encoders of the installed plugins.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from netencoders.assets import ASSET_SCHEMA
from netencoders.declared import Declared
from netencoders.parameters import NAME_PATTERN, Parameter
from netencoders.registry import encoders, layers
from netencoders.values import to_plain
from netencoders.yaml_specs.probe_schema import PROBE_SCHEMA
from netencoders.yaml_specs.structure import SCHEMA

__all__ = ["json_schema"]


def json_schema(distribution: str | None = "netencoders") -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a spec.

    Parameters
    ----------
    distribution : str or None
        The schema describes the parameters of the encoders, specs and layers of this distribution,
        or of all of them for None. Parameters of others may have any values.

    Returns
    -------
    dict
    """
    found = {
        name: record
        for name, record in sorted(encoders().items())
        if distribution in (None, record.provider.distribution)
    }
    classes = {name: item.encoder for name, item in found.items() if item.derived_from is None}
    names = {
        name: [spec for spec, record in found.items() if record.encoder is cls]
        for name, cls in classes.items()
    }
    others = {
        name: record.layer
        for name, record in layers().items()
        if distribution in (None, record.provider.distribution)
    }
    number = {"const": SCHEMA, "description": "the number of the format"}
    fields: dict[str, Any] = {
        key: {"$ref": f"#/$defs/{key}"}
        for key in ("name", "summary", "encoder", "digest", "parameters", "layers", "probe")
    }
    known = {**fields["encoder"], **({"enum": [*found]} if found else {})}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "netencoders spec",
        "description": "Declares one encoder, or a list of them under 'encoders'.",
        "type": "object",
        "required": ["schema"],
        "if": {"required": ["encoders"]},
        "then": {
            "properties": {"schema": number, "encoders": {"$ref": "#/$defs/encoders"}},
            "additionalProperties": False,
        },
        "else": _declaration({"schema": number, **fields, "encoder": known}, ["encoder"]),
        "$defs": {
            "name": {
                "description": "the name under which the encoder is declared",
                "type": "string",
                "pattern": f"^{NAME_PATTERN}$",
            },
            "summary": {"description": "the purpose, on one line", "type": "string"},
            "encoder": {
                "description": "the name of an installed encoder or of another declared one; the "
                "schema of 'python -m netencoders.schema --all' has those of all plugins",
                "type": "string",
                "minLength": 1,
                "examples": list(found),
            },
            "digest": {
                "description": "the sha256 that the encoder must have; loading compares it",
                "type": "string",
                "pattern": "^[0-9a-f]{64}$",
            },
            "parameters": {
                "description": "values by name; a parameter that is left out has its default",
                "type": "object",
                "additionalProperties": {"$ref": "#/$defs/value"},
            },
            "layers": {
                "description": "the layers after the encoder, and after the layers of its spec",
                "type": "array",
                "items": {"$ref": "#/$defs/layer"},
            },
            "probe": PROBE_SCHEMA,
            "layer": {
                "description": "the name of a layer, or its name with its parameters",
                "anyOf": [
                    {"type": "string", "pattern": f"^{NAME_PATTERN}$", "examples": list(others)},
                    {
                        "type": "object",
                        "minProperties": 1,
                        "maxProperties": 1,
                        "properties": {
                            name: {"anyOf": [{"type": "null"}, _parameters(cls)]}
                            for name, cls in others.items()
                        },
                        "additionalProperties": {
                            "anyOf": [{"type": "null"}, {"$ref": "#/$defs/parameters"}]
                        },
                    },
                ],
            },
            "value": {
                "anyOf": [
                    {"type": ["null", "boolean", "number", "string"]},
                    {"type": "array", "items": {"$ref": "#/$defs/value"}},
                    dict(ASSET_SCHEMA),
                    {
                        "type": "object",
                        "not": {"required": ["asset"]},
                        "additionalProperties": {"$ref": "#/$defs/value"},
                    },
                ]
            },
            "encoders": {
                "description": "several encoders, each with a unique name",
                "type": "array",
                "minItems": 1,
                "items": _declaration(fields, required=["name", "encoder"]),
            },
            "fitting": {"allOf": [_fitting(*item) for item in names.items()]} if classes else True,
            "of": {name: _parameters(cls) for name, cls in classes.items()},
        },
    }


def _declaration(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        "$ref": "#/$defs/fitting",
    }


def _fitting(name: str, names: list[str]) -> dict[str, Any]:
    """Return the rule: for the encoder `name` and its specs, the parameters fit this encoder."""
    return {
        "if": {"properties": {"encoder": {"enum": names}}, "required": ["encoder"]},
        "then": {"properties": {"parameters": {"$ref": f"#/$defs/of/{name}"}}},
    }


def _parameters(cls: type[Declared]) -> dict[str, Any]:
    return {
        "description": cls.summary(),
        "type": "object",
        "properties": {parameter.name: _parameter(parameter) for parameter in cls.parameters},
        "additionalProperties": False,
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    unit = f" ({parameter.unit})" if parameter.unit else ""
    needed = "; it has no default" if parameter.is_required else ""
    default = {} if parameter.is_required else {"default": parameter.check(parameter.default)}
    return {
        **parameter.schema(),
        "description": f"{parameter.doc}{unit}{needed}",
        **{key: to_plain(value) for key, value in default.items()},
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the schema."""
    parser = argparse.ArgumentParser(prog="python -m netencoders.schema", description=main.__doc__)
    parser.add_argument("--all", action="store_true", help="with the encoders of all plugins")
    everything = parser.parse_args(arguments).all
    schema = json_schema(None if everything else "netencoders")
    sys.stdout.write(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
