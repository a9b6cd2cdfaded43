"""The notebooks in examples run, and Jupyter shows plots once."""

import base64
import importlib.util
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))

pytestmark = [pytest.mark.notebook, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def executed():
    """Return the function of examples/run.py."""
    spec = importlib.util.spec_from_file_location("run_examples", ROOT / "examples" / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.executed


def outputs_of(notebook):
    """Return the outputs of each cell of code."""
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


def printed(outputs):
    """Return the text that a cell prints."""
    return "".join(output.text for output in outputs if output.output_type == "stream")


def pictures(outputs):
    """Return the pictures that a cell shows."""
    return [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, tmp_path, executed):
    """A notebook runs in a copy of its folder, and prints the text that is stored in it."""
    import nbformat

    (tmp_path / "tests").symlink_to(ROOT / "tests")
    folder = tmp_path / "examples"
    folder.mkdir()
    stored = outputs_of(nbformat.read(path, as_version=4))
    fresh = outputs_of(executed(Path(shutil.copy(path, folder))))
    for expected, found in zip(stored, fresh, strict=True):
        kinds = [[output.output_type for output in each] for each in (expected, found)]
        assert kinds[0] == kinds[1]
        assert "error" not in kinds[0]
        assert printed(expected) == printed(found)
        assert len(pictures(expected)) == len(pictures(found))
        assert [] == [each for each in found if each.get("name") == "stderr"]


def test_plot_is_shown_once(tmp_path, executed):
    """The picture of a plot appears without pyplot, and not twice with its inline backend."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    speech = ROOT / "tests" / "data" / "speech_16k_mono.wav"
    cells = [
        "from netencoders import NetEncoder\nencoder = NetEncoder('Telephone')",
        f"path = {str(speech)!r}",
        "encoder.plot(path)",
        "axes = encoder.plot(path)",
        "axes.figure",
        "import matplotlib.pyplot as plt\nplt.get_fignums()",
        "encoder.plot(path)",
        "axes.figure",
        "encoder.plot(path, plt.figure().subplots()); plt.get_fignums()",
        "encoder.explain(path)",
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(nbformat.writes(new_notebook(cells=[*map(new_code_cell, cells)])))
    outputs = outputs_of(executed(path))
    assert [0, 0, 1, 0, 1, 0, 1, 1, 1, 0] == [len(pictures(found)) for found in outputs]
    assert b"\x89PNG" == base64.b64decode(pictures(outputs[2])[0])[:4]
    assert "[]" == outputs[5][0].data["text/plain"]
    assert "[1]" in [output.data["text/plain"] for output in outputs[8]]
    assert "<iframe srcdoc=" in outputs[9][0].data["text/html"]
