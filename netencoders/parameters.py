"""Parameter: one declaration for checks, Automatic, specs, the command line, docs and tests.

The module is long because most lines are docstrings.
"""

from __future__ import annotations

import inspect
import re
import reprlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from netencoders.errors import PluginError
from netencoders.sentinels import Absent, Automatic
from netencoders.values import RefusedError, ValueType, alternatives, from_plain, takes, typed

__all__ = ["NAME_PATTERN", "Parameter", "is_line", "is_name", "short"]

NAME_PATTERN = "[A-Za-z][A-Za-z0-9_]*"
"""A regular expression that the names of encoders, specs and parameters match."""


@dataclass(frozen=True, eq=False)
class Parameter:
    """The declaration of one parameter of an encoder.

    Parameters
    ----------
    name : str
        The name in Python, in YAML and on the command line, exact and case-sensitive.
    type : ValueType
        The type of the value.
    default : object, optional
        The value if none is given. `Automatic` means the result of the rule `automatic`. Without a
        default, the parameter is required.
    unit : str
        The unit of the resolved value, such as ``"samples"``, or empty.
    automatic : callable, optional
        The rule for `Automatic`: a pure function. Its argument names are the parameters that it
        depends on. Without a rule, the parameter refuses `Automatic`.
    neutral : object, optional
        The value at which the parameter has no effect, or a function of other parameters that
        returns it. A parameter that resolves to its neutral value is left out of the digest, so
        that a new parameter with a neutral default changes no digest.
    known_as : tuple of str
        Names of the same quantity in other libraries, such as ``"hop_length"``. The error for such
        a name suggests this parameter.
    doc : str
        The meaning of the parameter, in one sentence.

    Examples
    --------
    >>> from netencoders import Automatic, Parameter, Samples
    >>> Parameter("Offset", Samples(min=1), default=Automatic, unit="samples",
    ...           automatic=lambda WindowSize: -(-WindowSize // 3), doc="offset of the partitions")
    Parameter('Offset', an integer >= 1, a duration or Automatic)
    """

    name: str
    type: ValueType
    default: Any = Absent
    unit: str = field(default="", kw_only=True)
    automatic: Callable[..., Any] | None = field(default=None, kw_only=True)
    neutral: Any = field(default=Absent, kw_only=True)
    known_as: tuple[str, ...] = field(default=(), kw_only=True)
    doc: str = field(default="", kw_only=True)

    @property
    def is_required(self) -> bool:
        """Whether a value must be given, because there is no default."""
        return self.default is Absent

    @property
    def rule_depends(self) -> tuple[str, ...]:
        """Names of the parameters that the Automatic rule needs."""
        return () if self.automatic is None else _arguments(self.automatic)

    @property
    def neutral_depends(self) -> tuple[str, ...]:
        """Names of the parameters that the neutral value depends on."""
        return _arguments(self.neutral) if callable(self.neutral) else ()

    @property
    def depends(self) -> tuple[str, ...]:
        """Names of the parameters that any value of this one may need."""
        return tuple(dict.fromkeys([*self.type.depends, *self.rule_depends]))

    def describe(self) -> str:
        """Return the phrase for the accepted values, which follows 'must be' in messages.

        Returns
        -------
        str
        """
        named = () if self.automatic is None else ("Automatic",)
        return alternatives((*self.type.describe(), *named))

    def check(self, value: Any) -> Any:
        """Return a value in its canonical form.

        Parameters
        ----------
        value : object
            Any value.

        Returns
        -------
        object
            The canonical form that the type returns, or `Automatic`.

        Raises
        ------
        ValueError
            The parameter refuses the value.

        Examples
        --------
        >>> from netencoders import Integer, Parameter
        >>> Parameter("Size", Integer(min=1), 3).check(0)
        Traceback (most recent call last):
            ...
        ValueError: 'Size' must be an integer >= 1. Got 0.
        """
        if value is Automatic and self.automatic is not None:
            return Automatic
        try:
            return self.type.check(value)
        except RefusedError as refusal:
            # Imported late, here and in `meant`: only a mistake needs it.
            from netencoders.corrections import says_nothing

            hint = str(refusal)
            named = from_plain(value) if isinstance(value, str) else value
            if isinstance(value, str) and named is not value and self.takes(named):
                hint = f"Pass the name, not a text: from netencoders import {value}."
            elif isinstance(value, Mapping):
                hint = hint or "In YAML, quote a text that contains ': '; a file is {asset: name}."
            elif meant := self.meant(value):
                hint = meant
            elif not self.is_required and says_nothing(value) and self.takes(self.default):
                hint = f"Leave it out for the default, {short(self.default)}."
            raise ValueError(self._message(value, hint)) from None

    def takes(self, value: Any) -> bool:
        """Return whether `check` accepts a value.

        Parameters
        ----------
        value : object
            Any value.

        Returns
        -------
        bool
        """
        return takes(self.type, value) or (value is Automatic and self.automatic is not None)

    def meant(self, value: Any) -> str:
        """Return a sentence with the line that may be meant by a refused value, or an empty text.

        Parameters
        ----------
        value : object
            Any value, such as a number of seconds.

        Returns
        -------
        str

        Examples
        --------
        >>> from netencoders import Integer, Parameter
        >>> Parameter("SampleRate", Integer(min=1), 16000).meant("16 kHz")
        'Write SampleRate=16000.'
        """
        from netencoders.corrections import corrections, written

        found = [item for item in corrections(value, self.unit) if self.takes(item)]
        lines = tuple(written(self.name, item) for item in found[:3])
        return f"Write {alternatives(lines)}." if lines else ""

    def resolve(self, value: Any, resolved: Mapping[str, Any]) -> Any:
        """Return a checked value with Automatic and durations resolved.

        Parameters
        ----------
        value : object
            A value that `check` returned.
        resolved : mapping of str to object
            The resolved values of the parameters in `depends`.

        Returns
        -------
        object
            The value for `Encoder.resolved`.

        Raises
        ------
        ValueError
            The parameter refuses the resolved value.
        PluginError
            The Automatic rule raises an exception, or the type raises another error than
            RefusedError.
        """
        given = value
        if value is Automatic and self.automatic is not None:
            value = self._called("Automatic rule", self.automatic, self.rule_depends, resolved)
        try:
            if given is not value:
                value = self.type.check(value)
            return self.type.resolve(value, {name: resolved[name] for name in self.type.depends})
        except RefusedError as refusal:
            automatic = "" if given is value else f"The rule of Automatic gives {short(value)}. "
            hint = f"{automatic}{refusal}".strip()
            raise ValueError(self._message(given, hint)) from None
        except Exception as bug:  # the type may be a plugin's, which may raise anything
            raise PluginError(
                f"the type of {self.name!r} raised {type(bug).__name__} for {short(value)}: {bug}"
            ) from bug

    def is_neutral(self, resolved: Mapping[str, Any]) -> bool:
        """Return whether the parameter has no effect.

        Parameters
        ----------
        resolved : mapping of str to object
            Every parameter with its resolved value.

        Returns
        -------
        bool
            True if the resolved value is the neutral one.

        Raises
        ------
        PluginError
            The neutral value is a function, and it raises an exception.

        Examples
        --------
        >>> from netencoders import Integer, Parameter
        >>> length = Parameter("FFTLength", Integer(), 512, neutral=lambda WindowSize: WindowSize)
        >>> length.is_neutral({"WindowSize": 400, "FFTLength": 400})
        True
        """
        if self.neutral is Absent:
            return False
        neutral = self.neutral
        if callable(neutral):
            neutral = self._called("neutral value", neutral, self.neutral_depends, resolved)
        try:
            neutral = self.type.check(neutral)
            neutral = self.type.resolve(neutral, {key: resolved[key] for key in self.type.depends})
        except RefusedError:  # the parameter refuses its neutral value: it has an effect
            return False
        return typed(neutral) == typed(resolved[self.name])

    def schema(self) -> dict[str, Any]:
        """Return this parameter as JSON Schema (draft 2020-12).

        Returns
        -------
        dict
        """
        kind = self.type.schema()
        if self.automatic is not None:
            kind = {"anyOf": [*kind.get("anyOf", [kind]), {"const": "Automatic"}]}
        return {"description": self.doc} | kind

    def _called(
        self,
        kind: str,
        rule: Callable[..., Any],
        depends: Sequence[str],
        resolved: Mapping[str, Any],
    ) -> Any:
        """Return the result of a rule that the plugin declares."""
        try:
            return rule(**{name: resolved[name] for name in depends})
        except Exception as bug:
            raise PluginError(
                f"the {kind} of {self.name!r} raised {type(bug).__name__}: {bug}"
            ) from bug

    def _message(self, value: Any, hint: str) -> str:
        text = f"{self.name!r} must be {self.describe()}. Got {short(value)}."
        return f"{text} {hint}" if hint else text

    def __repr__(self) -> str:
        return f"Parameter({self.name!r}, {self.describe()})"


def _arguments(rule: Callable[..., Any]) -> tuple[str, ...]:
    found = inspect.signature(rule).parameters
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    if any(argument.kind not in named for argument in found.values()):
        raise ValueError("a rule is called with named arguments")
    return tuple(found)


def is_line(value: object) -> TypeGuard[str]:
    """Tell whether `value` is a text on one line, and not empty."""
    return isinstance(value, str) and value != "" and value.isprintable()


def is_name(value: object) -> TypeGuard[str]:
    """Return whether `value` is a valid name of an encoder or of a parameter.

    >>> is_name("AudioSpectrogram"), is_name("speech.yaml")
    (True, False)
    """
    return isinstance(value, str) and re.fullmatch(NAME_PATTERN, value) is not None


class _Short(reprlib.Repr):
    """A repr of bounded length, because a value may hold millions of samples."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 80

    def repr_int(self, x: int, level: int) -> str:
        # Python itself refuses to print integers of thousands of digits.
        return repr(x) if x.bit_length() <= 128 else f"an integer of {x.bit_length()} bits"


def short(value: Any) -> str:
    """Return the repr of any value on one line of bounded length."""
    return " ".join(_Short().repr(value).split())
