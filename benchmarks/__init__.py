"""Benchmarks: compare netencoders with its peers, on the same files with the same conventions.

Run from the root of the repository: ``python -m benchmarks``, and ``python -m benchmarks.profile``.
`rows` lists the measurements, `grid` the settings of the grid, `entries` declares both, and
`conventions` has their parameters. `inputs` makes the recordings. `systems`, `mel_systems`,
`whisper_systems`, `grid_systems` and `floors` prepare each system. `runner` compares the results
and measures each system in a process: `processes` starts it, and `worker` runs in it. `report` and
`grid_report` write the results, and `page` writes them into docs/benchmarks.md and README.md.
`profile` measures the time of the pipeline's `stages` with a `stopwatch`. docs/benchmarks.md states
the rules.
"""
