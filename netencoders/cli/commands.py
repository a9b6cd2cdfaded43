"""The commands, each a function of its parsed arguments; those that need more have modules."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from netencoders import yaml_specs
from netencoders.claims import FRAMEWORK_HOOKS, KINDS
from netencoders.cli import console, facts
from netencoders.cli.console import UsageError
from netencoders.cli.file_inputs import check_inputs, file_input, names_content
from netencoders.cli.given_files import given_files
from netencoders.cli.options import check_policies, execution
from netencoders.cli.standard_input import DASH, NAME, StandardInput, check_dash
from netencoders.cli.targets import check_targets, make_folder, plan
from netencoders.encoder import NetEncoder
from netencoders.errors import (
    EncodeError,
    ParameterError,
    SpecError,
    printable,
)
from netencoders.parameters import is_name
from netencoders.records import PluginRecord, RecordTable
from netencoders.registry import decoders, encoders, layers, plugins
from netencoders.replacing import replacing

__all__ = [
    "DEFAULT_ENCODER",
    "chosen_encoder",
    "compare",
    "draw",
    "encode",
    "list_encoders",
    "list_plugins",
    "named_encoder",
    "read_parameters",
    "split_target",
    "target",
]

DEFAULT_ENCODER = "AudioSpectrogram"


def list_encoders(arguments: argparse.Namespace) -> int:
    """Print one line for each encoder, then one for each layer and for each decoder."""
    tables: dict[str, RecordTable[Any]]
    tables = {"encoder": encoders(), "layer": layers(), "decoder": decoders()}
    texts = [
        facts.table((word, "summary", "provider"), records.rows())
        for word, records in tables.items()
        if records
    ]
    console.out("\n\n".join(texts))
    return 0


def list_plugins(arguments: argparse.Namespace) -> int:
    """Print one line for each plugin, and one for each failure."""
    records = plugins()
    rows = [
        (
            record.provider.distribution,
            record.provider.version,
            record.provider.entry_point,
            ", ".join(_provided(record)),
        )
        for record in records
    ]
    console.out(facts.table(("distribution", "version", "entry point", "provides"), rows))
    for record in records:
        for failure in record.failures:
            text = " ".join(failure.split())
            console.out(printable(f"failed: {record.provider}: {text}"))
    return 0


def _provided(record: PluginRecord) -> list[str]:
    """Return the names of the items of a plugin, with the kind of each item except encoders.

    Items of hooks that plugins specify may have no name: they are counted.
    """
    named = [
        f"{kind} {item.name}"
        for hook, (kind, _, _) in KINDS.items()
        for item in record.items.get(hook, ())
    ]
    others = [
        f"{len(items)} by {hook}"
        for hook, items in sorted(record.items.items())
        if items and hook not in FRAMEWORK_HOOKS
    ]
    return [*record.names, *named, *others]


def compare(arguments: argparse.Namespace) -> int:
    """Print the differences between two encoders; the exit code is 5 if there are any."""
    left, right = target(arguments.left), target(arguments.right)
    found = left.diff(right)
    if not found:
        console.out(f"no differences: both have the digest {left.digest}")
        return 0
    console.out(found.table(arguments.left, arguments.right, console.width(None)))
    return 5


def encode(arguments: argparse.Namespace) -> int:
    """Encode files into .npy files."""
    # Late: the other commands start no threads and no processes.
    from netencoders.cli.encode_files import encode_files

    encoder = chosen_encoder(arguments)
    if arguments.force and arguments.skip_existing:
        raise UsageError("--force and --skip-existing are both given (leave one out)")
    given = given_files(arguments.files, arguments.output)
    chosen = execution(arguments, len(given))
    suffix = ".npz" if encoder.has_names else ".npy"
    sources = [file.source for file in given]
    jobs = plan(
        sources,
        arguments.output,
        force=arguments.force,
        suffix=suffix,
        trees=[file.tree for file in given] if arguments.keep_tree else None,
        in_folder=sources != arguments.files,
        skip_existing=arguments.skip_existing,
    )
    if len(jobs) < len(given) and not arguments.quiet:
        console.say(f"{len(given) - len(jobs)} of {len(given)} outputs exist already")
    if not jobs:
        return 0
    return encode_files(
        encoder,
        jobs,
        workers=chosen.workers,
        isolate=chosen.isolate,
        timeout=chosen.timeout,
        keep_going=chosen.keep_going,
        force=arguments.force,
        quiet=arguments.quiet,
        debug=arguments.debug,
    )


def draw(arguments: argparse.Namespace) -> int:
    """Encode one file and draw its array."""
    # Late: the other commands draw nothing.
    from netencoders import plot

    encoder = chosen_encoder(arguments)
    target = Path(arguments.output)
    image_format = target.suffix.removeprefix(".").lower()
    if image_format not in plot.FORMATS:
        raise UsageError(
            f"{printable(arguments.output)}: the name of a picture must end in one of "
            f".{', .'.join(plot.FORMATS)} (choose another -o)"
        )
    if encoder.has_names:
        raise UsageError(f"{encoder.name}: gives named arrays (encode writes them to a .npz file)")
    problem = plot.drawing_problem(encoder.output)
    if problem:
        raise UsageError(f"{encoder.name}: {problem}")
    check_targets([target], [arguments.file], force=arguments.force)
    check_dash([arguments.file])
    is_dash = arguments.file == DASH
    figure = plot.new_figure()
    title = f"{NAME if is_dash else os.path.basename(arguments.file)}: {encoder!r}"
    try:
        value = file_input(encoder, arguments.file, StandardInput() if is_dash else None)
        encoder.plot(value, figure.subplots(), printable(title))
    except EncodeError as error:
        if names_content(encoder):
            error.source = printable(arguments.file)
        error.source = NAME if is_dash else error.source
        raise
    make_folder(target)
    with replacing(target, force=arguments.force) as file:
        plot.save(figure, file, image_format)
    return 0


def chosen_encoder(arguments: argparse.Namespace, default: str = DEFAULT_ENCODER) -> NetEncoder:
    """Return the encoder of the options of `options.add_encoder`.

    Raises
    ------
    UsageError
        It takes no files, or a policy is about other kinds of inputs.
    """
    name: str | None = arguments.encoder
    name = name if name or arguments.spec else default
    encoder = named_encoder(name, arguments.spec, arguments.parameters)
    check_inputs(encoder)
    check_policies(arguments, [encoder])
    return encoder


def named_encoder(name: str | None, spec: str | None, given: Sequence[str]) -> NetEncoder:
    """Return the encoder of a name, or of a spec, with the parameters of the options -p."""
    parameters = read_parameters(given)
    if spec is None:
        return target(DEFAULT_ENCODER if name is None else name, parameters)
    return _of_spec(spec, name, parameters)


def _of_spec(file: str, name: str | None, parameters: Mapping[str, Any]) -> NetEncoder:
    """Return the encoder of a spec, of which the parameters may give the required ones."""
    # A Path, because from_yaml reads a str with a line break as the spec itself.
    try:
        encoder = NetEncoder.from_yaml(Path(file), name)
    except ParameterError:
        if not parameters:
            raise
        return NetEncoder._of_spec(Path(file), name, parameters)
    return encoder.replace(**parameters) if parameters else encoder


def target(text: str, parameters: Mapping[str, Any] | None = None) -> NetEncoder:
    """Return the encoder for NAME, FILE or FILE:NAME, with these parameters."""
    file, name = split_target(text)
    if file is None:
        return NetEncoder(text, **(parameters or {}))
    try:
        return _of_spec(file, name, parameters or {})
    except SpecError as problem:
        if not (file.endswith((".conf", ".json")) and os.path.isfile(file)):
            raise
        import shlex  # late: few commands need it

        spec = f"{os.path.splitext(os.path.basename(file))[0]}.yaml"
        raise UsageError(
            f"{str(problem).rstrip('.')} (for the config of another tool: "
            f"netencoders import {shlex.quote(file)} > {shlex.quote(spec)})"
        ) from problem


def split_target(text: str) -> tuple[str | None, str | None]:
    """Return the file, or None for a NAME, and the name in the file, or None for its only encoder.

    A valid name is always a name, even if a file has this name. So the result does not depend on
    the current folder.
    """
    if not text:
        raise UsageError("an encoder's name is empty (netencoders list shows all encoders)")
    if is_name(text):
        return None, None
    file, _, name = text.rpartition(":")
    if file and is_name(name) and not os.path.exists(text):
        return file, name
    return text, None


def read_parameters(given: Sequence[str]) -> dict[str, Any]:
    """Return the parameters of the options -p NAME=VALUE."""
    parameters: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise UsageError(
                f"-p {text}: must have the form NAME=VALUE (for instance -p SampleRate=8000)"
            )
        if name in parameters:
            raise UsageError(f"-p {text}: {name} is given twice (leave one out)")
        try:
            parameters[name] = yaml_specs.scalar(value)
        except SpecError as wrong:
            raise UsageError(f"-p {text}: {wrong.message}") from wrong
    return parameters
