"""The kinds of inputs of the encoder Image, and those that it refuses."""

import io
import json
import os
import pickle
import struct
import subprocess
import sys
import threading

import numpy as np
import pytest
from made_images import chunk, content, naive, scene, with_orientation
from PIL import Image

from netencoders import EncodeError, NetChain, NetEncoder, NetLayer
from netencoders.cli import main
from netencoders.facts import collected
from netencoders_corpus import Corpus, encode
from netencoders_image import ImageError

ENCODER = NetEncoder("Image", ImageSize=(40, 24))
IMAGE = Image.fromarray(scene())
EXPECTED = naive(IMAGE, (40, 24))


def refused(value, encoder=ENCODER):
    """Return the error for an input."""
    with pytest.raises(ImageError) as caught:
        encoder(value)
    return caught.value


def test_every_kind_of_input_gives_the_same_array(tmp_path):
    """Paths, bytes, file objects, images of Pillow, arrays and mappings are taken."""
    file = content(IMAGE)
    path = tmp_path / "photo.txt"  # the name says nothing
    path.write_bytes(file)
    with path.open("rb") as opened:
        values = [
            str(path),
            path,
            file,
            bytearray(file),
            memoryview(file),
            io.BytesIO(file),
            opened,
            IMAGE,
            Image.open(path),
            scene(),
            {"bytes": file, "path": None},
            {"bytes": None, "path": str(path)},
        ]
        for value in values:
            assert ENCODER.accepts(value)
            np.testing.assert_array_equal(EXPECTED, ENCODER(value), strict=True)


def test_arrays_of_each_shape_are_images():
    """(height, width), and 1, 3 or 4 channels last; the bytes may be in any order."""
    pixels = scene()
    gray = naive(Image.fromarray(pixels[:, :, 0]), (40, 24))
    for array in (pixels[:, :, 0], pixels[:, :, :1]):
        np.testing.assert_array_equal(gray, ENCODER(array))
    full = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    for array in (full, pixels[::-1][::-1], np.asfortranarray(pixels)):
        np.testing.assert_array_equal(EXPECTED, ENCODER(array))
    deep = pixels.astype(np.uint16) * 257
    np.testing.assert_array_equal(ENCODER(deep), ENCODER(deep.astype(">u2")))
    np.testing.assert_allclose(ENCODER(deep), EXPECTED, rtol=0, atol=1.01 / 255)
    for kind in (np.float16, np.float32, np.float64):
        array = ENCODER((pixels / 255).astype(kind))
        np.testing.assert_allclose(array, EXPECTED, rtol=0, atol=1.2 / 255)
    nested = ENCODER([[0, 1]] * 2) if ENCODER.accepts([[0, 1]]) else None
    assert nested is None, "a list of lists is a batch"


@pytest.mark.parametrize(
    ("array", "code", "text"),
    [
        (np.zeros((3, 8, 9), np.uint8), "invalid-image", r"channels first: array.transpose\(1"),
        (np.zeros((2, 8, 9, 3), np.uint8), "invalid-image", r"several images: encoder\(list\("),
        (np.zeros((8, 9, 2), np.uint8), "invalid-image", r"\(8, 9, 2\), not \(height, width\) or"),
        (np.zeros(7, np.uint8), "invalid-image", "change its shape"),
        (np.zeros((3, 8, 3), np.uint8), "ambiguous-image", "may be first or last"),
        (np.zeros((1, 8, 4), np.uint8), "ambiguous-image", "PIL.Image.fromarray"),
        (np.zeros((0, 9), np.uint8), "empty-image", "has 9 x 0 pixels"),
        (np.zeros((8, 9), np.int64), "invalid-image", "an array of int64 has no known range"),
        (np.zeros((8, 9), bool), "invalid-image", "an array of bool has no known range"),
        (np.zeros((8, 9), np.uint32), "invalid-image", r"array.astype\(numpy.uint8\)"),
        (np.full((8, 9), 255.0), "invalid-image", "this one from 255 to 255 .*array / 255"),
        (np.full((8, 9), -0.1), "invalid-image", "from -0.1 to -0.1"),
        (np.full((8, 9), np.nan), "non-finite", "NaN or infinity"),
        (np.full((8, 9), np.inf), "non-finite", "replace these values"),
        (np.full((8, 9), 1j), "invalid-image", "complex128"),
        (np.array([["a", "b"]]), "invalid-image", "no known range"),
        (np.ma.masked_array(np.zeros((8, 9), np.uint8)), "invalid-image", "may lack pixels"),
    ],
)
def test_arrays_that_are_no_images_are_refused(array, code, text):
    """A wrong shape, type or range is an error with its remedy."""
    error = refused(array)
    assert code == error.code
    assert error.remedy
    with pytest.raises(ImageError, match=text):
        ENCODER(array)


