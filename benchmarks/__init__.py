"""Benchmarks: netencoders beside its peers, on the same files with the same conventions.

Run from the root of the repository: ``python -m benchmarks``, and ``python -m benchmarks.profile``.
`rows` lists the measurements, `conventions` their parameters, `inputs` makes the recordings, and
`systems` and `mel_systems` prepare each system. `runner` compares and measures, each system in one
of the `processes` of `worker`; `report` writes the results. `profile` measures the time of the
pipeline's `stages` with a `stopwatch`. docs/benchmarks.md has the rules.
"""
