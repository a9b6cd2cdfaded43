"""The exceptions and warnings of netencoders.

::

    Exception
    └── NetEncodersError
        ├── EncoderNotFoundError     (and LookupError)  no encoder or spec has the name
        ├── LayerNotFoundError       (and LookupError)  no layer has the name
        ├── DecoderNotFoundError     (and LookupError)  no decoder has the name
        ├── ParameterError           (and ValueError)   parameters do not fit their declarations
        ├── SpecError                (and ValueError)   a YAML spec cannot be read
        │   └── DigestError                             a digest differs from the stated one
        ├── ConfigError              (and ValueError)   a config of another tool is not imported
        ├── PluginError                                 a plugin fails to load or breaks the API
        │   └── PluginConflictError                     two providers register one name
        ├── LayerError               (and ValueError)   a layer does not take such arrays
        ├── PortError                (and ValueError)   parts of a net graph do not fit together
        ├── NetFileError             (and ValueError)   the file of a net cannot be loaded
        ├── ProbeError                                  a probe is missing, or cannot be made
        ├── VerificationError                           an encoder or a net differs from its probe
        ├── EncodeError                                 an input cannot be encoded
        └── DecodeError                                 an array cannot be decoded
    UserWarning
    └── PluginWarning                                   a plugin, or part of one, is left out

The module is long because it holds all exceptions, and most lines are docstrings.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import ClassVar

__all__ = [
    "ConfigError",
    "DecodeError",
    "DecoderNotFoundError",
    "DigestError",
    "EncodeError",
    "EncoderNotFoundError",
    "LayerError",
    "LayerNotFoundError",
    "NetEncodersError",
    "NetFileError",
    "ParameterError",
    "PluginConflictError",
    "PluginError",
    "PluginWarning",
    "PortError",
    "ProbeError",
    "SpecError",
    "VerificationError",
]


_NEAR = 0.8  # of difflib: 'Offst' is near to 'Offset', and 'feature_size' not to 'fft_size'
_NEARER = 0.85  # for names of other libraries: 'Frames' is not near to 'frame_step'
_SHORTEST = 3  # characters of a name in which one letter may be wrong: 'Toi' for 'Toy'
_WHOLE = 4  # characters of a name that another one contains: 'Fbank' in 'KaldiFbank'

MAX_NAME = 1000  # characters: a path is shorter, a text that is an input may be longer


BUG_REMEDY = "this is a bug of the encoder, please report it"
"""The remedy of an EncodeError with the code ``bug``."""


class NetEncodersError(Exception):
    """The base of all errors of netencoders."""


class EncoderNotFoundError(NetEncodersError, LookupError):
    """No registered encoder and no declared spec has the requested name."""


class LayerNotFoundError(NetEncodersError, LookupError):
    """No registered layer has the requested name."""


class DecoderNotFoundError(NetEncodersError, LookupError):
    """No registered decoder has the requested name."""


class LayerError(NetEncodersError, ValueError):
    """A layer does not take arrays of the form that it would get. The message is the reason."""


class ParameterError(NetEncodersError, ValueError):
    """Parameters do not fit their declarations. One error lists all problems of a call.

    Parameters
    ----------
    owner : str
        The encoder or function that received the parameters, by name.
    problems : sequence of str
        One sentence for each problem.

    Attributes
    ----------
    owner : str
    problems : tuple of str

    Examples
    --------
    >>> print(ParameterError("Audio", ["unknown parameter 'Rate'."]))
    Audio: 1 problem
      unknown parameter 'Rate'.
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
    """A YAML spec cannot be read.

    Parameters
    ----------
    message : str
        The problem and the remedy.
    source : str, optional
        The path of the file; None for a text.
    line, column : int, optional
        The position of the problem, counted from 1.

    Attributes
    ----------
    message, source, line, column
        The arguments.
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
    """A spec or a pickle states a digest, and the installed encoder has another digest.

    The installed version gives other numbers than the version that wrote the digest, or the spec
    was edited.
    """


class ConfigError(NetEncodersError, ValueError):
    """A config of another tool cannot be imported. One error lists all problems of the config.

    Parameters
    ----------
    problems : sequence of (str, str)
        For each problem, the field, and a sentence with the rule and the remedy. The field is empty
        for a problem of the whole config.
    source : str, optional
        The path of the file; None for a mapping.

    Attributes
    ----------
    problems : tuple of (str, str)
    source : str or None

    Examples
    --------
    >>> print(ConfigError([("dither", "'dither' must be 0. Got 1.")], source="fbank.conf"))
    fbank.conf: 'dither' must be 0. Got 1.
    """

    def __init__(self, problems: Sequence[tuple[str, str]], *, source: str | None = None) -> None:
        self.problems = tuple(problems)
        self.source = source
        super().__init__(self.problems)

    def __str__(self) -> str:
        sentences = [printable(sentence) for _, sentence in self.problems]
        place = "a config" if self.source is None else printable(self.source)
        if len(sentences) == 1:
            return f"{place}: {sentences[0]}"
        return "\n  ".join([f"{place}: {len(sentences)} problems", *sentences])


class PluginError(NetEncodersError):
    """A plugin fails to load, or does not follow the plugin API.

    Parameters
    ----------
    message : str
        The problem.
    plugin : str, optional
        The distribution, version and entry point of the plugin, or its encoder.

    Attributes
    ----------
    message, plugin
        The arguments.
    """

    def __init__(self, message: str, *, plugin: str = "") -> None:
        self.message = message
        self.plugin = plugin
        super().__init__(message)

    def __str__(self) -> str:
        return f"{self.plugin}: {self.message}" if self.plugin else self.message


class PluginConflictError(PluginError):
    """Two providers register the same name. The name cannot be used."""


class PluginWarning(UserWarning):
    """A plugin, or part of one, is left out; everything else works."""


class PortError(NetEncodersError, ValueError):
    """The layers, edges, ports or shapes of a net graph do not fit together."""


class NetFileError(NetEncodersError, ValueError):
    """The file of a net cannot be loaded.

    Parameters
    ----------
    message : str
        The rule that the file breaks.
    source : str, optional
        The path of the file.
    remedy : str, optional
        An action that solves the problem.

    Attributes
    ----------
    message, source, remedy
        The arguments.

    Examples
    --------
    >>> print(NetFileError("it is empty", source="asr.netz", remedy="fetch it again"))
    asr.netz: it is empty (fetch it again)
    """

    def __init__(
        self, message: str, *, source: str | None = None, remedy: str | None = None
    ) -> None:
        self.message = message
        self.source = source
        self.remedy = remedy
        super().__init__(message)

    def __str__(self) -> str:
        text = self.message if self.source is None else f"{self.source}: {self.message}"
        return printable(f"{text} ({self.remedy})" if self.remedy else text)


class ProbeError(NetEncodersError):
    """An encoder or a net has no probe, or none can be made. The message names the remedy."""


class VerificationError(NetEncodersError):
    """An encoder or a net does not give the values that its probe states.

    Parameters
    ----------
    owner : str
        The name of the spec, or of the encoder; or the net.
    problems : sequence of str
        One sentence for each difference.
    environment : mapping of str to str
        The versions that the values depend on, by name.
    kind : {"encoder", "net"}
        The kind of the owner.

    Attributes
    ----------
    owner : str
    problems : tuple of str
    environment : dict of str to str
    kind : str

    Examples
    --------
    >>> print(VerificationError("Mine", ["the shape is (2,), not (3,)."], {"numpy": "2.0"}))
    Mine: the encoder does not give the values of its probe:
      the shape is (2,), not (3,).
      The environment is numpy 2.0.
      If the spec was changed, write a new probe (netencoders probe). Otherwise do not ...
    """

    def __init__(
        self,
        owner: str,
        problems: Sequence[str],
        environment: Mapping[str, str],
        kind: str = "encoder",
    ) -> None:
        self.owner = owner
        self.problems = tuple(problems)
        self.environment = dict(environment)
        self.kind = kind
        super().__init__(owner, self.problems, self.environment, kind)

    def __str__(self) -> str:
        remedy = "compare these versions with those of a machine that passes, and install the same."
        if self.kind == "encoder":
            remedy = (
                "If the spec was changed, write a new probe (netencoders probe). Otherwise do not "
                f"use the arrays: {remedy}"
            )
        else:
            remedy = (
                f"Do not use the results: {remedy} If a larger difference is harmless, as for a "
                "quantised model, save the net with probe=net.probe(tolerance=...)."
            )
        versions = ", ".join(f"{name} {version}" for name, version in self.environment.items())
        return "\n  ".join(
            [
                f"{printable(self.owner)}: the {self.kind} does not give the values of its probe:",
                *self.problems,
                f"The environment is {versions or 'not known'}.",
                remedy,
            ]
        )


class InputError(NetEncodersError):
    """The base of EncodeError and DecodeError, which have a code and the name of an input.

    Parameters
    ----------
    message : str
        The problem.
    code : str
        A short, stable word for the kind of problem, for programs to branch on.
    source : str, optional
        The name of the input: its path, or a text that states its type.
    remedy : str, optional
        An action that solves the problem.
    index : int, optional
        The position of the input in its batch, counted from 0.

    Attributes
    ----------
    message, code, source, remedy, index
        The arguments. A caller that knows `source` or `index` sets it while the error propagates.

    Examples
    --------
    >>> str(EncodeError("no samples", code="empty-audio", source="a.wav", remedy="leave it out"))
    'a.wav: no samples (leave it out)'
    """

    default_code: ClassVar[str]

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        source: str | None = None,
        remedy: str | None = None,
        index: int | None = None,
    ) -> None:
        self.message = message
        self.code = self.default_code if code is None else code
        self.source = source
        self.remedy = remedy
        self.index = index
        super().__init__(message)

    def __str__(self) -> str:
        text = self.message if self.source is None else f"{self.source}: {self.message}"
        if self.index is not None:
            text = f"element {self.index}: {text}"
        return printable(f"{text} ({self.remedy})" if self.remedy else text)


class EncodeError(InputError):
    """An input cannot be encoded; see `InputError`.

    Examples
    --------
    >>> EncodeError("no samples", code="empty-audio").code
    'empty-audio'
    """

    default_code = "encode-error"


class DecodeError(InputError):
    """An array cannot be decoded; see `InputError`.

    Examples
    --------
    >>> str(DecodeError("the probabilities sum to 3", code="not-probabilities"))
    'the probabilities sum to 3'
    """

    default_code = "decode-error"


def printable(text: str) -> str:
    r"""Return `text` on one line that is safe to print to any terminal or log.

    Line breaks, control characters and lone surrogates are escaped; the rest is unchanged.

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
    """Return the name of an input in messages: its path, or a text that states its type.

    The name of a text is the text itself, or the beginning of a long text.

    >>> input_name(b"RIFF")
    'a value of type bytes'
    """
    if isinstance(value, str | PathLike):
        text = os.fsdecode(value)
        if len(text) > MAX_NAME:  # the input is a text, not the path of a file
            return f"{text[:80]}... ({len(text)} characters)"
        return text or "an empty text"
    return f"a value of type {type(value).__name__}"