def test_array_of_the_output_is_encoded_already():
    """An array of the form of the output is returned, unless its channels are last."""
    assert ENCODER(EXPECTED) is EXPECTED
    last = ENCODER.replace(Interleaving=True)
    again = last(last(IMAGE))
    np.testing.assert_array_equal(last(IMAGE), again)
    assert again is not last(IMAGE)


@pytest.mark.parametrize("values", [EXPECTED * 255, EXPECTED - 1])
def test_array_beyond_0_and_1_is_no_encoded_array(values):
    """An image from 0 to 255 whose channels are first has the form of the output."""
    error = refused(values)
    assert "out-of-range" == error.code
    assert "and not from 0 to 1 (for an image, move its channels: array.transpose" in str(error)
    changed = ENCODER.replace(MeanImage=0.5)
    assert values is changed(values)
    infinite = np.where(EXPECTED > 0.5, np.inf, EXPECTED).astype(np.float32)
    with pytest.raises(EncodeError) as caught:
        ENCODER(infinite)
    assert "non-finite" == caught.value.code


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "not a value of type int"),
        (None, "not a value of type NoneType"),
        ({"image": 1}, "neither 'bytes' nor a 'path'"),
        (io.StringIO("text"), "the file object gives str, not bytes"),
    ],
)
def test_other_values_are_refused(value, text):
    """A value of another kind is refused with the kinds that are taken."""
    error = refused(value)
    assert "unsupported-input" == error.code
    assert text in str(error)


def test_list_is_a_batch_of_images():
    """A list of images gives a list of arrays, and an error names its position."""
    arrays = ENCODER([IMAGE, scene()])
    assert 2 == len(arrays)
    np.testing.assert_array_equal(EXPECTED, arrays[1])
    with pytest.raises(EncodeError) as caught:
        ENCODER([IMAGE, b""])
    assert (1, "empty-file") == (caught.value.index, caught.value.code)


def test_files_that_cannot_be_opened(tmp_path):
    """A missing file, a folder and a FIFO are named, and nothing waits."""
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "empty.png").write_bytes(b"")
    for path, code in (
        (tmp_path / "none.png", "not-found"),
        (tmp_path / "empty.png" / "under.png", "not-found"),
        (tmp_path, "not-a-file"),
        (tmp_path / "pipe.png", "not-a-file"),
        ("nul\0.png", "unreadable"),
        (tmp_path / "empty.png", "empty-file"),
    ):
        error = refused(path)
        assert (code, str(path)) == (error.code, error.source)
        assert error.remedy


