"""Labels: the names of classes, or the words of a vocabulary, given inline or read from a file."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from netencoders.assets import ASSET_SCHEMA, Asset
from netencoders.sentinels import Sentinel
from netencoders.values.asset_errors import naming, refuse_path
from netencoders.values.base import Keep, RefusedError, ValueType
from netencoders.values.plain import NAMED

__all__ = ["LabelList", "Labels"]

MAX_LENGTH: Final = 2**20
"""The largest number of labels; the largest vocabularies have a quarter of it."""

MAX_INLINE: Final = 1000
"""More labels are written to a file beside a spec, where a spec may have one."""

_MAX_SHOWN: Final = 16


class LabelList(tuple[str | int, ...]):
    """The canonical value of `Labels`: a tuple with a short repr.

    Examples
    --------
    >>> LabelList(["cat", "dog"])
    ('cat', 'dog')
    >>> LabelList(map(str, range(1000)))
    <1000 labels, from '0' to '999', sha256 a503810a9d7a>
    """

    __slots__ = ()

    @property
    def is_shortened(self) -> bool:
        """Whether the repr leaves labels out."""
        return len(self) > _MAX_SHOWN

    def __repr__(self) -> str:
        if not self.is_shortened:
            return tuple.__repr__(self)
        # Imported late: loading OpenSSL takes 6 ms, and most labels are never shown.
        import hashlib
        import json

        digest = hashlib.sha256(json.dumps(self).encode()).hexdigest()[:12]
        return f"<{len(self)} labels, from {self[0]!r:.40} to {self[-1]!r:.40}, sha256 {digest}>"


class Labels(ValueType):
    """Different texts or integers in an order that has a meaning, in a list or in a file.

    A file is given as ``Asset("vocab.txt")``, or in a spec as ``{asset: vocab.txt}``. A file .txt
    holds one label a line, in UTF-8. A file .json holds a list, or a mapping of each label to its
    position, as tokenizers write it. Equal labels from a list and from a file are equal.

    An array of one dimension is taken as a list. A label may be ``"All"`` or ``"Automatic"``, also
    in a spec, which reads these texts as names.

    Parameters
    ----------
    min_length : int
        The smallest number of labels.
    integers : bool
        Whether labels may be integers, too.

    Examples
    --------
    >>> Labels().check(["cat", "All"])
    ('cat', 'All')
    """

    def __init__(self, min_length: int = 1, *, integers: bool = False) -> None:
        self.min_length = min_length
        self.integers = integers

    def check(self, value: Any) -> LabelList:
        if isinstance(value, Asset):
            # Imported late: most labels are lists.
            from netencoders.values.label_files import read_labels

            with naming(value):
                return self._labels(read_labels(value))
        refuse_path(value)
        if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "UOiu":
            value = value.tolist()  # such as the classes of an estimator
        if not isinstance(value, list | tuple):
            raise RefusedError
        return self._labels(value)

    def _labels(self, value: list[Any] | tuple[Any, ...]) -> LabelList:
        if len(value) < self.min_length:
            count = f"{len(value)} label{'s' * (len(value) != 1)}"
            raise RefusedError(f"It has {count}.")
        if len(value) > MAX_LENGTH:
            raise RefusedError(f"It has {len(value)} labels, and the limit is {MAX_LENGTH}.")
        labels = LabelList(self._label(place, label) for place, label in enumerate(value))
        if len(set(labels)) < len(labels):
            places: dict[str | int, int] = {}
            for place, label in enumerate(labels):
                if label in places:
                    raise RefusedError(
                        f"Elements {places[label]} and {place} are the same, {_shown(label)}."
                    )
                places[label] = place
        return labels

    def _label(self, place: int, label: Any) -> str | int:
        if isinstance(label, Sentinel) and repr(label) in NAMED:
            return repr(label)  # a spec reads this label as a name
        if isinstance(label, str):
            text = str.__str__(label)  # not str(): members of an enum define their own __str__
            if text.isascii() or not _has_surrogate(text):
                return text
            raise RefusedError(f"Element {place} has a lone surrogate: {_shown(label)}.")
        if isinstance(label, np.integer):
            label = label.item()
        if self.integers and isinstance(label, int) and not isinstance(label, bool):
            if -(2**63) <= label < 2**63:
                return int(label)
            raise RefusedError(f"Element {place} needs more than 64 bits.")
        kind = "a text or an integer" if self.integers else "a text"
        hint = " Quote it." if isinstance(label, bool | int | float) or label is None else ""
        raise RefusedError(f"Element {place} must be {kind}. Got {_shown(label)}.{hint}")

    def beside(self, value: Any, keep: Keep) -> Any:
        # Imported late: few programs write files of labels.
        from netencoders.values.label_files import labels_text

        return list(value) if len(value) <= MAX_INLINE else keep(".json", labels_text(value))

    def describe(self) -> tuple[str, ...]:
        kind = "texts or integers" if self.integers else "texts"
        return (
            f"a list of {self.min_length} or more different {kind}",
            "an Asset of them (.txt or .json)",
        )

    def schema(self) -> dict[str, Any]:
        item: dict[str, Any] = {"type": ["string", "integer"] if self.integers else "string"}
        labels = {
            "type": "array",
            "items": item,
            "minItems": self.min_length,
            "uniqueItems": True,
        }
        return {"anyOf": [labels, dict(ASSET_SCHEMA)]}

    def examples(self) -> list[Any]:
        size = max(self.min_length, 2)
        long = max(self.min_length, 40)
        texts = ["cat", "All", "Automatic", "true", "é", " a b ", "1.5", "#", ""]
        texts += [f"label {place}" for place in range(long)]
        more: list[Any] = [list(range(-1, size))] if self.integers else []
        return [texts[:size], tuple(texts[: max(size, 9)]), texts[:long], *more]

    def counterexamples(self) -> list[Any]:
        good = [f"label {place}" for place in range(max(self.min_length, 1))]
        wrong = [[*good[1:], bad] for bad in (True, 1.5, None, ["cat"], "\ud800")]
        wrong += [] if self.integers else [[*good[1:], 1]]
        few: list[Any] = [good[1:]] if self.min_length else []
        return [
            *wrong,
            *few,
            [*good, good[0]],
            "cat",
            {"cat": 0},
            None,
            1,
            Asset("no-such-file.txt"),
        ]


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _shown(value: object) -> str:
    # Imported late: netencoders.parameters imports the types of values.
    from netencoders.parameters import short

    return short(value)
