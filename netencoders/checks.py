"""Checks of the items that plugins register: one function for each hook."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pluggy

from netencoders.base import Encoder
from netencoders.command import Command
from netencoders.declared import declaration_problem
from netencoders.decoder_base import Decoder
from netencoders.errors import PluginError
from netencoders.hookspecs import PROJECT
from netencoders.importer import Importer
from netencoders.layer_base import Layer
from netencoders.net_model import NetReader
from netencoders.parameters import short
from netencoders.policies import Policy
from netencoders.spec_files import SpecFile, read_specs, spec_file
from netencoders.windows import NamedWindow, WindowFunction
from netencoders.yaml_specs import Declaration

__all__ = ["CHECKS", "Hook"]

_WINDOW_NAME = re.compile("(?!.*_(periodic|symmetric)$)[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class Hook:
    """A hook that a plugin specifies: its name, and the function that is marked `@hookspec`."""

    name: str
    specification: Callable[..., None]

    @property
    def namespace(self) -> SimpleNamespace:
        """Return a namespace that holds this specification alone, for pluggy."""
        return SimpleNamespace(**{self.name: self.specification})


def _encoders(candidate: object) -> list[type[Encoder]]:
    problem = declaration_problem(candidate, Encoder)
    if problem:
        raise PluginError(problem)
    assert isinstance(candidate, type)  # noqa: S101 - for mypy: declaration_problem checks it
    return [candidate]


def _layers(candidate: object) -> list[type[Layer]]:
    problem = declaration_problem(candidate, Layer)
    if problem:
        raise PluginError(problem)
    assert isinstance(candidate, type)  # noqa: S101 - for mypy: declaration_problem checks it
    return [candidate]


def _decoders(candidate: object) -> list[type[Decoder]]:
    problem = declaration_problem(candidate, Decoder)
    if problem:
        raise PluginError(problem)
    assert isinstance(candidate, type)  # noqa: S101 - for mypy: declaration_problem checks it
    return [candidate]


def _specs(path: object, name: object = None) -> Sequence[Declaration | SpecFile]:
    return read_specs(path) if name is None else [spec_file(path, name)]


def _windows(name: object, function: WindowFunction, revision: int = 1) -> list[NamedWindow]:
    if not (isinstance(name, str) and _WINDOW_NAME.fullmatch(name)):
        raise PluginError(
            "a window's name must be lower-case letters, digits and underscores, without the "
            f"suffix _periodic or _symmetric. Got {short(name)}."
        )
    if not callable(function):
        raise PluginError(
            f"the window {name!r} must be a function of size and periodic. Got {short(function)}."
        )
    if type(revision) is not int or revision < 1:
        raise PluginError(
            f"the revision of the window {name!r} must be an integer >= 1. Got {short(revision)}."
        )
    return [NamedWindow(name, function, revision)]


def _commands(candidate: object) -> list[Command]:
    if not isinstance(candidate, Command):
        raise PluginError(f"register_commands takes a Command. Got {short(candidate)}.")
    return [candidate]


def _policies(candidate: object) -> list[Policy]:
    if not isinstance(candidate, Policy):
        raise PluginError(f"register_policies takes a Policy. Got {short(candidate)}.")
    return [candidate]


def _importers(candidate: object) -> list[Importer]:
    if not isinstance(candidate, Importer):
        raise PluginError(f"register_importers takes an Importer. Got {short(candidate)}.")
    return [candidate]


def _net_readers(candidate: object) -> list[NetReader]:
    if not isinstance(candidate, NetReader):
        raise PluginError(f"register_net_readers takes a NetReader. Got {short(candidate)}.")
    return [candidate]


def _hookspecs(namespace: Any) -> list[Hook]:
    manager = pluggy.PluginManager(PROJECT)
    names = [name for name in dir(namespace) if manager.parse_hookspec_opts(namespace, name)]
    if not names:
        raise PluginError(
            "register_hookspecs takes a module or class with functions marked @hookspec. "
            f"Got {short(namespace)}."
        )
    manager.add_hookspecs(namespace)
    return [_hook(getattr(manager.hook, name)) for name in names]


def _hook(caller: Any) -> Hook:
    spec = caller.spec
    if not caller.name.startswith("register_") or tuple(spec.argnames) != ("register",):
        raise PluginError(
            f"the hook {caller.name!r} must have the form register_<items>(register). "
            f"Got {caller.name}({', '.join(spec.argnames)})."
        )
    if spec.opts.get("historic") or spec.opts.get("firstresult"):
        raise PluginError(f"the hook {caller.name!r} must not be historic or firstresult.")
    return Hook(caller.name, spec.function)


# Each function takes the arguments of one call of `register`, and returns the items or raises.
CHECKS: Mapping[str, Callable[..., Sequence[Any]]] = MappingProxyType(
    {
        "register_encoders": _encoders,
        "register_layers": _layers,
        "register_decoders": _decoders,
        "register_specs": _specs,
        "register_windows": _windows,
        "register_commands": _commands,
        "register_policies": _policies,
        "register_importers": _importers,
        "register_net_readers": _net_readers,
        "register_hookspecs": _hookspecs,
    }
)
