"""Loads plugins one by one, so that what one of them does wrong stays with that one."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import pluggy

from netencoders import hookspecs, yaml_specs
from netencoders.base import Encoder, declaration_problem
from netencoders.errors import PluginError, PluginWarning, printable
from netencoders.parameters import short

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from pathlib import Path

__all__ = ["PluginRecord", "Provider", "discover", "report"]

BUILT_IN = "netencoders"


@dataclass(frozen=True, order=True)
class Provider:
    """Where an encoder comes from.

    Attributes
    ----------
    distribution : str
        The installed distribution; ``"this process"`` for `register`.
    entry_point : str
        The entry point in it, or the module or file that the encoder was registered from.
    version : str
        The distribution's version, or nothing.
    """

    distribution: str
    entry_point: str
    version: str = ""

    @property
    def is_built_in(self) -> bool:
        """Whether it ships with netencoders itself."""
        return _normalized(self.distribution) == BUILT_IN

    def __str__(self) -> str:
        return f"{f'{self.distribution} {self.version}'.strip()} ({self.entry_point})"


@dataclass
class PluginRecord:
    """One plugin: what it provides, and why it, or a part of it, was left out.

    Attributes
    ----------
    provider : Provider
    encoders : list of type of Encoder
    declarations : list of Declaration
        The encoders that its YAML specs declare.
    failures : list of str
        One sentence each.
    """

    provider: Provider
    encoders: list[type[Encoder]] = field(default_factory=list)
    declarations: list[yaml_specs.Declaration] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The names that the plugin provides."""
        return [cls.name for cls in self.encoders] + [spec.name for spec in self.declarations]


def discover() -> list[PluginRecord]:
    """Load every plugin that the environment asks for, built-in ones first, then by name.

    Raises
    ------
    PluginError
        A plugin is broken and ``NETENCODERS_STRICT_PLUGINS`` is ``1``.
    """
    # Late: a third of the time that `import netencoders` would take besides numpy.
    from importlib.metadata import entry_points

    found = sorted(
        _wanted((_provider(point), point) for point in entry_points(group=hookspecs.PROJECT)),
        key=lambda pair: (not pair[0].is_built_in, pair[0]),
    )
    records = [_load(provider, point) for provider, point in found]
    return records + _load_spec_files()


def report(record: PluginRecord, error: PluginError) -> None:
    """Remember a failure and warn of it, or raise it where plugins must be sound."""
    record.failures.append(error.message)
    if os.environ.get("NETENCODERS_STRICT_PLUGINS") == "1":
        raise error
    # The warning belongs to no line of the user's: it is about what is installed.
    warnings.warn(f"{str(error).rstrip('.')}. The rest works.", PluginWarning, stacklevel=2)


def _provider(point: EntryPoint) -> Provider:
    # Not `dist.name`: a damaged installation has none, and asking for it is to become an error.
    metadata: Any = {} if point.dist is None else point.dist.metadata
    name = metadata.get("Name") or "unknown distribution"
    return Provider(name, point.name, metadata.get("Version") or "")


def _normalized(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution.strip()).lower()


def _wanted(
    points: Iterable[tuple[Provider, EntryPoint]],
) -> Iterator[tuple[Provider, EntryPoint]]:
    """Give the entry points that ``NETENCODERS_PLUGINS`` lets through."""
    setting = os.environ.get("NETENCODERS_PLUGINS")
    names = None if setting is None else {_normalized(n) for n in setting.split(",") if n.strip()}
    seen = set()
    for provider, point in points:
        distribution = _normalized(provider.distribution)
        seen.add(distribution)
        if names is None or distribution in names or distribution == BUILT_IN:
            yield provider, point
    for name in sorted((names or set()) - seen):
        warnings.warn(
            f"NETENCODERS_PLUGINS names {name!r}, which is not installed or is no plugin.",
            PluginWarning,
            stacklevel=2,
        )


def _load(provider: Provider, point: EntryPoint) -> PluginRecord:
    """Import one plugin and call its hooks; a hook that fails leaves nothing behind."""
    record = PluginRecord(provider)
    hooks = _attempt(record, "cannot be loaded", lambda: _hooks(point.load()))
    if hooks is None:
        return record
    record.encoders += _collect(record, hooks.hook.register_encoders, _checked_encoder)
    for found in _collect(record, hooks.hook.register_specs, _checked_spec):
        record.declarations += found
    return record


def _hooks(plugin: object) -> pluggy.PluginManager:
    """Return a manager that holds this plugin alone: what it raises can only be its own."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()
    if not manager.get_hookcallers(plugin):
        raise PluginError("it implements no hook of netencoders. Is a @hookimpl missing?")
    return manager


def _collect(record: PluginRecord, hook: Any, checked: Callable[[Any], Any]) -> list[Any]:
    """Call one hook; give all that it registered, or nothing if any of it is unsound."""
    collected: list[Any] = []

    def call() -> list[Any]:
        hook(register=lambda item: collected.append(checked(item)))
        return collected

    return _attempt(record, f"{hook.name} failed", call) or []


def _checked_encoder(candidate: object) -> type[Encoder]:
    problem = declaration_problem(candidate)
    if problem:
        raise PluginError(problem)
    assert isinstance(candidate, type)  # noqa: S101 - for mypy: declaration_problem saw to it
    return candidate


def _checked_spec(path: Any) -> list[yaml_specs.Declaration]:
    # Late: they import the readers of zip archives, and what URLs are made of.
    from importlib.resources.abc import Traversable
    from pathlib import Path

    if isinstance(path, str):
        path = Path(path)
    if not isinstance(path, Traversable):
        raise PluginError(f"register_specs takes the path of a YAML file. Got {short(path)}.")
    # `read` opens nothing but regular files of bounded size; what a package holds may be no file.
    text = yaml_specs.read(path)[0] if isinstance(path, Path) else path.read_bytes()
    found = yaml_specs.declarations(text, source=str(path))
    if not all(spec.name for spec in found):
        raise PluginError(f"{path}: an encoder that is registered needs a 'name'")
    return found


def _attempt(record: PluginRecord, what: str, action: Callable[[], Any]) -> Any:
    """Run foreign code; report whatever it raises under the plugin's name."""
    try:
        return action()
    except (Exception, SystemExit) as problem:  # foreign code may raise anything
        text = " ".join(f"{type(problem).__name__}: {problem}".split())
        message = printable(f"{what}: {text}")
        error = PluginError(message, plugin=f"plugin {record.provider}")
        error.__cause__ = problem
        report(record, error)
        return None


def _load_spec_files() -> list[PluginRecord]:
    """Read what ``NETENCODERS_SPECS`` names: files, or folders whose files are taken sorted."""
    records = []
    for entry in filter(None, os.environ.get("NETENCODERS_SPECS", "").split(os.pathsep)):
        record = PluginRecord(Provider("NETENCODERS_SPECS", entry))
        files = _attempt(record, "cannot be read", partial(_yaml_files, entry))
        if files is None:
            records.append(record)
        records += [_load_spec_file(path) for path in files or []]
    return records


def _yaml_files(entry: str) -> list[Path]:
    from pathlib import Path

    path = Path(entry)
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix in {".yaml", ".yml"})


def _load_spec_file(path: Path) -> PluginRecord:
    record = PluginRecord(Provider("NETENCODERS_SPECS", str(path)))
    found = _attempt(record, "cannot be read", lambda: _checked_spec(path))
    record.declarations += found or []
    return record
