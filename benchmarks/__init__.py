"""Benchmarks: netencoders beside its peers, on the same files with the same conventions.

Run from the repository's root: ``python -m benchmarks``, and ``python -m benchmarks.profile``.
`rows` says what is measured, `conventions` under which parameters, `inputs` on what, `systems` and
`mel_systems` how each system does it. `runner` compares and measures, each system in one of the
`processes` of `worker`; `report` writes what came of it. `profile` tells where the time goes, in
the `stages` that a `stopwatch` is put on. docs/benchmarks.md tells the rules.
"""
