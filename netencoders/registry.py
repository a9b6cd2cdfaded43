"""Registry: all that plugins provide to this process, by name.

A plugin is an entry point of the group ``netencoders``; first-party encoders are registered the
same way. Discovery happens on first use. Three environment variables control it:

``NETENCODERS_PLUGINS``
    Unset: load all. Otherwise a comma-separated list of distributions to load beside the built-in
    ones; empty: the built-in ones alone.
``NETENCODERS_STRICT_PLUGINS``
    ``1``: a broken plugin raises PluginError instead of a warning.
``NETENCODERS_SPECS``
    YAML files, or folders of them, joined as in ``PATH``: encoders declared without a plugin.
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
    """Return every usable encoder by name: a read-only mapping, sorted.

    A name that two plugins provide is left out, and so is a declared encoder whose base is absent;
    `NetEncoder` gives the reason when such a name is used.

    Examples
    --------
    >>> from netencoders import encoders
    >>> encoders()["AudioSpectrogram"].provider.distribution
    'netencoders'
    """
    return MappingProxyType(Names(_registry.records()).table())


def plugins() -> tuple[PluginRecord, ...]:
    """Return a record of each plugin with its failures, in the order of loading."""
    return tuple(_registry.records())


def find(name: str, beside: Sequence[Declaration] = ()) -> EncoderRecord:
    """Return the record of `name`.

    Parameters
    ----------
    name : str
    beside : sequence of Declaration
        The declarations of the file that is being read, which come before all others.

    Raises
    ------
    EncoderNotFoundError
        No plugin provides it; the message names near misses and the plugins that failed.
    PluginConflictError
        Two plugins provide it.
    SpecError
        A chain of specs leads back to itself, or is too long.
    """
    given: object = name  # callers may pass any type
    if not isinstance(given, str):
        hint = f" {FILE_HINT}" if isinstance(given, PathLike) else ""
        raise EncoderNotFoundError(f"the name of an encoder is a text. Got {short(given)}.{hint}")
    return Names(_registry.records(), beside).resolve(name)


def registrations(hook: str) -> tuple[tuple[Provider, Any], ...]:
    """Return all that plugins registered through a hook that a plugin specifies.

    Parameters
    ----------
    hook : str
        The hook's name, such as ``"register_readers"``.

    Returns
    -------
    tuple of (Provider, object)
        In the order in which the plugins are loaded: built-in ones first, then by name. If a
        plugin's hook failed, none of its items are here.

    Raises
    ------
    PluginError
        No plugin specifies the hook, or it is one of netencoders itself.
    PluginConflictError
        Two plugins specify it.
    """
    if hook in FRAMEWORK_HOOKS:
        raise PluginError(
            f"{hook!r} is a hook of netencoders itself: registrations() takes hooks of plugins."
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

    While plugins are being loaded, the windows of those that are loaded already are known.

    Raises
    ------
    PluginConflictError
        Two plugins register it.
    """
    return Claims("register_windows", _registry.loaded()).find(name)


def window_names() -> list[str]:
    """Return the names of the windows that plugins register, as `window` knows them."""
    return list(Claims("register_windows", _registry.loaded()).usable())


def register(encoder: SomeEncoder) -> SomeEncoder:
    """Register an Encoder subclass in this process alone; usable as a decorator.

    Registering a class of the same name again replaces the earlier one, so that a notebook's cell
    can be run twice. Other processes do not see it: to share an encoder, publish a plugin.

    Raises
    ------
    PluginError
        It is not a complete Encoder subclass.
    PluginConflictError
        A plugin provides the name already.
    """
    _registry.add(encoder)
    return encoder


def unregister(encoder: type[Encoder]) -> None:
    """Undo `register`.

    Raises
    ------
    EncoderNotFoundError
        The class is not registered in this process.
    """
    _registry.remove(encoder)


@contextmanager
def registered(*classes: type[Encoder]) -> Iterator[None]:
    """Register encoders in this process for the length of a ``with`` block.

    Encoders that were registered in this process under the same names are restored afterwards.
    """
    before = _registry.local()
    try:
        for cls in classes:
            register(cls)
        yield
    finally:
        _registry.put_back([cls.name for cls in classes if hasattr(cls, "name")], before)


class _Here(threading.local):
    """State of one thread."""

    loading: list[PluginRecord] | None = None  # the plugins loaded so far, during discovery


class _Registry:
    """The state of the process: the discovered plugins, and the classes of `register`."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._found: list[PluginRecord] | None = None
        self._local: dict[str, type[Encoder]] = {}
        self._here = _Here()

    def forget(self) -> None:
        """Discover anew on next use."""
        with self._lock:
            self._found = None

    def found(self) -> list[PluginRecord]:
        if self._found is None:
            if self._here.loading is not None:  # a plugin uses encoders while it is imported
                raise PluginError("encoders cannot be used while the plugins are being loaded")
            found: list[PluginRecord] = []
            self._here.loading = found
            try:
                # Not under the lock: an import takes Python's own locks, and a thread that holds
                # one of those may wait for this lock. At worst, two threads discover at once.
                complete = discover(found)
            finally:
                self._here.loading = None
            with self._lock:
                if self._found is None:
                    if not complete:
                        return found  # for this one use; the next one discovers anew
                    self._found = found
                return self._found
        return self._found

    def loaded(self) -> list[PluginRecord]:
        """Return the plugins found or, during discovery, those that are loaded so far."""
        loading = self._here.loading
        return self.found() if loading is None else loading

    def local(self) -> dict[str, type[Encoder]]:
        with self._lock:
            return dict(self._local)

    def put_back(self, names: Iterable[str], before: Mapping[str, type[Encoder]]) -> None:
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
