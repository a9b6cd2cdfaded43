"""Execute the notebooks of this folder, and store their outputs.

    python -m pip install -e ".[notebooks]"
    python examples/run.py

Times and versions of a run are removed, so that a second run changes only outputs that differ.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

__all__ = ["executed", "main"]

FOLDER = Path(__file__).parent


def executed(path: Path) -> Any:
    """Return a notebook with the outputs of a run in its folder.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell raises an exception.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    )
    client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    language = {"name": "python"}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = {"kernelspec": kernel, "language_info": language}
    return notebook


def main() -> None:
    """Execute each notebook in place."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        nbformat.write(executed(path), path)
        print(path.name)


if __name__ == "__main__":
    main()
