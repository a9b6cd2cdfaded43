"""Pin the digests of all that is shipped: ``python tests/contract/pins.py``.

`digests.json` holds the digest of every shipped encoder, spec, layer and decoder with its defaults,
and of every encoder, layer and decoder with one parameter at a time at an example value. Run this
script to change a digest on purpose; the test names the conditions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netencoders import (
    NetDecoder,
    NetEncoder,
    NetLayer,
    ParameterError,
    decoders,
    encoders,
    layers,
)
from netencoders.testing.checks import required_values

PINS = Path(__file__).with_name("digests.json")


def shipped() -> Iterator[tuple[str, Any]]:
    """Yield every pinned declaration as text, and its encoder, layer or decoder."""
    for name, record in encoders().items():
        if record.provider.is_built_in:
            required = required_values(record.parameters, record.preset)
            encoder = NetEncoder(name, **required)
            yield repr(encoder) if required else f"NetEncoder({name!r})", encoder
            if record.derived_from is None:
                yield from _changed(encoder)
    for name, layer in layers().items():
        if layer.provider.is_built_in:
            yield f"NetLayer({name!r})", NetLayer(name)
            yield from _changed(NetLayer(name))
    for name, decoder in decoders().items():
        if decoder.provider.is_built_in:
            default = NetDecoder(name, **required_values(decoder.decoder.parameters, {}))
            yield repr(default), default
            yield from _changed(default)


def _changed(default: Any) -> Iterator[tuple[str, Any]]:
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
