"""Options that several commands have."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from netencoders.policies import Policy

__all__ = ["POLICY", "add_output", "add_parameters", "add_policies"]

POLICY = "policy "  # the prefix of policies among the arguments: other names have no space


def add_policies(parser: argparse.ArgumentParser, declared: Sequence[Policy]) -> None:
    """Add an option for each policy."""
    for policy in declared:
        parser.add_argument(
            policy.option,
            dest=f"{POLICY}{policy.name}",
            choices=policy.choices,
            default=policy.default,
            help=f"{policy.help} (default: {policy.default})".replace("%", "%%"),
        )


def add_output(parser: argparse.ArgumentParser, text: str) -> None:
    """Add the option for the output file, which `text` describes."""
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help=text)
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
