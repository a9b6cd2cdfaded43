"""Importers in use: the choice of the importer of a config, and the encoder that it declares."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from os import PathLike
from typing import Any, TypeVar

from netencoders import registry, yaml_specs
from netencoders.config_files import config_of, configs_of_folder, is_folder
from netencoders.errors import (
    ConfigError,
    LayerError,
    NetEncodersError,
    ParameterError,
    PluginError,
    SpecError,
    nearest,
    printable,
)
from netencoders.importer import Config, Importer
from netencoders.parameters import short
from netencoders.records import Provider

__all__ = ["built"]

Encoder = TypeVar("Encoder")
Result = TypeVar("Result")
Found = tuple[Provider, Importer, Config, str | None]


def built(
    from_dict: Callable[[Mapping[str, Any]], Encoder],
    source: str | PathLike[str] | Mapping[str, Any],
    part: str | None = None,
) -> tuple[Encoder, dict[str, Any]]:
    """Return the encoder of a config, and its declaration with a name and a summary.

    Parameters
    ----------
    from_dict : callable
        Returns the encoder of a declaration: `NetEncoder.from_dict`.
    source, part
        As for `NetEncoder.from_config`.

    Raises
    ------
    ConfigError, PluginError
        As for `NetEncoder.from_config`.
    """
    provider, importer, config, path = _found(source)
    owner = _owner(provider, importer)
    _check_part(part, _parts(owner, importer, config), path)
    try:
        declared = _called(owner, "declare", importer.declare, config, part)
    except ConfigError as problem:
        problem.source = problem.source or path
        raise
    declaration = _complete(owner, declared, config)
    try:
        return from_dict(declaration), declaration
    except ParameterError as problem:
        texts = [f"{problem.owner}: {sentence}" for sentence in problem.problems]
    except LayerError as problem:
        texts = [str(problem)]
    raise ConfigError(
        [("", f"the encoder that the config declares is refused. {text}") for text in texts],
        source=path,
    )


def _complete(owner: str, declared: object, config: Config) -> dict[str, Any]:
    """Return a declaration with its keys in the order of a spec."""
    if not isinstance(declared, Mapping):
        raise PluginError(
            f"'declare' must return a mapping, with the keys of a spec. Got {short(declared)}.",
            plugin=owner,
        )
    summary = str(declared.get("summary", "")).strip() or "an encoder of another tool"
    origin = f"imported from {config.file}" if config.file else "imported from a config"
    declaration = {
        "schema": yaml_specs.SCHEMA,
        **declared,
        "summary": printable(f"{summary}; {origin}"),
    }
    order = ("schema", "name", "summary", "encoder", "parameters", "layers")
    try:
        yaml_specs.declaration(declaration)
    except SpecError as problem:
        raise PluginError(f"its declaration is not a spec: {problem}", plugin=owner) from problem
    return {key: declaration[key] for key in order if key in declaration}


def _found(source: Any) -> Found:
    """Return the one importer that recognizes a config, with the config."""
    known = registry.importers()
    if not is_folder(source):
        config = config_of(source)
        path = None if isinstance(source, Mapping) else os.fspath(source)
        hits = [
            (provider, importer, config, path)
            for provider, importer in known.values()
            if _recognizes(provider, importer, config)
        ]
        return _only(hits, path, partial(_reasons, known, config))
    folder = os.fspath(source)
    others: dict[str, Config] = {}
    hits = [
        hit
        for provider, importer in known.values()
        if (hit := _in_folder(provider, importer, folder, others)) is not None
    ]
    return _only(hits, folder, partial(_reasons_of_folder, known, others))


def _in_folder(
    provider: Provider, importer: Importer, folder: str, others: dict[str, Config]
) -> Found | None:
    """Return the config that an importer recognizes; add those before it to `others`."""
    for path, config in configs_of_folder(folder, importer.files):
        if _recognizes(provider, importer, config):
            return provider, importer, config, path
        others[config.file] = config
    return None


def _reasons_of_folder(
    known: Mapping[str, tuple[Provider, Importer]], others: Mapping[str, Config]
) -> str:
    """Return the text of the error if no importer recognizes a config of a folder."""
    if others:
        return " ".join(f"{file}: {_reasons(known, config)}" for file, config in others.items())
    names = [name for _, importer in known.values() for name in importer.files]
    return f"A folder must hold one of: {', '.join(names) or 'none'}."


def _recognizes(provider: Provider, importer: Importer, config: Config) -> bool:
    return bool(_called(_owner(provider, importer), "recognizes", importer.recognizes, config))


def _reasons(known: Mapping[str, tuple[Provider, Importer]], config: Config) -> str:
    """Return the text of the error if no importer recognizes a config."""
    if "schema" in config.content and {"encoder", "encoders"} & config.content.keys():
        return "It is a spec of netencoders: use NetEncoder.from_yaml or from_dict, or --spec FILE."
    hints = [
        hint
        for provider, importer in known.values()
        if (hint := str(_called(_owner(provider, importer), "hint", importer.hint, config)))
    ]
    if hints:
        return " ".join(hints)
    listed = [f"{importer.name} ({importer.summary})" for _, importer in known.values()]
    return f"Importers: {', '.join(listed) or 'none'}. If a plugin has another one, install it."


def _only(hits: Sequence[Found], path: str | None, reason: Callable[[], str]) -> Found:
    if len(hits) == 1:
        return hits[0]
    if hits:
        names = ", ".join(f"{hit[1].name} of {hit[0]}" for hit in hits)
        text = (
            f"{len(hits)} importers recognize it: {names}. Name one file, or list the plugins to "
            "load in the environment variable NETENCODERS_PLUGINS."
        )
    else:
        text = f"no importer recognizes the config. {reason()}"
    raise ConfigError([("", text)], source=path)


def _check_part(part: object, parts: Sequence[str], path: str | None) -> None:
    """Check that the part is one of the parts, and is given if there are several."""
    listed = ", ".join(map(repr, parts))
    if part is None:
        if len(parts) > 1:
            text = f"the config has several front ends. Choose one: part must be one of {listed}."
            raise ConfigError([("", text)], source=path)
    elif part not in parts:
        rule = f"part must be one of {listed}" if parts else "the config has no parts: leave it out"
        hint = nearest(part, parts) if isinstance(part, str) else ""
        raise ConfigError([("", f"{rule}. Got {short(part)}.{hint}")], source=path)


def _owner(provider: Provider, importer: Importer) -> str:
    return f"importer {importer.name}, {provider}"


def _parts(owner: str, importer: Importer, config: Config) -> Sequence[str]:
    """Return the parts of a config, which must be different texts."""
    parts: object = _called(owner, "parts", importer.parts, config)
    if (
        isinstance(parts, list | tuple)
        and all(isinstance(part, str) for part in parts)
        and len(set(parts)) == len(parts)
    ):
        return parts
    raise PluginError(
        f"'parts' must return a list of different texts. Got {short(parts)}.", plugin=owner
    )


def _called(owner: str, name: str, function: Callable[..., Result], *arguments: Any) -> Result:
    """Call the code of a plugin, and raise its bugs as a PluginError that names the importer."""
    try:
        return function(*arguments)
    except NetEncodersError:
        raise
    except Exception as bug:  # code of a plugin may raise anything
        raise PluginError(f"{name!r} failed: {type(bug).__name__}: {bug}", plugin=owner) from bug
