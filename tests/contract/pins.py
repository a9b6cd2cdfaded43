"""Pin the digests of the shipped encoders, specs and layers: ``python tests/contract/pins.py``.

`digests.json` holds the digest of every shipped encoder, spec and layer with its defaults, and of
every encoder and layer with one parameter at a time at an example value. Run this script to change
a digest on purpose; the test names the conditions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from netencoders import NetEncoder, NetLayer, ParameterError, encoders, layers

PINS = Path(__file__).with_name("digests.json")


def shipped() -> Iterator[tuple[str, NetEncoder | NetLayer]]:
    """Yield every pinned declaration as text, and its encoder or layer."""
    for name, record in encoders().items():
        if record.provider.is_built_in:
            yield f"NetEncoder({name!r})", NetEncoder(name)
            if record.derived_from is None:
                yield from _changed(NetEncoder(name))
    for name, layer in layers().items():
        if layer.provider.is_built_in:
            yield f"NetLayer({name!r})", NetLayer(name)
            yield from _changed(NetLayer(name))


def _changed(default: NetEncoder | NetLayer) -> Iterator[tuple[str, NetEncoder | NetLayer]]:
    """Yield the declaration with one parameter at a time at an example value."""
    for parameter in default.declarations:
        for value in reversed(parameter.type.examples()):
            try:
                changed = default.replace(**{parameter.name: value})
            except ParameterError:
                continue  # the example does not fit the defaults of the others
            if changed.digest != default.digest:
                yield repr(changed), changed
                break


def current() -> dict[str, dict[str, object]]:
    """Return the current revisions and digests, by declaration."""
    return {
        text: {"revision": encoder.revision, "digest": encoder.digest}
        for text, encoder in shipped()
    }


if __name__ == "__main__":
    PINS.write_text(json.dumps(current(), indent=1) + "\n", "utf-8")
