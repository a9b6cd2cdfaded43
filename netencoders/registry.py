"""Registry: the items that plugins provide to this process, by name.

A plugin is an entry point of the group ``netencoders``, also for the encoders that ship with
netencoders. Discovery happens at the first use of a name. Three environment variables control it:

``NETENCODERS_PLUGINS``
    A comma-separated list of the distributions to load in addition to the built-in ones. If it is
    not set, all are loaded; if it is empty, only the built-in ones.
``NETENCODERS_STRICT_PLUGINS``
    If it is ``1``, a broken plugin raises a PluginError instead of a warning.
``NETENCODERS_SPECS``
    YAML files, or folders of YAML files, separated as in ``PATH``. They declare encoders without a
    plugin.

The module is long because it is the public API of discovery; most lines are docstrings.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from types import MappingProxyType
from typing import Any, TypeVar

from netencoders.base import Encoder, declaration_problem
from netencoders.claims import FRAMEWORK_HOOKS, Claims, conflict_text
from netencoders.command import Command
from netencoders.discovery import discover
from netencoders.errors import EncoderNotFoundError, PluginConflictError, PluginError, nearest
from netencoders.names import FILE_HINT, EncoderRecord, Names
from netencoders.parameters import short
from netencoders.policies import Policy
from netencoders.records import PluginRecord, Provider
from netencoders.windows import NamedWindow
from netencoders.yaml_specs import Declaration

__all__ = [
    "EncoderRecord",
    "PluginRecord",
    "Provider",
    "commands",
    "declared_policies",
    "encoders",
    "find",
    "plugins",
    "register",
    "registered",
    "registrations",
    "unregister",
    "window",
    "window_names",
]

THIS_PROCESS = "this process"

SomeEncoder = TypeVar("SomeEncoder", bound=type[Encoder])


def encoders() -> Mapping[str, EncoderRecord]:
    """Return the encoders that can be used, by name.

    Names that two plugins provide are left out, and so are specs whose encoder is missing. For such
    a name, `NetEncoder` raises an error with the reason.

    Returns
    -------
    mapping of str to EncoderRecord
        Sorted by name, and read-only.

    Examples
    --------
    >>> from netencoders import encoders
    >>> encoders()["AudioSpectrogram"].provider.distribution
    'netencoders'
    """
    return MappingProxyType(Names(_registry.records()).table())


def plugins() -> tuple[PluginRecord, ...]:
    """Return the record of each plugin, with its failures, in the order of loading."""
    return tuple(_registry.records())


def find(name: str, beside: Sequence[Declaration] = ()) -> EncoderRecord:
    """Return the record of `name`.

    Parameters
    ----------
    name : str
    beside : sequence of Declaration
        The declarations of the file that is being read. They take precedence over all others.

    Raises
    ------
    EncoderNotFoundError
        No plugin provides it. The message names similar names and the plugins that failed.
    PluginConflictError
        Two plugins provide it.
    SpecError
        A chain of specs leads back to itself, or is too long.
    """
    given: object = name  # callers may pass any type
    if not isinstance(given, str):
        hint = f" {FILE_HINT}" if isinstance(given, PathLike) else ""
        raise EncoderNotFoundError(
            f"the name of an encoder must be a text. Got {short(given)}.{hint}"
        )
    return Names(_registry.records(), beside).resolve(name)


def registrations(hook: str) -> tuple[tuple[Provider, Any], ...]:
    """Return the items that plugins registered through a hook of a plugin.

    Parameters
    ----------
    hook : str
        The hook's name, such as ``"register_readers"``.

    Returns
    -------
    tuple of (Provider, object)
        Each item with the plugin that registered it, in the order of loading: built-in plugins
        first, then the others by name. If the hook fails in a plugin, its items are left out.

    Raises
    ------
    PluginError
        No plugin specifies the hook, or it is a hook of netencoders itself.
    PluginConflictError
        Two plugins specify it.

    Examples
    --------
    >>> from netencoders import registrations
    >>> registrations("register_encoders")
    Traceback (most recent call last):
        ...
    netencoders.errors.PluginError: 'register_encoders' is a hook of netencoders itself: ...
    """
    if hook in FRAMEWORK_HOOKS:
        raise PluginError(
            f"{hook!r} is a hook of netencoders itself: registrations() takes a hook that a plugin "
            "specifies."
        )
    found = _registry.found()
    hooks = Claims("register_hookspecs", found)
    if hooks.find(hook) is None:
        raise PluginError(f"no plugin specifies the hook {hook!r}.{nearest(hook, hooks.names)}")
    return tuple((record.provider, item) for record in found for item in record.items.get(hook, ()))


def commands() -> dict[str, tuple[Provider, Command]]:
    """Return the commands of plugins by name, sorted; a name with a conflict is left out."""
    return Claims("register_commands", _registry.found()).usable()


def declared_policies() -> dict[str, tuple[Provider, Policy]]:
    """Return the policies of plugins by name, sorted; a name with a conflict is left out."""
    return Claims("register_policies", _registry.found()).usable()


def window(name: str) -> tuple[Provider, NamedWindow] | None:
    """Return a plugin's window, or None if no plugin registers the name.

    While plugins are being loaded, it finds the windows of the plugins that are already loaded.

    Raises
    ------
    PluginConflictError
        Two plugins register it.
    """
    return Claims("register_windows", _registry.loaded()).find(name)


def window_names() -> list[str]:
    """Return the names of the windows that `window` finds."""
    return list(Claims("register_windows", _registry.loaded()).usable())


def register(encoder: SomeEncoder) -> SomeEncoder:
    """Register an Encoder subclass in this process only. It can be used as a decorator.

    A second class of the same name replaces the first, so that a cell of a notebook can run twice.
    Other processes do not find the encoder: publish a plugin to share it.

    Parameters
    ----------
    encoder : type of Encoder

    Returns
    -------
    type of Encoder
        `encoder` itself.

    Raises
    ------
    PluginError
        `encoder` is not a complete subclass of Encoder.
    PluginConflictError
        A plugin already provides the name.
    """
    _registry.add(encoder)
    return encoder


def unregister(encoder: type[Encoder]) -> None:
    """Remove an encoder that `register` has registered.

    Parameters
    ----------
    encoder : type of Encoder

    Raises
    ------
    EncoderNotFoundError
        The class is not registered in this process.
    """
    _registry.remove(encoder)


@contextmanager
def registered(*classes: type[Encoder]) -> Iterator[None]:
    """Register encoders in this process for the length of a ``with`` block.

    Afterwards, encoders that were registered under the same names are restored.

    Parameters
    ----------
    *classes : type of Encoder

    Raises
    ------
    PluginError, PluginConflictError
        As for `register`.
    """
    before = _registry.local()
    try:
        for cls in classes:
            register(cls)
        yield
    finally:
        _registry.restore([cls.name for cls in classes if hasattr(cls, "name")], before)


class _ThreadState(threading.local):
    """The state of one thread."""

    loading: list[PluginRecord] | None = None  # the plugins loaded so far, during discovery


class _Registry:
    """The state of the process: the discovered plugins, and the classes of `register`."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._found: list[PluginRecord] | None = None
        self._local: dict[str, type[Encoder]] = {}
        self._thread = _ThreadState()

    def forget(self) -> None:
        """Discover the plugins again at the next use."""
        with self._lock:
            self._found = None

    def found(self) -> list[PluginRecord]:
        if self._found is None:
            if self._thread.loading is not None:  # a plugin uses encoders while it is imported
                raise PluginError(
                    "encoders cannot be used while the plugins are being loaded: use them inside "
                    "of a function"
                )
            found: list[PluginRecord] = []
            self._thread.loading = found
            try:
                # Not under the lock: an import takes Python's own locks, and a thread that holds
                # one of those may wait for this lock. At worst, two threads discover at once.
                complete = discover(found)
            finally:
                self._thread.loading = None
            with self._lock:
                if self._found is None:
                    if not complete:
                        return found  # for this call only: the next call discovers again
                    self._found = found
                return self._found
        return self._found

    def loaded(self) -> list[PluginRecord]:
        """Return the plugins found or, during discovery, those that are loaded so far."""
        loading = self._thread.loading
        return self.found() if loading is None else loading

    def local(self) -> dict[str, type[Encoder]]:
        with self._lock:
            return dict(self._local)

    def restore(self, names: Iterable[str], before: Mapping[str, type[Encoder]]) -> None:
        with self._lock:
            for name in names:
                self._local.pop(name, None)
                if name in before:
                    self._local[name] = before[name]

    def records(self) -> list[PluginRecord]:
        found = self.found()
        with self._lock:
            local = [
                PluginRecord(Provider(THIS_PROCESS, cls.__module__), [cls])
                for cls in self._local.values()
            ]
            return found + local

    def add(self, encoder: type[Encoder]) -> None:
        problem = declaration_problem(encoder)
        if problem:
            raise PluginError(problem)
        here = Provider(THIS_PROCESS, encoder.__module__)
        owners = [record.provider for record in self.found() if encoder.name in record.names]
        if owners:
            raise PluginConflictError(conflict_text(encoder.name, [*owners, here]))
        with self._lock:
            self._local[encoder.name] = encoder

    def remove(self, encoder: type[Encoder]) -> None:
        with self._lock:
            if self._local.get(encoder.name) is not encoder:
                raise EncoderNotFoundError(f"{encoder.name!r} is not registered in this process.")
            del self._local[encoder.name]


_registry = _Registry()
