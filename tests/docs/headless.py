"""Fixtures that open a page in headless chromium."""

import shutil
import time

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


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
