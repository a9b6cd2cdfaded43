"""Reading: compares decoded files with other decoders, whole and damaged, and counts two faults.

``python -m benchmarks.reading`` writes sound files of each container and coding with other
programs, changes them, and encodes each with the encoder "Audio":

- whole, cut at several places, with 800 bytes behind, overwritten, and joined with itself;
- a *false alarm* is an error or a warning for a sound file, or an error although the sound is
  there;
- a *silent loss* is an array that differs from that of another decoder, without an error and
  without a warning.

It prints both counts, and returns 1 unless both are 0. It needs ffmpeg, sox, lame, opus-tools,
vorbis-tools and flac.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.reading_sources import Samples, Source, decoded, missing_tools, sources
from netencoders import EncodeError, NetEncoder
from netencoders_audio import Audio

__all__ = ["Heard", "changes", "equal", "judged", "main"]

EXTRA: Final = 800
CUTS: Final = (0.02, 0.2, 0.5, 0.77, 0.9, 0.99)
# Shorter parts may contain no sound: 0.02 of a file is often its header.
LEAST_PART: Final = 0.2
# The decoded end of a cut file of a lossy coding may differ from that of the whole file.
OVERLAP: Final = 4096


@dataclass(frozen=True)
class Heard:
    """The result of one file: its samples, or None after an error; and the message."""

    samples: Samples | None
    said: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return 1 if a count is not 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--only", metavar="TEXT", default="", help="only files of such names")
    parser.add_argument("--folder", type=Path, help="where to keep the files")
    parser.add_argument("--verbose", action="store_true", help="print each result")
    options = parser.parse_args(arguments)
    if missing := missing_tools():
        print(f"install the programs first: apt-get install {' '.join(missing)}", file=sys.stderr)
        return 2
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libmpg123 prints a note for each damaged frame
    counts = Counter[str]()
    folder = (
        tempfile.TemporaryDirectory() if options.folder is None else nullcontext(options.folder)
    )
    with folder as name:
        Path(name).mkdir(parents=True, exist_ok=True)
        for source in sources(Path(name)):
            if options.only not in source.path.name:
                continue
            for change, verdict, said in checked(source):
                counts[verdict] += 1
                if verdict != "right" or options.verbose:
                    print(f"{verdict:11} {source.path.name} {change}: {said}", flush=True)
    print(
        f"{counts.total()} files: {counts['false alarm']} false alarms, "
        f"{counts['silent loss']} silent losses"
    )
    return int(counts.total() != counts["right"])


def checked(source: Source) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the verdict and the message for each change of a file."""
    right = decoded(source.like or source.path, source)
    if right is None:
        raise RuntimeError(f"{source.path}: {source.decoder} cannot decode it")
    data = source.path.read_bytes()
    for change, content in changes(data).items():
        if source.like is not None and change != "whole":
            break
        path = source.path.with_name(f"changed_{source.path.name}")
        path.write_bytes(content)
        heard = _heard(str(path), source)
        verdict = judged(change, heard, right, source)
        if verdict == "silent loss" and change != "whole" and _is_as_decoded(path, heard, source):
            verdict = "right"  # a change that no decoder can see, such as other PCM samples
        yield change, verdict, _said(heard, right)
        if change.startswith("cut") and len(content) > LEAST_PART * len(data):
            part = _heard(Audio.open(str(path), truncated="warn"), source)
            yield f"{change}, as a part", judged_part(part, right, source), _said(part, right)


def changes(data: bytes) -> dict[str, bytes]:
    """Return the changed contents of a file, by name."""
    noise = np.random.default_rng(1).integers(0, 256, len(data), np.uint8).tobytes()
    size, half = len(data), len(data) // 2
    changed = {"whole": data, "joined": data + data}
    for part in CUTS:
        changed[f"cut at {part:.0%}"] = data[: int(size * part)]
    changed["cut by 1 byte"] = data[:-1]
    changed["cut by 300 bytes"] = data[:-300]
    changed["800 bytes behind"] = data + noise[:EXTRA]
    changed["800 zeros behind"] = data + bytes(EXTRA)
    for place in (half, size // 3, size * 3 // 4):
        changed[f"noise at {place}"] = data[:place] + noise[:EXTRA] + data[place + EXTRA :]
    changed["zeros in the middle"] = data[:half] + bytes(EXTRA) + data[half + EXTRA :]
    changed["removed from the middle"] = data[:half] + data[half + EXTRA :]
    changed["second half noise"] = data[:half] + noise[half:]
    changed["second half zeros"] = data[:half] + bytes(size - half)
    return changed


def judged(change: str, heard: Heard, right: Samples, source: Source) -> str:
    """Return "right", "false alarm" or "silent loss"."""
    harmless = change in ("whole", "800 zeros behind")
    if heard.samples is None:
        return "false alarm" if harmless or change == "800 bytes behind" else "right"
    if heard.said:
        return "false alarm" if harmless else "right"
    if change == "joined" and equal(heard.samples, np.concatenate([right, right]), source):
        return "right"
    if change == "joined" and source.claims is False and len(heard.samples) > len(right):
        return "right"
    same = equal(heard.samples, right, source)
    return "right" if same and change != "joined" else "silent loss"


def judged_part(heard: Heard, right: Samples, source: Source) -> str:
    """Return the verdict on a cut file with ``truncated="warn"``: its part, with a warning."""
    if heard.samples is None:  # the first page of an Ogg file may have all samples
        return "right" if "before its first samples" in heard.said else "false alarm"
    if equal(heard.samples, right, source):
        return "right"  # the last byte may be padding
    count = min(
        len(heard.samples), max(0, len(heard.samples) - OVERLAP * (source.tolerance > 1e-6))
    )
    if len(heard.samples) > len(right) or not equal(heard.samples[:count], right[:count], source):
        return "silent loss"
    return "right" if heard.said or not source.claims or count == len(right) else "silent loss"


def equal(one: Samples, other: Samples, source: Source) -> bool:
    """Return whether two decoders gave the same samples."""
    return len(one) == len(other) and bool(np.all(np.abs(one - other) <= source.tolerance))


def _heard(value: object, source: Source) -> Heard:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            rows = NetEncoder("Audio", SampleRate=source.rate)(value)
        except EncodeError as error:
            return Heard(None, str(error))
    return Heard(rows[:, 0].astype(np.float64), "; ".join(str(entry.message) for entry in caught))


def _is_as_decoded(path: Path, heard: Heard, source: Source) -> bool:
    """Return whether the other decoder gives the same samples for the changed file."""
    other = decoded(path, source)
    return heard.samples is not None and other is not None and equal(heard.samples, other, source)


def _said(heard: Heard, right: Samples) -> str:
    if heard.samples is None:
        return heard.said
    common = min(len(heard.samples), len(right))
    difference = np.abs(heard.samples[:common] - right[:common]).max(initial=0)
    return f"{len(heard.samples)} samples of {len(right)}, difference {difference:.2g} {heard.said}"


if __name__ == "__main__":
    sys.exit(main())
