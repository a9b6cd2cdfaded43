"""The parameters of the encoder Image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netencoders import (
    Automatic,
    Boolean,
    Choice,
    FileContent,
    Integer,
    Parameter,
    Real,
    TupleOf,
    Union,
    Vector,
)
from netencoders_image.constants import constant_problem
from netencoders_image.pixels import CHANNELS
from netencoders_image.resizing import FILTERS

__all__ = ["IMAGE", "problems"]

MAX_SIDE: Final = 1 << 14
MAX_PIXELS: Final = 1 << 26
MAX_BYTES: Final = 1 << 26
LARGEST_MEAN: Final = 10  # a mean of values from 0 to 255 is a mistake
VARIANCES: Final = (1e-12, 1e12)  # float32 has the square roots, and finite quotients

_HORIZONTAL: Final = ("Left", "Center", "Right")
_VERTICAL: Final = ("Top", "Center", "Bottom")


class _Size(Union):
    """An integer, for a square, or a width and a height."""

    def __init__(self, *examples: Any) -> None:
        side = Integer(1, MAX_SIDE)
        super().__init__(side, TupleOf(side, side))
        self._examples = examples

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> tuple[int, int]:
        """Return the width and the height."""
        width, height = value if isinstance(value, tuple) else (value, value)
        return width, height

    def describe(self) -> tuple[str, ...]:
        return (f"an integer from 1 to {MAX_SIDE}", "[width, height] of such integers")

    def examples(self) -> list[Any]:
        return list(self._examples)


def _constants(number: Real) -> Union:
    vector = Vector(number, 1, max(CHANNELS.values()))
    return Union(Choice(None), number, vector, FileContent((".npy", ".png"), MAX_BYTES))


IMAGE: Final = (
    Parameter(
        "ImageSize",
        _Size(28, (40, 24), [24, 40]),
        default=128,
        unit="pixels",
        known_as=("size", "crop_size", "input_size", "target_size"),
        doc="the width and the height of the array, or one number for both",
    ),
    Parameter(
        "ColorSpace",
        Choice("RGB", "Grayscale", "CMYK"),
        default="RGB",
        known_as=("mode", "color_mode"),
        doc="the colour space of the array: 3, 1 or 4 channels",
    ),
    Parameter(
        "Method",
        Choice("Stretch", "Fit", "Fill"),
        default="Stretch",
        doc="Stretch changes the shape of the image; Fit keeps the shape and pads; Fill keeps it "
        "and crops",
    ),
    Parameter(
        "FillSize",
        _Size(256, (224, 224), [128, 128]),
        default=Automatic,
        automatic=lambda ImageSize: ImageSize,  # noqa: N803 - it is the name of the parameter
        neutral=lambda ImageSize: ImageSize,  # noqa: N803
        unit="pixels",
        known_as=("resize_size", "shortest_edge"),
        doc="for Fill: the size that the image covers before it is cropped; Automatic is ImageSize",
    ),
    Parameter(
        "Alignment",
        Union(
            Choice("Center", "Left", "Right", "Top", "Bottom"),
            TupleOf(Choice(*_HORIZONTAL), Choice(*_VERTICAL)),
        ),
        default="Center",
        known_as=("centering", "crop_position", "gravity"),
        doc="for Fit and Fill: the place of the image in the array, or of the part that stays",
    ),
    Parameter(
        "CenterRounding",
        Choice("Down", "HalfEven"),
        default="Down",
        neutral="Down",
        doc="for Center: half of an odd margin is rounded down, or to an even number",
    ),
    Parameter(
        "Padding",
        Union(Choice("Black", "White"), Real(0, 1), Vector(Real(0, 1), 1, max(CHANNELS.values()))),
        default="Black",
        known_as=("fill", "background", "pad_value"),
        doc="for Fit: the colour of the padding, or its values from 0 to 1",
    ),
    Parameter(
        "Resampling",
        Choice(*FILTERS),
        default=Automatic,
        automatic=lambda: "Bilinear",
        known_as=("resample", "interpolation"),
        doc="the filter for a change of the size, by the names of Pillow; Automatic is Bilinear",
    ),
    Parameter(
        "Antialiasing",
        Boolean(),
        default=True,
        neutral=True,
        known_as=("antialias",),
        doc="whether the filter is widened when an image is reduced, as Pillow does",
    ),
    Parameter(
        "Orientation",
        Boolean(),
        default=True,
        known_as=("exif_transpose",),
        doc="whether an image is turned as its EXIF orientation states",
    ),
    Parameter(
        "Transparency",
        Choice("Refuse", "Drop", "Black", "White"),
        default="Refuse",
        doc="for transparent pixels: an error, no alpha channel, or the colour behind them",
    ),
    Parameter(
        "MeanImage",
        _constants(Real(-LARGEST_MEAN, LARGEST_MEAN)),
        default=None,
        neutral=None,
        known_as=("image_mean", "mean"),
        doc="the number that is subtracted from 0 to 1, one for each channel, or a file",
    ),
    Parameter(
        "VarianceImage",
        _constants(Real(*VARIANCES)),
        default=None,
        neutral=None,
        doc="the variance, whose square root divides, one for each channel, or a file",
    ),
    Parameter(
        "Interleaving",
        Boolean(),
        default=False,
        neutral=False,
        known_as=("channels_last", "data_format"),
        doc="whether the channels are the last dimension, and not the first",
    ),
    Parameter(
        "DataTransposed",
        Boolean(),
        default=False,
        neutral=False,
        doc="whether the width comes before the height",
    ),
    Parameter(
        "NumberType",
        Choice("float32", "uint8"),
        default="float32",
        neutral="float32",
        known_as=("dtype",),
        doc="float32 from 0 to 1, or the stored integers from 0 to 255",
    ),
)
"""The parameters of the encoder Image, in the order of its steps."""


def problems(resolved: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each parameter that does not fit another."""
    found = []
    width, height = resolved["ImageSize"]
    if width * height > MAX_PIXELS:
        found.append(f"'ImageSize' must have at most {MAX_PIXELS} pixels. Got {width} x {height}.")
    fill = resolved["FillSize"]
    if fill != (width, height) and resolved["Method"] != "Fill":
        found.append(f"'FillSize' needs Method='Fill'. Got Method={resolved['Method']!r}.")
    elif fill[0] < width or fill[1] < height:
        found.append(
            f"'FillSize' must be at least 'ImageSize', {width} x {height}. "
            f"Got {fill[0]} x {fill[1]}."
        )
    for name in ("Padding", "MeanImage", "VarianceImage"):
        problem = constant_problem(
            resolved[name],
            (width, height),
            resolved["ColorSpace"],
            bounds=VARIANCES if name == "VarianceImage" else (-LARGEST_MEAN, LARGEST_MEAN),
        )
        found += [f"{name!r} {problem}"] if problem else []
    if resolved["NumberType"] != "float32":
        found += [
            f"{name!r} needs NumberType='float32'. Got {resolved['NumberType']!r}."
            for name in ("MeanImage", "VarianceImage")
            if resolved[name] is not None
        ]
    return found
