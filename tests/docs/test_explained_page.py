"""The page of `explain` in headless chromium: no network, a player, and cursors that move."""

from pathlib import Path

import pytest
from headless import browser, opened, until  # noqa: F401 - fixtures

from netencoders import NetEncoder

SPEECH = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


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


def test_page_loads_and_plays(opened):  # noqa: F811 - a fixture
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


def test_click_moves_the_player(opened):  # noqa: F811 - a fixture
    """A click on a picture moves the player of its side to that time, and all cursors with it."""
    page, requests, problems = opened(NetEncoder("Telephone").explain(SPEECH, "AudioMFCC").html)
    page.locator("[data-side='1'] svg.picture").nth(2).click(position={"x": 100, "y": 20})
    until(page, "document.querySelectorAll('audio')[1].currentTime > 0")
    page.wait_for_timeout(300)
    times = page.evaluate("[...document.querySelectorAll('audio')].map(a => a.currentTime)")
    assert 0 == times[0]
    assert [] == [place for place in cursors(page) if abs(place - times[1]) > 0.02]
    assert ([page.url], []) == (requests, problems)


def test_one_player_plays_at_a_time(opened):  # noqa: F811 - a fixture
    """A player stops when the other one starts."""
    page, _, _ = opened(NetEncoder("Telephone").explain(SPEECH, "AudioMFCC").html)
    for side in (0, 1):
        page.evaluate(f"document.querySelectorAll('audio')[{side}].play()")
    page.wait_for_timeout(200)
    paused = "[...document.querySelectorAll('audio')].map(a => a.paused)"
    assert [True, False] == page.evaluate(paused)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable(opened, scheme):  # noqa: F811 - a fixture
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


def test_nothing_overflows_a_narrow_screen(opened):  # noqa: F811 - a fixture
    """On a narrow screen, the parameters are below the picture, and nothing is cut off."""
    page, _, _ = opened(NetEncoder("Whisper").explain(SPEECH).html)
    page.set_viewport_size({"width": 420, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_frame_of_a_notebook_plays(opened):  # noqa: F811 - a fixture
    """The frame that Jupyter shows loads the page, without access to the notebook."""
    html = f"<!DOCTYPE html><body>{NetEncoder('Audio').explain(SPEECH)._repr_html_()}</body>"
    page, _, problems = opened(html)
    frame = page.frames[1]
    until(frame, "document.querySelector('audio').readyState > 0")
    frame.evaluate("document.querySelector('audio').currentTime = 1.75")
    until(frame, "document.querySelector('.cursor').getAttribute('transform')?.includes('437.5')")
    assert [] == problems
