"""Who provides which name: every encoder and declared spec that this process can use.

A plugin is an entry point of the group ``netencoders``; first-party encoders come the same way.
Discovery happens on first use. Three environment variables steer it:

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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from netencoders.base import Encoder, declaration_problem
from netencoders.discovery import PluginRecord, Provider, discover, report
from netencoders.errors import (
    EncoderNotFoundError,
    PluginConflictError,
    PluginError,
    SpecError,
    nearest,
)
from netencoders.parameters import Parameter
from netencoders.specs import Declaration

__all__ = [
    "EncoderRecord",
    "PluginRecord",
    "Provider",
    "encoders",
    "find",
    "plugins",
    "register",
    "registered",
    "unregister",
]

SomeEncoder = TypeVar("SomeEncoder", bound=type[Encoder])


@dataclass(frozen=True)
class EncoderRecord:
    """One name that `NetEncoder` knows.

    Attributes
    ----------
    name : str
    summary : str
        What it does, in one sentence.
    provider : Provider
        Who registered it.
    encoder : type of Encoder
        The class that does the work; for a declared encoder, the one at the end of its chain.
    preset : mapping
        The parameters that specs declare; empty for an encoder of its own.
    derived_from : str or None
        The name that a spec names as its encoder.
    """

    name: str
    summary: str
    provider: Provider
    encoder: type[Encoder]
    preset: Mapping[str, Any] = field(default_factory=dict)
    derived_from: str | None = None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The declarations of the encoder's parameters."""
        return self.encoder.parameters


def encoders() -> Mapping[str, EncoderRecord]:
    """Return every usable encoder by name: a read-only mapping, sorted.

    A name that two plugins provide is left out, and so is a declared encoder whose base is absent;
    `NetEncoder` says why when such a name is used.

    Examples
    --------
    >>> from netencoders import encoders
    >>> encoders()["AudioSpectrogram"].provider.distribution
    'netencoders'
    """
    return MappingProxyType(_registry.table())


def plugins() -> tuple[PluginRecord, ...]:
    """Return what was found, in the order of loading, with every failure."""
    return tuple(_registry.records())


def find(name: str, beside: Sequence[Declaration] = ()) -> EncoderRecord:
    """Return the record of `name`.

    Parameters
    ----------
    name : str
    beside : sequence of Declaration
        Declarations that are looked at first: those of the file that is being read.

    Raises
    ------
    EncoderNotFoundError
        No plugin provides it; the message names near misses and the plugins that failed.
    PluginConflictError
        Two plugins provide it.
    SpecError
        A chain of specs leads back to itself.
    """
    return _resolve(name, _registry.records(), beside)


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
    """Take back `register`.

    Raises
    ------
    EncoderNotFoundError
        The class is not registered in this process.
    """
    _registry.remove(encoder)


@contextmanager
def registered(*classes: type[Encoder]) -> Iterator[None]:
    """Register encoders in this process for the length of a ``with`` block."""
    done: list[type[Encoder]] = []
    try:
        for cls in classes:
            done.append(register(cls))
        yield
    finally:
        for cls in done:
            unregister(cls)


