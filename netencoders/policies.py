"""Policies: settings of a call that are not part of an encoder and of its digest.

Examples are the maximum size of inputs and the treatment of truncated files. A policy is set for a
``with`` block. It applies to the calls in the block, and to the threads, processes and streams that
they start.

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
...         limit = current("textlength.max", 1000)
...         if len(value) > limit:
...             raise EncodeError(f"longer than {limit} characters", code="too-long")
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
from netencoders.inputs import inputs_problem
from netencoders.parameters import is_line, short

__all__ = ["RESERVED_POLICIES", "Policy", "current", "in_force", "policies"]

# The options of the commands that offer policies, and the policies of the framework itself.
RESERVED_POLICIES = frozenset(
    {
        "batch_size",
        "debug",
        "encoder",
        "force",
        "help",
        "input",
        "isolate",
        "name",
        "on_error",
        "output",
    }
    | {
        "keep_tree",
        "parameter",
        "port",
        "property",
        "quiet",
        "skip_existing",
        "spec",
        "timeout",
        "verify",
        "workers",
    }
)

_NAME = re.compile("[a-z][a-z0-9_.]{0,63}")

_in_force: ContextVar[Mapping[str, Any]] = ContextVar(
    "netencoders_policies", default=MappingProxyType({})
)


def current(name: str, default: Any) -> Any:
    """Return the value of a policy.

    An encoder calls it in `encode`, not in its constructor, because each call may have other
    policies. A policy may refuse an input. It must not change an array, because it is not part of
    the digest. (The policy ``netencoders.input_id`` is a part of the input: it is the id that the
    random numbers of an encoder depend on; see `Encoder.draws`.)

    Parameters
    ----------
    name : str
        The name of the policy. Begin it with the name of your package, so that no other plugin
        uses the same name.
    default : object
        The result if the policy is not set.

    Returns
    -------
    object
    """
    return _in_force.get().get(name, default)


def in_force() -> dict[str, Any]:
    """Return all policies that are set, in order to set them in another thread or process.

    Returns
    -------
    dict of str to object
    """
    return dict(_in_force.get())


@dataclass(frozen=True)
class Policy:
    """The declaration of a policy, for the hook `register_policies`.

    The commands `encode`, `plot`, `explain` and `run` offer each declared policy as an option. The
    plugin reads its value with ``current(name, default)``.

    Parameters
    ----------
    name : str
        Lower-case letters, digits, underscores and dots. In the option, hyphens replace
        underscores.
    choices : tuple of str
        The values that the option takes.
    default : str
        The value if the option is not given, one of `choices`.
    help : str
        One line, a phrase without a period.
    inputs : tuple of str
        The kinds of inputs that the policy is about, some of those of `Encoder.accepts`, such as
        ``("audio",)``. The commands refuse the option for an encoder that declares other kinds
        alone. By default it is empty: the policy is about all inputs.

    Raises
    ------
    PluginError
        A field is invalid.

    Examples
    --------
    >>> Policy("line_ends", ("keep", "error"), "keep", "keep mixed line ends, or refuse").option
    '--line-ends'
    """

    name: str
    choices: tuple[str, ...]
    default: str
    help: str
    inputs: tuple[str, ...] = ()

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
        if problem := inputs_problem(self.inputs):
            raise PluginError(problem, plugin=owner)

    @property
    def option(self) -> str:
        """The option of the command line."""
        return f"--{self.name.replace('_', '-')}"

    def fits(self, kinds: tuple[str, ...]) -> bool:
        """Return whether the policy is about inputs of an encoder that declares these kinds.

        Parameters
        ----------
        kinds : tuple of str
            The kinds of inputs; empty if they are not declared, which fits any policy.

        Returns
        -------
        bool

        Examples
        --------
        >>> policy = Policy("clip", ("keep", "warn"), "keep", "warn of clipping", ("audio",))
        >>> policy.fits(("text",)), policy.fits(("path", "audio")), policy.fits(())
        (False, True, True)
        """
        return not self.inputs or not kinds or not {*self.inputs}.isdisjoint(kinds)


def _are_lines(texts: object) -> bool:
    return isinstance(texts, tuple) and texts != () and all(map(is_line, texts))


class policies:  # noqa: N801 - used as a function; `contextmanager` takes twice as long
    """Set policies by name for the length of a ``with`` block, in one thread.

    Parameters
    ----------
    changes : mapping of str to object
        Values by name. Other policies keep their values. ``map(..., isolate=True)`` pickles the
        values.

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
