"""ImageEncoder: the encoder "Image", which turns an image into an array of its pixels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis, Encoder, Stage
from netencoders.facts import state
from netencoders.stages import MOST
from netencoders_image.colors import in_space, opaque
from netencoders_image.constants import constant_array
from netencoders_image.decoding import import_decoders, pillow
from netencoders_image.errors import ImageError
from netencoders_image.finishing import cropped, laid_out, normalized, padded, padding_color, scaled
from netencoders_image.opening import is_image_array, open_pixels
from netencoders_image.parameters import IMAGE, problems
from netencoders_image.pixels import CHANNELS, Pixels
from netencoders_image.probe_images import SIGNALS, probe_image
from netencoders_image.resizing import Plan, plan, resized

__all__ = ["ImageEncoder"]


class ImageEncoder(Encoder):
    """Image: the pixels of an image of any size, as an array of one size.

    The steps are: decode, turn upright, remove the alpha channel, change the colour space, resize,
    crop, scale to values from 0 to 1, pad, subtract the mean, divide by the root of the variance,
    and order the dimensions.

    Output: float32, shape (channels, height, width); with Interleaving, (height, width, channels).

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter: sizes as (width, height).

    References
    ----------
    Rules A140 to A144 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetEncoder
    >>> encoder = NetEncoder("Image", ImageSize=(3, 2), Resampling="Nearest")
    >>> encoder(np.array([[0, 51], [102, 255]], np.uint8))[0].round(1).tolist()
    [[0.0, 0.2..., 0.2...], [0.4..., 1.0, 1.0]]
    """

    name = "Image"
    parameters = IMAGE
    inputs = ("path", "bytes", "array", "mapping", "object")
    positional: ClassVar[tuple[str, ...]] = ("ImageSize",)

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        space = resolved["ColorSpace"]
        self._color = padding_color(resolved["Padding"], space)
        mean = constant_array(resolved["MeanImage"], space)
        variance = constant_array(resolved["VarianceImage"], space)
        self._mean = None if mean is None else mean.astype(np.float32)
        self._deviation = None if variance is None else np.sqrt(variance).astype(np.float32)
        self._form = self.output()

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Return one sentence for each parameter that does not fit another."""
        return problems(resolved)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is one image.

        An array of the form of the output is an image only if its channels are the last dimension.
        """
        if isinstance(value, np.ndarray):
            return is_image_array(value) or not self._form.matches(value)
        return super().accepts(value)

    def output(self) -> ArraySpec:
        """Return the order of the dimensions that Interleaving and DataTransposed declare."""
        resolved = self.resolved
        width, height = resolved["ImageSize"]
        sides = [(height, Axis("row", "pixels")), (width, Axis("column", "pixels"))]
        if resolved["DataTransposed"]:
            sides.reverse()
        channels = (CHANNELS[resolved["ColorSpace"]], Axis("channel"))
        sides.insert(2 if resolved["Interleaving"] else 0, channels)
        dims, axes = zip(*sides, strict=True)
        changed = resolved["MeanImage"] is not None or resolved["VarianceImage"] is not None
        return ArraySpec(dims, resolved["NumberType"], axes, "" if changed else "intensity")

    def check_encoded(self, array: npt.NDArray[Any]) -> None:
        """Refuse an array beyond 0 to 1, such as an image whose channels are first (A169).

        Raises
        ------
        ImageError
            With code ``out-of-range``.
        """
        form = self._form
        if form.quantity and form.dtype == "float32" and form.matches(array):
            low, high = array.min(), array.max()
            if np.isfinite([low, high]).all() and (low < 0 or high > 1):
                raise ImageError(
                    "the array has the form of an encoded image, but its values are from "
                    f"{low:g} to {high:g}, and not from 0 to 1",
                    code="out-of-range",
                    remedy="for an image, move its channels: array.transpose(1, 2, 0)",
                )

    def prepare(self) -> None:
        """Import the decoders of Pillow; without Pillow, the error is that of the first image."""
        with suppress(ImageError):
            import_decoders()

    def encode(self, value: Any) -> npt.NDArray[Any]:
        """Return the array of one image."""
        return self.finished(*self.sized(self.colored(self.opened(value))))

    def opened(self, value: Any) -> Pixels:
        """Return the decoded image, upright, and state its size."""
        pixels = open_pixels(value, orient=self.resolved["Orientation"])
        width, height = pixels.size
        state("width", width)
        state("height", height)
        return pixels

    def colored(self, pixels: Pixels) -> Pixels:
        """Return an opaque image in the colour space."""
        return in_space(opaque(pixels, self.resolved["Transparency"]), self.resolved["ColorSpace"])

    def sized(self, pixels: Pixels) -> tuple[Pixels, Plan]:
        """Return an image of the planned size, and the plan."""
        resolved = self.resolved
        planned = plan(
            pixels.size,
            resolved["ImageSize"],
            resolved["Method"],
            resolved["FillSize"],
            resolved["Alignment"],
            half_even=resolved["CenterRounding"] == "HalfEven",
        )
        pixels = resized(
            pixels, planned.size, resolved["Resampling"], antialiasing=resolved["Antialiasing"]
        )
        return pixels, planned

    def finished(self, pixels: Pixels, planned: Plan) -> npt.NDArray[Any]:
        """Return the array of an image of the planned size."""
        resolved = self.resolved
        values = pixels.array()
        if resolved["Method"] == "Fill":
            values = cropped(values, resolved["ImageSize"], planned.corner)
        values = scaled(values, pixels, resolved["NumberType"])
        values = padded(values, resolved["ImageSize"], planned.corner, self._color)
        values = normalized(values, self._mean, self._deviation)
        return laid_out(
            values,
            interleaving=resolved["Interleaving"],
            transposed=resolved["DataTransposed"],
        )

    def stages(self, value: Any, seconds: float) -> Iterator[Stage]:
        """Yield the decoded image, its colours, the resized image, and the array."""
        pixels = self.opened(value)
        yield _stage("Decode", "The stored image, upright.", pixels, ("Orientation",))
        pixels = self.colored(pixels)
        summary = "The image in the colour space, without an alpha channel."
        yield _stage("Color", summary, pixels, ("Transparency", "ColorSpace"))
        pixels, planned = self.sized(pixels)
        summary = "The image in its new size, before it is cropped or padded."
        names = ("Method", "FillSize", "Resampling", "Antialiasing")
        yield _stage("Resize", summary, pixels, names)
        yield Stage(self.name, self.summary(), self.finished(pixels, planned), self.output())

    def probe_signals(self) -> Mapping[str, int]:
        """Return the names of the images for probes, and their widths."""
        return {} if self.resolved["ColorSpace"] == "CMYK" else SIGNALS

    def probe_input(self, signal: str, length: int) -> npt.NDArray[np.uint8]:
        """Return an image for a probe."""
        return probe_image(signal, length)

    def libraries(self) -> Mapping[str, str]:
        """Return the versions of Pillow and of the libraries that decode."""
        try:
            from PIL import features  # late: Pillow is an extra
        except ImportError:
            return {}
        versions = {"Pillow": str(pillow().__version__)}
        for title, feature in (("libjpeg", "jpg"), ("zlib", "zlib"), ("libwebp", "webp")):
            version = features.version(feature)
            versions |= {title: version} if version else {}
        return versions


def _stage(name: str, summary: str, pixels: Pixels, parameters: tuple[str, ...]) -> Stage:
    """Return a step whose array is an image, or the first rows of a large one."""
    values = pixels.array()
    rows = max(1, MOST // values[0].size)
    if pixels.is_deep:
        values = (values / np.float32(pixels.top)).astype(np.float32)
    axes = (Axis("row", "pixels"), Axis("column", "pixels"), Axis("channel"))
    form = ArraySpec(values.shape, values.dtype.name, axes, "intensity")
    return Stage(name, summary, values[:rows], form, parameters, is_cut=rows < len(values))
