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

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from typing import Any, TypeVar

from netencoders.base import Encoder
from netencoders.claims import FRAMEWORK_HOOKS, Claims, conflict_text
from netencoders.command import Command
from netencoders.declared import Declared, declaration_problem
from netencoders.decoder_base import Decoder
from netencoders.discovery import discover
from netencoders.errors import (
    DecoderNotFoundError,
    EncoderNotFoundError,
    LayerNotFoundError,
    PluginConflictError,
    PluginError,
    nearest,
)
from netencoders.importer import Importer
from netencoders.layer_base import Layer
from netencoders.names import EncoderRecord, Names, failures_text, file_hint
from netencoders.net_model import NetReader
from netencoders.parameters import Parameter, short
from netencoders.policies import Policy
from netencoders.records import PluginRecord, Provider, RecordTable
from netencoders.windows import NamedWindow
from netencoders.yaml_specs import Declaration

__all__ = [
    "DecoderRecord",
    "EncoderRecord",
    "LayerRecord",
    "PluginRecord",
    "Provider",
    "commands",
    "declared_policies",
    "decoders",
    "encoders",
    "find",
    "find_decoder",
    "find_layer",
    "importers",
    "layers",
    "net_readers",
    "plugins",
    "register",
    "registered",
    "registrations",
    "unregister",
    "window",
    "window_names",
]

THIS_PROCESS = "this process"

_HOOKS: Mapping[type[Declared], str] = {
    Layer: "register_layers",
    Decoder: "register_decoders",
}
"""The hook for each base of a class that is not an encoder."""

SomeClass = TypeVar("SomeClass", bound=type[Declared])


@dataclass(frozen=True)
class _ClassRecord(ABC):
    """A name with its class, and the plugin or process that registered it."""

    name: str
    provider: Provider

    @property
    @abstractmethod
    def _class(self) -> type[Declared]:
        """The class."""

    @property
    def summary(self) -> str:
        """The purpose of the class, in one sentence."""
        return self._class.summary()

    @property
    def version(self) -> str:
        """The distribution that holds the class, with its version."""
        return f"{self.provider.distribution} {self.provider.version}".strip()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The declarations of its parameters."""
        return self._class.parameters


@dataclass(frozen=True)
class LayerRecord(_ClassRecord):
    """One name that `NetLayer` accepts.

    Attributes
    ----------
    name : str
    provider : Provider
        The plugin or process that registered the layer.
    layer : type of Layer
    """

    layer: type[Layer]

    @property
    def _class(self) -> type[Declared]:
        return self.layer


@dataclass(frozen=True)
class DecoderRecord(_ClassRecord):
    """One name that `NetDecoder` accepts.

    Attributes
    ----------
    name : str
    provider : Provider
        The plugin or process that registered the decoder.
    decoder : type of Decoder
    """

    decoder: type[Decoder]

    @property
    def _class(self) -> type[Declared]:
        return self.decoder


def encoders() -> RecordTable[EncoderRecord]:
    """Return the encoders that can be used, by name.

    Names that two plugins provide are left out, and so are specs whose encoder is missing. For such
    a name, `NetEncoder` raises an error with the reason.

    Returns
    -------
    mapping of str to EncoderRecord
        Sorted by name, and read-only. It prints as a table, also in a notebook.

    Examples
    --------
    >>> from netencoders import encoders
    >>> encoders()["AudioSpectrogram"].provider.distribution
    'netencoders'
    """
    return RecordTable("encoder", Names(_registry.records()).table())


def layers() -> RecordTable[LayerRecord]:
    """Return the layers that can be used, by name. Names that two plugins provide are left out.

    Returns
    -------
    mapping of str to LayerRecord
        Sorted by name, and read-only. It prints as a table, also in a notebook.

    Examples
    --------
    >>> from netencoders import layers
    >>> layers()["Log"].provider.distribution
    'netencoders'
    """
    usable = Claims("register_layers", _registry.records()).usable().items()
    return RecordTable(
        "layer", {name: LayerRecord(name, provider, cls) for name, (provider, cls) in usable}
    )


def decoders() -> RecordTable[DecoderRecord]:
    """Return the decoders that can be used, by name. Names that two plugins provide are left out.

    Returns
    -------
    mapping of str to DecoderRecord
        Sorted by name, and read-only. It prints as a table, also in a notebook.
    """
    usable = Claims("register_decoders", _registry.records()).usable().items()
    return RecordTable(
        "decoder", {name: DecoderRecord(name, provider, cls) for name, (provider, cls) in usable}
    )


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
        A chain of specs leads back to itself, or is too long; or a file that is read at the first
        use of its name is not the spec of this name.
    """
    given: object = name  # callers may pass any type
    if not isinstance(given, str):
        path = os.fspath(given) if isinstance(given, PathLike) else ""
        hint = file_hint(path) if isinstance(path, str) else ""
        raise EncoderNotFoundError(
            f"the name of an encoder must be a text. Got {short(given)}. {hint}".rstrip()
        )
    return Names(_registry.records(), beside).resolve(name)


def find_layer(name: str) -> LayerRecord:
    """Return the record of the layer `name`.

    Raises
    ------
    LayerNotFoundError
        No plugin provides it. The message names similar names and the plugins that failed.
    PluginConflictError
        Two plugins provide it.
    """
    given: object = name  # callers may pass any type
    if not isinstance(given, str):
        raise LayerNotFoundError(f"the name of a layer must be a text. Got {short(given)}.")
    records = _registry.records()
    claims = Claims("register_layers", records)
    found = claims.find(given)
    if found is None:
        known = sorted(claims.names)
        others = {
            other: name for name, (_, cls) in claims.usable().items() for other in cls.known_as
        }
        hint = nearest(given, known, others) or f" Known: {', '.join(known) or 'none'}."
        if any(given in record.names for record in records):
            raise LayerNotFoundError(
                f"{given!r} is an encoder, and not a layer: NetEncoder({given!r}).then(...)."
            )
        raise LayerNotFoundError(failures_text(f"no layer {short(given)}.{hint}", records))
    provider, cls = found
    return LayerRecord(name, provider, cls)


