"""Ray: times a warm Ray session beside `encoder.map` and a local corpus.

``python -m benchmarks.corpus_ray --seconds 0.3 5`` writes 3000 WAV files of each length, encodes
them on two processors in turn, and prints the medians of the times and of their ratios to `map` in
the same turn. The first turn is not counted. "Without limits" means that Ray may start all tasks at
once, also in its first second, in which it does not know the size of the cluster yet. The row
"nothing on Ray" maps the same blocks by a function that does nothing: it is the floor of a dataset.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile

from netencoders import NetEncoder
from netencoders_corpus import encode
from netencoders_corpus.ray import encode as encode_on_ray

RATE: Final = 16000
CPUS: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    import ray  # late: an extra
    import ray.data

    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus_ray", description=__doc__)
    parser.add_argument("--seconds", type=float, nargs="+", default=[0.3, 5.0])
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--turns", type=int, default=7)
    options = parser.parse_args(arguments)
    ray.init(num_cpus=CPUS, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    for seconds in options.seconds:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            paths = _write(folder / "in", options.files, seconds)
            _measure(ray, folder, paths, seconds, options.turns)
    ray.shutdown()
    return 0


def _write(folder: Path, count: int, seconds: float) -> list[str]:
    file = io.BytesIO()
    noise = np.random.default_rng(0).normal(0, 0.1, int(seconds * RATE))
    soundfile.write(file, noise, RATE, format="WAV")
    folder.mkdir()
    paths = [folder / f"{number:05d}.wav" for number in range(count)]
    for path in paths:
        path.write_bytes(file.getvalue())
    return [str(path) for path in paths]


def _measure(ray: Any, folder: Path, paths: Sequence[str], seconds: float, turns: int) -> None:
    encoder = NetEncoder("Speech40Mel").then("Log", Floor=1e-10)
    small = ray.data.from_items([{"path": path} for path in paths])
    large = ray.data.from_items([{"path": path} for path in paths], override_num_blocks=1)
    free = ray.data.from_items([{"path": path} for path in paths])
    free.context.op_resource_reservation_enabled = False
    out = folder / "out"
    tasks = 4 * CPUS

    def nothing(table: Any) -> Iterator[Any]:
        yield table

    def of_dataset(dataset: Any) -> int:
        found = dataset.iter_batches(batch_format="pyarrow", batch_size=None)
        return sum(table.num_rows for table in found)

    ways: dict[str, Callable[[], int]] = {
        "map": lambda: sum(1 for _ in encoder.map(paths, workers=CPUS)),
        "dataset of one block": lambda: of_dataset(encode_on_ray(large, encoder)),
        "dataset of 200 blocks": lambda: of_dataset(encode_on_ray(small, encoder)),
        "the same without limits": lambda: of_dataset(encode_on_ray(free, encoder)),
        "nothing on Ray": lambda: of_dataset(
            small.map_batches(
                nothing, batch_format="pyarrow", batch_size=len(paths) // tasks, num_cpus=1
            )
        ),
        "local corpus": lambda: encode(encoder, folder / "in", out, workers=CPUS).done,
        "corpus on Ray": lambda: encode_on_ray(folder / "in", encoder, out).done,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns + 1):
        for name, way in ways.items():
            shutil.rmtree(out, ignore_errors=True)
            os.sync()  # so that nobody waits for the files of another way
            begun = time.perf_counter()
            if way() != len(paths):
                raise SystemExit(f"{name}: rows are missing")
            times[name].append(time.perf_counter() - begun)
    print(f"\n{len(paths)} files of {seconds:g} s       time    ratio to map")
    for name, found in times.items():
        ratios = [one / base for one, base in zip(found[1:], times["map"][1:], strict=True)]
        median = statistics.median
        print(f"{name:26} {median(found[1:]):5.2f} s  {median(ratios):5.2f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
