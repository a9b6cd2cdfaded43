"""The command `netencoders`: reads the arguments, runs a command, and reports failures.

Exit codes: 0 for success, 1 for a bug or a failed verification, 2 for wrong usage (arguments,
parameters, specs, nets and output files), 3 if some inputs cannot be encoded, 5 if two encoders
differ, and 128 plus the number of a signal that interrupts the command.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from itertools import takewhile
from typing import NoReturn

from netencoders import registry
from netencoders.cli import commands, console, facts, importing, plugin_commands, probes
from netencoders.cli.explaining import add_explain, explain
from netencoders.cli.options import (
    NAMES,
    add_declaration,
    add_encoder,
    add_execution,
    add_output,
    add_policies,
    given_policies,
)
from netencoders.cli.plugin_commands import PluginBugError
from netencoders.cli.running import add_run, run_net
from netencoders.cli.showing import show
from netencoders.command import BUILT_IN_COMMANDS, Command
from netencoders.errors import InputError, NetEncodersError
from netencoders.policies import Policy, policies
from netencoders.records import Provider

__all__ = ["main"]

_INTERRUPTED = "interrupted: no file is half-written"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_HANGUP = getattr(signal, "SIGHUP", None)  # the terminal was closed


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; by default those of the process.

    Returns
    -------
    int
        The exit code.
    """
    with console.one_line_warnings():
        return _run(sys.argv[1:] if argv is None else argv)


def _run(argv: Sequence[str]) -> int:
    """Run the command; report an exception on one line, and return the exit code."""
    debug, interrupted = "--debug" in argv, _INTERRUPTED
    try:
        with _signals():
            arguments = _parse(argv)
            if arguments is None:
                return 0
            debug, interrupted = arguments.debug, arguments.netencoders_interrupted
            run: Callable[[argparse.Namespace], int] = arguments.netencoders_run
            with console.finished(), policies(arguments.netencoders_policies):
                return run(arguments)
    except KeyboardInterrupt as interrupt:
        console.say(interrupted)
        number = interrupt.args[0] if interrupt.args else None
        return 128 + (number if isinstance(number, int) else signal.SIGINT)
    except InputError as failure:
        console.error(failure, debug=debug)
        return 1 if failure.code == "bug" else 3
    except PluginBugError as failure:
        console.error(failure, debug=debug)
        return 1
    except (NetEncodersError, OSError) as wrong:
        console.error(wrong, debug=debug)
        return 2
    except (Exception, SystemExit) as bug:  # a plugin's code may raise anything
        report = NetEncodersError(
            f"{type(bug).__name__}: {bug} (this is a bug, please report it with the output of "
            "--debug)"
        )
        report.__cause__ = bug
        console.error(report, debug=debug)
        return 1


@contextmanager
def _signals() -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP raise a KeyboardInterrupt that contains their number."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python handles signals in the main thread only
        return

    def interrupt(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt(number)

    numbers = [*_SIGNALS]
    if _HANGUP is not None and signal.getsignal(_HANGUP) is signal.SIG_DFL:  # not after nohup
        numbers.append(_HANGUP)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parse(argv: Sequence[str]) -> argparse.Namespace | None:
    """Return the arguments, or None after --help or --version; no argument is --help."""
    if not {*argv} - {"--debug"}:
        argv = ["--help"]
    parser, offered = _parser(argv)
    try:
        with console.finished():
            if offered is not None:
                return plugin_commands.parse(*offered, parser, argv)
            arguments = parser.parse_args(argv)
    except SystemExit:
        return None
    arguments.netencoders_policies = given_policies(arguments)
    return arguments


class _Parser(argparse.ArgumentParser):
    """A parser that reports an error on one line, and takes options by their full names only."""

    has_parameters = False  # whether the chosen command has the option -p

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs, allow_abbrev=False)  # type: ignore[arg-type] # they are those of the base class
        self.add_argument(
            "--debug",
            action="store_true",
            default=argparse.SUPPRESS,  # else the default of a command replaces an earlier --debug
            help="show tracebacks",
        )

    def error(self, message: str) -> NoReturn:
        if self.has_parameters and message.startswith("unrecognized arguments: --"):
            message += "; a parameter is -p NAME=VALUE"
        raise console.UsageError(f"{message} (see {self.prog} --help)")


