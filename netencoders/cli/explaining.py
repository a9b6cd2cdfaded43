"""The command `explain`: writes a page that shows a file stage by stage."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from netencoders.cli import commands
from netencoders.cli.console import UsageError
from netencoders.cli.file_inputs import check_inputs, file_input, names_content
from netencoders.cli.options import add_output, add_parameters, add_policies, check_policies
from netencoders.cli.standard_input import DASH
from netencoders.cli.targets import check_targets, make_folder
from netencoders.errors import EncodeError, printable
from netencoders.policies import Policy
from netencoders.replacing import replacing

__all__ = ["add_explain", "explain"]


def add_explain(parser: argparse.ArgumentParser, declared: Sequence[Policy]) -> None:
    """Add the arguments of the command."""
    parser.add_argument("file", metavar="FILE", help="the input; after --, a name with a dash")
    parser.add_argument(
        "-e",
        "--encoder",
        "--name",
        action="append",
        dest="encoders",
        metavar="NAME",
        help="an encoder, a YAML spec, or FILE:NAME (default: AudioSpectrogram); a second -e shows "
        "two encoders side by side",
    )
    add_parameters(parser, "a single encoder")
    add_policies(parser, declared)
    add_output(parser, "the page: a .html file")


def explain(arguments: argparse.Namespace) -> int:
    """Write the page of one file for one encoder or for two."""
    # Late: the other commands explain nothing.
    from netencoders.explain import explanation

    names = arguments.encoders or [commands.DEFAULT_ENCODER]
    if len(names) > 2:
        raise UsageError(f"-e is given {len(names)} times (name one encoder, or two)")
    if len(names) == 2 and arguments.parameters:
        raise UsageError(
            "-p needs a single encoder (write the parameters into two specs: netencoders show "
            "NAME -p ... --yaml > a.yaml)"
        )
    target = Path(arguments.output)
    if target.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            f"{printable(arguments.output)}: the name of a page must end in .html (choose another "
            "-o)"
        )
    if arguments.file == DASH:
        raise UsageError("-: each stage reads the input again (write it to a file)")
    given = commands.read_parameters(arguments.parameters)
    encoders = [commands.target(name, given) for name in names]
    for encoder in encoders:
        check_inputs(encoder)
    check_policies(arguments, encoders)
    check_targets([target], [arguments.file], force=arguments.force)
    try:
        sides = [(encoder, file_input(encoder, arguments.file, None)) for encoder in encoders]
        page = explanation(sides, printable(os.path.basename(arguments.file)))
    except EncodeError as error:
        if any(map(names_content, encoders)):
            error.source = printable(arguments.file)
        raise
    make_folder(target)
    with replacing(target, force=arguments.force) as file:
        file.write(page.html.encode("utf-8"))
    return 0
