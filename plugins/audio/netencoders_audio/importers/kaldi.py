"""The importer of ``fbank.conf`` and ``mfcc.conf``: the options of two programs of Kaldi."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from netencoders import Config, ConfigError, Importer
from netencoders_audio.importers.front_ends import FrontEnd
from netencoders_audio.importers.kaldi_front_ends import FBANK, MFCC
from netencoders_audio.importers.kaldi_options import typed_options

__all__ = ["KALDI", "KALDI_FRONT_ENDS"]

KALDI_FRONT_ENDS: Mapping[str, FrontEnd] = MappingProxyType({"fbank": FBANK, "mfcc": MFCC})
"""The front end of each part."""


def _recognizes(config: Config) -> bool:
    """Return whether all fields are options; a file without options has Kaldi's defaults."""
    is_conf = config.file.lower().endswith(".conf")
    return (is_conf or bool(config.content)) and all(key.startswith("--") for key in config.content)


def _parts(config: Config) -> Sequence[str]:
    """Return the part that the name of the file contains, or both."""
    named = [part for part in KALDI_FRONT_ENDS if part in config.file.lower()]
    return named if len(named) == 1 else list(KALDI_FRONT_ENDS)


def _declare(config: Config, part: str | None) -> dict[str, Any]:
    part = _parts(config)[0] if part is None else part
    front_end = KALDI_FRONT_ENDS[part]
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
