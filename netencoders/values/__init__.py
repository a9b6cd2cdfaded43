"""The types that a parameter's value may have."""

from netencoders.values.base import (
    RefusedError,
    ValueType,
    alternatives,
    takes,
)
from netencoders.values.compounds import ListOf, TupleOf, Union
from netencoders.values.contents import Content, FileContent
from netencoders.values.labels import LabelList, Labels
from netencoders.values.mappings import MappingOf
from netencoders.values.plain import FrozenMapping, from_plain, is_shortened, to_plain, typed
from netencoders.values.samples import Samples
from netencoders.values.scalars import Boolean, Choice, Integer, Real, Text
from netencoders.values.vectors import Numbers, Vector

__all__ = [
    "Boolean",
    "Choice",
    "Content",
    "FileContent",
    "FrozenMapping",
    "Integer",
    "LabelList",
    "Labels",
    "ListOf",
    "MappingOf",
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
