"""TextEncoder: the base of the encoders that give a code for each element of a text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from netencoders import All, ArraySpec, Choice, EncodeError, Encoder, Integer, Parameter, Union
from netencoders.sentinels import Varying
from netencoders_core.codes import codes_form, size_of
from netencoders_core.text_input import checked_text, normalized

__all__ = ["MAX_BYTES", "TARGET_LENGTH", "TextEncoder"]

Array = npt.NDArray[Any]

MAX_BYTES: Final = 2**31
"""The largest array of a call: 2 GiB. A stream has no limit."""

BLOCK_BYTES: Final = 2**22
"""The size of a block of a stream."""

TARGET_LENGTH: Final = Parameter(
    "TargetLength",
    Union(Choice(All), Integer(1, 10_000_000)),
    default=All,
    known_as=("max_length", "maxlen", "sequence_length"),
    doc="the number of elements: the first ones of a longer text, and PaddingCode after a shorter "
    "one; All keeps each text",
)


class TextEncoder(Encoder):
    """Base of the encoders of texts: form, length, padding and blocks.

    A subclass yields the codes of a text, in `codes`, and has the parameters Form, TargetLength,
    PaddingCode and UnicodeNormalization.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.
    """

    inputs = ("text",)
    element: ClassVar[str]

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        unknown = resolved.get("UnknownCode")
        self.size = size_of(self.count(), unknown, resolved["PaddingCode"])
        self._is_index = resolved["Form"] == "Index"
        target = resolved["TargetLength"]
        self._length: int | None = None if target is All else target

    @abstractmethod
    def count(self) -> int:
        """Return the number of labels."""

    @abstractmethod
    def codes(self, text: str) -> Iterator[npt.NDArray[np.int64]]:
        """Yield the codes of a text in blocks.

        Raises
        ------
        EncodeError
            An element has no code.
        """

    def output(self) -> ArraySpec:
        """Return the form of a sequence of codes, or of indicator vectors."""
        length = Varying if self._length is None else self._length
        return codes_form(self.resolved["Form"], self.size, length, self.element)

    def encode(self, value: Any) -> Array:
        """Return the codes of a text.

        Raises
        ------
        EncodeError
            As `stream`; or the array is larger than the limit of a call.
        """
        blocks: list[Array] = []
        size = 0
        for block in self.stream(value):
            blocks.append(block)
            size += block.nbytes
            if size > MAX_BYTES:
                raise EncodeError(
                    f"the array has more than {MAX_BYTES} bytes, the limit of a call",
                    code="too-large",
                    source=f"a text of {len(value)} characters",
                    remedy="read it by encoder.stream, divide the text, or set TargetLength",
                )
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def stream(self, value: Any) -> Iterator[Array]:
        """Yield the codes in blocks.

        Raises
        ------
        EncodeError
            The value is no text, has a lone surrogate, or an element has no code.
        """
        text = normalized(checked_text(value, self.name), self.resolved.get("UnicodeNormalization"))
        given = 0
        for codes in self.codes(text):
            part = codes if self._length is None else codes[: self._length - given]
            given += len(part)
            if len(part):
                yield from self._blocks(part)
            if given == self._length:
                return
        missing = 0 if self._length is None else self._length - given
        if missing:
            if self.resolved["PaddingCode"] is None:
                raise EncodeError(
                    f"it has {given} {self.element}s, and TargetLength is {self._length}",
                    code="too-short",
                    remedy="set PaddingCode, or leave the text out",
                )
            yield from self._blocks(np.full(missing, self.resolved["PaddingCode"], np.int64))
        elif not given:
            yield self._formed(np.zeros(0, np.int64))

    def _blocks(self, codes: npt.NDArray[np.int64]) -> Iterator[Array]:
        """Yield codes in the form of the output, in blocks of a bounded size."""
        rows = max(1, BLOCK_BYTES // (8 if self._is_index else 4 * self.size))
        for start in range(0, len(codes), rows):
            yield self._formed(codes[start : start + rows])

    def _formed(self, codes: npt.NDArray[np.int64]) -> Array:
        if self._is_index:
            return codes
        vectors = np.zeros((len(codes), self.size), np.float32)
        vectors[np.arange(len(codes)), codes] = 1
        return vectors

    def probe_signals(self) -> Mapping[str, int]:
        """Return the signal Cycle: a text of the given number of elements."""
        return {"Cycle": 64}
