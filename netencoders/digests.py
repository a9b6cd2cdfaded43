"""Digests: the sha256 of a declaration.

A digest covers the name and the revision of an encoder, and every resolved parameter that is not
neutral. Equal digests give equal arrays. A spec may state the digest that its encoder must have.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netencoders.binding import bind
from netencoders.declared import Declared
from netencoders.errors import DigestError, ParameterError, PluginError, printable
from netencoders.parameters import Parameter, short
from netencoders.values import to_plain

if TYPE_CHECKING:
    from netencoders.declared_value import DeclaredValue
    from netencoders.names import EncoderRecord
    from netencoders.yaml_specs import LayerDeclaration

__all__ = ["Pin", "canonical_json", "check_pin", "digest_of", "record_digest"]


@dataclass(frozen=True)
class Pin:
    """The digest that a spec states.

    Attributes
    ----------
    name : str
        The name of the spec or, if it has none, of its encoder.
    parameters : mapping
        The parameters of the spec and of the specs that it derives from.
    digest : str
    source : str or None
        The file of the spec.
    layers : tuple of LayerDeclaration
        The layers of the spec and of the specs that it derives from.
    """

    name: str
    parameters: Mapping[str, Any]
    digest: str
    source: str | None
    layers: tuple[LayerDeclaration, ...] = ()


def digest_of(
    cls: type[Declared],
    resolved: Mapping[str, Any],
    layers: Sequence[DeclaredValue] = (),
    *,
    without: Collection[str] = (),
) -> str:
    """Return the digest of an encoder or a layer.

    Parameters
    ----------
    cls : type of Encoder or Layer
    resolved : mapping
        Every parameter with its resolved value.
    layers : sequence of NetLayer
        The layers after an encoder.
    without : collection of str
        Parameters of the encoder that are left out.

    Returns
    -------
    str
        The sha256, in hexadecimal, of the canonical JSON (sorted keys, no white space) of the
        name, the revision and the resolved parameters that are not neutral, and the same of each
        layer.
    """
    # Imported late: loading OpenSSL takes 6 ms, a twentieth of the time of `import numpy`.
    import hashlib

    content = _declared(cls, resolved, without)
    if layers:
        content["layers"] = [_declared(type(layer._item), layer.resolved) for layer in layers]
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def _declared(
    cls: type[Declared], resolved: Mapping[str, Any], without: Collection[str] = ()
) -> dict[str, Any]:
    return {
        "name": cls.name,
        "revision": cls.revision,
        "resolved": {
            parameter.name: _content(parameter, resolved[parameter.name])
            for parameter in cls.parameters
            if parameter.name not in without and not parameter.is_neutral(resolved)
        },
    }


def _content(parameter: Parameter, value: Any) -> Any:
    """Return the resolved value of a parameter as the digest holds it.

    Raises
    ------
    PluginError
        JSON cannot represent it.
    """
    if not _fits_json(to_plain(value)):
        raise PluginError(
            f"{parameter.name!r} resolves to {short(value)}, of type {type(value).__name__}. It "
            "must be a str, int, float, bool, None, Automatic, All or a tuple of these; no NaN, "
            "no infinity."
        )
    content = parameter.type.content(value)
    if not _fits_json(content):
        raise PluginError(
            f"content() of the type of {parameter.name!r} returns {short(content)}, which JSON "
            "cannot hold. Return a str, int, float, bool, None, or lists and dicts of these."
        )
    return content


def _fits_json(content: Any) -> bool:
    try:
        canonical_json(content)
    except (TypeError, ValueError):
        return False
    return True


def canonical_json(content: Any) -> str:
    """Return the JSON text of plain values: keys sorted, no white space, no NaN."""
    import json

    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def record_digest(record: EncoderRecord, layers: Sequence[DeclaredValue]) -> str | None:
    """Return the digest of a spec without other parameters, or None if it needs some."""
    cls = record.encoder
    try:
        _, resolved = bind(record.name, cls.ordered, record.preset, cls.constraints)
    except ParameterError:
        return None
    return digest_of(cls, resolved, layers)


def check_pin(
    pin: Pin, cls: type[Declared], version: str, layers: Sequence[DeclaredValue] = ()
) -> None:
    """Compare the digest that a spec states with the digest of its encoder and layers here.

    Raises
    ------
    DigestError
        They differ.
    ParameterError
        The parameters of the spec do not fit the encoder.
    """
    owner = f"{printable(pin.source)}: {pin.name}" if pin.source else pin.name
    _, resolved = bind(owner, cls.ordered, pin.parameters, cls.constraints)
    actual = digest_of(cls, resolved, layers)
    if actual != pin.digest:
        raise DigestError(
            f"the spec of {pin.name!r} states the digest {pin.digest}, but the installed version "
            f"has the digest {actual} (revision {cls.revision} of {cls.name}, from {version}). "
            "Install the version that the spec was written with or, if the change is intended, "
            "state the new digest in the spec.",
            source=pin.source,
        )
