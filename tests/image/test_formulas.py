"""The arrays of the encoder Image equal naive computations by Pillow and numpy."""

import itertools

import numpy as np
import pytest
from made_images import content, naive, scene
from PIL import Image, ImageOps

from netencoders import NetEncoder

SIZES = [(61, 47), (47, 61), (1, 1), (128, 128), (3, 500), (500, 333)]
FILTERS = ["Nearest", "Box", "Bilinear", "Hamming", "Bicubic", "Lanczos"]


def image_of(size, mode="RGB"):
    """Return an image of Pillow."""
    return Image.fromarray(scene(*size)).convert(mode)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", FILTERS)
def test_stretched_images_equal_pillow(size, kind):
    """Each filter gives the bits of Pillow's resize, divided by 255."""
    image = image_of(size)
    encoder = NetEncoder("Image", ImageSize=(40, 24), Resampling=kind)
    expected = naive(image, (40, 24), Image.Resampling[kind.upper()])
    np.testing.assert_array_equal(expected, encoder(content(image)), strict=True)


def test_default_is_128_squared_rgb_and_bilinear():
    """The defaults are three channels of 128 x 128 pixels, channels first."""
    encoder = NetEncoder("Image")
    image = image_of((300, 200))
    array = encoder(content(image))
    assert ((3, 128, 128), np.float32) == (array.shape, array.dtype)
    np.testing.assert_array_equal(naive(image, (128, 128)), array)
    assert 0 <= array.min() < array.max() <= 1


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_gray_images_equal_pillow(size):
    """Gray is the luma of Pillow, computed before the size is changed."""
    image = image_of(size)
    encoder = NetEncoder("Image", ImageSize=33, ColorSpace="Grayscale")
    np.testing.assert_array_equal(naive(image, (33, 33), mode="L"), encoder(content(image)))


def test_gray_file_gives_three_equal_channels():
    """R, G and B of a gray image are equal."""
    image = image_of((61, 47), "L")
    array = NetEncoder("Image", ImageSize=20)(content(image))
    np.testing.assert_array_equal(naive(image, (20, 20)), array)
    np.testing.assert_array_equal(array[0], array[2])


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK"])
def test_other_modes_of_files_equal_pillow(mode):
    """Files with one bit, a palette or CMYK give the colours that Pillow decodes."""
    image = image_of((61, 47), mode)
    form = "TIFF" if mode == "CMYK" else "PNG"
    space = {"CMYK": "CMYK", "1": "Grayscale", "L": "Grayscale"}.get(mode, "RGB")
    expected = np.asarray(image.convert({"1": "L", "P": "RGB"}.get(mode, mode))) / np.float32(255)
    array = NetEncoder("Image", ImageSize=(61, 47), ColorSpace=space, Interleaving=True)(
        content(image, form)
    )
    np.testing.assert_array_equal(expected.reshape(array.shape), array)


@pytest.mark.parametrize("size", [*SIZES, (225, 224), (227, 224), (224, 231)], ids=str)
@pytest.mark.parametrize("rounding", ["Down", "HalfEven"])
def test_filled_images_equal_a_resize_and_a_crop(size, rounding):
    """Fill covers FillSize by the shorter side, and crops ImageSize from the centre."""
    image = image_of(size)
    encoder = NetEncoder(
        "Image", ImageSize=(30, 30), FillSize=37, Method="Fill", CenterRounding=rounding
    )
    width, height = size
    new = (37, int(37 * height / width)) if width <= height else (int(37 * width / height), 37)
    resized = image.resize(new, Image.Resampling.BILINEAR)
    half = round if rounding == "HalfEven" else int
    left, top = (half((length - 30) / 2) for length in new)
    expected = np.asarray(resized.crop((left, top, left + 30, top + 30))) / np.float32(255)
    np.testing.assert_array_equal(expected.transpose(2, 0, 1), encoder(content(image)))


@pytest.mark.parametrize("size", [(60, 20), (20, 60)], ids=str)
@pytest.mark.parametrize(
    ("alignment", "left", "top"),
    [
        ("Left", 0, 0.5),
        ("Right", 1, 0.5),
        ("Top", 0.5, 0),
        ("Bottom", 0.5, 1),
        (["Right", "Top"], 1, 0),
        (["Left", "Bottom"], 0, 1),
        (["Center", "Center"], 0.5, 0.5),
    ],
)
def test_alignment_places_the_crop_and_the_padding(size, alignment, left, top):
    """A side, or one for each direction, states the part that stays, and the place of padding."""
    image = image_of(size)
    fill = NetEncoder("Image", ImageSize=20, Method="Fill", Alignment=alignment)
    across, down = int(left * (size[0] - 20)), int(top * (size[1] - 20))
    part = np.asarray(image.crop((across, down, across + 20, down + 20))) / np.float32(255)
    np.testing.assert_array_equal(part.transpose(2, 0, 1), fill(content(image)))
    fit = NetEncoder(
        "Image", ImageSize=60, Method="Fit", Alignment=alignment, Padding=0.25, Interleaving=True
    )
    expected = np.full((60, 60, 3), 0.25, np.float32)
    across, down = int(left * (60 - size[0])), int(top * (60 - size[1]))
    whole = np.asarray(image) / np.float32(255)
    expected[down : down + size[1], across : across + size[0]] = whole
    np.testing.assert_array_equal(expected, fit(content(image)))


