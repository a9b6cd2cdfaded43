"""The JSON Schema of the key ``probe``."""

from __future__ import annotations

from typing import Any, Final

from netencoders.parameters import NAME_PATTERN
from netencoders.yaml_specs.probe import MAX_LENGTH, MAX_PROBE_VALUES, PROBE_KEYS

__all__ = ["PROBE_SCHEMA"]

_SIZES: Final = {"type": "array", "items": {"type": "integer", "minimum": 0}}

PROBE_SCHEMA: Final[dict[str, Any]] = {
    "description": "expected values; 'netencoders probe' writes them, 'netencoders verify' "
    "compares them",
    "type": "object",
    "required": [*PROBE_KEYS],
    "additionalProperties": False,
    "properties": {
        "signal": {
            "description": "the name of a signal that the encoder makes",
            "type": "string",
            "pattern": f"^{NAME_PATTERN}$",
        },
        "length": {
            "description": "the length of the signal; samples for audio",
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_LENGTH,
        },
        "shape": {
            "description": "the shape of the array, or of each named array",
            "anyOf": [
                _SIZES,
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": f"^{NAME_PATTERN}$"},
                    "additionalProperties": _SIZES,
                },
            ],
        },
        "tolerance": {
            "description": "the largest permitted difference of a value",
            "type": "number",
            "minimum": 0,
        },
        "values": {
            "description": "some elements",
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_PROBE_VALUES,
            "items": {
                "type": "object",
                "required": ["at", "value"],
                "additionalProperties": False,
                "properties": {
                    "array": {"description": "the name of the array", "type": "string"},
                    "at": {"description": "the index of the element", **_SIZES},
                    "value": {
                        "description": "the element; [real, imaginary] if it is complex",
                        "anyOf": [
                            {"type": "number"},
                            {
                                "type": "array",
                                "items": {"type": "number"},
                                "minItems": 2,
                                "maxItems": 2,
                            },
                        ],
                    },
                },
            },
        },
    },
}
"""The JSON Schema of a probe."""
