"""Constraints: which resolved parameters of the audio encoders do not fit each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netencoders import All
from netencoders.windows import window_samples
from netencoders_audio.encoders.augmentation_values import augmentation_problems
from netencoders_audio.stages.fill import Fill, filled_length
from netencoders_audio.stages.fourier import scaled_window
from netencoders_audio.stages.padding import padding_text, shortest

__all__ = [
    "LIMITS",
    "extent",
    "fill_rule",
    "fixed_length",
    "is_unchanged",
    "largest_length",
    "length_problems",
    "partition_problems",
    "waveform_problems",
]

# Bounds far above useful values, so that a typing error does not fill the memory.
LIMITS = {
    "SampleRate": 10_000_000,
    "TargetLength": (1 << 31) - 1,
    "MaximumLength": (1 << 31) - 1,
    "MinimumLength": (1 << 31) - 1,
    "MultipleOf": (1 << 31) - 1,
    "Append": (1 << 31) - 1,
    "WindowSize": 1 << 24,
    "Offset": (1 << 31) - 1,
    "FFTLength": 1 << 24,
}


def fill_rule(resolved: Mapping[str, Any]) -> Fill:
    """Return the samples that are added around the signal (A44)."""
    target = resolved["TargetLength"]
    return Fill(
        resolved["MinimumLength"] if target is All else target,
        resolved["FillSide"],
        resolved["TargetFill"],
        resolved["MultipleOf"],
        resolved["Append"],
    )


def largest_length(resolved: Mapping[str, Any]) -> int | None:
    """Return the largest number of samples before they are filled; None if there is no limit."""
    for name in ("TargetLength", "MaximumLength"):
        if resolved[name] is not All:
            return int(resolved[name])
    return None


def fixed_length(resolved: Mapping[str, Any]) -> int | None:
    """Return the number of samples of every waveform; None if it depends on the recording."""
    if resolved["TargetLength"] is All:
        return None
    return filled_length(0, fill_rule(resolved))


def is_unchanged(rate: int, resolved: Mapping[str, Any]) -> bool:
    """Return whether the waveform of a recording is the mean of its channels, unchanged.

    Parameters
    ----------
    rate : int
        The sample rate of the recording, in Hz.
    resolved : mapping
    """
    return (
        rate == resolved["SampleRate"]
        and resolved["Channel"] == "Mean"
        and resolved["TargetLength"] is All
        and resolved["MaximumLength"] is All
        and resolved["Normalization"] is None
        and not resolved["SignalPreEmphasis"]
        and resolved.get("Augmentation") is None
        and not resolved["MinimumLength"]
        and resolved["MultipleOf"] == 1
        and not resolved["Append"]
    )


def waveform_problems(resolved: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each parameter of the waveform that contradicts a limit."""
    problems = [
        f"{name!r} must be at most {limit}. Got {resolved[name]}."
        for name, limit in LIMITS.items()
        if name in resolved and resolved[name] is not All and resolved[name] > limit
    ]
    problems += augmentation_problems(resolved)
    target, minimum = resolved["TargetLength"], resolved["MinimumLength"]
    if target is not All and minimum > target:
        problems.append(
            f"'MinimumLength' must be at most TargetLength, which is {target}. Got {minimum}."
        )
    maximum = resolved["MaximumLength"]
    if maximum is All:
        return problems
    if target is not All:
        problems.append(
            f"'MaximumLength' must be All if TargetLength is given, which cuts too. Got {maximum}."
        )
    elif minimum > maximum:
        problems.append(
            f"'MinimumLength' must be at most MaximumLength, which is {maximum}. Got {minimum}."
        )
    return problems


def extent(resolved: Mapping[str, Any]) -> int:
    """Return the length of a partition for counting and padding (A5, A25)."""
    return int(resolved[_extent_name(resolved)])


def _extent_name(resolved: Mapping[str, Any]) -> str:
    # Partitions without a transform have no WindowPlacement.
    return "FFTLength" if resolved.get("WindowPlacement") == "Center" else "WindowSize"


def length_problems(resolved: Mapping[str, Any]) -> list[str]:
    """Return a sentence if TargetLength is too short for one partition."""
    length, padding = fixed_length(resolved), resolved["PartitionPadding"]
    min_length = shortest(extent(resolved), padding)
    if length is None or length >= min_length:
        return []
    problem = (
        f"'TargetLength' must be at least {min_length} if PartitionPadding is "
        f"{padding_text(padding)} and {_extent_name(resolved)} is {extent(resolved)}. Got {length}."
    )
    return [problem]


def partition_problems(resolved: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each parameter of a transform that contradicts another."""
    size, fft_length = resolved["WindowSize"], resolved["FFTLength"]
    problems = []
    if fft_length < size:
        problems.append(
            f"'FFTLength' must be at least WindowSize, which is {size}. Got {fft_length}."
        )
    problems += length_problems(resolved)
    try:
        window = window_samples(resolved["WindowFunction"], size)
    except ValueError as problem:
        return [*problems, f"'WindowFunction' does not fit a WindowSize of {size}: {problem}"]
    scaling = resolved["WindowScaling"]
    try:
        scaled_window(window, scaling)
    except ValueError as problem:
        problems.append(f"'WindowScaling' {scaling!r} does not fit this window: {problem}")
    return problems
