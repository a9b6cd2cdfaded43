"""The encoder Image and its presets pass the contract; its parameters fit each other."""

from pathlib import Path

import numpy as np
import pytest
from made_images import content, naive, scene, with_orientation
from PIL import Image

from netencoders import Asset, NetEncoder, ParameterError
from netencoders.testing import EncoderContract


class ImageContract(EncoderContract):
    """The contract with images of several kinds."""

    def inputs(self):
        """Return a file, arrays, and the smallest image."""
        return [
            content(scene(), "JPEG"),
            scene(300, 200),
            np.array([[7]], np.uint8),
            (scene() / 255).astype(np.float32),
            {"bytes": content(scene(channels=1)[:, :, 0]), "path": None},
        ]


class TestImage(ImageContract):
    """Image with its defaults."""

    encoder = "Image"


class TestImageWithAllParameters(ImageContract):
    """Image with every parameter that changes the array."""

    encoder = "Image"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "ImageSize": [40, 24],
        "Method": "Fill",
        "FillSize": [45, 30],
        "Alignment": ["Right", "Center"],
        "CenterRounding": "HalfEven",
        "Resampling": "Lanczos",
        "Antialiasing": False,
        "Orientation": False,
        "Transparency": "White",
        "MeanImage": [0.5, 0.25, 0.125],
        "VarianceImage": 0.25,
        "Interleaving": True,
        "DataTransposed": True,
    }


class TestImageOfIntegers(EncoderContract):
    """Image with one channel of integers, padded."""

    encoder = "Image"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "ImageSize": 128,
        "ColorSpace": "Grayscale",
        "Method": "Fit",
        "Padding": 0.5,
        "NumberType": "uint8",
    }

    def inputs(self):
        """Return images of 8 bits."""
        return [scene(), content(scene(300, 20)), np.array([[7]], np.uint8)]


class TestImageNet224(ImageContract):
    """The preset ImageNet224."""

    encoder = "ImageNet224"