def test_file_without_permission(tmp_path, monkeypatch):
    """A file that may not be read has a code of its own."""
    path = tmp_path / "photo.png"
    path.write_bytes(content(IMAGE))

    def closed(*arguments, **options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("builtins.open", closed)
    assert "permission" == refused(path).code


def test_file_that_changes_while_it_is_read(tmp_path, monkeypatch):
    """A file that grows while it is read is refused."""
    path = tmp_path / "photo.png"
    path.write_bytes(content(IMAGE))
    fstat = os.fstat
    states = []

    def grown(number):
        states.append(fstat(number))
        if len(states) == 1:
            with path.open("ab") as file:
                file.write(b"more")
        return states[-1]

    monkeypatch.setattr(os, "fstat", grown)
    error = refused(path)
    assert "file-changed" == error.code
    assert "changes while it is read (encode it when its writer is ready)" in str(error)


def test_error_of_a_file_object_passes():
    """The exception of a file object reaches the caller as it is."""

    class Broken:
        def read(self, count):
            raise ConnectionError("reset by peer")

    with pytest.raises(ConnectionError, match="reset by peer"):
        ENCODER(Broken())


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_is_applied(number, form):
    """Images are turned as ImageOps.exif_transpose does, unless Orientation is False."""
    from PIL import ImageOps

    options = {"lossless": True} if form == "WEBP" else {}
    exif = with_orientation(number)
    file = content(IMAGE, form, exif=exif, **options)
    with Image.open(io.BytesIO(file)) as stored:
        upright = naive(ImageOps.exif_transpose(stored), (40, 24))
    plain = naive(Image.open(io.BytesIO(content(IMAGE, form, **options))), (40, 24))
    np.testing.assert_array_equal(upright, ENCODER(file))
    np.testing.assert_array_equal(plain, ENCODER.replace(Orientation=False)(file))
    assert (number == 1) == np.array_equal(upright, plain)
    if form in ("JPEG", "PNG"):
        np.testing.assert_array_equal(upright, ENCODER(Image.open(io.BytesIO(file))))


@pytest.mark.parametrize("number", [0, 9])
def test_other_orientations_are_none(number):
    """A number that means no orientation is ignored."""
    np.testing.assert_array_equal(EXPECTED, ENCODER(content(IMAGE, exif=with_orientation(number))))


def test_damaged_exif_is_refused_or_ignored_on_request():
    """Damaged tags may state an orientation."""
    file = content(IMAGE, exif=b"Exif\0\0II*\0\xff\xff\0\0")
    error = refused(file)
    assert ("malformed", "to encode it as it is stored, set Orientation=False") == (
        error.code,
        error.remedy,
    )
    assert "EXIF data, which may state an orientation, are damaged: its directory" in error.message
    np.testing.assert_array_equal(EXPECTED, ENCODER.replace(Orientation=False)(file))
    head = content(IMAGE, exif=b"Exif\0\0XX*\0\x08\0\0\0")
    assert "it does not begin with a header of TIFF" in refused(head).message


def test_damage_of_other_tags_is_ignored():
    """Only the tag of the orientation counts, as many files have damage elsewhere."""
    maker = struct.pack("<HHII", 271, 2, 99, 1 << 20)
    turned = struct.pack("<HHIHH", 274, 3, 1, 6, 0)
    exif = struct.pack("<2sHIH", b"II", 42, 8, 3) + maker + turned + turned + bytes(4)
    expected = naive(IMAGE.transpose(Image.Transpose.ROTATE_270), (40, 24))
    np.testing.assert_array_equal(expected, ENCODER(content(IMAGE, exif=b"Exif\0\0" + exif)))


def test_transparency_is_refused_by_default():
    """Transparent pixels are an error; a full alpha channel is left out."""
    pixels = np.dstack([scene(), np.full((47, 61), 255, np.uint8)])
    np.testing.assert_array_equal(EXPECTED, ENCODER(content(pixels)))
    pixels[3, :2, 3] = 254
    for value in (pixels, content(pixels), Image.fromarray(pixels)):
        error = refused(value)
        assert ("transparent", "2 of 2867 pixels are transparent") == (error.code, error.message)
        assert 'Transparency="White" or "Black"; "Drop"' in error.remedy


@pytest.mark.parametrize("deep", [False, True], ids=["8 bits", "16 bits"])
def test_transparency_has_a_colour_behind(deep):
    """The alpha channel is left out, or weighs the image and the colour behind it."""
    alpha = np.random.default_rng(0).integers(0, 256, (47, 61, 1)).astype(np.uint8)
    pixels = np.dstack([scene(), alpha])
    value = pixels.astype(np.uint16) * 257 if deep else pixels
    share = alpha / 255
    encoder = NetEncoder("Image", ImageSize=(61, 47), Interleaving=True)
    for kind, behind in (("Drop", None), ("Black", 0), ("White", 1)):
        colors = scene() / 255
        expected = colors if behind is None else colors * share + behind * (1 - share)
        array = encoder.replace(Transparency=kind)(value)
        np.testing.assert_allclose(array, expected, rtol=0, atol=1e-6 if deep else 0.502 / 255)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "LA"])
