"""The encoder UTF8."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import Automatic, Choice, Integer, Parameter, Union
from netencoders_core.codes import FORM, MAX_CODE, PADDING_DOC, padding_after
from netencoders_core.encoders.texts import TARGET_LENGTH, TextEncoder
from netencoders_core.text_input import NORMALIZATION

__all__ = ["UTF8"]

_BLOCK: Final = 2**17
"""Characters that are encoded at once."""


class UTF8(TextEncoder):
    """The bytes of a text in UTF-8, from 0 to 255.

    Output: int64, shape (n,), for n bytes; with Form ``"IndicatorVector"`` float32, shape (n, 256).
    TargetLength counts bytes, so the last character may be cut.

    The rule is A159.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> NetEncoder("UTF8")("aé")
    array([ 97, 195, 169])
    """

    name = "UTF8"
    element = "byte"
    parameters = (
        FORM,
        NORMALIZATION,
        TARGET_LENGTH,
        Parameter(
            "PaddingCode",
            Union(Choice(None), Integer(0, MAX_CODE)),
            default=Automatic,
            automatic=lambda TargetLength: padding_after(256, None, TargetLength),  # noqa: N803
            neutral=None,
            known_as=("pad_token_id", "pad_id"),
            doc=PADDING_DOC,
        ),
    )

    def count(self) -> int:
        """Return the number of bytes."""
        return 256

    def codes(self, text: str) -> Iterator[npt.NDArray[np.int64]]:
        """Yield the bytes."""
        for start in range(0, len(text), _BLOCK):
            content = text[start : start + _BLOCK].encode()
            yield np.frombuffer(content, np.uint8).astype(np.int64)

    def decoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the decoder UTF8 with the same codes."""
        return "UTF8", {name: self.resolved[name] for name in ("Form", "PaddingCode")}

    def probe_input(self, signal: str, length: int) -> str:
        """Return a text of ASCII characters."""
        return "".join(chr(32 + place * 7 % 95) for place in range(length))