def nearest(word: str, known: Iterable[str], other_names: Mapping[str, str] | None = None) -> str:
    """Return a sentence that suggests the known name most similar to `word`, or an empty text.

    Parameters
    ----------
    word : str
    known : iterable of str
    other_names : mapping of str to str, optional
        Known names by their names in other libraries, which are also compared with `word`.

    Examples
    --------
    >>> nearest("Samplerate", ["SampleRate", "Offset"])
    " Did you mean 'SampleRate'?"
    >>> nearest("hop_lenth", ["SampleRate", "Offset"], {"hop_length": "Offset"})
    " Did you mean 'Offset'?"
    """
    if len(word) > 100:
        return ""  # too long for a typing error, and a long word takes long to compare
    own = {folded(name): name for name in known}
    names = {folded(other): name for other, name in (other_names or {}).items()} | own
    meant = names.get(folded(word)) or _near(folded(word), names, own)
    return f" Did you mean {meant!r}?" if meant else ""


def folded(name: str) -> str:
    """Return a name without case and underscores: libraries write one name in several ways.

    >>> folded("HopLength") == folded("hop_length")
    True
    """
    return name.casefold().replace("_", "")


def _near(word: str, names: Mapping[str, str], own: Mapping[str, str]) -> str | None:
    """Return the most similar name; of `own`, also one that contains the word."""
    # Imported late: only a mistake needs it.
    import difflib

    for known, cutoff in ((own, _NEAR), (names, _NEARER)):
        for match in difflib.get_close_matches(word, known, n=1, cutoff=cutoff):
            return known[match]
    for match in difflib.get_close_matches(word, own, n=3):
        if _is_near(word, match):
            return own[match]
    return None


def _is_near(word: str, name: str) -> bool:
    """Return whether the names differ by a letter or its place, or one contains the other.

    A letter is much for the ratio of a short name.
    """
    import difflib

    shorter, longer = sorted((word, name), key=len)
    blocks = difflib.SequenceMatcher(None, word, name).get_matching_blocks()
    differing = len(longer) - sum(block.size for block in blocks)
    contained = shorter in longer and len(shorter) >= _WHOLE
    return contained or (differing == 1 and len(shorter) >= _SHORTEST)