def test_transparent_colours_are_found(mode):
    """A colour that is declared transparent, an entry of a palette and LA are alpha channels."""
    image = IMAGE.convert(mode)
    if mode == "LA":
        image.putalpha(7)
        file = content(image)
    else:
        key = image.getpixel((5, 5))
        file = content(image, transparency=key)
    assert "transparent" == refused(file).code
    with Image.open(io.BytesIO(file)) as stored:
        expected = naive(stored.convert("RGBA").convert("RGB"), (40, 24))
    np.testing.assert_array_equal(expected, ENCODER.replace(Transparency="Drop")(file))


def test_transparent_value_of_16_bits():
    """A gray value of 16 bits that is declared transparent is an alpha channel."""
    values = np.array([[7, 300, 7], [65535, 256, 0]], np.uint16)
    file = content(values)
    file = file[:33] + chunk(b"tRNS", b"\0\7") + file[33:]
    assert "2 of 6 pixels are transparent" == refused(file).message
    encoder = NetEncoder("Image", (3, 2), ColorSpace="Grayscale", Transparency="White")
    expected = np.where(values == 7, 65535, values) / np.float32(65535)
    np.testing.assert_array_equal(expected, encoder(file)[0])


def test_cmyk_needs_its_own_colour_space():
    """CMYK is not converted, as the conversion depends on a profile."""
    file = content(IMAGE.convert("CMYK"), "JPEG")
    error = refused(file)
    assert "unsupported-color" == error.code
    assert "its colours are CMYK, and ColorSpace is 'RGB': the conversion" in str(error)
    assert 'PIL.Image.open(path).convert("RGB")' in error.remedy
    assert (4, 24, 40) == ENCODER.replace(ColorSpace="CMYK")(file).shape
    other = refused(IMAGE, ENCODER.replace(ColorSpace="CMYK"))
    assert "encode it as RGB" in other.remedy


@pytest.mark.parametrize(
    ("mode", "code", "text"),
    [
        ("I", "unsupported-depth", "the mode I of Pillow, whose range is not known"),
        ("F", "unsupported-depth", "the mode F of Pillow"),
        ("HSV", "unsupported-color", "its colours have the mode HSV of Pillow"),
        ("LAB", "unsupported-color", "the mode LAB"),
    ],
)
def test_images_of_other_modes_are_refused(mode, code, text):
    """Images of Pillow whose range or colours are not known are refused."""
    error = refused(Image.new(mode, (8, 9)))
    assert code == error.code
    assert text in error.message


def test_integers_of_deep_images_are_refused():
    """NumberType uint8 takes images of 8 bits only."""
    error = refused(np.zeros((8, 9), np.uint16), ENCODER.replace(NumberType="uint8"))
    assert ("unsupported-depth", "use NumberType='float32'") == (error.code, error.remedy)


def test_pillow_image_that_is_cut_or_has_several_images():
    """An image of Pillow that is not decoded yet has the errors of its file."""
    file = content(IMAGE, "JPEG")
    assert "truncated" == refused(Image.open(io.BytesIO(file[:-500]))).code
    frames = content(IMAGE, "GIF", save_all=True, append_images=[IMAGE.rotate(9)])
    image = Image.open(io.BytesIO(frames))
    assert "several-images" == refused(image).code
    assert ENCODER(image.copy()).shape == ENCODER.output.dims


def test_size_of_the_image_is_a_fact():
    """The width and the height of the image are facts for corpora."""
    with collected() as facts:
        ENCODER(IMAGE)
    assert {"width": 61, "height": 47} == facts


def test_input_is_not_changed():
    """Images and arrays are not changed, and the array shares no memory with them."""
    pixels = np.random.default_rng(0).random((24, 40, 3)).astype(np.float32)
    last = ENCODER.replace(Interleaving=True)
    before = pixels.copy()
    array = last(pixels)
    array[:] = 7
    np.testing.assert_array_equal(before, pixels)
    image = Image.fromarray(scene(40, 24))
    stored = pickle.dumps(image)
    last.replace(NumberType="uint8")(image)[:] = 7
    assert stored == pickle.dumps(image)


def test_isolated_processes_give_the_same_arrays(tmp_path):
    """Worker processes encode images, and return the error of one that is damaged."""
    path = tmp_path / "photo.png"
    path.write_bytes(content(IMAGE))
    values = [str(path), content(IMAGE)[:-9], scene()]
    first, error, last = ENCODER.map(values, isolate=True, workers=2, on_error="return")
    np.testing.assert_array_equal(EXPECTED, first)
    np.testing.assert_array_equal(EXPECTED, last)
    assert (ImageError, "truncated") == (type(error), error.code)


