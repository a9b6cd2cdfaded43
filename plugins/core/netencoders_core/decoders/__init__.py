"""The decoders of numbers, classes and texts: values for the arrays of nets."""

from netencoders_core.decoders.classes import Class
from netencoders_core.decoders.ctc import CTCBeamSearch
from netencoders_core.decoders.numbers import Boolean, Scalar
from netencoders_core.decoders.texts import UTF8, Characters, Tokens

__all__ = ["UTF8", "Boolean", "CTCBeamSearch", "Characters", "Class", "Scalar", "Tokens"]
