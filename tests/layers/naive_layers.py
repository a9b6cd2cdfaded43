"""The definitions of the layers that are shipped, on whole arrays, without regard to speed."""

import math

import numpy as np

__all__ = ["UNDEFINED", "naive"]

UNDEFINED = object()  # tests of the layer itself define these parameters


def naive(name, array, parameters):
    """Return the result of a layer for an array with rows; None if it has none, or an error."""
    return _DEFINITIONS[name](array, **parameters)


def _standardize(x, Axis, Statistics, Ddof, Epsilon, EpsilonInside, MinimumDeviation):
    axis = {"Time": (0,), "Features": tuple(range(1, x.ndim)), None: tuple(range(x.ndim))}[Axis]
    y, count = x.astype(np.float64), math.prod(x.shape[place] for place in axis)
    mean = y.mean(axis=axis, keepdims=True)
    squares = ((y - mean) ** 2).sum(axis=axis, keepdims=True)
    variance = squares / (count - Ddof) if count > Ddof else squares * 0
    deviation = np.sqrt(variance + Epsilon * EpsilonInside)
    deviation = np.maximum(deviation, MinimumDeviation) + Epsilon * (not EpsilonInside)
    y = y if Statistics == "Variance" else y - mean
    return y if Statistics == "Mean" else y / np.where(deviation > 0, deviation, 1)


def _delta(x, WindowSize, Order, Concatenate, HigherOrder, Edges):
    if Edges != "Repeat" or (HigherOrder != "Filter" and Order > 1):
        return UNDEFINED
    half = WindowSize // 2
    slope = np.arange(-half, half + 1) / sum(k * k for k in range(-half, half + 1))
    weights, results = np.ones(1), [x.astype(np.float64)]
    for _ in range(Order):
        weights = np.convolve(weights, slope)
        reach = len(weights) // 2
        places = np.arange(len(x))[:, np.newaxis] + np.arange(-reach, reach + 1)
        rows = x.astype(np.float64)[np.clip(places, 0, len(x) - 1)]
        results.append(np.tensordot(rows, weights, axes=(1, 0)))
    return np.concatenate(results, axis=-1) if Concatenate else results[-1]


def _log(x, Base, Floor, Offset):
    y = np.log10(np.maximum(x.astype(np.float64), Floor) + Offset)
    return (
        y
        * {"E": math.log(10), 2: math.log2(10), 10: 1, "Decibel": 10, "MagnitudeDecibel": 20}[Base]
    )


def _softmax(x):
    y = np.exp(x.astype(np.float64) - x.max(-1, keepdims=True))
    return y / y.sum(-1, keepdims=True)


def _cast(x, Type, Rounding, Overflow):
    kind = np.dtype(Type)
    known = np.finfo(kind) if kind.kind == "f" else np.iinfo(kind)
    low, high = int(known.min), int(known.max)
    result = np.empty(x.shape, kind)
    for place, item in np.ndenumerate(x):
        number = item.item()
        if kind.kind != "f" and isinstance(number, float):
            number = round(number) if Rounding == "Nearest" else int(number)
        if not low <= number <= high and Overflow == "Error":
            return None
        result[place] = min(max(number, low), high)
    return result


def _affine(x, Shift, Factor):
    return (x.astype(np.float64) + np.array(Shift)) * np.array(Factor)


def _clip(x, Low, High):
    return np.clip(x, -np.inf if Low is None else Low, np.inf if High is None else High)


def _dynamic_range(x, Below):
    y = x.astype(np.float64)
    return np.maximum(y, y.max() - Below)


def _mean(x, Axis, KeepDimension):
    return x.astype(np.float64).mean(0 if Axis == "Time" else -1, keepdims=KeepDimension)


def _select(x, Start, Stop, Indices, Axis):
    return x.take(np.arange(x.shape[Axis])[Start:Stop] if Indices is None else Indices, Axis)


def _fit_rows(x, Rows, Action, Value, Side):
    count = len(x)
    if isinstance(Rows, int):
        target = {"CropOrPad": Rows, "Crop": min(count, Rows), "Pad": max(count, Rows)}[Action]
    elif Rows[0] == "By":
        target = count + Rows[1] * (1 if Action == "Pad" else -1)
    else:
        target = (-(-count // Rows[1]) if Action == "Pad" else count // Rows[1]) * Rows[1]
    first = count - target if Side == "Start" else 0
    return _rows(x, range(first, first + target), Value)


def _rows(x, places, value):
    """Return the rows at some places; None as the value repeats the first or the last row."""
    if not len(places):
        return None
    rows = x[np.clip(places, 0, len(x) - 1)]
    if value is not None:
        rows[(np.array(places) < 0) | (np.array(places) >= len(x))] = value
    return rows


def _stack(x, Size, Stride, Padding):
    before = 0 if Padding is None else (Size - 1) // 2
    starts = range(0, len(x) - Size + 1 if Padding is None else len(x), Stride)
    stacks = [_rows(x, range(start - before, start - before + Size), None) for start in starts]
    rows = [stack.reshape(-1, *x.shape[2:]) for stack in stacks]
    return np.array(rows) if rows else None


def _patches(x, Size, Offset, Padding):
    # With Zero, a patch follows as long as the one before it does not reach the last row.
    end = len(x) - Size + 1 if Padding is None else min(len(x), max(1, len(x) - Size + Offset))
    patches = [_rows(x, range(start, start + Size), 0) for start in range(0, end, Offset)]
    return np.array(patches) if patches else None


def _polynomial(x, Coefficients):
    lists = Coefficients if isinstance(Coefficients[0], tuple) else [Coefficients] * x.shape[-1]
    rows = x.reshape(-1, x.shape[-1]).tolist()
    values = [
        [sum(c * v**k for k, c in enumerate(cs)) for v, cs in zip(row, lists, strict=True)]
        for row in rows
    ]
    return np.array(values).reshape(x.shape)


_DEFINITIONS = {
    "AddAxis": lambda x, Position: np.expand_dims(x, Position),
    "Affine": _affine,
    "Cast": _cast,
    "Clip": _clip,
    "Delta": _delta,
    "DynamicRange": _dynamic_range,
    "FitRows": _fit_rows,
    "Log": _log,
    "Mean": _mean,
    "OneHotMaximum": lambda x: np.eye(x.shape[-1])[x.argmax(-1)],
    "Patches": _patches,
    "Polynomial": _polynomial,
    "Repeat": lambda x, Copies: np.stack([x] * Copies),
    "Reshape": lambda x, Shape: x.reshape(len(x), *Shape),
    "SelectFeatures": _select,
    "Softmax": _softmax,
    "Stack": _stack,
    "Standardize": _standardize,
    "Subsample": lambda x, Stride, Phase: x[Phase::Stride] if len(x) > Phase else None,
    "SubtractMaximum": lambda x: x - x.max(),
    "Transpose": lambda x, Axes: np.transpose(x, Axes),
}
