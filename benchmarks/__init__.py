"""Benchmarks: netencoders beside its peers, on the same files with the same conventions.

Run from the repository's root: ``python -m benchmarks``, and ``python -m benchmarks.profile``.
`rows` says what is measured, `systems` how each system does it, `inputs` on what. `runner` compares
and measures, each system in one of the `processes` of `worker`; `report` writes what came of it.
docs/benchmarks.md tells the rules.
"""
