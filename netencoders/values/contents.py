"""FileContent: the content of a file, such as the model of a tokenizer."""

from __future__ import annotations

from typing import Any, Final

from netencoders.assets import ASSET_SCHEMA, Asset, read_asset
from netencoders.values.asset_errors import refuse_path
from netencoders.values.base import Keep, RefusedError, ValueType

__all__ = ["Content", "FileContent"]

_HEAD: Final = "zlib+base64:"
MAX_BYTES: Final = 2**26
"""The default limit: 64 MiB."""


class Content(str):
    """The canonical value of `FileContent`: the packed bytes as a text, with a short repr.

    Attributes
    ----------
    data : bytes
        The content of the file.

    Examples
    --------
    >>> content = FileContent(".bin").check(b"abc")
    >>> content, content.data
    (<Content of 3 bytes, sha256 ba7816bf8f01>, b'abc')
    """

    __slots__ = ("data",)
    data: bytes

    @property
    def is_shortened(self) -> bool:
        """Whether the repr leaves the bytes out."""
        return True

    def __repr__(self) -> str:
        return f"<Content of {len(self.data)} bytes, sha256 {_sha256(self.data)[:12]}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return packed, (self.data,)


def packed(data: bytes) -> Content:
    """Return the canonical value of some bytes; equal bytes give equal texts."""
    # Imported late: few encoders hold files.
    import base64
    import zlib

    # The bytes that zlib writes may depend on its version, so they have no part in a comparison of
    # digests: `FileContent.content` is the sha256 of the data.
    content = Content(_HEAD + base64.b64encode(zlib.compress(data, 6)).decode())
    content.data = data
    return content


class FileContent(ValueType):
    """The content of a file, given as an Asset or as bytes.

    An encoder holds the content, not the name of the file: its digest, its pickle and its net file
    do not depend on the file. A spec names the file: ``{asset: tokenizer.json}``.

    Parameters
    ----------
    suffixes : str or tuple of str
        The suffixes of the names of such files, such as ``".json"``.
    max_bytes : int
        The largest size.
    example : bytes
        A content for the contract tests.

    Examples
    --------
    >>> FileContent(".json")
    FileContent(an Asset (.json), bytes)
    """

    def __init__(
        self,
        suffixes: str | tuple[str, ...],
        max_bytes: int = MAX_BYTES,
        *,
        example: bytes = b"content",
    ) -> None:
        self.suffixes = (suffixes,) if isinstance(suffixes, str) else tuple(suffixes)
        self.max_bytes = max_bytes
        self.example = example

    def check(self, value: Any) -> Content:
        if isinstance(value, Content):
            data = value.data
        elif isinstance(value, bytes | bytearray):
            data = bytes(value)
        elif isinstance(value, Asset):
            if value.suffix not in self.suffixes:
                wanted = " or ".join(self.suffixes)
                raise RefusedError(f"{value.place}: the name of the file must end in {wanted}.")
            data = read_asset(value, self.max_bytes)
        elif isinstance(value, str) and value.startswith(_HEAD):
            data = self._unpacked(value)
        else:
            refuse_path(value)
            raise RefusedError
        if len(data) > self.max_bytes:
            raise RefusedError(f"It has {len(data)} bytes, and the limit is {self.max_bytes}.")
        return value if isinstance(value, Content) else packed(data)

    def _unpacked(self, text: str) -> bytes:
        """Return the bytes of a packed text, of which no more than the limit is unpacked."""
        # Imported late, as above.
        import base64
        import binascii
        import zlib

        try:
            stream = zlib.decompressobj()
            raw = base64.b64decode(text.removeprefix(_HEAD), validate=True)
            data = stream.decompress(raw, self.max_bytes + 1)
        except (zlib.error, binascii.Error, ValueError) as problem:
            raise RefusedError(f"The packed content is damaged: {problem}.") from None
        if len(data) <= self.max_bytes and (not stream.eof or stream.unused_data):
            raise RefusedError("The packed content is damaged: it has another length.")
        return data

    def content(self, value: Any) -> Any:
        return {"bytes": len(value.data), "sha256": _sha256(value.data)}

    def beside(self, value: Any, keep: Keep) -> dict[str, str]:
        return keep(self.suffixes[0], value.data)

    def describe(self) -> tuple[str, ...]:
        return (f"an Asset ({' or '.join(self.suffixes)})", "bytes")

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [dict(ASSET_SCHEMA), {"type": "string", "pattern": f"^{_HEAD[:4]}"}]}

    def examples(self) -> list[Any]:
        return [self.example]

    def counterexamples(self) -> list[Any]:
        return [
            None,
            1,
            "tokenizer.json",
            _HEAD,
            f"{_HEAD}eJw=",
            Asset(f"no-such-file{self.suffixes[0]}"),
            Asset("no-such-suffix.xyz"),
        ]


def _sha256(data: bytes) -> str:
    # Imported late: loading OpenSSL takes 6 ms.
    import hashlib

    return hashlib.sha256(data).hexdigest()
