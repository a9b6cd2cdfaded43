"""Files that are damaged, too large, or not one image of 8 bits."""

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from made_images import chunk, content, naive, png, scene, with_orientation
from PIL import Image, ImageFile, PngImagePlugin

from netencoders import NetEncoder, ParameterError
from netencoders_image import ImageError, Limits, limits

ENCODER = NetEncoder("Image", ImageSize=(40, 24))
IMAGE = Image.fromarray(scene())
EXPECTED = naive(IMAGE, (40, 24))
FORMS = [
    ("PNG", {}),
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("GIF", {}),
    ("BMP", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {"compression": "jpeg"}),
    ("WEBP", {}),
    ("WEBP", {"lossless": True}),
]


def refused(value, encoder=ENCODER):
    """Return the error for an input."""
    with pytest.raises(ImageError) as caught:
        encoder(value)
    assert caught.value.remedy
    return caught.value


@pytest.fixture(params=[False, True], ids=["strict", "LOAD_TRUNCATED_IMAGES"])
def setting(request, monkeypatch):
    """Run a test with both values of Pillow's global setting."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", request.param)
    yield
    assert request.param == ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize(("form", "options"), FORMS, ids=str)
@pytest.mark.usefixtures("setting")
def test_whole_files_are_read_with_any_setting(form, options):
    """Each format gives the colours that Pillow decodes."""
    file = content(IMAGE, form, **options)
    with Image.open(io.BytesIO(file)) as stored:
        expected = naive(stored, (40, 24))
    np.testing.assert_array_equal(expected, ENCODER(file))


@pytest.mark.parametrize(("form", "options"), FORMS, ids=str)
@pytest.mark.usefixtures("setting")
def test_truncated_files_are_refused(form, options):
    """A file that is cut anywhere is an error, and no half of an image."""
    file = content(scene(64, 64), form, **options)
    for share in (0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        error = refused(file[: int(share * len(file))])
        assert error.code in ("truncated", "malformed")
    assert "truncated" == refused(file[: int(0.7 * len(file))]).code
    assert "truncated" == refused(file[:-2]).code


@pytest.mark.usefixtures("setting")
def test_damaged_png_is_refused():
    """A wrong checksum, data that end early, and a missing chunk are errors."""
    file = bytearray(content(IMAGE))
    file[len(file) // 2] ^= 1
    error = refused(bytes(file))
    assert "malformed" == error.code
    assert "the checksum of its chunk 'IDAT', at byte 33, is wrong" in error.message
    row = b"\0" + bytes(8)
    assert "truncated" == refused(png(8, 8, 8, 0, 4 * row)).code
    for size in (1, 2, 8, 9):  # an image of zeros is complete
        rows = size * (b"\0" + bytes(size))
        assert 0 == ENCODER(png(size, size, 8, 0, rows)).max()
    broken = png(8, 8, 8, 0, 8 * row).replace(zlib.compress(8 * row), b"x" * 20)
    assert "malformed" == refused(broken).code
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n"
    empty = start + chunk(b"IHDR", header) + chunk(b"IEND", b"")
    assert "no chunk 'IDAT' with an image" in refused(empty).message
    assert (
        "first chunk of the PNG file is not a header"
        in refused(start + chunk(b"IEND", b"")).message
    )
    unknown = start + chunk(b"IHDR", header) + chunk(b"ABCD", b"") + empty[len(start) + 25 :]
    assert "malformed" == refused(unknown).code


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 1), (3, 2), (5, 7), (9, 16)])
@pytest.mark.parametrize(("depth", "color"), [(1, 0), (2, 3), (8, 0), (8, 2), (8, 6), (16, 0)])
@pytest.mark.parametrize("fill", [0, 255])
def test_interlaced_png_without_its_last_rows(width, height, depth, color, fill):
    """An interlaced image is read, and one of a byte less is truncated."""
    channels = {0: 1, 2: 3, 3: 1, 6: 4}[color]
    data = b""
    for left, top, across, down in (
        *[(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)],
        *[(0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)],
    ):
        columns = len(range(left, width, across))
        row = b"\0" + bytes([fill]) * ((columns * channels * depth + 7) // 8)
        data += row * len(range(top, height, down)) if columns else b""
    palette = chunk(b"PLTE", bytes(12)) if color == 3 else b""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 1)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette
    encoder = ENCODER.replace(Transparency="Drop")
    for part, whole in ((data, True), (data[:-1], False)):
        file = start + chunk(b"IDAT", zlib.compress(part)) + chunk(b"IEND", b"")
        if whole:
            assert (fill > 0 and color != 3) == encoder(file).max()
        else:
            assert "truncated" == refused(file, encoder).code


@pytest.mark.usefixtures("setting")
def test_damaged_data_are_refused_with_any_setting():
    """Pillow's setting does not hide the errors of its decoders."""
    row = b"\0" + bytes(8)
    data = bytearray(zlib.compress(8 * row))
    data[2] |= 7  # a block of deflate of an unknown type
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    file = b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), chunk(b"IDAT", bytes(data)), chunk(b"IEND", b"")]
    )
    assert "malformed" == refused(file).code