def find_decoder(name: str) -> DecoderRecord:
    """Return the record of the decoder `name`.

    Raises
    ------
    DecoderNotFoundError
        No plugin provides it. The message names similar names and the plugins that failed.
    PluginConflictError
        Two plugins provide it.
    """
    given: object = name  # callers may pass any type
    if not isinstance(given, str):
        raise DecoderNotFoundError(f"the name of a decoder must be a text. Got {short(given)}.")
    records = _registry.records()
    claims = Claims("register_decoders", records)
    found = claims.find(given)
    if found is None:
        known = sorted(claims.names)
        hint = nearest(given, known) or f" Known: {', '.join(known) or 'none'}."
        if any(given in record.names for record in records):
            raise DecoderNotFoundError(
                f"{given!r} is an encoder, and not a decoder: NetEncoder({given!r})."
            )
        raise DecoderNotFoundError(failures_text(f"no decoder {short(given)}.{hint}", records))
    provider, cls = found
    return DecoderRecord(name, provider, cls)


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


def net_readers() -> dict[str, tuple[Provider, NetReader]]:
    """Return the net readers of plugins by name, sorted; a name with a conflict is left out."""
    return Claims("register_net_readers", _registry.found()).usable()


def importers() -> dict[str, tuple[Provider, Importer]]:
    """Return the importers of plugins by name, sorted; a name with a conflict is left out."""
    return Claims("register_importers", _registry.found()).usable()


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


def register(cls: SomeClass) -> SomeClass:
    """Register an Encoder, Layer or Decoder in this process only. It can be used as a decorator.

    A second class of the same name replaces the first, so that a cell of a notebook can run twice.
    Other processes do not find the class: publish a plugin to share it.

    Parameters
    ----------
    cls : type of Encoder, Layer or Decoder

    Returns
    -------
    type of Encoder, Layer or Decoder
        `cls` itself.

    Raises
    ------
    PluginError
        `cls` is not a complete subclass of one of them.
    PluginConflictError
        A plugin already provides the name.
    """
    _registry.add(cls)
    return cls


def unregister(cls: type[Declared]) -> None:
    """Remove a class that `register` has registered.

    Parameters
    ----------
    cls : type of Encoder, Layer or Decoder

    Raises
    ------
    EncoderNotFoundError, LayerNotFoundError, DecoderNotFoundError
        The class is not registered in this process.
    """
    _registry.remove(cls)


@contextmanager
def registered(*classes: type[Declared]) -> Iterator[None]:
    """Register classes in this process for the length of a ``with`` block.

    Afterwards, classes that were registered under the same names are restored.

    Parameters
    ----------
    *classes : type of Encoder, Layer or Decoder

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
        keys = [_key(cls) for cls in classes if hasattr(cls, "name")]
        _registry.restore(keys, before)


def _key(cls: type[Declared]) -> tuple[str, str]:
    """Return the key of a class: an encoder and a layer may have the same name."""
    return cls.word, cls.name


class _ThreadState(threading.local):
    """The state of one thread."""

    loading: list[PluginRecord] | None = None  # the plugins loaded so far, during discovery


class _Registry:
    """The state of the process: the discovered plugins, and the classes of `register`."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._found: list[PluginRecord] | None = None
        self._local: dict[tuple[str, str], type[Declared]] = {}
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

    def local(self) -> dict[tuple[str, str], type[Declared]]:
        with self._lock:
            return dict(self._local)

    def restore(
        self, keys: Iterable[tuple[str, str]], before: Mapping[tuple[str, str], type[Declared]]
    ) -> None:
        with self._lock:
            for key in keys:
                self._local.pop(key, None)
                if key in before:
                    self._local[key] = before[key]

    def records(self) -> list[PluginRecord]:
        found = self.found()
        with self._lock:
            local = []
            for cls in self._local.values():
                record = PluginRecord(Provider(THIS_PROCESS, cls.__module__))
                if issubclass(cls, Encoder):
                    record.encoders.append(cls)
                else:
                    record.items[next(_HOOKS[base] for base in _HOOKS if issubclass(cls, base))] = [
                        cls
                    ]
                local.append(record)
            return found + local

    def add(self, cls: type[Declared]) -> None:
        given: object = cls  # callers may pass any type
        is_class = isinstance(given, type)
        base = next((each for each in _HOOKS if is_class and issubclass(cls, each)), Encoder)
        problem = declaration_problem(cls, base)
        if problem:
            raise PluginError(problem)
        here = Provider(THIS_PROCESS, cls.__module__)
        owners = [
            record.provider
            for record in self.found()
            if cls.name in (record.names if base is Encoder else record.class_names(_HOOKS[base]))
        ]
        if owners:
            raise PluginConflictError(conflict_text(cls.name, [*owners, here], cls.word))
        with self._lock:
            self._local[_key(cls)] = cls

    def remove(self, cls: type[Declared]) -> None:
        with self._lock:
            if self._local.get(_key(cls)) is not cls:
                missing = {"layer": LayerNotFoundError, "decoder": DecoderNotFoundError}
                raise missing.get(cls.word, EncoderNotFoundError)(
                    f"{cls.name!r} is not registered in this process."
                )
            del self._local[_key(cls)]


_registry = _Registry()
