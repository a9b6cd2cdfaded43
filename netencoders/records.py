"""Provider and PluginRecord: a plugin with its registered items and its failures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from netencoders.base import Encoder
from netencoders.spec_files import SpecFile
from netencoders.yaml_specs import Declaration

__all__ = ["PluginRecord", "Provider", "RecordTable", "normalized"]

BUILT_IN = "netencoders"


@dataclass(frozen=True, order=True)
class Provider:
    """The origin of an encoder or of another item.

    Attributes
    ----------
    distribution : str
        The installed distribution; ``"this process"`` for `register`.
    entry_point : str
        Its entry point, or the module or file that registered the encoder.
    version : str
        The version of the distribution, or empty.
    """

    distribution: str
    entry_point: str
    version: str = ""

    @property
    def is_built_in(self) -> bool:
        """Whether it ships with netencoders itself."""
        return normalized(self.distribution) == BUILT_IN

    def __str__(self) -> str:
        return f"{f'{self.distribution} {self.version}'.strip()} ({self.entry_point})"


@dataclass
class PluginRecord:
    """One plugin, with its registered items and its failures.

    Attributes
    ----------
    provider : Provider
    encoders : list of type of Encoder
    declarations : list of Declaration or SpecFile
        The encoders that its YAML specs declare; a SpecFile is not read yet.
    failures : list of str
        One sentence each.
    items : dict of str to list
        The items that it registered through other hooks, by the name of the hook.
    """

    provider: Provider
    encoders: list[type[Encoder]] = field(default_factory=list)
    declarations: list[Declaration | SpecFile] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    items: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The names of encoders that the plugin provides."""
        return [cls.name for cls in self.encoders] + [spec.name for spec in self.declarations]

    @property
    def layer_names(self) -> list[str]:
        """The names of layers that the plugin provides."""
        return self.class_names("register_layers")

    def class_names(self, hook: str) -> list[str]:
        """Return the names of the classes that the plugin registers through a hook."""
        return [cls.name for cls in self.items.get(hook, ())]


def normalized(distribution: str) -> str:
    """Return a distribution's name in the form in which pip compares names."""
    return re.sub(r"[-_.]+", "-", distribution.strip()).lower()


class Record(Protocol):
    """A named item of a provider."""

    @property
    def summary(self) -> str:
        """The purpose of the item, in one sentence."""
        ...

    @property
    def provider(self) -> Provider:
        """The plugin or process that registered it."""
        ...


AnyRecord = TypeVar("AnyRecord", bound=Record)


class RecordTable(Mapping[str, AnyRecord]):
    """Records by name, read-only; it prints as a table, as text and in HTML.

    Parameters
    ----------
    word : str
        The word for an item, such as ``"encoder"``.
    records : mapping of str to record
    """

    __slots__ = ("_records", "_word")

    def __init__(self, word: str, records: Mapping[str, AnyRecord]) -> None:
        self._word, self._records = word, dict(records)

    def __getitem__(self, name: str) -> AnyRecord:
        return self._records[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def rows(self) -> list[tuple[str, str, str]]:
        """Return the name, the summary and the provider of each record."""
        return [(name, each.summary, str(each.provider)) for name, each in self.items()]

    def __repr__(self) -> str:
        # Late: few programs print all records.
        from netencoders.display import table

        return table((self._word, "summary", "provider"), self.rows())

    def _repr_html_(self) -> str:
        from netencoders.display import html_table  # late, as above

        return html_table((self._word, "summary", "provider"), self.rows())
