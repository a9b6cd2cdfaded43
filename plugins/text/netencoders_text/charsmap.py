"""The rules of normalization of SentencePiece: a trie, and the texts that replace others."""

from __future__ import annotations

__all__ = ["charsmap_of_model", "growth_of_rules"]

_NORMALIZER = 3  # the field of ModelProto
_RULES = 2  # the field of NormalizerSpec


def growth_of_rules(rules: bytes) -> int:
    """Return the bytes of the longest text that replaces another one, divided by 4.

    The rules of NFKC replace three bytes by 33: the bound is wrong by a factor of 4 at most.

    Parameters
    ----------
    rules : bytes
        The size of the trie in four bytes, the trie, and texts that end in a byte 0.

    Examples
    --------
    >>> growth_of_rules(bytes([4, 0, 0, 0]) + bytes(4) + b"ab" * 20 + bytes(1))
    10
    """
    size = int.from_bytes(rules[:4], "little")
    return max(map(len, rules[4 + size :].split(b"\0"))) // 4


def charsmap_of_model(content: bytes) -> bytes:
    """Return the rules of a SentencePiece model, which the library has read without an error."""
    found = [
        rules
        for number, part in _fields(content)
        if number == _NORMALIZER
        for field, rules in _fields(part)
        if field == _RULES
    ]
    return max(found, key=growth_of_rules, default=b"")


def _fields(message: bytes) -> list[tuple[int, bytes]]:
    """Return the numbers and contents of the fields of a message of protobuf that have a length."""
    found, place = [], 0
    while place < len(message):
        key, place = _varint(message, place)
        kind = key & 7
        if kind == 0:
            _, place = _varint(message, place)
        elif kind == 2:
            size, place = _varint(message, place)
            found.append((key >> 3, message[place : place + size]))
            place += size
        elif kind in (1, 5):
            place += 8 if kind == 1 else 4
        # Groups, 3 and 4, have no content of their own.
    return found


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(message):
        byte = message[place]
        value |= (byte & 127) << shift
        shift, place = shift + 7, place + 1
        if byte < 128:
            break
    return value, place
