"""The digests of the shipped encoders and specs are pinned: caches and specs rely on them."""

from __future__ import annotations

import json

import pins

ADVICE = """
A digest has changed. Arrays that users stored under the old digest are not found again.
- If the arrays have changed, raise the `revision` of the encoder.
- If they have not, keep the digest: a new parameter needs a `neutral` value (Parameter), and a
  synonym must resolve to the value that it stands for.
- If the change is meant, write a changelog entry, and run: python tests/contract/pins.py
From release 0.1.0 on, a digest changes only together with a `revision` (CONTRIBUTING.md, Versions).
"""


def test_digest_equals_its_pin() -> None:
    """Every shipped declaration has the digest of tests/contract/digests.json."""
    pinned = json.loads(pins.PINS.read_text("utf-8"))
    now = pins.current()
    changed = [text for text in pinned if text in now and pinned[text] != now[text]]
    assert [] == changed, ADVICE


def test_pins_are_those_of_the_shipped_declarations() -> None:
    """Each shipped encoder, spec and parameter has a pin, and each pin names one of them."""
    pinned = json.loads(pins.PINS.read_text("utf-8"))
    assert pinned.keys() == pins.current().keys(), "run: python tests/contract/pins.py"
    assert len(pinned) > 60