class _Registry:
    """The process's one piece of state: what was discovered, and what was registered by hand."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._found: list[PluginRecord] | None = None
        self._local: dict[str, type[Encoder]] = {}

    def forget(self) -> None:
        """Discover anew on next use."""
        with self._lock:
            self._found = None

    def found(self) -> list[PluginRecord]:
        with self._lock:
            if self._found is None:
                found = discover()
                for name, providers in _conflicts(found).items():
                    for record in found:
                        if record.provider in providers[1:]:
                            report(record, PluginConflictError(_conflict_text(name, providers)))
                self._found = found
            return self._found

    def records(self) -> list[PluginRecord]:
        with self._lock:
            local = [
                PluginRecord(Provider("this process", cls.__module__), [cls])
                for cls in self._local.values()
            ]
            return self.found() + local

    def table(self) -> dict[str, EncoderRecord]:
        records = self.records()
        table = {}
        for name in sorted({name for record in records for name in record.names}):
            try:
                table[name] = _resolve(name, records)
            except (EncoderNotFoundError, PluginConflictError, SpecError):
                continue  # `find` says why when the name is used
        return table

    def add(self, encoder: type[Encoder]) -> None:
        problem = declaration_problem(encoder)
        if problem:
            raise PluginError(problem)
        with self._lock:
            here = Provider("this process", encoder.__module__)
            owners = [record.provider for record in self.found() if encoder.name in record.names]
            if owners:
                raise PluginConflictError(_conflict_text(encoder.name, [*owners, here]))
            self._local[encoder.name] = encoder

    def remove(self, encoder: type[Encoder]) -> None:
        with self._lock:
            if self._local.get(encoder.name) is not encoder:
                raise EncoderNotFoundError(f"{encoder.name!r} is not registered in this process.")
            del self._local[encoder.name]


_registry = _Registry()


def _resolve(
    name: str,
    records: Sequence[PluginRecord],
    beside: Sequence[Declaration] = (),
    chain: tuple[str, ...] = (),
) -> EncoderRecord:
    """Follow `name` through the specs that derive it to the class that does the work."""
    if name in chain:
        raise SpecError(f"specs derive from each other: {' -> '.join([*chain, name])}")
    for spec in beside:
        if spec.name == name:
            here = Provider("file", spec.source or "a text")
            return _derive(spec, here, records, beside, (*chain, name))
    providers = _conflicts(records).get(name)
    if providers:
        raise PluginConflictError(_conflict_text(name, providers))
    for record in records:
        for cls in record.encoders:
            if cls.name == name:
                return EncoderRecord(name, cls.summary(), record.provider, cls)
        for spec in record.declarations:
            if spec.name == name:
                return _derive(spec, record.provider, records, beside, (*chain, name))
    raise EncoderNotFoundError(_not_found_text(name, records, beside, chain))


def _derive(
    spec: Declaration,
    provider: Provider,
    records: Sequence[PluginRecord],
    beside: Sequence[Declaration],
    chain: tuple[str, ...],
) -> EncoderRecord:
    base = _resolve(spec.encoder, records, beside, chain)
    preset = MappingProxyType({**base.preset, **spec.parameters})
    return EncoderRecord(spec.name, spec.summary, provider, base.encoder, preset, spec.encoder)


def _conflicts(records: Sequence[PluginRecord]) -> dict[str, list[Provider]]:
    """Return the names that more than one provider gives, or one provider twice."""
    owners: dict[str, list[Provider]] = {}
    for record in records:
        for name in record.names:
            owners.setdefault(name, []).append(record.provider)
    return {name: providers for name, providers in owners.items() if len(providers) > 1}


def _conflict_text(name: str, providers: Sequence[Provider]) -> str:
    listed = " and ".join(str(provider) for provider in providers)
    return (
        f"{name!r} is provided by {listed}: none is preferred. Uninstall or rename one, or choose "
        "by the environment variable NETENCODERS_PLUGINS."
    )


def _not_found_text(
    name: str,
    records: Sequence[PluginRecord],
    beside: Sequence[Declaration],
    chain: tuple[str, ...],
) -> str:
    known = sorted({n for r in records for n in r.names} | {spec.name for spec in beside})
    needed = f", which {chain[-1]!r} is derived from" if chain else ""
    hint = nearest(name, known) or f" Known: {', '.join(known) or 'none'}."
    lines = [f"no encoder {name!r}{needed}.{hint}"]
    failed = [f"{record.provider}: {text}" for record in records for text in record.failures]
    if failed:
        lines += ["Plugins that failed, one of which may provide it:", *failed]
    else:
        lines[0] += " If a plugin provides it, install that plugin."
    return "\n  ".join(lines)