def jpeg_with(segments, file=None):
    """Return a JPEG file with segments after its first marker."""
    file = content(IMAGE, "JPEG") if file is None else file
    return file[:2] + segments + file[2:]


def test_damaged_jpeg_is_refused():
    """Bytes between the segments, a file without an image, and lossless coding are named."""
    file = content(IMAGE, "JPEG")
    frame = file.index(b"\xff\xc0")
    for changed, text in (
        (jpeg_with(b"\xff\xfe\0\2no"), "no marker at byte 6"),
        (jpeg_with(b"\xff\xfe\0\2\xff\xd9"), "ends before its image, by a marker at byte 6"),
        (file[:frame] + b"\xff\xc3" + file[frame + 2 :], "lossless JPEG"),
        (file[: frame + 5] + b"\0\0" + file[frame + 7 :], "states no height"),
        (file[:frame] + b"\xff\xc0\0\4\x08\0" + file[frame + 19 :], "header of its image is too"),
        (file[:frame] + file[frame + 19 :], "has no header of its image"),
    ):
        error = refused(changed)
        assert error.code in ("malformed", "truncated")
        assert text in error.message
    deep = refused(file[: frame + 4] + b"\x0c" + file[frame + 5 :])
    assert ("unsupported-depth", "the JPEG file has 12 bits in a channel") == (
        deep.code,
        deep.message,
    )
    filled = jpeg_with(b"\xff\xff\xff\x01\xff\xfe\0\4ab")
    np.testing.assert_array_equal(ENCODER(file), ENCODER(filled))


def test_damaged_gif_is_refused():
    """A block of an unknown kind, no image, and an image beyond the screen are named."""
    file = content(IMAGE, "GIF")
    place = file.index(b",\0\0\0\0")
    for changed, text in (
        (file[:place] + b"x" + file[place + 1 :], "has no block at byte"),
        (file[:place] + b";", "the GIF file has no image"),
        (file[: place + 1] + b"\x09" + file[place + 2 :], "larger than its screen"),
    ):
        error = refused(changed)
        assert ("malformed", True) == (error.code, text in error.message)


def test_damaged_webp_is_refused():
    """A chunk beyond the end, a short header and a missing image are named."""
    file = content(IMAGE, "WEBP", lossless=True)
    for changed, text in (
        (file[:16] + b"\xff\xff" + file[18:], "reaches beyond its end"),
        (b"RIFF\x10\0\0\0WEBPVP8L\4\0\0\0abcd", "the header of the WebP file is too short"),
        (b"RIFF\x10\0\0\0WEBPXXXX\4\0\0\0abcd", "the WebP file has no image"),
    ):
        error = refused(changed)
        assert ("malformed", True) == (error.code, text in error.message)


