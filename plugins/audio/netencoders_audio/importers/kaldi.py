"""The importer of ``fbank.conf`` and ``mfcc.conf``: the options of two programs of Kaldi."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netencoders import Config, ConfigError, Importer

__all__ = ["KALDI"]

PARTS = ("fbank", "mfcc")


def _recognizes(config: Config) -> bool:
    """Return whether all fields are options; a file without options has Kaldi's defaults."""
    is_conf = config.file.lower().endswith(".conf")
    return (is_conf or bool(config.content)) and all(key.startswith("--") for key in config.content)


def _parts(config: Config) -> Sequence[str]:
    """Return the part that the name of the file contains, or both."""
    named = [part for part in PARTS if part in config.file.lower()]
    return named if len(named) == 1 else PARTS


def _declare(config: Config, part: str | None) -> dict[str, Any]:
    # Late: most processes import no config.
    from netencoders_audio.importers.kaldi_front_ends import FBANK, MFCC
    from netencoders_audio.importers.kaldi_options import typed_options

    part = _parts(config)[0] if part is None else part
    front_end = {"fbank": FBANK, "mfcc": MFCC}[part]
    options, problems = typed_options(config.content, front_end.fields)
    if part == "fbank":
        options = {"--dither": 1.0, **options}  # Kaldi's default
    else:
        options = {"--dither": 1.0, "--use-energy": True, **options}
    try:
        declared = front_end.read(options, None, "Kaldi")
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    if problems:
        raise ConfigError(problems)
    return declared


KALDI = Importer(
    "Kaldi",
    "fbank.conf and mfcc.conf, options of Kaldi",
    _recognizes,
    _declare,
    parts=_parts,
    files=("fbank.conf", "mfcc.conf"),
)
