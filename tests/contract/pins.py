"""Pin the digests of the shipped encoders and specs: ``python tests/contract/pins.py``.

`digests.json` holds the digest of every shipped encoder and spec with its defaults, and of every
encoder with one parameter at a time at an example value. Run this script to change a digest on
purpose; the test names the conditions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from netencoders import NetEncoder, ParameterError, encoders

PINS = Path(__file__).with_name("digests.json")


def shipped() -> Iterator[tuple[str, NetEncoder]]:
    """Yield every pinned declaration as text, and its encoder."""
    for name, record in encoders().items():
        if not record.provider.is_built_in:
            continue
        encoder = NetEncoder(name)
        yield f"NetEncoder({name!r})", encoder
        if record.derived_from is not None:
            continue
        for parameter in encoder.declarations:
            for value in reversed(parameter.type.examples()):
                try:
                    changed = encoder.replace(**{parameter.name: value})
                except ParameterError:
                    continue  # the example does not fit the defaults of the others
                if changed.digest != encoder.digest:
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
