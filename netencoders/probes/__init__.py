"""Probes: verify on the user's machine that an encoder gives the expected values.

A spec may state a probe: a named signal that every machine makes from integers, the shape of its
array, some of its values, and a tolerance. `NetEncoder.verify` encodes the signal and compares, and
`NetEncoder.probe` computes a new probe.
"""