def test_threads_decode_at_once():
    """Threads that decode at once give the arrays of one thread."""
    files = {seed: content(scene(seed=seed), "JPEG") for seed in range(8)}
    expected = {seed: ENCODER(file) for seed, file in files.items()}
    wrong = []

    def work(seed):
        arrays = [ENCODER(files[seed]) for _ in range(20)]
        wrong.extend(seed for array in arrays if not np.array_equal(expected[seed], array))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == wrong


def test_command_encodes_files_and_folders(tmp_path):
    """The command writes an array for each file, also of a folder, and reads standard input."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.png", "b.jpg"):
        (folder / name).write_bytes(content(IMAGE, {"png": "PNG", "jpg": "JPEG"}[name[-3:]]))
    run = [sys.executable, "-m", "netencoders", "encode", "-e", "Image", "-p", "ImageSize=[40, 24]"]
    subprocess.run([*run, "photos/a.png", "-o", "a.npy"], cwd=tmp_path, check=True)
    np.testing.assert_array_equal(EXPECTED, np.load(tmp_path / "a.npy"))
    subprocess.run([*run, "photos", "-o", "arrays/"], cwd=tmp_path, check=True)
    assert ["a.npy", "b.npy"] == sorted(path.name for path in (tmp_path / "arrays").iterdir())
    done = subprocess.run(
        [*run, "-", "-o", "c.npy"], input=content(IMAGE), cwd=tmp_path, check=True
    )
    assert 0 == done.returncode
    np.testing.assert_array_equal(EXPECTED, np.load(tmp_path / "c.npy"))
    (tmp_path / "bad.png").write_bytes(content(IMAGE)[:-20])
    failed = subprocess.run(
        [*run, "bad.png", "-o", "d.npy"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert 3 == failed.returncode
    assert "error: bad.png: the PNG file ends" in failed.stderr
    assert not (tmp_path / "d.npy").exists()


def test_missing_pillow_is_named(monkeypatch):
    """Without Pillow, the error has the command that installs it."""
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    error = refused(scene())
    assert error.code == refused(content(IMAGE)).code
    assert ("missing-library", 'pip install "netencoders[image]"') == (error.code, error.remedy)
    assert "images need Pillow" in error.message


def test_verify_all_leaves_out_presets_of_a_missing_library(monkeypatch, capsys):
    """A preset of an extra that is not installed is left out, unless it is named."""
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    monkeypatch.setattr("netencoders.cli.probes._names_with_probes", lambda: ["ImageNet224"])
    assert 0 == main(["verify", "--all"])
    assert "ImageNet224  left out: a value of type ndarray: images" in capsys.readouterr().err
    assert 1 == main(["verify", "ImageNet224"])
    assert 'pip install "netencoders[image]"' in capsys.readouterr().err
    [error] = ENCODER.map([scene()], on_error="return")
    assert "missing-library" == error.code


def test_nets_and_corpora_take_images(tmp_path):
    """An encoder of images is the input of a net, saved too, and encodes the rows of a manifest."""
    path = tmp_path / "photo.png"
    path.write_bytes(content(IMAGE))
    net = NetChain([NetLayer("Cast", Type="float64")], Input=ENCODER)
    net.save(tmp_path / "photo.netz")
    for each in (net, NetChain.load(tmp_path / "photo.netz")):
        np.testing.assert_array_equal(EXPECTED, each(str(path)))
    (tmp_path / "rows.jsonl").write_text('{"path": "photo.png"}\n{"path": "none.png"}\n')
    corpus = tmp_path / "corpus"
    report = encode(ENCODER, tmp_path / "rows.jsonl", corpus)
    assert {"not-found": 1} == report.failed
    [row] = [row for row in Corpus(corpus) if not row.code]
    np.testing.assert_array_equal(EXPECTED, row.array)


def test_pillow_is_imported_late():
    """Declaring the encoder imports no module of Pillow."""
    code = (
        "import sys, json; from netencoders import NetEncoder; NetEncoder('Image', MeanImage=0.5);"
        "print(json.dumps([name for name in sys.modules if name.startswith('PIL')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert [] == json.loads(done.stdout)