def tiff(*tags, following=0):
    """Return a TIFF file of 2 x 2 gray pixels with some tags changed or added."""
    entries = {256: 2, 257: 2, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 2, 279: 4, **dict(tags)}
    entries = {number: value for number, value in entries.items() if value is not None}
    data = b"II*\0" + struct.pack("<I", 12) + b"\x00\x40\x80\xff" + struct.pack("<H", len(entries))
    for number, value in sorted(entries.items()):
        kind, count, number_value = value if isinstance(value, tuple) else (4, 1, value)
        data += struct.pack("<HHII", number, kind, count, number_value)
    return data + struct.pack("<I", following)


def test_tiff_files_are_checked_before_decoding():
    """Pages, depths, and places beyond the end are refused."""
    gray = NetEncoder("Image", ImageSize=2, ColorSpace="Grayscale", NumberType="uint8")
    assert [[[0, 64], [128, 255]]] == gray(tiff()).tolist()
    for file, code, text in (
        (tiff(following=8), "several-images", "several pages"),
        (tiff((258, 32)), "unsupported-depth", "1 channels of 32 bits"),
        (tiff((339, 3)), "unsupported-depth", "are no unsigned integers"),
        (tiff((258, (5, 1, 12))), "malformed", "TIFF file cannot be decoded"),
        (tiff((258, 16), (262, 0)), "unsupported-depth", "of 16 bits"),
        (tiff((279, 400)), "truncated", "of 408 bytes"),
        (tiff((257, 200)), "truncated", "the TIFF file has 1 of 100 parts"),
        (tiff((257, 200), (278, 200)), "truncated", "has 4 of 400 bytes"),
        (tiff((322, 16), (323, 16)), "malformed", "states no places of its image"),
        (tiff((273, None)), "malformed", "states no places of its image"),
        (tiff((277, (3, 2, 1))), "malformed", "the tag 277 of the TIFF file has not one value"),
        (tiff((270, (2, 99, 1000))), "truncated", "the tag 270, at byte 1000, reaches beyond"),
        (b"II*\0\xff\0\0\0", "truncated", "its directory of tags, at byte 255"),
        (b"II*\0", "malformed", "does not begin with a header of TIFF"),
    ):
        error = refused(file)
        assert (code, True) == (error.code, text in error.message)
    twice = bytearray(tiff((270, 0)))
    twice[twice.index(struct.pack("<HH", 270, 4))] = 262 & 255
    assert "has the tag 262 twice" in refused(bytes(twice)).message


def test_deep_files_that_pillow_would_cut_are_refused():
    """RGB of 16 bits would lose 8 bits, so it is refused with the way out."""
    error = refused(png(2, 2, 16, 2, 2 * (b"\0" + bytes(12))))
    assert "unsupported-depth" == error.code
    assert "its channels have 16 bits, of which Pillow would drop 8" in error.message
    assert "pass the array of uint16" in error.remedy


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_animations_and_pages_are_refused(form):
    """A file of several images is an error with the line that chooses one."""
    file = content(IMAGE, form, save_all=True, append_images=[IMAGE.rotate(90)])
    error = refused(file)
    assert "several-images" == error.code
    assert "image.seek(0); encoder(image.copy())" in error.remedy
    assert ENCODER(Image.open(io.BytesIO(file)).copy()).shape == ENCODER.output.dims


def test_animation_of_one_image_is_an_image():
    """Formats for animations with one image are read."""
    for form in ("GIF", "PNG", "WEBP"):
        assert ENCODER(content(IMAGE, form, save_all=True)).shape == ENCODER.output.dims