class TestCLIPImage(ImageContract):
    """The preset CLIPImage."""

    encoder = "CLIPImage"


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"ImageSize": 0}, r"'ImageSize' must be an integer from 1 to 16384 or \[width, height\]"),
        ({"ImageSize": [40, 24, 3]}, "'ImageSize' must be an integer"),
        ({"ImageSize": 16384}, "'ImageSize' must have at most 67108864 pixels. Got 16384 x 16384"),
        ({"FillSize": 256}, "'FillSize' needs Method='Fill'. Got Method='Stretch'"),
        (
            {"FillSize": 127, "Method": "Fill"},
            "'FillSize' must be at least 'ImageSize', 128 x 128. Got 127 x 127",
        ),
        ({"MeanImage": [0.5, 0.5]}, "'MeanImage' must have 3 numbers, one for each channel of RGB"),
        ({"MeanImage": 123.68}, "'MeanImage' must be .* a number from -10 to 10"),
        ({"VarianceImage": 0}, "'VarianceImage' must be .* a number from 1e-12"),
        ({"Padding": [0, 0, 0, 0]}, "'Padding' must have 3 numbers"),
        ({"Padding": 1.5}, "'Padding' must be 'Black', 'White', a number from 0 to 1"),
        ({"Alignment": ["Top", "Left"]}, "'Alignment' must be"),
        ({"NumberType": "uint8", "MeanImage": 0.5}, "'MeanImage' needs NumberType='float32'"),
        ({"NumberType": "uint8", "VarianceImage": 1}, "'VarianceImage' needs NumberType='float32'"),
        ({"MeanImage": b"GIF"}, "'MeanImage' is not an image: it is a text, and no image"),
        ({"size": 224}, "unknown parameter 'size'. Did you mean 'ImageSize'"),
        ({"image_mean": 0.5}, "Did you mean 'MeanImage'"),
        ({"resample": 3}, "Did you mean 'Resampling'"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(parameters, text):
    """Each problem is named with the parameter and its remedy."""
    with pytest.raises(ParameterError, match=text):
        NetEncoder("Image", **parameters)


EFFECTS = {
    "ImageSize": ({}, 40),
    "ColorSpace": ({}, "Grayscale"),
    "Method": ({}, "Fit"),
    "FillSize": ({"Method": "Fill"}, 140),
    "Alignment": ({"Method": "Fit"}, "Left"),
    "CenterRounding": ({"Method": "Fill", "FillSize": 131}, "HalfEven"),
    "Padding": ({"Method": "Fit"}, "White"),
    "Resampling": ({}, "Bicubic"),
    "Antialiasing": ({}, False),
    "Orientation": ({}, False),
    "Transparency": ({"Transparency": "Black"}, "White"),
    "MeanImage": ({}, 0.5),
    "VarianceImage": ({}, 0.5),
    "Interleaving": ({}, True),
    "DataTransposed": ({"ImageSize": (40, 24)}, True),
    "NumberType": ({}, "uint8"),
}


@pytest.mark.parametrize("parameter", [each.name for each in NetEncoder("Image").declarations])
def test_parameter_has_an_effect(parameter):
    """Each parameter changes the array of an image that is turned, or transparent."""
    image = Image.fromarray(scene(300, 200))
    if parameter == "Transparency":
        image.putalpha(100)
    file = content(image, exif=with_orientation(6))
    base, value = EFFECTS[parameter]
    encoder = NetEncoder("Image", **base)
    one, other = encoder(file), encoder.replace(**{parameter: value})(file)
    assert one.shape != other.shape or one.dtype != other.dtype or not np.array_equal(one, other)


def test_size_is_positional_and_one_number_is_a_square():
    """The size is the first value, as in the language."""
    assert NetEncoder("Image", ImageSize=224) == NetEncoder("Image", 224)
    assert (224, 224) == NetEncoder("Image", 224).resolved["ImageSize"]
    assert NetEncoder("Image", 224).digest == NetEncoder("Image", (224, 224)).digest
    assert (3, 160, 224) == NetEncoder("Image", (224, 160)).output.dims
    assert NetEncoder("Image").digest == NetEncoder("Image", 128, Resampling="Bilinear").digest


def test_mean_image_is_a_file_of_the_size_of_the_array(tmp_path):
    """A .npy file and a PNG file have a number for each pixel and channel."""
    mean = scene(40, 24)
    np.save(tmp_path / "mean.npy", mean / 255)
    (tmp_path / "mean.png").write_bytes(content(mean))
    (tmp_path / "mean.yaml").write_text(
        "schema: 1\nencoder: Image\n"
        "parameters: {ImageSize: [40, 24], MeanImage: {asset: mean.npy}}\n"
    )
    image = scene()
    plain = NetEncoder("Image", (40, 24), Interleaving=True)
    expected = plain(image) - (mean / 255).astype(np.float32)
    for name in ("mean.npy", "mean.png"):
        encoder = plain.replace(MeanImage=Asset(tmp_path / name))
        np.testing.assert_array_equal(expected, encoder(image))
        assert encoder == NetEncoder.from_yaml(encoder.to_yaml())
    read = NetEncoder.from_yaml(tmp_path / "mean.yaml")
    np.testing.assert_array_equal(expected, read(image).transpose(1, 2, 0))
    variance = (mean / 255 + 0.5) ** 2
    np.save(tmp_path / "variance.npy", variance)
    divided = plain.replace(VarianceImage=Asset(tmp_path / "variance.npy"))(image)
    np.testing.assert_allclose(divided, plain(image) / np.sqrt(variance), rtol=1e-6)
    gray = NetEncoder("Image", (40, 24), ColorSpace="Grayscale", MeanImage=content(mean[:, :, 0]))
    array = NetEncoder("Image", (40, 24), ColorSpace="Grayscale")(image) - gray(image)
    np.testing.assert_allclose(array[0], mean[:, :, 0] / 255, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.zeros((40, 24, 3)), r"must have the shape \(24, 40, 3\): .* Got \(40, 24, 3\)"),
        (np.zeros((24, 40)), r"Got \(24, 40, 1\)"),
        (np.full((24, 40, 3), np.nan), "must have numbers from -10 to 10"),
        (np.full((24, 40, 3), 128), "must have numbers from -10 to 10"),
        (np.zeros((24, 40, 3), bool), "is not an array: its elements are of type bool"),
    ],
)
def test_mean_arrays_that_do_not_fit_are_refused(tmp_path, array, text):
    """The shape and the range of a mean image are checked when the encoder is made."""
    np.save(tmp_path / "mean.npy", array)
    with pytest.raises(ParameterError, match=text):
        NetEncoder("Image", (40, 24), MeanImage=Asset(tmp_path / "mean.npy"))
    with pytest.raises(ParameterError, match="must have numbers from 1e-12 to 1e"):
        NetEncoder("Image", (40, 24), VarianceImage=content(np.zeros((24, 40, 3), np.uint8)))


