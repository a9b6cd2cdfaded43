"""The presets of images, compared with transformers and torchvision by ``pytest -m parity``."""

import numpy as np
import pytest
from made_images import content, scene
from PIL import Image

from netencoders import NetEncoder

pytestmark = [pytest.mark.parity, pytest.mark.timeout(600)]

ALLOWED = 1e-5
SIZES = [
    *[(640, 480), (481, 641), (224, 224), (225, 300), (100, 51), (1000, 333), (227, 224)],
    *[(223, 500), (257, 256), (259, 256), (256, 261), (1, 1), (3, 700), (1, 30)],
]


def images(size):
    """Yield images of one size: of noise with ramps, and as Pillow decodes a JPEG file."""
    image = Image.fromarray(scene(*size))
    yield image
    yield image.convert("L")
    with_alpha = image.copy()
    with_alpha.putalpha(Image.fromarray(scene(*size, seed=1)[:, :, 0]))
    yield with_alpha


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_clip_image_equals_transformers(size):
    """CLIPImage is CLIPImageProcessorPil, for every size and kind of colours."""
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    processor, encoder = CLIPImageProcessorPil(), NetEncoder("CLIPImage")
    for image in images(size):
        # The library takes an array of few rows for one with channels first.
        expected = processor(image, input_data_format="channels_last")["pixel_values"][0]
        assert np.abs(expected - encoder(image)).max() <= ALLOWED


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_image_net_equals_torchvision_of_pillow_images(size):
    """ImageNet224 is the recipe of torchvision for images of Pillow."""
    from torchvision import transforms

    recipe = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    encoder = NetEncoder("ImageNet224")
    for image in images(size):
        expected = recipe(image.convert("RGB")).numpy()
        assert np.abs(expected - encoder(image)).max() <= ALLOWED


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_stretched_image_equals_the_processor_of_vit(size):
    """Image with the mean and the deviation 0.5 is ViTImageProcessorPil."""
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    processor = ViTImageProcessorPil()
    encoder = NetEncoder("Image", 224, MeanImage=0.5, VarianceImage=0.25)
    image = Image.fromarray(scene(*size))
    expected = processor(image, input_data_format="channels_last")["pixel_values"][0]
    assert np.abs(expected - encoder(content(image))).max() <= ALLOWED


@pytest.mark.parametrize("size", [(640, 480), (1000, 333)], ids=str)
def test_tensors_differ_by_some_levels(size):
    """The resize of torchvision for tensors differs from Pillow by some levels of 255.

    The presets follow Pillow. Where an image is enlarged, the difference may be larger.
    """
    import torch
    from torchvision import transforms

    image = Image.fromarray(scene(*size))
    resize = transforms.Resize(256, transforms.InterpolationMode.BICUBIC, antialias=True)
    ours = NetEncoder(
        "Image",
        (224, 224),
        Method="Fill",
        FillSize=256,
        Resampling="Bicubic",
        CenterRounding="HalfEven",
        NumberType="uint8",
    )(image)
    tensor = torch.from_numpy(np.asarray(image).transpose(2, 0, 1).copy())
    theirs = transforms.CenterCrop(224)(resize(tensor)).numpy()
    assert 0 < np.abs(theirs.astype(int) - ours).max() <= 12
