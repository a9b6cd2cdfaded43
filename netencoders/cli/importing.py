"""The command `import`: writes a YAML spec of a config of another tool."""

from __future__ import annotations

import argparse
from pathlib import Path

from netencoders import importers, yaml_specs
from netencoders.cli import console
from netencoders.cli.console import UsageError
from netencoders.cli.targets import check_targets, make_folder
from netencoders.encoder import NetEncoder
from netencoders.parameters import is_name, short
from netencoders.replacing import replacing

__all__ = ["add_arguments", "import_config"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "config", metavar="FILE", help="a .json, .yaml or .conf file, or a folder that holds one"
    )
    parser.add_argument("--part", metavar="P", help="one of several front ends of the config")
    parser.add_argument("--name", metavar="NAME", help="the name of the spec")
    parser.add_argument("--pin", action="store_true", help="state the digest")
    parser.add_argument("-o", "--output", metavar="OUT", help="a file (default: standard output)")
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")


def import_config(arguments: argparse.Namespace) -> int:
    """Print the spec, or write it to a file."""
    name = arguments.name
    if name is not None and not is_name(name):
        raise UsageError(
            f"--name must be a letter, then letters, digits and underscores. Got {short(name)}."
        )
    target = None if arguments.output is None else Path(arguments.output)
    if target is not None:
        if target.suffix not in {".yaml", ".yml"}:
            raise UsageError(f"{arguments.output}: the name of a spec must end in .yaml or .yml")
        check_targets([target], [arguments.config], force=arguments.force)
    # A Path, because a program may give the fields as a mapping, and the command names a file.
    encoder, declaration = importers.built(
        NetEncoder.from_dict, Path(arguments.config), arguments.part
    )
    if name is not None:
        declaration = {"schema": declaration["schema"], **declaration, "name": name}
    if arguments.pin:
        declaration["digest"] = encoder.digest
    text = yaml_specs.dump(declaration)
    if target is None:
        console.out(text.rstrip("\n"))
        return 0
    make_folder(target)
    with replacing(target, force=arguments.force) as file:
        file.write(text.encode())
    return 0
