"""The command `run`: evaluates a saved net for files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from netencoders.cli import console
from netencoders.cli.console import UsageError
from netencoders.cli.file_inputs import check_inputs
from netencoders.cli.net_properties import read_properties
from netencoders.cli.options import (
    add_execution,
    add_output,
    add_policies,
    check_policies,
    execution,
)
from netencoders.cli.standard_input import DASH, check_dash
from netencoders.cli.targets import plan
from netencoders.errors import VerificationError, nearest, printable
from netencoders.graph import NetGraph
from netencoders.policies import Policy

__all__ = ["add_run", "run_net"]


def add_run(parser: argparse.ArgumentParser, declared: Sequence[Policy]) -> None:
    """Add the arguments of the command."""
    parser.add_argument("net", metavar="NET", help="a saved net, a .netz file")
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="inputs; - is standard input; after --, names may begin with a dash",
    )
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="PORT=FILE",
        help="the file of one input port; each FILE goes to the ports without one; may be repeated",
    )
    add_policies(parser, declared)
    text = "a .npy file for one input, a folder for several; .npz for several ports"
    add_output(parser, f"{text} (default: JSON lines to standard output)", required=False)
    parser.add_argument("--port", metavar="PORT", help="one output port (default: all)")
    parser.add_argument(
        "--property",
        action="append",
        default=[],
        metavar="NAME",
        help="the property that decoders give, such as Probabilities or TopProbabilities=3; none "
        "for arrays; PORT:NAME for one port; may be repeated (default: the first property)",
    )
    add_execution(parser)
    parser.add_argument(
        "--batch-size",
        type=int,
        default=1,
        metavar="N",
        help="inputs for which each model runs once (default: 1)",
    )
    parser.add_argument(
        "--verify", action="store_true", help="first compare the net with its probe"
    )
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="no progress bar; with -o, print failures only"
    )


def run_net(arguments: argparse.Namespace) -> int:
    """Evaluate a net for each file."""
    # Late: the other commands evaluate nothing.
    from netencoders.cli.run_files import run_files

    if arguments.force and arguments.output is None:
        raise UsageError("--force needs -o: it overwrites files")
    if arguments.batch_size < 1:
        raise UsageError(f"--batch-size {arguments.batch_size}: must be at least 1")
    chosen = execution(arguments, len(arguments.files))
    net = NetGraph.load(arguments.net)
    shown = printable(arguments.net)
    for port in net.inputs:
        if port not in net.encoders:
            raise UsageError(
                f"{shown}: the input port {port!r} has no encoder, so it takes no files (load the "
                "net in Python: NetGraph.load)"
            )
        check_inputs(net.encoders[port])
    fixed = _fixed(net, arguments.input, shown)
    check_policies(arguments, net.encoders.values())
    ports = _ports(net, arguments.port, shown)
    properties = read_properties(net, ports, arguments.property)
    targets = None
    if arguments.output is not None:
        suffix = ".npz" if len(ports) > 1 else ".npy"
        jobs = plan(arguments.files, arguments.output, force=arguments.force, suffix=suffix)
        targets = [job.target for job in jobs]
    check_dash(arguments.files)
    if arguments.verify:
        try:
            net.verify()
        except VerificationError as failure:
            console.error(failure, debug=arguments.debug, source=arguments.net)
            return 1
    return run_files(
        net,
        arguments.files,
        targets,
        fixed=fixed,
        ports=ports,
        properties=properties,
        execution=chosen,
        batch_size=arguments.batch_size,
        force=arguments.force,
        quiet=arguments.quiet,
        debug=arguments.debug,
    )


def _fixed(net: NetGraph, given: Sequence[str], shown: str) -> dict[str, str]:
    """Return the file of each input port that has one of its own."""
    fixed: dict[str, str] = {}
    for text in given:
        port, equals, file = text.partition("=")
        if not equals or not file:
            raise UsageError(f"--input {text}: write PORT=FILE, such as --input Text=question.txt")
        if port not in net.inputs:
            hint = nearest(port, net.inputs) or f" It has: {', '.join(net.inputs)}."
            raise UsageError(f"{shown}: the net has no input port {port!r}.{hint}")
        if port in fixed:
            raise UsageError(f"--input {text}: the port {port!r} has the file {fixed[port]!r}")
        if file == DASH:
            raise UsageError(f"--input {text}: only FILE is standard input (give it as FILE)")
        fixed[port] = file
    if fixed.keys() == net.inputs.keys():
        raise UsageError(
            f"--input {given[-1]}: all input ports have a file, and FILE has none (leave out "
            "--input for one port)"
        )
    return fixed


def _ports(net: NetGraph, port: str | None, shown: str) -> tuple[str, ...]:
    """Return the output ports to write."""
    if port is None:
        return tuple(net.outputs)
    if port not in net.outputs:
        hint = nearest(port, net.outputs) or f" It has: {', '.join(net.outputs)}."
        raise UsageError(f"{shown}: the net has no output port {port!r}.{hint}")
    return (port,)
