"""Discovery: loads the plugins one by one, so that a broken plugin does not affect the others."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pluggy

from netencoders import hookspecs
from netencoders.checks import CHECKS
from netencoders.claims import FRAMEWORK_HOOKS, KINDS, Claims, conflict_text
from netencoders.errors import (
    PluginConflictError,
    PluginError,
    PluginWarning,
    nearest,
)
from netencoders.names import Names
from netencoders.parameters import short
from netencoders.plugin_code import UnfinishedError, attempt, report
from netencoders.records import BUILT_IN, PluginRecord, Provider, normalized

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from pathlib import Path
    from types import FrameType

__all__ = ["discover"]

Loaded = tuple[PluginRecord, pluggy.PluginManager]


def discover(records: list[PluginRecord]) -> bool:
    """Load the plugins: first the built-in ones, then the others in the order of their names.

    Parameters
    ----------
    records : list of PluginRecord
        An empty list. The record of a plugin is appended when the plugin is imported, so that
        later plugins can use its windows.

    Returns
    -------
    bool
        Whether all plugins were loaded. It is False if the import of a plugin started the
        discovery: this plugin is not complete yet, and has no record.

    Raises
    ------
    PluginError
        A plugin is broken and ``NETENCODERS_STRICT_PLUGINS`` is ``1``.
    """
    # Imported late: a third of the import time of netencoders, numpy not counted.
    from importlib.metadata import entry_points

    found = sorted(
        _selected((_provider(point), point) for point in entry_points(group=hookspecs.PROJECT)),
        key=lambda pair: (not pair[0].is_built_in, pair[0]),
    )
    loaded: list[Loaded] = []
    complete = True
    for provider, point in found:
        record = PluginRecord(provider)
        try:
            manager = _load(record, point)
        except UnfinishedError:
            complete = False
            continue
        records.append(record)
        if manager is not None:
            loaded.append((record, manager))
    # A second loop: a plugin may implement a hook that a later plugin specifies.
    hooks, loaded = _with_known_hooks(records, loaded)
    for record, manager in loaded:
        _call_hooks(record, manager, hooks)
    records += _load_spec_files()
    _report_conflicts(records, [*KINDS, *hooks.usable()])
    return complete


def _provider(point: EntryPoint) -> Provider:
    # Not `dist.name`: it fails for a damaged installation in later versions of Python.
    metadata: Any = {} if point.dist is None else point.dist.metadata
    name = metadata.get("Name") or "unknown distribution"
    return Provider(name, point.name, metadata.get("Version") or "")


def _selected(
    points: Iterable[tuple[Provider, EntryPoint]],
) -> Iterator[tuple[Provider, EntryPoint]]:
    """Yield the entry points that ``NETENCODERS_PLUGINS`` selects."""
    setting = os.environ.get("NETENCODERS_PLUGINS")
    names = None if setting is None else {normalized(n) for n in setting.split(",") if n.strip()}
    seen = set()
    for provider, point in points:
        distribution = normalized(provider.distribution)
        seen.add(distribution)
        if names is None or distribution in names or distribution == BUILT_IN:
            yield provider, point
    for name in sorted((names or set()) - seen):
        warnings.warn(
            f"NETENCODERS_PLUGINS names {name!r}, which is not an installed plugin. Correct the "
            "name, or install the plugin.",
            PluginWarning,
            stacklevel=2,
        )


def _load(record: PluginRecord, point: EntryPoint) -> pluggy.PluginManager | None:
    """Import one plugin, and collect the items that other plugins may use at import."""
    manager: pluggy.PluginManager | None = attempt(
        record, "cannot be loaded", lambda: _manager(_imported(point))
    )
    if manager is not None:
        for hook in ("register_hookspecs", "register_windows"):
            record.items[hook] = _collect(record, manager, hook)
    return manager


def _imported(point: EntryPoint) -> object:
    try:
        plugin = point.load()
    except Exception:
        if _is_being_imported(point):  # an unfinished module may lack any name
            raise UnfinishedError from None
        raise
    if _is_being_imported(point):
        raise UnfinishedError
    return plugin


def _is_being_imported(point: EntryPoint) -> bool:
    """Return whether the module, or a package that contains it, is still being imported."""
    parts = point.value.partition(":")[0].strip().split(".")
    names = {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
    # The frames of this thread: another thread may import the module at the same time.
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") in names:
            return True
        frame = frame.f_back
    return False


def _manager(plugin: object) -> pluggy.PluginManager:
    """Return a manager of this plugin only, so that each exception belongs to this plugin."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    if not manager.get_hookcallers(plugin):
        raise PluginError("it implements no hook of netencoders. Is a @hookimpl missing?")
    return manager


