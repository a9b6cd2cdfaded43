"""The types that a parameter's value may have."""

from netencoders.values.base import (
    RefusedError,
    ValueType,
    alternatives,
    from_plain,
    takes,
    to_plain,
    typed,
)
from netencoders.values.compounds import ListOf, TupleOf, Union
from netencoders.values.samples import Samples
from netencoders.values.scalars import Boolean, Choice, Integer, Real, Text
from netencoders.values.vectors import Numbers, Vector, is_shortened

__all__ = [
    "Boolean",
    "Choice",
    "Integer",
    "ListOf",
    "Numbers",
    "Real",
    "RefusedError",
    "Samples",
    "Text",
    "TupleOf",
    "Union",
    "ValueType",
    "Vector",
    "alternatives",
    "from_plain",
    "is_shortened",
    "takes",
    "to_plain",
    "typed",
]
