"""Explanation: a page that shows an input stage by stage, for one encoder or for two."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from netencoders import calls
from netencoders.errors import EncodeError, input_name
from netencoders.explain.page import Side, page
from netencoders.stages import Stage, first_rows

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder

__all__ = ["SECONDS", "Explanation", "explanation"]

SECONDS: Final = 30.0
"""The part of a recording that is drawn and played; Whisper's input has this length."""

_HEIGHT = 800  # pixels of the frame in a notebook


@dataclass(frozen=True, repr=False)
class Explanation:
    """A page that shows an input stage by stage; `NetEncoder.explain` makes it.

    Jupyter shows the page in a frame. It is one file: it needs no network and no other file.

    Attributes
    ----------
    html : str
        The page.
    stages : tuple of tuple of Stage
        For each encoder, the stages that the page shows, with their arrays.
    """

    html: str
    stages: tuple[tuple[Stage, ...], ...]

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file, and replace an existing one.

        Parameters
        ----------
        path : str or path-like
            By convention, its name ends in ``.html``.
        """
        Path(path).write_text(self.html, "utf-8")

    def __repr__(self) -> str:
        size = len(self.html.encode()) / 1e6
        names = " and ".join(", ".join(stage.name for stage in part) for part in self.stages)
        return f"<Explanation of {size:.1f} MB: {names}>"

    def _repr_html_(self) -> str:
        # Imported late: it imports the table of all entities.
        from html import escape

        # A frame: styles of the page and of the notebook do not mix. It may run its own script, and
        # has no access to the notebook.
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts" width="100%" '
            f'height="{_HEIGHT}" frameborder="0"></iframe>'
        )


def explanation(
    sides: Sequence[tuple[NetEncoder, Any]], name: str | None = None, seconds: float = SECONDS
) -> Explanation:
    """Return the page of one or two encoders, each with its input.

    Parameters
    ----------
    sides : sequence of (NetEncoder, object)
    name : str, optional
        The name of the input on the page; by default that of the first input.
    seconds : float
        Later rows are not drawn.

    Raises
    ------
    EncodeError
        An input cannot be encoded, or can be read only once.
    """
    notes: dict[str, Warning] = {}
    try:
        with warnings.catch_warnings(record=True) as caught:
            found = [_side(encoder, value, seconds) for encoder, value in sides]
    finally:
        # Each stage reads the input again, and warns again.
        for warning in caught:
            notes.setdefault(str(warning.message), _instance(warning))
        for message in notes.values():
            warnings.warn(message, stacklevel=3)
    title = input_name(sides[0][1]) if name is None else name
    html = page(title, found, [*notes], seconds)
    return Explanation(html, tuple(tuple(side.stages) for side in found))


def _instance(warning: warnings.WarningMessage) -> Warning:
    message = warning.message
    return message if isinstance(message, Warning) else warning.category(message)


def _side(encoder: NetEncoder, value: Any, seconds: float) -> Side:
    item = encoder._encoder
    if not calls._guarded(item, value, lambda: item.repeatable(value)):
        raise EncodeError(
            "each stage reads the input again, and this input can be read only once",
            code="one-pass",
            source=input_name(value),
            remedy="give a file, bytes or an array",
        )
    stages = calls._guarded(item, value, lambda: list(item.stages(value, seconds)))
    for count, layer in enumerate(encoder.layers, 1):
        part = encoder._changed({}, encoder.layers[:count])
        array, is_cut = first_rows(part.stream(value), part.output, seconds)
        stages.append(Stage(layer.name, layer.summary, array, part.output, is_cut=is_cut))
    media = calls._guarded(item, value, lambda: item.media(value, seconds))
    return Side(encoder, stages, media)
