"""The commands `verify` and `probe`: compare encoders with their probes, and write probes."""

from __future__ import annotations

import argparse
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from netencoders import registry, yaml_specs
from netencoders.cli import console
from netencoders.cli.commands import split_target, target
from netencoders.cli.console import UsageError
from netencoders.cli.nets import is_net
from netencoders.cli.targets import check_targets, make_folder
from netencoders.encoder import NetEncoder
from netencoders.errors import NetEncodersError, VerificationError, printable
from netencoders.graph import NetGraph
from netencoders.probes.spec_text import has_list, spec_of_record, with_probe
from netencoders.replacing import replacing

__all__ = ["add_probe", "add_verify", "probe", "verify"]

_SPEC = "a spec: its name, a YAML file, or FILE:NAME for one of several encoders in a file"
_SPEC_OR_NET = f"{_SPEC}; or a saved net, a .netz file"


def add_verify(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `verify`."""
    parser.add_argument("specs", nargs="*", metavar="SPEC", help=_SPEC_OR_NET)
    parser.add_argument(
        "--all", action="store_true", help="verify every registered spec that has a probe"
    )


def add_probe(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `probe`."""
    parser.add_argument("specs", nargs="+", metavar="SPEC", help=_SPEC)
    parser.add_argument(
        "--write",
        action="store_true",
        help="write the probe into each file, and leave the rest of its text as it is",
    )
    parser.add_argument("--signal", metavar="NAME", help="the signal (default: the first one)")
    parser.add_argument("--length", type=int, metavar="N", help="its length; samples for audio")
    parser.add_argument(
        "--tolerance", type=float, metavar="T", help="the largest permitted difference of a value"
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="a file for the spec")
    parser.add_argument("--force", action="store_true", help="with -o: overwrite an existing file")


def verify(arguments: argparse.Namespace) -> int:
    """Print one line for each spec; the exit code is 1 if an encoder differs from its probe."""
    names = list(arguments.specs)
    if bool(names) == arguments.all:
        raise UsageError("verify needs specs, or --all (netencoders list shows all names)")
    if arguments.all:
        names = _names_with_probes()
        if not names:
            raise UsageError("--all: no registered spec has a probe (netencoders probe writes one)")

    def action(name: str) -> None:
        try:
            verified = NetGraph.load(name).verify() if is_net(name) else target(name).verify()
        except VerificationError as failed:
            missing = failed.__cause__
            if arguments.all and getattr(missing, "code", "") == "missing-library":
                console.say(f"{printable(name)}  left out: {missing}")
                return
            raise
        console.out(printable(f"{name}  {verified}"))

    return _each(names, action, debug=arguments.debug)


def probe(arguments: argparse.Namespace) -> int:
    """Print a spec with its probe, or write the probes into files."""
    if arguments.write:
        if arguments.output is not None or arguments.force:
            raise UsageError("--write changes the files themselves (leave -o and --force out)")
        return _each(arguments.specs, lambda name: _rewrite(name, arguments), debug=arguments.debug)
    if len(arguments.specs) > 1:
        raise UsageError("one spec can be printed at a time (--write changes several files)")
    if arguments.force and arguments.output is None:
        raise UsageError("--force needs -o: it overwrites that file")
    [name] = arguments.specs
    if arguments.output is not None:
        out = Path(arguments.output)
        check_targets([out], [split_target(name)[0] or name], force=arguments.force)
    text = _spec_text(name, arguments)
    if arguments.output is None:
        console.out(text.rstrip("\n"))
        return 0
    make_folder(out)
    _write(out, text, force=arguments.force)
    return 0


def _names_with_probes() -> list[str]:
    """Return the registered specs that have a probe, and those that cannot be read."""
    declared = {item.name for plugin in registry.plugins() for item in plugin.declarations}
    names = []
    for name in sorted(declared):
        try:
            stated = registry.find(name).stated
        except NetEncodersError:
            names.append(name)  # its error is reported when it is verified
        else:
            names += [name] if stated.probe else []
    return names


def _each(names: Sequence[str], action: Callable[[str], None], *, debug: bool) -> int:
    """Run an action for each name, report each failure, and return the exit code."""
    code = 0
    for name in names:
        try:
            action(name)
        except (NetEncodersError, OSError) as failure:
            console.error(failure, debug=debug, source=name)
            code = 1 if code == 1 or isinstance(failure, VerificationError) else 2
    return code


def _measured(encoder: NetEncoder, arguments: argparse.Namespace) -> dict[str, Any]:
    return encoder.probe(arguments.signal, arguments.length, arguments.tolerance)


def _spec_text(name: str, arguments: argparse.Namespace) -> str:
    """Return the YAML text of a spec with its probe: that of its file, if it has one encoder."""
    file, chosen = split_target(name)
    encoder = target(name)
    measured = _measured(encoder, arguments)
    if file is None:
        record = registry.find(name)
    else:
        text = _text(file)
        if not has_list(text):
            return with_probe(text, measured, file)
        found = yaml_specs.declarations(text, source=file)
        [spec] = [spec for spec in found if chosen in (None, spec.name)]
        record = registry.find(spec.name, beside=found)
    return yaml_specs.dump({**spec_of_record(record, encoder), "probe": measured})


def _rewrite(name: str, arguments: argparse.Namespace) -> None:
    """Write the probe into the file of one encoder."""
    file, chosen = split_target(name)
    if file is None or chosen:
        raise UsageError(
            f"{printable(name)}: --write needs a YAML file of one encoder (write ./{name} for a "
            "file of this name; without --write, the spec is printed)"
        )
    encoder = target(name)
    before = _text(file)
    text = with_probe(before, _measured(encoder, arguments), file)
    if text != before:
        # Links stay links, and the file keeps its mode.
        _write(Path(os.path.realpath(file)), text, force=True)
    console.out(printable(f"{name}  {'unchanged' if text == before else 'written'}"))


def _text(file: str) -> str:
    content, _ = yaml_specs.read(Path(file))
    return content if isinstance(content, str) else content.decode()


def _write(path: Path, text: str, *, force: bool) -> None:
    with replacing(path, force=force) as file:
        file.write(text.encode())
        file.flush()
        if path.exists():
            os.chmod(file.name, stat.S_IMODE(path.stat().st_mode))
