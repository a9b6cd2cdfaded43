"""Resolution of names: a name is an encoder class, or a chain of specs that ends at a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from netencoders.base import Encoder
from netencoders.claims import conflict_text, keeps_name
from netencoders.digests import Pin
from netencoders.errors import EncoderNotFoundError, PluginConflictError, SpecError, nearest
from netencoders.parameters import Parameter, short
from netencoders.records import PluginRecord, Provider
from netencoders.spec_files import SpecFile
from netencoders.stated import NOT_STATED, Stated
from netencoders.yaml_specs import Declaration, LayerDeclaration

__all__ = ["EncoderRecord", "Names", "failures_text", "file_hint"]

Item = type[Encoder] | Declaration
_SPECS = (".yaml", ".yml")
_CONFIGS = (".json", ".conf")
LONGEST_CHAIN = 64  # specs that derive from each other; longer chains are hard to read


@dataclass(frozen=True)
class EncoderRecord:
    """One name that `NetEncoder` accepts.

    Attributes
    ----------
    name : str
    summary : str
        The purpose of the encoder, in one sentence.
    provider : Provider
        The plugin, process or file that registered the name.
    encoder : type of Encoder
        The class that encodes; for a spec, the class at the end of its chain.
    preset : mapping
        The parameters that specs declare; empty for a class.
    derived_from : str or None
        The encoder that the spec names; None for a class.
    implementer : Provider or None
        The plugin, process or file that registered the class; None if it is the provider.
    pins : tuple of Pin
        The digests that specs state.
    layers : tuple of LayerDeclaration
        The layers that specs declare after the encoder.
    stated : Stated
        The name of the spec and its probe, which are not those of the spec that it derives from.
    """

    name: str
    summary: str
    provider: Provider
    encoder: type[Encoder]
    preset: Mapping[str, Any] = field(default_factory=dict)
    derived_from: str | None = None
    implementer: Provider | None = None
    pins: tuple[Pin, ...] = ()
    layers: tuple[LayerDeclaration, ...] = ()
    stated: Stated = NOT_STATED

    @property
    def version(self) -> str:
        """The distribution that holds the class, with its version."""
        provider = self.implementer or self.provider
        return f"{provider.distribution} {provider.version}".strip()

    def derived(self, spec: Declaration, provider: Provider) -> EncoderRecord:
        """Return the record of a spec that is derived from this encoder."""
        preset = MappingProxyType({**self.preset, **spec.parameters})
        name = spec.name or self.name
        layers = (*self.layers, *spec.layers)
        pin = (Pin(name, preset, spec.digest, spec.source, layers),) if spec.digest else ()
        return replace(
            self,
            name=name,
            summary=spec.summary,
            provider=provider,
            preset=preset,
            derived_from=spec.encoder,
            implementer=self.implementer or self.provider,
            pins=(*self.pins, *pin),
            layers=layers,
            stated=Stated(spec.name, spec.probe),
        )

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The declarations of the encoder's parameters."""
        return self.encoder.parameters


class Names:
    """All classes and specs of the plugin records, by name.

    Parameters
    ----------
    records : sequence of PluginRecord
    beside : sequence of Declaration
        The declarations of the file that is being read. They take precedence over all others.
    """

    def __init__(self, records: Sequence[PluginRecord], beside: Sequence[Declaration] = ()) -> None:
        self._records = records
        self._provided: dict[str, list[tuple[Provider, Item | SpecFile]]] = {}
        for record in records:
            provided: list[Item | SpecFile] = [*record.encoders, *record.declarations]
            for item in provided:
                self._provided.setdefault(item.name, []).append((record.provider, item))
        for spec in beside:
            self._provided[spec.name] = [(Provider("file", spec.source or "a text"), spec)]

    def conflicts(self) -> dict[str, list[Provider]]:
        """Return the providers of each name that is registered more than once."""
        return {
            name: self._providers(name) for name, found in self._provided.items() if len(found) > 1
        }

    def table(self) -> dict[str, EncoderRecord]:
        """Return the record of every name that can be used, sorted by name."""
        table = {}
        for name in sorted(self._provided):
            try:
                table[name] = self.resolve(name)
            except (EncoderNotFoundError, PluginConflictError, SpecError):
                continue  # `resolve` raises the error when the name is used
        return table

    def resolve(self, name: str) -> EncoderRecord:
        """Follow `name` through the specs to the encoder class, and return its record.

        Raises
        ------
        EncoderNotFoundError, PluginConflictError, SpecError
            As `netencoders.registry.find`.
        """
        chain: list[tuple[Provider, Declaration]] = []
        provider, item = self._one(name, [])
        while isinstance(item, Declaration):
            chain.append((provider, item))
            provider, item = self._one(item.encoder, [spec.name for _, spec in chain])
        record = EncoderRecord(item.name, item.summary(), provider, item)
        for provider, spec in reversed(chain):
            record = record.derived(spec, provider)
        return record

    def _one(self, name: str, chain: Sequence[str]) -> tuple[Provider, Item]:
        """Return the class or spec of that name; the specs of `chain` lead to it."""
        if name in chain:
            raise SpecError(f"the specs derive from each other: {' -> '.join([*chain, name])}")
        if len(chain) > LONGEST_CHAIN:
            raise SpecError(
                f"{chain[0]!r} is derived in more than {LONGEST_CHAIN} steps, the limit."
            )
        found = self._provided.get(name, [])
        if not found:
            raise EncoderNotFoundError(self._not_found_text(name, chain))
        if len(found) > 1 and not keeps_name(self._providers(name)):
            raise PluginConflictError(conflict_text(name, self._providers(name)))
        provider, item = found[0]
        return provider, item.declaration if isinstance(item, SpecFile) else item

    def _providers(self, name: str) -> list[Provider]:
        return [provider for provider, _ in self._provided[name]]

    def _not_found_text(self, name: str, chain: Sequence[str]) -> str:
        known = sorted(self._provided)
        needed = f", which {chain[-1]!r} is derived from" if chain else ""
        if not chain and any(name in record.layer_names for record in self._records):
            return (
                f"{name!r} is a layer, and not an encoder: put it after one, "
                f"NetEncoder(...).then({name!r}), or under the key layers of a spec."
            )
        if not chain and (hint := file_hint(name)):
            return f"no encoder {short(name)}. {hint}"
        hint = nearest(name.rpartition("/")[2], known) or f" Known: {', '.join(known) or 'none'}."
        return failures_text(f"no encoder {short(name)}{needed}.{hint}", self._records)


def failures_text(text: str, records: Sequence[PluginRecord]) -> str:
    """Return the message about a name that is not found, with the plugins that failed to load."""
    failed = [f"{record.provider}: {line}" for record in records for line in record.failures]
    if not failed:
        return f"{text} If a plugin provides it, install that plugin."
    return "\n  ".join(
        [text, "These plugins failed to load, and one of them may provide it:", *failed]
    )


def file_hint(name: str) -> str:
    """Return the line that reads a file, if the name is that of a file; else an empty text.

    >>> file_hint("speech.yaml"), file_hint("Whisper")
    ("NetEncoder.from_yaml('speech.yaml') reads a spec.", '')
    """
    file, colon, chosen = name.rpartition(":")
    if colon and file.endswith(_SPECS):
        return f"NetEncoder.from_yaml({file!r:.1000}, {short(chosen)}) reads a spec."
    if name.endswith(_SPECS):
        return f"NetEncoder.from_yaml({name!r:.1000}) reads a spec."
    if name.endswith(_CONFIGS):
        return f"NetEncoder.from_config({name!r:.1000}) reads the config of another tool."
    return ""
