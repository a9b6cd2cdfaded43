"""The flowcharts of nets are drawn by Mermaid, in headless chromium, with every name as given."""

import mimetypes
import re
import shutil
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from netencoders import ArraySpec, NetChain, NetEncoder, NetGraph, NetLayer, Varying
from netencoders.net_model import NetModel, Port

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SITE = "http://mermaid.test/"
PAGE = "<html><body></body></html>"
DRAW = """async text => {
    const {mermaid} = await import('/index.js');
    mermaid.initialize({startOnLoad: false, securityLevel: 'strict'});
    const {svg} = await mermaid.render('drawn', text);
    document.body.innerHTML = svg;
    const texts = found => [...document.querySelectorAll(found)].map(each => each.innerText);
    const labels = texts('.edgeLabels foreignObject > div').filter(each => each.trim());
    return {nodes: texts('.node foreignObject > div'), labels};
}"""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NAMES = [
    "two \"quotes\" and 'more'",
    "[a](b) {c} <d> (e)",
    "<script>alert(1)</script>",
    "層 ü 😀",
    "end",
    "1) one",
    "- item",
    "# title; %% comment",
    "`code` *b* _i_ __init__ ~~s~~",
    "a --> b",
    "a|b & c &amp; #35;",
    "$$x^2$$",
    "\\n back\\slash",
    "http://a/b",
    "class",
    "o",
    "=== x",
    "> quote",
    "+ 1",
    ":::x",
]


class Model(NetModel):
    """A model of two outputs."""

    kind = "OnnxNet"
    summary = "a_b_c 2.onnx"

    def __init__(self):
        self.inputs = {"x": Port(None), "1. [y]": Port(ArraySpec((Varying, 3)))}
        self.outputs = {"p": Port(ArraySpec((3,))), '"q"': Port(None)}

    def run(self, arrays):
        """Return no results."""
        return {}


@pytest.fixture(scope="module")
def draw():
    """Return a function that draws a flowchart. Mermaid is part of the package nicegui."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert path is not None, f"none of {', '.join(CHROMIUM)} is in the path"
    (index,) = (
        Path(file.locate())
        for file in metadata.files("nicegui") or []
        if file.as_posix() == "nicegui/elements/mermaid/dist/index.js"
    )

    def serve(route):
        name = route.request.url.removeprefix(SITE)
        body = (index.parent / name).read_bytes() if name else PAGE.encode()
        kind = mimetypes.guess_type(name)[0] if name else "text/html; charset=utf-8"
        route.fulfill(body=body, content_type=kind)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", serve)
        page.goto(SITE)
        yield lambda text: page.evaluate(DRAW, text)
        browser.close()


def shown(texts):
    """Return texts without the spaces that a browser folds, and without word joiners."""
    return sorted(re.sub(r"\s+", " ", text.replace("\u2060", "")).strip() for text in texts)


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_drawn_as_it_is(draw, name):
    """A layer and a port with any name are drawn with that name."""
    net = NetGraph({name: np.log1p}, [(name, f"{name} out")], Input=ArraySpec((3,)))
    drawn = draw(net.to_mermaid())
    assert shown([f"{name} log1p", f"{name} out", "Input"]) == shown(drawn["nodes"])
    assert ["float32 (3,)"] * 2 == shown(drawn["labels"])


def test_all_kinds_of_layers_are_drawn(draw):
    """Encoders, declared layers, models and nets are nodes; arrows have ports and forms."""
    inner = NetChain(["Affine", "Mean"])
    layers = {"in": inner, "m": Model(), "fit": NetLayer("FitRows", Rows=9, Action="Pad")}
    edges = [("A", "in", "m.x"), ("m.p", "fit")]
    net = NetGraph(layers, edges, A=NetEncoder("AudioSpectrogram", SampleRate=8000).then("Log"))
    drawn = draw(net.to_mermaid("LR"))
    assert shown(
        [
            "A",
            "AudioSpectrogram(SampleRate=8000) Log",
            "Input",
            "in NetChain Affine, Mean",
            "m OnnxNet a_b_c 2.onnx",
            "fit FitRows Rows=9, Action='Pad'",
            *net.outputs,
        ]
    ) == shown(drawn["nodes"])
    assert shown(
        [
            "float32 (Varying, 101)",
            "x float32 (1, 101)",
            "1. [y] float32 (Varying, 3)",
            "p float32 (3,)",
            '"q"',
            "float32 (9,)",
        ]
    ) == shown(drawn["labels"])
