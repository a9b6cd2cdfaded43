"""Writes a probe into the text of a spec, and a spec for an encoder that was found by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from netencoders import yaml_specs
from netencoders.errors import SpecError
from netencoders.values import to_plain

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder
    from netencoders.names import EncoderRecord

__all__ = ["has_list", "spec_of_record", "with_probe"]

_END = re.compile(r"\.\.\.(\s|$)")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def spec_of_record(record: EncoderRecord, encoder: NetEncoder) -> dict[str, Any]:
    """Return the declaration of a name as the mapping of a spec that needs no other file.

    The parameters and the layers are those that the spec, and the specs that it derives from,
    declare; the content of assets replaces their names.
    """
    spec: dict[str, Any] = {"schema": yaml_specs.SCHEMA}
    if record.stated.spec:
        spec["name"] = record.stated.spec
    if record.derived_from and record.summary:
        spec["summary"] = record.summary
    spec["encoder"] = encoder.name
    if any(pin.name == record.stated.spec for pin in record.pins):
        spec["digest"] = encoder.digest
    if record.preset:
        spec["parameters"] = {name: to_plain(encoder.parameters[name]) for name in record.preset}
    if encoder.layers:
        spec["layers"] = [
            {layer.name: {name: to_plain(layer.parameters[name]) for name in declared.parameters}}
            if declared.parameters
            else layer.name
            for layer, declared in zip(encoder.layers, record.layers, strict=True)
        ]
    return spec


def has_list(text: str) -> bool:
    """Return whether the text of a valid spec is a list of encoders."""
    from netencoders.yaml_specs.strict_yaml import load

    return "encoders" in load(text)[0]


def with_probe(text: str, probe: dict[str, Any], source: str | None = None) -> str:
    r"""Return the text of a spec of one encoder with another probe; the rest stays as it is.

    The block of the key ``probe`` is replaced or, if there is none, added at the end, before a line
    ``...`` that ends the document. Comments inside of the block are not kept.

    Parameters
    ----------
    text : str
        A valid spec.
    probe : dict
        The result of `NetEncoder.probe`.
    source : str, optional
        The name of the file, for messages.

    Raises
    ------
    SpecError
        The spec declares several encoders, or its keys do not begin their lines.

    Examples
    --------
    >>> print(with_probe("schema: 1 # first\nencoder: Audio\nprobe: old\n# end\n", {"signal": "A"}))
    schema: 1 # first
    encoder: Audio
    probe:
      signal: A
    # end
    <BLANKLINE>
    """
    from netencoders.yaml_specs.strict_yaml import load

    document, places = load(text)
    if "encoders" in document:
        raise SpecError(
            "a probe can be written only into a spec of one encoder, and this one has a list of "
            "encoders: give each encoder a file of its own, or write the output of 'netencoders "
            "probe FILE:NAME' into a file.",
            source=source,
        )
    starts = sorted(places[key,] for key in document)
    lines = _LINE.findall(text)
    # YAML permits this line only at the end of a document.
    last = next((n for n, line in enumerate(lines) if _END.match(line)), len(lines))
    newline = "\r\n" if "\r\n" in text else "\n"
    block = yaml_specs.dump({"probe": probe}).replace("\n", newline)
    if "probe" in document:
        begin = places["probe",][0] - 1
        later = [line - 1 for line, _ in starts if line - 1 > begin]
        end = min([*later, last])
        while end > begin + 1 and _is_outside(lines[end - 1]):
            end -= 1
    else:
        begin = end = last
        if lines and last == len(lines) and not lines[-1].endswith(("\n", "\r")):
            lines[-1] += newline
    changed = "".join([*lines[:begin], block, *lines[end:]])
    if not _is_changed_only_by(probe, document, changed):
        raise SpecError(
            "the probe cannot be written into this text: begin each key, such as 'encoder:', at "
            "the start of its own line.",
            source=source,
        )
    return changed


def _is_outside(line: str) -> bool:
    """Return whether a line after the probe does not belong to it: blank, or a comment."""
    return not line.strip() or line.startswith("#")


def _is_changed_only_by(probe: dict[str, Any], before: dict[str, Any], text: str) -> bool:
    """Return whether a text has the content `before`, with another probe."""
    from netencoders.yaml_specs.strict_yaml import load

    try:
        after, _ = load(text)
    except SpecError:
        return False
    expected = {**before, "probe": probe}
    return isinstance(after, dict) and after == expected