@pytest.mark.parametrize("size", [*SIZES[:4], (500, 333), (3, 90)], ids=str)
def test_fitted_images_equal_the_padding_of_pillow(size):
    """Fit keeps the shape of the image, as ImageOps.contain, and pads it with a colour."""
    image = image_of(size)
    small = ImageOps.contain(image, (40, 24), Image.Resampling.BICUBIC)
    expected = Image.new("RGB", (40, 24), "white")
    expected.paste(small, ((40 - small.width) // 2, (24 - small.height) // 2))
    encoder = NetEncoder(
        "Image", ImageSize=(40, 24), Method="Fit", Padding="White", Resampling="Bicubic"
    )
    np.testing.assert_array_equal(naive(expected, (40, 24)), encoder(content(image)))


def test_thin_images_keep_one_pixel():
    """An image that is too thin for Fit keeps one column."""
    image = image_of((3, 500))
    array = NetEncoder("Image", ImageSize=(40, 24), Method="Fit")(content(image))
    np.testing.assert_array_equal(naive(image, (1, 24)), array[:, :, 19:20])
    assert 0 == array[:, :, :19].max() == array[:, :, 20:].max()


def test_padding_has_a_value_for_each_channel():
    """The padding may have a value for each channel; the mean is subtracted from it, too."""
    image = image_of((40, 20))
    padding, mean = [0.25, 0.5, 1.0], [0.5, 0.25, 0.125]
    encoder = NetEncoder("Image", ImageSize=40, Method="Fit", Padding=padding, MeanImage=mean)
    array = encoder(content(image))
    assert [-0.25, 0.25, 0.875] == array[:, 0, 0].tolist()
    integers = NetEncoder("Image", ImageSize=40, Method="Fit", Padding=padding, NumberType="uint8")(
        content(image)
    )
    assert [64, 128, 255] == integers[:, 0, 0].tolist()


@pytest.mark.parametrize(("color", "expected"), [("Black", [0, 0, 0, 1]), ("White", [0, 0, 0, 0])])
def test_padding_of_cmyk_is_black_or_no_ink(color, expected):
    """Black is the fourth ink, and white is no ink."""
    image = image_of((40, 20), "CMYK")
    encoder = NetEncoder("Image", ImageSize=40, ColorSpace="CMYK", Method="Fit", Padding=color)
    assert expected == encoder(image)[:, 0, 0].tolist()


@pytest.mark.parametrize("interleaving", [False, True])
@pytest.mark.parametrize("transposed", [False, True])
def test_order_of_dimensions(interleaving, transposed):
    """Interleaving puts the channels last, and DataTransposed the width before the height."""
    image = image_of((61, 47))
    encoder = NetEncoder(
        "Image", ImageSize=(40, 24), Interleaving=interleaving, DataTransposed=transposed
    )
    plain = naive(image, (40, 24))
    expected = plain.transpose(0, 2, 1) if transposed else plain
    expected = np.moveaxis(expected, 0, -1) if interleaving else expected
    array = encoder(content(image))
    np.testing.assert_array_equal(expected, array, strict=True)
    assert expected.shape == encoder.output.dims
    sides = ["column", "row"] if transposed else ["row", "column"]
    names = [*sides, "channel"] if interleaving else ["channel", *sides]
    assert names == [axis.name for axis in encoder.output.axes]
    assert array.flags.c_contiguous
    assert array.flags.writeable


@pytest.mark.parametrize(
    ("mean", "variance"),
    [(0.5, None), (None, 0.25), (0.5, 0.25), ([0.485, 0.456, 0.406], [0.0524, 0.05, 0.0506])],
)
def test_mean_is_subtracted_and_the_root_of_the_variance_divides(mean, variance):
    """The array is (x - mean) / sqrt(variance), for values x from 0 to 1."""
    image = image_of((61, 47))
    encoder = NetEncoder("Image", MeanImage=mean, VarianceImage=variance, Interleaving=True)
    x = naive(image, (128, 128)).transpose(1, 2, 0).astype(np.float64)
    expected = (x - (mean or 0)) if mean is None else x - np.array(mean)
    expected = expected / np.sqrt(1 if variance is None else np.array(variance))
    np.testing.assert_allclose(encoder(content(image)), expected, rtol=0, atol=1e-6)
    assert "" == encoder.output.quantity
    assert "intensity" == NetEncoder("Image").output.quantity


def test_integers_are_those_of_the_file():
    """NumberType uint8 gives the stored values."""
    pixels = scene()
    encoder = NetEncoder("Image", ImageSize=(61, 47), NumberType="uint8", Interleaving=True)
    np.testing.assert_array_equal(pixels, encoder(content(pixels)), strict=True)


KERNELS = {
    "Box": (0.5, lambda x: 1.0 if -0.5 < x <= 0.5 else 0.0),
    "Bilinear": (1.0, lambda x: max(0.0, 1 - abs(x))),
    "Hamming": (
        1.0,
        lambda x: (np.sinc(x) * (0.54 + 0.46 * np.cos(np.pi * x))) if abs(x) < 1 else 0.0,
    ),
    "Bicubic": (
        2.0,
        lambda x: (
            1.5 * abs(x) ** 3 - 2.5 * x * x + 1
            if abs(x) < 1
            else -0.5 * abs(x) ** 3 + 2.5 * x * x - 4 * abs(x) + 2
            if abs(x) < 2
            else 0.0
        ),
    ),
    "Lanczos": (3.0, lambda x: np.sinc(x) * np.sinc(x / 3) if abs(x) < 3 else 0.0),
}


def naive_weights(length, count, kind):
    """Return the weight of each old pixel for each new one, with a filter of old pixels."""
    _, kernel = KERNELS[kind]
    centers = [(place + 0.5) * length / count for place in range(count)]
    rows = np.array([[kernel(old + 0.5 - center) for old in range(length)] for center in centers])
    return rows / rows.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("kind", KERNELS)
@pytest.mark.parametrize("deep", [False, True], ids=["8 bits", "floats"])
def test_filter_of_old_pixels_equals_a_naive_sum(kind, deep):
    """Without antialiasing, the filter of each new pixel has the width of the old pixels."""
    pixels = scene()
    down, across = naive_weights(47, 24, kind), naive_weights(61, 40, kind)
    values = pixels / 255 if deep else pixels.astype(np.float64)
    sums = np.einsum("ai,bj,ijc->abc", down, across, values)
    expected = np.clip(sums, 0, 1) if deep else np.clip(np.rint(sums), 0, 255) / np.float32(255)
    encoder = NetEncoder(
        "Image", ImageSize=(40, 24), Resampling=kind, Antialiasing=False, Interleaving=True
    )
    array = encoder((pixels / 255).astype(np.float32) if deep else pixels)
    np.testing.assert_allclose(array, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", FILTERS)
def test_antialiasing_has_no_effect_on_larger_images(kind):
    """Where no side is reduced, the filters are equal."""
    pixels = scene()
    with_it = NetEncoder("Image", ImageSize=70, Resampling=kind)
    np.testing.assert_array_equal(with_it(pixels), with_it.replace(Antialiasing=False)(pixels))


@pytest.mark.parametrize("kind", FILTERS)
def test_arrays_of_16_bits_and_floats_are_resized_as_floats(kind):
    """Each channel is an image of float32 for Pillow; values beyond the range are cut."""
    values = np.random.default_rng(0).integers(0, 65536, (47, 61, 3)).astype(np.uint16)
    encoder = NetEncoder("Image", ImageSize=(40, 24), Resampling=kind, Interleaving=True)
    planes = [
        np.asarray(
            Image.fromarray(values[:, :, place].astype(np.float32)).resize(
                (40, 24), Image.Resampling[kind.upper()]
            )
        )
        for place in range(3)
    ]
    expected = np.clip(np.stack(planes, axis=-1), 0, 65535) / np.float32(65535)
    np.testing.assert_array_equal(expected, encoder(values), strict=True)
    floats = (values / 65535).astype(np.float32)
    np.testing.assert_allclose(encoder(floats), expected, rtol=0, atol=2e-6)


def test_gray_of_16_bits_is_the_weighted_sum():
    """Gray of deep images is 0.299 R + 0.587 G + 0.114 B, without rounding."""
    values = np.random.default_rng(0).integers(0, 65536, (7, 9, 3)).astype(np.uint16)
    array = NetEncoder("Image", ImageSize=(9, 7), ColorSpace="Grayscale")(values)
    expected = values @ [0.299, 0.587, 0.114] / 65535
    np.testing.assert_allclose(array[0], expected, rtol=0, atol=1e-6)
    one = NetEncoder("Image", ImageSize=(9, 7))(values[:, :, 0])
    np.testing.assert_array_equal(np.stack([values[:, :, 0] / np.float32(65535)] * 3), one)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_gray_files_of_16_bits_are_exact(form):
    """No bit of a gray file of 16 bits is lost."""
    values = np.random.default_rng(0).integers(0, 65536, (7, 9)).astype(np.uint16)
    array = NetEncoder("Image", ImageSize=(9, 7), ColorSpace="Grayscale")(content(values, form))
    np.testing.assert_array_equal(values / np.float32(65535), array[0])


def test_results_do_not_depend_on_workers():
    """Any number of threads gives the bits of one call."""
    files = [content(scene(seed=seed), "JPEG") for seed in range(12)]
    encoder = NetEncoder("Image", ImageSize=32)
    expected = [encoder(file) for file in files]
    for workers, count in itertools.product((1, 4), (1, 2)):
        arrays = list(encoder.map(files * count, workers=workers))
        for one, other in zip(expected * count, arrays, strict=True):
            np.testing.assert_array_equal(one, other)
