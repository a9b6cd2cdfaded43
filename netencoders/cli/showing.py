"""The command `show`: prints an encoder, a layer, a decoder or a saved net."""

from __future__ import annotations

import argparse
import json
from typing import Any

from netencoders.cli import console, facts
from netencoders.cli.commands import named_encoder, read_parameters, split_target
from netencoders.cli.console import UsageError
from netencoders.cli.nets import is_net, show_net
from netencoders.decoder import NetDecoder
from netencoders.errors import EncoderNotFoundError, nearest
from netencoders.layer import NetLayer
from netencoders.parameters import short
from netencoders.records import RecordTable
from netencoders.registry import decoders, encoders, layers

__all__ = ["show"]


def show(arguments: argparse.Namespace) -> int:
    """Print an encoder with its parameters, the form of its output and its digest.

    Or print a layer, a decoder, or a saved net. Of a name with required parameters, none of which
    is given, print the declaration.
    """
    if arguments.encoder and arguments.name:
        raise UsageError("two encoders are named (leave --name out)")
    name = arguments.encoder or arguments.name
    if not (name or arguments.spec):
        raise UsageError("no encoder is named (netencoders list shows all encoders)")
    if arguments.pin and not arguments.yaml:
        raise UsageError("--pin needs --yaml: it states the digest in the spec")
    if name and is_net(name) and not arguments.spec:
        return show_net(name, arguments)
    is_name_here = name and not arguments.spec and split_target(name)[0] is None
    if arguments.decoder and not is_name_here:
        raise UsageError("--decoder needs the name of a decoder (netencoders list shows all)")
    if is_name_here and _is_declaration(name, arguments):
        return 0
    if is_name_here and (arguments.decoder or name not in (known := encoders())):
        given = read_parameters(arguments.parameters)
        if not arguments.decoder and name in layers():
            return _show_other(NetLayer(name, **given), arguments)
        if arguments.decoder or name in decoders():
            return _show_other(NetDecoder(name, **given), arguments)
        hint = "" if nearest(name, known) else nearest(name, [*layers(), *decoders()])
        if hint:
            raise EncoderNotFoundError(f"no encoder, no layer and no decoder {short(name)}.{hint}")
    encoder = named_encoder(name, arguments.spec, arguments.parameters)
    if arguments.yaml:
        console.out(encoder.to_yaml(pin=arguments.pin).rstrip("\n"))
    elif arguments.json:
        console.out(json.dumps(facts.encoder_facts(encoder), indent=2, allow_nan=False))
    else:
        console.out(facts.encoder_text(encoder, name if is_name_here else None))
    return 0


def _is_declaration(name: str, arguments: argparse.Namespace) -> bool:
    """Print the declaration of a name, if parameters are required, and none is given."""
    tables: dict[str, RecordTable[Any]]
    tables = {"encoder": encoders(), "layer": layers(), "decoder": decoders()}
    words = ["decoder"] if arguments.decoder else [*tables]
    word = next((word for word in words if name in tables[word]), None)
    if word is None or arguments.parameters or arguments.yaml:
        return False
    record = tables[word][name]
    if not facts.required(record):
        return False
    if arguments.json:
        console.out(json.dumps(facts.declared_facts(record, word), indent=2, allow_nan=False))
    else:
        console.out(facts.declared_text(record, word))
    return True


def _show_other(value: NetLayer | NetDecoder, arguments: argparse.Namespace) -> int:
    """Print a layer or a decoder."""
    if arguments.yaml and isinstance(value, NetLayer):
        raise UsageError(
            f"--yaml: {value.name} is a layer, and a spec declares an encoder or a decoder (put it "
            "under the key layers of a spec)"
        )
    if arguments.yaml and isinstance(value, NetDecoder):
        console.out(value.to_yaml(pin=arguments.pin).rstrip("\n"))
    elif arguments.json:
        console.out(json.dumps(facts.other_facts(value), indent=2, allow_nan=False))
    else:
        console.out(facts.other_text(value))
    return 0
