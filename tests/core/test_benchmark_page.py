"""The pages with figures of the benchmark: they are written from the JSON of a run."""

import json

import pytest

pytest.importorskip("benchmarks", reason="benchmarks are not part of the wheel")

from benchmarks import page

FACTS = {
    "processor": "a processor",
    "processors": 2,
    "python": "3.12.1",
    "versions": {"numpy": "2.5.5", "torch": None},
    "kernel": "kernel avx2",
    "date": "1 December 2026",
    "repeats": 5,
    "copy": 12.34e9,
}


def line(system, values, **more):
    """Return the JSON values of a line."""
    median = sorted(values)[len(values) // 2] if values else None
    names = ("ratio", "target", "met", "allowed", "problem", *page.COLUMNS)
    known = dict.fromkeys(names) | {"encoder": "A", "parameters": {}, "threads": 1, "floor": False}
    return known | {"system": system, "values": values, "median": median} | more


ROW = {
    "id": "S1",
    "work": "some work",
    "unit": "s",
    "lines": [
        line("netencoders", [0.1, 0.1, 0.11], **{"of copy speed": 0.125}),
        line(
            "peer",
            [0.4, 0.2, 0.3],
            ratio=3.0,
            target="at least 4x faster",
            met=False,
            allowed=0.075,
        ),
        line(
            "good",
            [1.0],
            ratio=10.0,
            target="at least 4x faster",
            met=True,
            allowed=0.25,
            threads=2,
        ),
        line("floor", [0.05], ratio=0.5, floor=True, **{"to kernel alone": 1.25}),
        line("netencoders, 2 workers", [0.2], parameters={"Power": 1}, threads=2),
        line("absent", [], problem="missing: not installed: absent", target="at least 2x faster"),
    ],
}


def test_part_of_the_rows():
    """The part has the machine, a line for each system, the missed targets and the problems."""
    text = page.rows_part({**FACTS, "rows": [ROW]})
    assert text.splitlines() == [
        "Measured on 1 December 2026, on 2 cores of a processor, with the kernel avx2.",
        "A copy in memory reads and writes 12.3 GB/s on one thread.",
        "The times are medians of 5 values, with the spread if it is wide.",
        "Python 3.12.1, numpy 2.5.5.",
        "",
        (
            "| row | system | time | netencoders is | target | of copy speed | to decoding alone "
            "| to kernel alone |"
        ),
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| S1: some work | **netencoders** | 100 ms |  |  | 12% |  |  |",
        (
            "|  | peer | 300 ms (200 ms to 400 ms) | 3.0x faster | at least 4x faster: **missed** "
            "|  |  |  |"
        ),
        "|  | good, 2 threads | 1 s | 10.0x faster | at least 4x faster: met |  |  |  |",
        "|  | floor | 50 ms | 2.00x slower |  |  |  | 1.25 |",
        "|  | **netencoders, 2 workers** | 200 ms |  |  |  |  |  |",
        "|  | absent | missing |  |  |  |  |  |",
        "",
        "1 of the 3 targets are met.",
        "",
        "This table has the missed targets, the times that they allow, and the row's floors:",
        "",
        "| row | compared with | time allowed | netencoders takes | the floors take |",
        "| --- | --- | --- | --- | --- |",
        "| S1 | peer | 75 ms | 100 ms | floor 50 ms, 67% of the allowed time |",
        "",
        "- S1, absent: missing: not installed: absent",
    ]


def test_memory_is_in_megabytes():
    """A row of memory has megabytes, and says less or more."""
    lines = [line("netencoders", [4e6]), line("peer", [8e6], ratio=2.0)]
    text = page.rows_part({**FACTS, "rows": [{**ROW, "unit": "B", "lines": lines}]})
    assert "|  | peer | 8.0 MB | 2.0x less |" in text
    assert "missed" not in text


def test_part_of_the_grid():
    """The part has the line of each setting, the number of met targets, and the problems."""
    text = page.grid_part({**FACTS, "rows": [ROW]})
    assert "1.50x" not in text
    assert "0 of the 1 settings meet the target." in text
    assert text.endswith("- S1, absent: missing: not installed: absent")


def test_part_of_the_readme():
    """README.md has three rows, and an empty cell for a peer that was not measured."""
    rows = [
        {"id": "S1", "lines": [line("netencoders", [0.1]), line("torchaudio", [0.4], ratio=4.0)]},
        {"id": "S8-mel", "lines": [line("netencoders, as librosa", [0.2])]},
        {
            "id": "S5-WAV",
            "lines": [
                line("netencoders", [0.5]),
                line("soundfile + torchaudio", [1.0], ratio=2.0),
            ],
        },
    ]
    text = page.speed_part({**FACTS, "rows": rows})
    assert text.splitlines()[-3:] == [
        "| spectrogram of 10 minutes in memory, one thread (S1) | 100 ms | 400 ms, 4.0x |  |",
        "| mel spectrogram of 10 minutes in memory, one thread (S8-mel) | 200 ms |  |  |",
        (
            "| 300 WAV files of 3 to 15 s, one worker (S5-WAV) | 500 ms | with soundfile 1 s, 2.0x "
            "|  |"
        ),
    ]


def test_parts_are_replaced_between_their_comments():
    """Only the text between the two comments of a part is replaced."""
    begin, end = page.BEGIN.format("rows"), page.END.format("rows")
    text = f"a\n{begin}\nold\n{end}\nb\n"
    assert f"a\n{begin}\nnew\n{end}\nb\n" == page.replaced(text, "rows", "\nnew\n")
    for wrong in ("a", text + begin, text.replace(end, "")):
        with pytest.raises(ValueError, match=r"the text must have <!-- rows: written by .* once"):
            page.replaced(wrong, "rows", "new")


def test_pages_have_the_figures_of_the_json():
    """docs/benchmarks.md and README.md are as `python -m benchmarks.page` writes them."""
    measured, grid = (json.loads(path.read_text("utf-8")) for path in (page.ROWS, page.GRID))
    for path, text in page.written(measured, grid).items():
        assert text == path.read_text("utf-8")


def test_command_writes_the_pages(monkeypatch, tmp_path):
    """The command writes each page."""
    monkeypatch.setattr(page, "written", lambda measured, grid: {tmp_path / "page.md": "text"})
    assert 0 == page.main()
    assert "text" == (tmp_path / "page.md").read_text()
