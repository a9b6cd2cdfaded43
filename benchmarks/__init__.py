"""Benchmarks: compare netencoders with its peers, on the same files with the same conventions.

Run from the root of the repository: ``python -m benchmarks``, and ``python -m benchmarks.profile``.
`rows` lists the measurements and `conventions` their parameters. `inputs` makes the recordings, and
`systems` and `mel_systems` prepare each system. `runner` compares the results and measures each
system in a process: `processes` starts it, and `worker` runs in it. `report` writes the results.
`profile` measures the time of the pipeline's `stages` with a `stopwatch`. docs/benchmarks.md states
the rules.
"""
