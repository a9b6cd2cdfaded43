"""The blocks of docs/graphs.md that need models run, and print the text that the page shows."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import blocks
import pytest
from net_examples import ROOT, SPEECH

pytestmark = [pytest.mark.gallery, pytest.mark.filterwarnings("ignore")]

FILES = {
    "model_v8.onnx": ("speechmos", "dnsmos_models/model_v8.onnx"),
    "sig_bak_ovr.onnx": ("speechmos", "dnsmos_models/sig_bak_ovr.onnx"),
    "silero_vad.onnx": ("silero_vad", "data/silero_vad.onnx"),
}


def test_blocks_of_the_page_of_nets_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The page names models and a recording in its folder; all of its blocks run in order."""
    for name, (package, path) in FILES.items():
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        (tmp_path / name).symlink_to(Path(spec.origin).parent / path)
    (tmp_path / "speech.wav").symlink_to(SPEECH)
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    blocks.run(ROOT / "docs" / "graphs.md")