@pytest.mark.parametrize(
    ("start", "text"),
    [
        (b"\0\0\0\x20ftypavif", "an AVIF image"),
        (b"\0\0\0\x20ftypheic", "a HEIC image"),
        (b"\0\0\0\x20ftypisom", "the family of MPEG-4"),
        (b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
        (b"\xff\x0a", "a JPEG XL image"),
        (b"II+\0", "a BigTIFF file"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x93NUMPY", "a .npy file"),
        (b"RIFF\0\0\0\0WAVE", "a RIFF file"),
        (b"version https://git-lfs.github.com", "a pointer of Git LFS"),
        (b"<svg xmlns='x'/>", "an XML text, such as SVG"),
        (b"<!DOCTYPE html>", "an HTML page"),
        (b"some words\n", "a text"),
        (b"\xff\xfe\xfd\xfc\xfb", "of an unknown kind, with the first bytes ff fe fd fc"),
        (bytes(9), "of an unknown kind, with the first bytes 00 00 00 00"),
    ],
)
def test_other_files_are_named(start, text):
    """A file of another kind is refused with its kind."""
    error = refused(start + bytes(20) if start[0] > 126 or start[0] == 0 else start)
    assert "unrecognized" == error.code
    assert text in error.message
    assert "no image of the formats BMP, GIF, JPEG, PNG, TIFF, WebP" in error.message


def test_first_bytes_of_png_are_truncated():
    """A file of a part of the signature is called truncated."""
    assert "truncated" == refused(b"\x89PNG").code


def test_bombs_are_refused_by_their_header():
    """The limit of pixels is compared with the header, before memory is allocated."""
    for file in (
        png(100_000, 100_000, 8, 0, b""),
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 0, 0, 0, 54, 40, 60000, 60000, 1, 24, *[0] * 6),
        b"GIF89a"
        + struct.pack("<HHBBB", 60000, 60000, 0, 0, 0)
        + b","
        + struct.pack("<HHHHB", 0, 0, 60000, 60000, 0)
        + b"\x02\x01\x00\0;",
        tiff((256, 60000), (257, 60000)),
    ):
        error = refused(file)
        assert "limit-exceeded" == error.code
        assert "00 pixels, and the limit max_pixels is 89478485" in error.message
        assert "netencoders_image.limits(max_pixels=" in error.remedy
    webp = bytearray(content(IMAGE, "WEBP", lossless=True))
    webp[21:25] = b"\xff\xff\xff\x0f"
    assert "the image has 16384 x 16384 pixels" in refused(bytes(webp)).message


def test_limits_are_those_of_the_block(monkeypatch, tmp_path):
    """Pillow's own limit has no effect, and is not changed; ours holds for each kind of input."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    for form, options in FORMS:
        file = content(IMAGE, form, **options)
        if form == "TIFF":
            assert "raise the limit PIL.Image.MAX_IMAGE_PIXELS" == refused(file).remedy
        elif form != "WEBP":
            ENCODER(file)
    assert 10 == Image.MAX_IMAGE_PIXELS
    for value in (IMAGE, scene(), content(IMAGE)):
        with limits(max_pixels=61 * 47):
            np.testing.assert_array_equal(EXPECTED, ENCODER(value))
        with limits(max_pixels=61 * 47 - 1) as lowered:
            assert 2866 == lowered.max_pixels
            assert "limit-exceeded" == refused(value).code
            [error] = ENCODER.map([value], on_error="return", workers=2)
            assert "limits(max_pixels=2867)" in error.remedy
    with limits(max_bytes=100):
        error = refused(content(IMAGE))
        assert "the file has more than 100 bytes, the limit max_bytes" in error.message
        assert "limit-exceeded" == refused(io.BytesIO(content(IMAGE))).code
        with pytest.raises(ImageError, match=r"limits\(max_bytes=200\)"):
            ENCODER(bytes(101))
        large = tmp_path / "large.png"
        large.write_bytes(bytes(1001))
        for value in (large, bytes(1001)):
            assert "limits(max_bytes=1001)" in refused(value).remedy
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with limits(max_pixels=1 << 40):
        assert 1 << 40 == Limits(max_pixels=1 << 40).max_pixels


def test_file_beyond_the_limit_of_bytes_is_not_read(tmp_path):
    """The size of a file is compared before it is read."""
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate((1 << 30) + 1)
    assert "limit-exceeded" == refused(path).code


def test_long_images_are_not_enlarged_beyond_the_limit():
    """An image that would have too many pixels after its side is enlarged is refused."""
    error = refused(np.zeros((1, 20_000), np.uint8), NetEncoder("Image", 224, Method="Fill"))
    assert "limit-exceeded" == error.code
    assert "the image has 4480000 x 224 pixels, made of 20000 x 1" in error.message


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"max_pixel": 1}, "unknown limit 'max_pixel'. Known: max_pixels, max_bytes."),
        ({"max_pixels": 0}, "'max_pixels' must be an integer > 0. Got 0."),
        ({"max_bytes": 1.5}, "'max_bytes' must be an integer > 0. Got 1.5."),
    ],
)
def test_wrong_limits_are_refused(changes, text):
    """An unknown limit and a wrong value are named."""
    with pytest.raises(ParameterError, match="limits: 1 problem") as caught, limits(**changes):
        pass
    assert [text] == list(caught.value.problems)


def test_environment_variable_changes_limits(monkeypatch):
    """The environment variable holds for the process, and a block goes before it."""
    monkeypatch.setenv("NETENCODERS_IMAGE_LIMITS", "max_pixels=2866, max_bytes=100000")
    assert "NETENCODERS_IMAGE_LIMITS=max_pixels=2867" in refused(IMAGE).remedy
    with limits(max_pixels=2867) as raised:
        assert 100_000 == raised.max_bytes
        np.testing.assert_array_equal(EXPECTED, ENCODER(IMAGE))
    monkeypatch.setenv("NETENCODERS_IMAGE_LIMITS", "max_pixels=many")
    with pytest.raises(ParameterError, match="LIMITS: 1 problem\n  'max_pixels' must be an"):
        limits(max_pixels=1).__enter__()


def test_metadata_gives_no_warning_and_is_not_unpacked():
    """Damaged, compressed and unknown metadata do not reach Pillow."""
    bomb = zlib.compress(bytes(1 << 24))
    info = PngImagePlugin.PngInfo()
    info.add_text("a", "b" * 100, zip=True)
    file = content(IMAGE, pnginfo=info, icc_profile=b"no profile")
    extra = chunk(b"zTXt", b"a\0\0" + bomb) + chunk(b"iCCP", b"a\0\0" + bomb[:50])
    extra += chunk(b"acTL", b"\0")
    file = file[:33] + extra + file[33:]
    exif = bytearray(with_orientation(1)) + b"\xff" * 30
    jpeg = content(IMAGE, "JPEG", exif=bytes(exif), icc_profile=b"x" * 300, comment=b"text")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(EXPECTED, ENCODER(file))
        np.testing.assert_array_equal(ENCODER(content(IMAGE, "JPEG")), ENCODER(jpeg))


def test_further_images_behind_a_jpeg_are_left_out():
    """A JPEG file with pictures behind its end, as of cameras, gives the first one."""
    file = content(IMAGE, "JPEG")
    both = file + content(IMAGE.rotate(90), "JPEG")
    np.testing.assert_array_equal(ENCODER(file), ENCODER(both))
    pair = content(IMAGE, "MPO", save_all=True, append_images=[IMAGE.rotate(90)])
    assert ENCODER(pair).shape == ENCODER.output.dims


def test_random_changes_never_raise_another_error():
    """A file with changed bytes gives an array or an ImageError."""
    random = np.random.default_rng(0)
    for form, options in FORMS:
        file = content(IMAGE, form, **options)
        for _ in range(60):
            changed = bytearray(file)
            for place in random.integers(0, len(file), 4):
                changed[place] = random.integers(256)
            [result] = ENCODER.map([bytes(changed)], on_error="return")
            if isinstance(result, Exception):
                assert isinstance(result, ImageError)
                assert result.remedy
            else:
                assert ENCODER.output.matches(result)
