"""The notebooks in examples are stored with their outputs, which are small and no errors."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))
INDEX = (ROOT / "docs" / "how-to" / "notebooks.md").read_text("utf-8")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_with_outputs(path):
    """A notebook has outputs without errors, is smaller than 1 MB, and names no machine."""
    notebook = json.loads(path.read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert len(cells) <= 2 * len(outputs)
    assert list(range(1, len(cells) + 1)) == [cell["execution_count"] for cell in cells]
    assert [] == [output for output in outputs if output["output_type"] == "error"]
    assert [] == [output for output in outputs if output.get("name") == "stderr"]
    assert path.stat().st_size < 1e6
    assert str(Path.home()) + "/" not in path.read_text("utf-8")


def test_site_links_to_the_notebooks():
    """The page of the notebooks links to each of them, and to the example of a microphone."""
    assert 3 == len(NOTEBOOKS)
    files = [*NOTEBOOKS, ROOT / "examples" / "microphone.py"]
    assert [] == [file for file in files if f"(../../examples/{file.name})" not in INDEX]
