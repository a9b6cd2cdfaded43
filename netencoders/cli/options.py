"""Options that several commands have."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from netencoders import batches
from netencoders.cli.console import UsageError
from netencoders.encoder import NetEncoder
from netencoders.inputs import kinds_text
from netencoders.policies import Policy

__all__ = [
    "NAMES",
    "POLICY",
    "Execution",
    "add_declaration",
    "add_encoder",
    "add_execution",
    "add_isolation",
    "add_output",
    "add_parameters",
    "add_policies",
    "check_policies",
    "execution",
    "given_policies",
    "read_isolation",
]

NAMES = "an encoder, a YAML spec, or FILE:NAME for one of several encoders in a spec"

GIVEN = "policies given"
POLICY = "policy "  # the prefix of policies among the arguments: other names have no space


class _Given(argparse.Action):
    """Sets a policy, and records that its option is given."""

    def __init__(self, policy: Policy, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._policy = policy

    def __call__(
        self, parser: object, namespace: argparse.Namespace, value: Any, option: object = None
    ) -> None:
        setattr(namespace, self.dest, value)
        setattr(namespace, GIVEN, (*getattr(namespace, GIVEN, ()), self._policy))


def add_policies(parser: argparse.ArgumentParser, declared: Sequence[Policy]) -> None:
    """Add an option for each policy, in a group for each kind of inputs."""
    groups: dict[tuple[str, ...], Any] = {(): parser}
    for policy in declared:
        kinds = policy.inputs
        if kinds not in groups:
            groups[kinds] = parser.add_argument_group(f"options for {kinds_text(kinds)}")
        groups[kinds].add_argument(
            policy.option,
            action=_Given,
            policy=policy,
            dest=f"{POLICY}{policy.name}",
            choices=policy.choices,
            default=policy.default,
            help=f"{policy.help} (default: {policy.default})".replace("%", "%%"),
        )


def given_policies(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the policies that the options set."""
    return {
        dest.removeprefix(POLICY): value
        for dest, value in vars(arguments).items()
        if dest.startswith(POLICY)
    }


def check_policies(arguments: argparse.Namespace, encoders: Collection[NetEncoder]) -> None:
    """Check that each policy whose option is given is about inputs of one of the encoders.

    Raises
    ------
    UsageError
        A policy is about other kinds of inputs.
    """
    for policy in getattr(arguments, GIVEN, ()):
        if any(policy.fits(encoder.inputs) for encoder in encoders):
            continue
        takes = " and ".join(
            dict.fromkeys(f"{each.name} takes {kinds_text(each.inputs)}" for each in encoders)
        )
        raise UsageError(
            f"{policy.option} is about {kinds_text(policy.inputs)}, and {takes} (leave "
            f"{policy.option} out)"
        )


def add_encoder(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the options that declare an encoder; `commands.chosen_encoder` returns it."""
    names = ("-e", "--encoder", "--name")
    parser.add_argument(*names, metavar="NAME", help=f"{NAMES} (default: {default})")
    add_declaration(parser)


def add_declaration(parser: argparse.ArgumentParser) -> None:
    """Add the options for the parameters and the spec of an encoder."""
    add_parameters(parser, "the encoder")
    parser.add_argument(
        "--spec", metavar="FILE", help="a YAML spec; NAME selects one of its encoders"
    )


def add_isolation(parser: argparse.ArgumentParser) -> None:
    """Add the options for worker threads and worker processes."""
    parser.add_argument(
        "--workers", type=int, metavar="N", help="threads (default: all processors)"
    )
    parser.add_argument(
        "--isolate",
        action="store_true",
        help="encode in separate processes: a crash or a hang fails only one input",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        metavar="S",
        help="with --isolate: seconds for one input (default: 600)",
    )


def read_isolation(arguments: argparse.Namespace) -> tuple[int, float]:
    """Return the number of workers and the time limit of the options of `add_isolation`.

    Raises
    ------
    UsageError
        One of them is invalid.
    """
    try:
        workers = batches.worker_count(arguments.workers)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from None
    timeout = 600.0 if arguments.timeout is None else arguments.timeout
    if not timeout > 0:
        raise UsageError(f"--timeout {timeout:g}: must be more than 0 seconds")
    if arguments.timeout is not None and not arguments.isolate:
        raise UsageError("--timeout needs --isolate (a thread cannot be stopped)")
    return workers, timeout


def add_output(parser: argparse.ArgumentParser, text: str, *, required: bool = True) -> None:
    """Add the option for the output file, which `text` describes."""
    parser.add_argument("-o", "--output", required=required, metavar="OUT", help=text)
    parser.add_argument("--force", action="store_true", help="overwrite existing files")


def add_parameters(parser: argparse.ArgumentParser, owner: str) -> None:
    """Add the option for parameters of an encoder, which the help calls `owner`."""
    parser.add_argument(
        "-p",
        "--parameter",
        action="append",
        default=[],
        dest="parameters",
        metavar="NAME=VALUE",
        help=f"a parameter of {owner}, with a value as in YAML; may be repeated",
    )


@dataclass(frozen=True)
class Execution:
    """The way in which a command works on its inputs."""

    workers: int
    isolate: bool
    timeout: float
    keep_going: bool


def add_execution(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that encode many inputs."""
    add_isolation(parser)
    parser.add_argument(
        "--on-error",
        choices=("stop", "continue"),
        default="stop",
        help="stop or continue when an input fails (default: stop)",
    )


def execution(arguments: argparse.Namespace, inputs: int) -> Execution:
    """Return the values of the options of `add_execution` for a number of inputs.

    Raises
    ------
    UsageError
        One of them is invalid.
    """
    workers, timeout = read_isolation(arguments)
    return Execution(
        min(workers, inputs), arguments.isolate, timeout, arguments.on_error == "continue"
    )
