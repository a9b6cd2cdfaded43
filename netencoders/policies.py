"""Policies: settings of a call, which are no part of an encoder and not of its digest.

The size of inputs, or the treatment of a truncated file, is decided where an encoder is used. A
policy is set for a ``with`` block. It holds in the threads and processes that `NetEncoder.map`
starts in the block, and in a stream that is asked for in it.

The caller sets a policy with `policies`, and the encoder reads it with `current`:

>>> import numpy as np
>>> from netencoders import ArraySpec, EncodeError, Encoder, NetEncoder, registered
>>> from netencoders.policies import current, policies
>>> class TextLength(Encoder):
...     "The number of characters of a text."
...     name = "TextLength"
...     def output(self):
...         return ArraySpec((), "int64")
...     def encode(self, value):
...         most = current("textlength.max", 1000)
...         if len(value) > most:
...             raise EncodeError(f"longer than {most} characters", code="too-long")
...         return np.array(len(value))
>>> with registered(TextLength):
...     encoder = NetEncoder("TextLength")
>>> with policies({"textlength.max": 3}):
...     encoder("four")
Traceback (most recent call last):
    ...
netencoders.errors.EncodeError: four: longer than 3 characters
>>> encoder("four")
array(4)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar, Token
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from netencoders.errors import PluginError
from netencoders.parameters import is_line, short

__all__ = ["RESERVED_POLICIES", "Policy", "current", "in_force", "policies"]

# The options of the commands that offer policies, and the policies of the framework itself.
RESERVED_POLICIES = frozenset(
    {"debug", "encoder", "force", "help", "isolate", "name", "on_error", "output", "parameter"}
    | {"quiet", "spec", "timeout", "workers"}
)

_NAME = re.compile("[a-z][a-z0-9_.]{0,63}")

_in_force: ContextVar[Mapping[str, Any]] = ContextVar(
    "netencoders_policies", default=MappingProxyType({})
)


def current(name: str, default: Any) -> Any:
    """Return the value of a policy.

    An encoder asks when it encodes, not when it is built: its constructor runs once, and each call
    may be under other policies. A policy may refuse an input. It must not change an array, since
    it is no part of the digest.

    Parameters
    ----------
    name : str
        A name of your own. Begin it with the name of your package, so that no other plugin uses it.
    default : object
        The value where the policy is not set.
    """
    return _in_force.get().get(name, default)


def in_force() -> dict[str, Any]:
    """Return all policies that are set here, to set them in another thread or process."""
    return dict(_in_force.get())


@dataclass(frozen=True)
class Policy:
    """The declaration of a policy, for the hook `register_policies`.

    The commands that encode offer each declared policy as an option. The plugin reads the value in
    force with ``current(name, default)``.

    Parameters
    ----------
    name : str
        Lower-case letters, digits, underscores and dots. The option has hyphens for underscores.
    choices : tuple of str
        The values that the option takes.
    default : str
        The value without the option, one of `choices`.
    help : str
        One line, a phrase without a period.

    Raises
    ------
    PluginError
        A field is not of this form.

    Examples
    --------
    >>> Policy("line_ends", ("keep", "error"), "keep", "keep mixed line ends, or refuse").option
    '--line-ends'
    """

    name: str
    choices: tuple[str, ...]
    default: str
    help: str

    def __post_init__(self) -> None:
        if not is_line(self.name) or not _NAME.fullmatch(self.name):
            raise PluginError(
                "a policy's name must be lower-case letters, digits, underscores and dots. "
                f"Got {short(self.name)}."
            )
        owner, choices = f"policy {self.name}", self.choices
        if not _are_lines(choices):
            raise PluginError(
                f"'choices' must be a tuple of texts. Got {short(choices)}.", plugin=owner
            )
        if self.default not in choices:
            raise PluginError(
                f"'default' must be one of {choices}. Got {short(self.default)}.", plugin=owner
            )
        if not is_line(self.help):
            raise PluginError(f"'help' must be one line. Got {short(self.help)}.", plugin=owner)

    @property
    def option(self) -> str:
        """The option of the command line."""
        return f"--{self.name.replace('_', '-')}"


def _are_lines(texts: object) -> bool:
    return isinstance(texts, tuple) and texts != () and all(map(is_line, texts))


class policies:  # noqa: N801 - read as a function; `contextmanager` takes twice as long
    """Set policies by name for the length of a ``with`` block.

    Parameters
    ----------
    changes : mapping of str to object
        Values by name; policies that it does not name stay as they are. With processes
        (``map(..., isolate=True)``) the values are pickled.

    Examples
    --------
    >>> with policies({"truncated": "warn"}):
    ...     current("truncated", "error")
    'warn'
    >>> current("truncated", "error")
    'error'
    """

    def __init__(self, changes: Mapping[str, Any]) -> None:
        self._changes = changes
        self._tokens: list[Token[Mapping[str, Any]]] = []  # one a nested block

    def __enter__(self) -> None:
        self._tokens.append(_in_force.set(MappingProxyType({**_in_force.get(), **self._changes})))

    def __exit__(self, *error: object) -> None:
        _in_force.reset(self._tokens.pop())
