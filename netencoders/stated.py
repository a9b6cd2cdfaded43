"""Stated: the name and the probe of the spec that an encoder was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from netencoders.errors import SpecError
from netencoders.yaml_specs import Probe

__all__ = ["NOT_STATED", "Stated"]


@dataclass(frozen=True)
class Stated:
    """The spec that an encoder was made from, while the encoder has the values of the spec.

    Attributes
    ----------
    spec : str
        The name of the spec; empty without a spec, for a spec without a name, and if a value
        differs from the spec.
    probe : Probe or None
    changed : str
        If a value differs from a spec with a probe: the name of that spec, or ``"its spec"``.
    """

    spec: str = ""
    probe: Probe | None = None
    changed: str = ""

    def with_other_values(self) -> Stated:
        """Return the same for an encoder of other values, whose arrays the probe does not fit."""
        if self.probe is None:
            return Stated(changed=self.changed)
        return Stated(changed=self.spec or "its spec")

    def to_dict(self) -> dict[str, Any]:
        """Return the content as JSON values, without fields that are empty."""
        content = {
            "spec": self.spec,
            "probe": self.probe and self.probe.to_dict(),
            "changed": self.changed,
        }
        return {name: value for name, value in content.items() if value}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Stated:
        """Return the object of `to_dict`.

        Raises
        ------
        SpecError
            The mapping does not have this form.
        """
        spec, changed = content.get("spec", ""), content.get("changed", "")
        if not (isinstance(spec, str) and isinstance(changed, str)):
            raise SpecError("the name of a spec must be a text.")
        probe = content.get("probe")
        return cls(spec, None if probe is None else Probe.from_dict(probe), changed)


NOT_STATED: Final = Stated()
"""The content for an encoder without a spec."""
