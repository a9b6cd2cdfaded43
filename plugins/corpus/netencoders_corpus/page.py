"""The page of a corpus: one file of HTML that needs no network and no other file.

All texts are escaped. A policy in the page lets a browser run no script and no style but those of
the page, and load nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

from netencoders import NetEncoder, NetEncodersError
from netencoders.errors import printable
from netencoders.explain.page import common_scale, data_uri, drawing_of, figure, policy_hash
from netencoders_corpus.files import reported
from netencoders_corpus.page_charts import chart, clipping_bars, duration_bars, level_bars
from netencoders_corpus.page_numbers import EXAMPLES, Numbers, read_numbers
from netencoders_corpus.page_sample import MEASURED, Shown, items_of, shown_of
from netencoders_corpus.sources import Source

__all__ = ["write_page"]

SAMPLE: Final = 200
SHOWN: Final = 20
SECONDS: Final = 5.0


def write_page(
    corpus: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    source: str | os.PathLike[str] | Source | None = None,
    column: str | None = None,
    sample: int = SAMPLE,
    shown: int = SHOWN,
    seed: int = 0,
) -> None:
    """Write a page that shows a corpus: totals, durations, failures, levels, and some rows.

    The shards are read once, without their arrays. Levels, clipping, pictures and players come from
    a random sample of the inputs, which are decoded again; the page says how many.

    Parameters
    ----------
    corpus : str or path-like
        The folder of the corpus.
    out : str or path-like
        The page, by convention ``report.html``; an existing one is replaced.
    source : str, path-like or Source, optional
        The source of the corpus; by default the one that corpus.json names. Without it, or if it
        cannot be read, the page has no sample, and says so.
    column : str, optional
        As for `encode`.
    sample : int
        The number of inputs whose level is measured.
    shown : int
        The number of inputs of the sample that are drawn, with players of at most 5 s.
    seed : int
        It determines the sample.

    Raises
    ------
    CorpusError
        The folder is no corpus, a shard cannot be read, or the page cannot be written.
    """
    folder, path = Path(corpus), Path(out)
    numbers = read_numbers(folder, sample, seed)
    encoder, notes = _encoder(numbers)
    found: list[Shown] = []
    if encoder is not None:
        given = numbers.description.get("source") if source is None else source
        found, problem = _sampled(numbers, encoder, given, column, shown)
        notes += [problem] if problem else []
    html = _page(folder, numbers, encoder, found, notes)
    temporary = path.with_name(f".{path.name}-{os.getpid()}.tmp")
    with reported(path, goes_on=False):
        try:
            temporary.write_text(html, "utf-8")
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def _encoder(numbers: Numbers) -> tuple[NetEncoder | None, list[str]]:
    """Return the encoder of a corpus, and a note if it cannot be made, or has changed."""
    try:
        encoder = NetEncoder.from_dict(numbers.description["encoder"])
    except (NetEncodersError, KeyError, TypeError) as problem:
        return None, [f"No input is shown: the encoder cannot be made here: {problem}"]
    if encoder.digest != numbers.description.get("digest"):
        text = "The encoder that is installed here has another digest than the rows: the pictures "
        return encoder, [f"{text}are its arrays."]
    return encoder, []


def _sampled(
    numbers: Numbers, encoder: NetEncoder, source: Any, column: str | None, count: int
) -> tuple[list[Shown], str]:
    """Decode the sample again; return also a sentence if it cannot be."""
    if not numbers.chosen:
        return [], ""
    if not source:
        return [], "No input is shown: corpus.json does not name the source. Name it."
    try:
        items = items_of(numbers.chosen, source, column)
    except (NetEncodersError, OSError) as problem:
        return [], f"No input is shown: the source cannot be read: {problem}"
    found = []
    for place, identity in enumerate(numbers.chosen):
        if (item := items.get(identity)) is None:
            found.append(Shown(identity, "the source has no such item any more"))
        else:
            found.append(shown_of(item, encoder, drawn=place < count, seconds=SECONDS))
    return found, ""


def _page(
    folder: Path,
    numbers: Numbers,
    encoder: NetEncoder | None,
    found: Sequence[Shown],
    notes: Sequence[str],
) -> str:
    title = printable(f"Corpus {folder.resolve().name}")
    style, script = _file("page.css"), _file("page.js")
    policy = (
        "default-src 'none'; img-src data:; media-src data:; "
        f"style-src '{policy_hash(style)}'; script-src '{policy_hash(script)}'"
    )
    declared = _text(repr(encoder)) if encoder is not None else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{_text(title)}</title><style>{style}</style></head><body>"
        f"<header><h1>{_text(title)}</h1><p><code>{declared}</code></p>"
        f"{_notes(notes)}</header><main>"
        f"{_totals(numbers)}{_durations(numbers)}{_failures(numbers)}{_levels(found)}"
        f"{_rows(found)}</main><script>{script}</script></body></html>\n"
    )


def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


def _text(text: str) -> str:
    return escape(printable(text))


def _notes(notes: Sequence[str]) -> str:
    return "".join(f'<p class="notes">{_text(note)}</p>' for note in notes)


def _totals(numbers: Numbers) -> str:
    failed = numbers.codes.total()
    share = f" ({100 * failed / numbers.rows:.3g} %)" if failed else ""
    rows = [
        ("rows", f"{numbers.rows:,}"),
        ("failed", f"{failed:,}{share}"),
        ("hours of audio", f"{numbers.seconds / 3600:,.2f}" if numbers.durations else "not known"),
        ("frames", f"{numbers.frames:,}"),
        ("shards", f"{numbers.shards:,}, {numbers.bytes / 1e6:,.1f} MB"),
        ("stored as", str(numbers.description.get("dtype", ""))),
        ("digest", str(numbers.description.get("digest", ""))),
    ]
    rates = [f"{rate:,} Hz: {count:,}" for rate, count in sorted(numbers.rates.items())]
    rows += [("rows by sample rate", "; ".join(rates))] if rates else []
    cells = "".join(f"<tr><th>{_text(a)}</th><td>{_text(b)}</td></tr>" for a, b in rows)
    return f'<section id="totals"><h2>Totals</h2><table>{cells}</table></section>'


def _durations(numbers: Numbers) -> str:
    if not numbers.durations:
        return ""
    picture = chart(duration_bars(numbers.durations), "duration in s, on a logarithmic scale")
    return f'<section id="durations"><h2>Durations</h2>{picture}</section>'


def _failures(numbers: Numbers) -> str:
    if not numbers.codes:
        return '<section id="failures"><h2>Failures</h2><p>No row failed.</p></section>'
    parts = []
    for code, count in sorted(numbers.codes.items(), key=lambda pair: (-pair[1], pair[0])):
        examples = "".join(
            f"<tr><td>{_text(identity)}</td><td>{_text(message)}</td></tr>"
            for identity, message in numbers.examples[code]
        )
        left = count - len(numbers.examples[code])
        more = f"<p>{left:,} more.</p>" if left else ""
        parts.append(
            f"<details open><summary><code>{_text(code)}</code>: {count:,}</summary>"
            f'<div class="scroll"><table><tr><th>id</th><th>message</th></tr>{examples}</table>'
            f"</div>{more}</details>"
        )
    text = f"<p>The first {EXAMPLES} rows of each code.</p>"
    return f'<section id="failures"><h2>Failures</h2>{text}{"".join(parts)}</section>'


def _levels(found: Sequence[Shown]) -> str:
    levels = [each.level for each in found if each.level is not None and not each.problem]
    if not levels:
        return ""
    shares = [each.clipped for each in found if each.level is not None and not each.problem]
    text = (
        f"<p>Of {len(levels)} inputs that were chosen at random and decoded again: the first "
        f"{MEASURED:g} s of all channels.</p>"
    )
    return (
        f'<section id="levels"><h2>Level and clipping</h2>{text}<div class="pair">'
        f"<div>{chart(level_bars(levels), 'root mean square in dB of full scale')}</div>"
        f"<div>{chart(clipping_bars(shares), 'share of samples at full scale')}</div>"
        "</div></section>"
    )


def _rows(found: Sequence[Shown]) -> str:
    """Return the inputs that are drawn, and those that could not be decoded again."""
    drawn = [each for each in found if each.stage is not None]
    if not found:
        return ""
    lost = [each for each in found if each.problem]
    problems = "".join(
        f"<tr><td>{_text(each.id)}</td><td>{_text(each.problem)}</td></tr>" for each in lost
    )
    table = (
        f"<details open><summary>{len(lost)} of the {len(found)} inputs of the sample cannot be "
        f'decoded any more</summary><div class="scroll"><table>{problems}</table></div></details>'
        if lost
        else ""
    )
    articles = "".join(_article(each, number) for number, each in enumerate(drawn))
    title = f"{len(drawn)} rows, chosen at random"
    return f'<section id="rows"><h2>{title}</h2>{table}{articles}</section>'


def _article(shown: Shown, number: int) -> str:
    assert shown.stage is not None  # noqa: S101 - for mypy: the caller chooses those
    drawing = drawing_of(shown.stage)
    picture = figure(shown.stage, drawing, common_scale([drawing] if drawing else []))
    texts = [f"shape {shown.stage.array.shape}{' of the first rows' * shown.stage.is_cut}"]
    if shown.level is not None:
        texts.append(f"{shown.level:.1f} dB, {100 * shown.clipped:.3g} % at full scale")
    player = ""
    if shown.media is not None:
        tag = "video" if shown.media.type.startswith("video/") else "audio"
        player = f'<{tag} controls preload="metadata" src="{data_uri(shown.media)}"></{tag}>'
        texts += [shown.media.note] if shown.media.note else []
    return (
        f'<article data-side="{number}"><h3>{_text(shown.id)}</h3><p>{_text("; ".join(texts))}</p>'
        f"{_notes(shown.notes)}{player}{picture}</article>"
    )
