"""Every exception that netencoders raises on purpose.

::

    NetEncodersError
    ├── EncoderNotFoundError   no encoder or spec of that name (also a LookupError)
    ├── ParameterError         parameters that do not fit their declarations (also a ValueError)
    ├── SpecError              a YAML spec that cannot be read (also a ValueError)
    │   └── DigestError            a declaration that gives other numbers here
    ├── PluginError            a plugin that cannot be loaded or breaks its promises
    │   └── PluginConflictError    one name, two providers
    ├── PortError              a net graph whose parts do not fit (also a ValueError)
    └── EncodeError            one input that cannot be encoded

    PluginWarning              a UserWarning: a plugin was left out, the rest works
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from os import PathLike

__all__ = [
    "DigestError",
    "EncodeError",
    "EncoderNotFoundError",
    "NetEncodersError",
    "ParameterError",
    "PluginConflictError",
    "PluginError",
    "PluginWarning",
    "PortError",
    "SpecError",
]


class NetEncodersError(Exception):
    """The base of every error that netencoders raises on purpose."""


class EncoderNotFoundError(NetEncodersError, LookupError):
    """No registered encoder or declared spec has the name that was asked for."""


class ParameterError(NetEncodersError, ValueError):
    """Parameters that do not fit their declarations: all problems of a call at once.

    Parameters
    ----------
    owner : str
        What the parameters were given to, for instance the name of an encoder.
    problems : sequence of str
        One sentence a problem.

    Attributes
    ----------
    owner : str
    problems : tuple of str
    """

    def __init__(self, owner: str, problems: Sequence[str]) -> None:
        self.owner = owner
        self.problems = tuple(problems)
        super().__init__(owner, self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{self.owner}: {count} problem{'s' if count != 1 else ''}"
        return "\n  ".join([head, *self.problems])


class SpecError(NetEncodersError, ValueError):
    """A YAML spec that cannot be read, with the place of the problem.

    Attributes
    ----------
    source : str or None
        The file, or None for a text.
    line, column : int or None
        Where the problem is, counted from 1.
    """

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.message = message
        self.source = source
        self.line = line
        self.column = column
        super().__init__(message)

    def __str__(self) -> str:
        place = [printable(self.source)] if self.source is not None else []
        if self.line is not None:
            place.append(f"line {self.line}, column {self.column}")
        return f"{', '.join(place)}: {self.message}" if place else self.message


class DigestError(SpecError):
    """A spec or a pickle states a digest, and the encoder has another one here.

    The numbers of the encoder have changed between two versions, or the spec was edited.
    """


class PluginError(NetEncodersError):
    """A plugin that cannot be loaded, or breaks what it promised.

    Attributes
    ----------
    plugin : str
        The plugin's distribution, version and entry point, as far as they are known.
    """

    def __init__(self, message: str, *, plugin: str = "") -> None:
        self.message = message
        self.plugin = plugin
        super().__init__(message)

    def __str__(self) -> str:
        return f"{self.plugin}: {self.message}" if self.plugin else self.message


class PluginConflictError(PluginError):
    """Two providers register one name. Neither is preferred: the name cannot be used."""


class PluginWarning(UserWarning):
    """A plugin, or part of one, was left out; everything else works."""


class PortError(NetEncodersError, ValueError):
    """A net graph whose layers, edges, ports or shapes do not fit together."""


class EncodeError(NetEncodersError):
    """One input that cannot be encoded.

    Parameters
    ----------
    message : str
        What is wrong.
    code : str
        A short, stable word for the kind of problem, to be branched on.
    source : str, optional
        The name of the input: a path, or what kind of value it is.
    remedy : str, optional
        What the user can do about it.
    index : int, optional
        The input's place in its batch, counted from 0.

    Attributes
    ----------
    message, code, source, remedy, index
        As given. `source` and `index` are filled in on the way up, where they are known.

    Examples
    --------
    >>> str(EncodeError("no samples", code="empty-audio", source="a.wav", remedy="leave it out"))
    'a.wav: no samples (leave it out)'
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "encode-error",
        source: str | None = None,
        remedy: str | None = None,
        index: int | None = None,
    ) -> None:
        self.message = message
        self.code = code
        self.source = source
        self.remedy = remedy
        self.index = index
        super().__init__(message)

    def __str__(self) -> str:
        text = self.message if self.source is None else f"{self.source}: {self.message}"
        if self.index is not None:
            text = f"element {self.index}: {text}"
        return printable(f"{text} ({self.remedy})" if self.remedy else text)


def printable(text: str) -> str:
    r"""Return `text` on one line that any terminal or log can take.

    Line breaks, control characters and lone surrogates are escaped; the rest stays as it is.

    >>> printable("two\nlines")
    'two\\nlines'
    """
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )


def input_name(value: object) -> str:
    """Return what messages call an input that has no better name: its path, or what it is.

    >>> input_name(b"RIFF")
    'a value of type bytes'
    """
    if isinstance(value, str | PathLike):
        return os.fsdecode(value)
    return f"a value of type {type(value).__name__}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a sentence that offers the known name most like `word`, or nothing.

    >>> nearest("Samplerate", ["SampleRate", "Offset"])
    " Did you mean 'SampleRate'?"
    """
    if len(word) > 100:
        return ""  # no typing error, and the comparison takes time with the length
    # Late: only a mistake needs it.
    import difflib

    folded = {name.casefold(): name for name in known}
    matches = difflib.get_close_matches(word.casefold(), folded, n=1)
    return f" Did you mean {folded[matches[0]]!r}?" if matches else ""