class _Version(argparse.Action):
    """Prints the version, and ends the command."""

    def __call__(self, parser: argparse.ArgumentParser, *arguments: object) -> NoReturn:
        console.out(facts.version_text(version("netencoders")))
        parser.exit()


def _parser(argv: Sequence[str]) -> tuple[_Parser, tuple[Provider, Command] | None]:
    """Return the parser, and the command that `argv` chooses if it is a plugin's."""
    parser = _Parser(
        prog="netencoders", description="Encode files into arrays for neural networks."
    )
    # Names that no argument of a plugin's command is likely to have.
    parser.set_defaults(debug=False, netencoders_interrupted=_INTERRUPTED)
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show the version and the engines of encoders"
    )
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int] | None, text: str) -> _Parser:
        escaped = text.replace("%", "%%")
        added: _Parser = subparsers.add_parser(
            name, help=escaped, description=f"{escaped[0].upper()}{escaped[1:]}."
        )
        added.set_defaults(netencoders_run=run)
        return added

    # Options before the command take no values: the first word after them is the command.
    leading = [*takewhile(lambda word: word.startswith("-"), argv)]
    chosen = "" if {"-h", "--help"} & {*leading} else "".join(argv[len(leading) : len(leading) + 1])
    encoding = chosen in ("encode", "explain", "plot", "run")
    parser.has_parameters = chosen in ("encode", "explain", "plot", "show")
    declared = [policy for _, policy in registry.declared_policies().values()] if encoding else []
    command("list", commands.list_encoders, "list the encoders, layers and decoders")
    _add_show(command("show", show, "show an encoder, its parameters and its output"))
    _add_diff(command("diff", commands.compare, "show the differences between two encoders"))
    _add_encode(command("encode", commands.encode, "encode files into .npy files"), declared)
    _add_plot(command("plot", commands.draw, "draw an encoded file"), declared)
    page = command("explain", explain, "write a page that shows a file stage by stage")
    add_explain(page, declared)
    text = "evaluate a saved net for files, as JSON lines or .npy files"
    add_run(command("run", run_net, text), declared)
    probes.add_verify(command("verify", probes.verify, "compare encoders with their probes"))
    probes.add_probe(command("probe", probes.probe, "print a spec with the probe of this machine"))
    text = "print a YAML spec of a config of another tool"
    importing.add_arguments(command("import", importing.import_config, text))
    command("plugins", commands.list_plugins, "list the plugins and their failures")
    if chosen in BUILT_IN_COMMANDS or "--version" in leading:
        return parser, None
    found = registry.commands()
    for provider, offered in found.values():
        added = command(offered.name, None, offered.help)  # `plugin_commands.parse` adds its run
        if offered.name == chosen:  # a bug in another command has no effect
            plugin_commands.add_arguments(provider, offered, added)
    return parser, found.get(chosen)


def _add_show(parser: _Parser) -> None:
    parser.add_argument("encoder", nargs="?", metavar="NAME", help=NAMES)
    parser.add_argument(
        "-e", "--encoder", "--name", dest="name", metavar="NAME", help="an encoder, as an option"
    )
    add_declaration(parser)
    parser.add_argument("--decoder", action="store_true", help="NAME is a decoder")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print everything as JSON")
    form.add_argument("--yaml", action="store_true", help="print a YAML spec of the encoder")
    parser.add_argument("--pin", action="store_true", help="with --yaml: state the digest")


def _add_diff(parser: _Parser) -> None:
    parser.add_argument("left", metavar="A", help=NAMES)
    parser.add_argument("right", metavar="B", help="the same")


def _add_encode(parser: _Parser, declared: Sequence[Policy]) -> None:
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="inputs: files, folders and patterns such as 'a/**/*.wav'; - is standard input; after "
        "--, names may begin with a dash",
    )
    add_encoder(parser, commands.DEFAULT_ENCODER)
    add_policies(parser, declared)
    add_output(parser, "a .npy file for one input, a folder for several")
    add_execution(parser)
    parser.add_argument(
        "--keep-tree", action="store_true", help="write outputs into the folders of the inputs"
    )
    parser.add_argument(
        "--skip-existing", action="store_true", help="leave out inputs whose outputs exist"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")


def _add_plot(parser: _Parser, declared: Sequence[Policy]) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        help="the input; - is standard input; after --, a name may begin with a dash",
    )
    add_encoder(parser, commands.DEFAULT_ENCODER)
    add_policies(parser, declared)
    add_output(parser, "the picture: a .png, .svg, .pdf or .jpg file")
