"""The page of a corpus in headless chromium: no network, players, cursors, light and dark."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from headless import browser, opened, until  # noqa: F401 - fixtures

from netencoders import NetEncoder
from netencoders_corpus import encode
from netencoders_corpus.page import write_page

SPEECH = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """Return the page of 22 recordings and a broken file, whose names are HTML."""
    root = tmp_path_factory.mktemp("page")
    folder = root / "in"
    folder.mkdir()
    for number in range(21):
        noise = np.random.default_rng(number).normal(0, 0.05, 16000 + number)
        soundfile.write(folder / f"{number}<img src=x onerror=alert(1)>.wav", noise, 16000)
    (folder / "speech.wav").write_bytes(SPEECH.read_bytes())
    (folder / "<script>alert(1)<x>.wav").write_bytes(b"")
    encode(NetEncoder("Speech40Mel").then("Log", Floor=1e-10), folder, root / "out")
    write_page(root / "out", root / "report.html", source=folder)
    return (root / "report.html").read_text("utf-8")


def test_page_loads_and_plays(opened, html):  # noqa: F811 - a fixture
    """It requests only itself, reports nothing, and the cursor of a row moves with its player."""
    page, requests, problems = opened(html)
    assert 20 == page.locator("article audio").count()
    assert 20 == page.locator("article svg[data-begin]").count()
    page.evaluate("document.querySelectorAll('audio')[3].play()")
    until(page, "document.querySelectorAll('audio')[3].currentTime > 0.2")
    page.evaluate("document.querySelectorAll('audio')[4].play()")
    page.wait_for_timeout(200)
    paused = page.evaluate("[...document.querySelectorAll('audio')].map(a => a.paused)")
    assert [4] == [place for place, state in enumerate(paused) if not state]
    page.evaluate("document.querySelectorAll('audio')[4].pause()")
    page.wait_for_timeout(300)
    moved = "[...document.querySelectorAll('.cursor')].map(c => c.getAttribute('transform'))"
    assert [3, 4] == [place for place, state in enumerate(page.evaluate(moved)) if state]
    assert ([page.url], []) == (requests, problems)


def test_click_moves_the_player(opened, html):  # noqa: F811 - a fixture
    """A click on a picture moves the player of its row to that time."""
    page, requests, problems = opened(html)
    page.locator("article svg.picture").nth(2).click(position={"x": 300, "y": 20})
    until(page, "document.querySelectorAll('audio')[2].currentTime > 0.1")
    times = page.evaluate("[...document.querySelectorAll('audio')].map(a => a.currentTime)")
    assert [2] == [place for place, time in enumerate(times) if time]
    assert ([page.url], []) == (requests, problems)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_bars_are_visible(opened, html, scheme):  # noqa: F811 - a fixture
    """Text and bars contrast with the page, light or dark."""
    page, _, _ = opened(html, color_scheme=scheme)
    text, back, bar = page.evaluate(
        """(() => {
            const body = getComputedStyle(document.body);
            const bar = getComputedStyle(document.querySelector(".bar"));
            return [body.color, body.backgroundColor, bar.fill].map(
                text => text.match(/\\d+/g).slice(0, 3).map(Number));
        })()"""
    )
    assert abs(text[0] - back[0]) > 180
    assert sum(abs(a - b) for a, b in zip(bar, back, strict=True)) > 150
    assert (back[0] > 128) == (scheme == "light")


def test_nothing_overflows_a_narrow_screen(opened, html):  # noqa: F811 - a fixture
    """On a narrow screen, nothing is cut off."""
    page, _, _ = opened(html)
    page.set_viewport_size({"width": 420, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