def _with_known_hooks(
    records: Sequence[PluginRecord], loaded: list[Loaded]
) -> tuple[Claims, list[Loaded]]:
    """Return the hooks of plugins, and the plugins that implement known hooks as specified.

    A plugin that is dropped takes its hooks with it, which other plugins may implement.
    """
    while True:
        hooks, kept = Claims("register_hookspecs", records), []
        for record, manager in loaded:
            if attempt(record, "cannot be loaded", partial(_specify, manager, hooks)):
                kept.append((record, manager))
            else:
                record.items.clear()
        if len(kept) == len(loaded):
            return hooks, kept
        loaded = kept


def _specify(manager: pluggy.PluginManager, hooks: Claims) -> bool:
    """Add the hooks of plugins to the manager of one plugin.

    Raises
    ------
    PluginError
        The plugin implements a hook that no plugin specifies.
    PluginValidationError
        The plugin implements one of them with other arguments.
    """
    known = [*FRAMEWORK_HOOKS, *hooks.names]
    [plugin] = manager.get_plugins()
    for caller in manager.get_hookcallers(plugin) or ():
        needed = not all(found.optionalhook for found in caller.get_hookimpls())
        if needed and caller.name not in known:
            raise PluginError(
                f"it implements the hook {caller.name!r}, which neither netencoders nor a loaded "
                f"plugin specifies.{nearest(caller.name, known)} Install the plugin that specifies "
                "it, or mark the function @hookimpl(optionalhook=True)."
            )
    for name, (_, hook) in hooks.usable().items():
        found = getattr(manager.hook, name, None)
        if found is None or not found.has_spec():  # this function may run more than once
            manager.add_hookspecs(hook.namespace)
    return True


def _call_hooks(record: PluginRecord, manager: pluggy.PluginManager, hooks: Claims) -> None:
    """Call the other hooks of a plugin."""
    record.encoders += _collect(record, manager, "register_encoders")
    record.declarations += _collect(record, manager, "register_specs")
    for hook in (
        "register_commands",
        "register_decoders",
        "register_importers",
        "register_layers",
        "register_net_readers",
        "register_policies",
        *hooks.usable(),
    ):
        record.items[hook] = _collect(record, manager, hook)


def _collect(record: PluginRecord, manager: pluggy.PluginManager, hook: str) -> list[Any]:
    """Call one hook; return its items, or none of them if the hook fails."""
    collected: list[Any] = []
    check = CHECKS.get(hook, _unchecked)

    def register(*given: Any, **named: Any) -> None:
        collected.extend(check(*given, **named))

    def call() -> list[Any]:
        returned = getattr(manager.hook, hook)(register=register)
        if returned:  # a generator, for instance, whose body has not run
            raise PluginError(
                f"it returned {short(returned[0])}. A hook returns None: call register(item) in it."
            )
        return collected

    return list(attempt(record, f"{hook} failed", call) or [])


def _unchecked(item: object) -> list[object]:
    """Accept any item: the plugin that specifies a hook checks the items itself."""
    return [item]


def _report_conflicts(records: Sequence[PluginRecord], hooks: Iterable[str]) -> None:
    """Report each name that is registered more than once, for each of its plugins but the first."""
    names = Names(records).conflicts()
    conflicts = [(providers, conflict_text(name, providers)) for name, providers in names.items()]
    for hook in hooks:
        claims = Claims(hook, records)
        found = claims.conflicts().items()
        conflicts += [(providers, claims.conflict_text(name)) for name, providers in found]
    for providers, text in conflicts:
        for record in records:
            if record.provider in providers[1:]:
                report(record, PluginConflictError(text))


def _load_spec_files() -> list[PluginRecord]:
    """Read the files and folders that ``NETENCODERS_SPECS`` lists, each folder in sorted order."""
    records = []
    for entry in filter(None, os.environ.get("NETENCODERS_SPECS", "").split(os.pathsep)):
        record = PluginRecord(Provider("NETENCODERS_SPECS", entry))
        files = attempt(record, "cannot be read", partial(_yaml_files, entry))
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
    found = attempt(record, "cannot be read", lambda: CHECKS["register_specs"](path))
    record.declarations += found or []
    return record