@pytest.mark.parametrize(
    ("image", "text"),
    [
        (Image.new("RGBA", (40, 24)), "it has an alpha channel"),
        (Image.new("L", (40, 24)), "its colours are Grayscale, not RGB"),
    ],
)
def test_mean_images_of_other_colours_are_refused(image, text):
    """A mean image has the channels of the array."""
    with pytest.raises(ParameterError, match=text):
        NetEncoder("Image", (40, 24), MeanImage=content(image))


def test_presets_are_the_steps_of_their_recipes():
    """The presets equal a naive computation by Pillow and numpy."""
    image = Image.fromarray(scene(333, 251))
    for name, short, kind, mean, deviation, half in (
        ("ImageNet224", 256, "BILINEAR", [0.485, 0.456, 0.406], [0.229, 0.224, 0.225], round),
        (
            "CLIPImage",
            224,
            "BICUBIC",
            [0.48145466, 0.4578275, 0.40821073],
            [0.26862954, 0.26130258, 0.27577711],
            int,
        ),
    ):
        size = (int(short * 333 / 251), short)
        resized = np.asarray(image.resize(size, Image.Resampling[kind])) / 255
        top, left = half((size[1] - 224) / 2), half((size[0] - 224) / 2)
        part = resized[top : top + 224, left : left + 224]
        expected = ((part - mean) / deviation).transpose(2, 0, 1)
        np.testing.assert_allclose(NetEncoder(name)(image), expected, rtol=0, atol=1e-5)


def test_photograph_is_encoded_as_pillow_decodes_it():
    """A photograph in JPEG gives the bits of Pillow's decoder and filter."""
    path = Path(__file__).parents[1] / "data" / "grace_hopper.jpg"
    with Image.open(path) as image:
        expected = naive(image, (128, 128))
    np.testing.assert_array_equal(expected, NetEncoder("Image")(path))


def test_probe_images_have_the_stated_formula():
    """The images of probes are those of their docstring."""
    encoder = NetEncoder("Image")._encoder
    width, height = 13, 10
    state, noise = width, []
    for _ in range(width * height * 3):
        noise.append(state >> 24)
        state = (1664525 * state + 1013904223) % 2**32
    values = iter(noise)
    expected = [
        [
            [
                (
                    255 * (x + c * y) // (2 * width + 1)
                    + (x * x + (c + 1) * y * y) // (4 * width + 1) % 64
                    + next(values) // 16
                )
                % 256
                for c in range(3)
            ]
            for x in range(width)
        ]
        for y in range(height)
    ]
    assert expected == encoder.probe_input("Scene", width).tolist()
    assert noise == encoder.probe_input("Noise", width).reshape(-1).tolist()
    assert {} == NetEncoder("Image", ColorSpace="CMYK")._encoder.probe_signals()


def test_unknown_probe_image_is_named():
    """An image that is not known is refused with those that are."""
    from netencoders import ProbeError

    with pytest.raises(ProbeError, match=r"there is no image 'Tree'\. Known: Scene, Noise"):
        NetEncoder("Image")._encoder.probe_input("Tree", 9)


def test_libraries_are_named_with_their_versions():
    """The error of a verification has the versions of Pillow and of its decoders."""
    versions = NetEncoder("Image")._encoder.libraries()
    assert Image.__version__ == versions["Pillow"]
    assert {"Pillow", "libjpeg", "zlib"} <= set(versions)
