"""The page of `explain` in headless chromium: no network, a player, and cursors that move."""

import shutil
import time
from pathlib import Path

import pytest

from netencoders import NetEncoder

SPEECH = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"
NAMES = ("chromium", "chromium-browser", "google-chrome")

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def browser():
    """Return a headless chromium of the system. No browser is an error, not a skip."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, NAMES)), None)
    assert path is not None, f"none of {', '.join(NAMES)} is in the path"
    flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=flags)
        yield started
        started.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Return a function that opens a page: it, the requests, and all messages and errors."""
    contexts = []

    def open_page(html, **options):
        file = tmp_path / "page.html"
        file.write_text(html, "utf-8")
        context = browser.new_context(viewport={"width": 1400, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        requests, problems = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(file.as_uri())
        until(page, "[...document.querySelectorAll('audio')].every(a => a.readyState)")
        return page, [url for url in requests if not url.startswith("data:")], problems

    yield open_page
    for context in contexts:
        context.close()


def until(page, expression):
    """Wait until an expression is true; `wait_for_function` would need eval, which is forbidden."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        time.sleep(0.05)
    pytest.fail(f"not true after 10 s: {expression}")


def cursors(page):
    """Return the places of the cursors in the widths of their pictures, and the time of each."""
    return page.evaluate(
        """[...document.querySelectorAll("svg[data-begin]")].map(svg => {
            const line = svg.querySelector(".cursor").getBoundingClientRect();
            const box = svg.getBoundingClientRect();
            const {begin, end} = svg.dataset;
            return +begin + (line.x + line.width / 2 - box.x) / box.width * (end - begin);
        })"""
    )


def test_page_loads_and_plays(opened):
    """It requests only itself, reports nothing, plays, and the cursor moves over all pictures."""
    encoder = NetEncoder("AudioMFCC").then("Delta")
    page, requests, problems = opened(encoder.explain(SPEECH).html)
    assert 7 == len(cursors(page))
    assert abs(3.5 - page.evaluate("document.querySelector('audio').duration")) < 0.01
    page.evaluate("document.querySelector('audio').play()")
    until(page, "document.querySelector('audio').currentTime > 0.3")
    page.evaluate("document.querySelector('audio').pause()")
    page.wait_for_timeout(300)  # the events after a pause
    played = page.evaluate("document.querySelector('audio').currentTime")
    assert [] == [place for place in cursors(page) if abs(place - played) > 0.02]
    assert ([page.url], []) == (requests, problems)


def test_click_moves_the_player(opened):
    """A click on a picture moves the player of its side to that time, and all cursors with it."""
    page, requests, problems = opened(NetEncoder("Telephone").explain(SPEECH, "AudioMFCC").html)
    page.locator("[data-side='1'] svg.picture").nth(2).click(position={"x": 100, "y": 20})
    until(page, "document.querySelectorAll('audio')[1].currentTime > 0")
    page.wait_for_timeout(300)
    times = page.evaluate("[...document.querySelectorAll('audio')].map(a => a.currentTime)")
    assert 0 == times[0]
    assert [] == [place for place in cursors(page) if abs(place - times[1]) > 0.02]
    assert ([page.url], []) == (requests, problems)


def test_one_player_plays_at_a_time(opened):
    """A player stops when the other one starts."""
    page, _, _ = opened(NetEncoder("Telephone").explain(SPEECH, "AudioMFCC").html)
    for side in (0, 1):
        page.evaluate(f"document.querySelectorAll('audio')[{side}].play()")
    page.wait_for_timeout(200)
    paused = "[...document.querySelectorAll('audio')].map(a => a.paused)"
    assert [True, False] == page.evaluate(paused)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable(opened, scheme):
    """Text contrasts with the page, light or dark."""
    page, _, _ = opened(NetEncoder("Audio").explain(SPEECH).html, color_scheme=scheme)
    colours = page.evaluate(
        """["body", "h1", "td", "summary"].map(name => {
            const style = getComputedStyle(document.querySelector(name));
            return [style.color, getComputedStyle(document.body).backgroundColor]
                .map(text => +text.match(/\\d+/g)[0]);
        })"""
    )
    assert [] == [pair for pair in colours if abs(pair[0] - pair[1]) < 180]
    assert (colours[0][1] > 128) == (scheme == "light")


def test_nothing_overflows_a_narrow_screen(opened):
    """On a narrow screen, the parameters are below the picture, and nothing is cut off."""
    page, _, _ = opened(NetEncoder("Whisper").explain(SPEECH).html)
    page.set_viewport_size({"width": 420, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_frame_of_a_notebook_plays(opened):
    """The frame that Jupyter shows loads the page, without access to the notebook."""
    html = f"<!DOCTYPE html><body>{NetEncoder('Audio').explain(SPEECH)._repr_html_()}</body>"
    page, _, problems = opened(html)
    frame = page.frames[1]
    until(frame, "document.querySelector('audio').readyState > 0")
    frame.evaluate("document.querySelector('audio').currentTime = 1.75")
    until(frame, "document.querySelector('.cursor').getAttribute('transform')?.includes('437.5')")
    assert [] == problems
