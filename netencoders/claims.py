"""Claims: the names that plugins give to commands, windows, policies, importers and hooks.

An item of a hook of a plugin may have an attribute `claim`, a text. Two items of one hook with the
same text are a conflict.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from netencoders import hookspecs
from netencoders.command import BUILT_IN_COMMANDS
from netencoders.errors import PluginConflictError
from netencoders.policies import RESERVED_POLICIES
from netencoders.records import PluginRecord, Provider
from netencoders.windows import SCIPY_WINDOWS

__all__ = ["FRAMEWORK_HOOKS", "KINDS", "Claims", "conflict_text", "keeps_name"]

FRAMEWORK_HOOKS = frozenset(
    name for name, hook in vars(hookspecs).items() if hasattr(hook, f"{hookspecs.PROJECT}_spec")
)

# For each hook that registers named items: the word for one item, the provider of the reserved
# names, and the reserved names, which no plugin can take.
KINDS: Mapping[str, tuple[str, Provider, Collection[str]]] = {
    "register_commands": ("command", Provider("netencoders", "cli"), BUILT_IN_COMMANDS),
    "register_decoders": ("decoder", Provider("netencoders", "decoders"), ()),
    "register_hookspecs": ("hook", Provider("netencoders", "hookspecs"), FRAMEWORK_HOOKS),
    "register_importers": ("importer", Provider("netencoders", "importers"), ()),
    "register_layers": ("layer", Provider("netencoders", "layers"), ()),
    "register_net_readers": ("net reader", Provider("netencoders", "net_readers"), ()),
    "register_policies": ("policy", Provider("netencoders", "cli"), RESERVED_POLICIES),
    "register_windows": ("window", Provider("netencoders", "scipy.signal"), SCIPY_WINDOWS),
}


class Claims:
    """The names that the records give to items of one kind.

    Parameters
    ----------
    hook : str
        The hook through which the items are registered: a key of `KINDS`, or a hook of a plugin,
        whose items without a `claim` are left out.
    records : sequence of PluginRecord
    """

    def __init__(self, hook: str, records: Sequence[PluginRecord]) -> None:
        self._kind, self._framework, self._reserved = KINDS.get(hook) or _kind_of(hook)
        attribute = "name" if hook in KINDS else "claim"
        self._claims: dict[str, list[tuple[Provider, Any]]] = {}
        for record in records:
            for item in record.items.get(hook, ()):
                name = getattr(item, attribute, None)
                if isinstance(name, str):
                    self._claims.setdefault(name, []).append((record.provider, item))

    @property
    def names(self) -> list[str]:
        """All names, including those with a conflict."""
        return list(self._claims)

    def conflicts(self) -> dict[str, list[Provider]]:
        """Return the providers of each name that has more than one."""
        providers = {name: self._providers(name) for name in self._claims}
        return {name: found for name, found in providers.items() if len(found) > 1}

    def conflict_text(self, name: str) -> str:
        """Return the message for a name that `conflicts` returns."""
        return conflict_text(name, self._providers(name), self._kind)

    def usable(self) -> dict[str, tuple[Provider, Any]]:
        """Return the items without conflicts by name, sorted, each with its provider."""
        names = sorted(name for name in self._claims if self._is_usable(name))
        return {name: self._claims[name][0] for name in names}

    def find(self, name: str) -> tuple[Provider, Any] | None:
        """Return the item of `name` with its provider, or None if no plugin registers the name.

        Raises
        ------
        PluginConflictError
            More than one plugin registers it, or it is a name of netencoders itself.
        """
        if name not in self._claims:
            return None
        if not self._is_usable(name):
            raise PluginConflictError(self.conflict_text(name))
        return self._claims[name][0]

    def _is_usable(self, name: str) -> bool:
        providers = self._providers(name)
        return name not in self._reserved and (len(providers) == 1 or keeps_name(providers))

    def _providers(self, name: str) -> list[Provider]:
        framework = [self._framework] if name in self._reserved else []
        return framework + [provider for provider, _ in self._claims[name]]


def _kind_of(hook: str) -> tuple[str, Provider, Collection[str]]:
    """Return the word for an item of a hook of a plugin; no name is reserved."""
    word = hook.removeprefix("register_").removesuffix("s").replace("_", " ")
    return word, Provider("netencoders", "hookspecs"), ()


def conflict_text(name: str, providers: Sequence[Provider], kind: str = "encoder") -> str:
    """Return the message about a name that is registered more than once."""
    named = f"{name!r}" if kind == "encoder" else f"the {kind} {name!r}"
    first, *others = map(str, providers)
    if first in others:
        return f"{named} is registered twice by {first}: give each {kind} a unique name."
    listed = " and ".join([first, *others])
    if keeps_name(providers):
        return (
            f"{named} is provided by {listed}: the {kind} of netencoders is used, and the other is "
            "left out. Rename the other one."
        )
    return (
        f"{named} is provided by {listed}: none of them is used. Uninstall or rename one, or list "
        "the plugins to load in the environment variable NETENCODERS_PLUGINS."
    )


def keeps_name(providers: Sequence[Provider]) -> bool:
    """Return whether only the first provider ships with netencoders: its name is not a conflict."""
    return providers[0].is_built_in and not any(other.is_built_in for other in providers[1:])
