"""Fingerprints of Hugging Face datasets: a cache is found again, and is not used when stale."""

from __future__ import annotations

import subprocess
import sys

import pytest

from netencoders import NetEncoder

pytestmark = pytest.mark.parity

CODE = """
from datasets.fingerprint import Hasher
from netencoders import NetEncoder
encoder = NetEncoder("AudioMelSpectrogram", SampleRate=int("8000"))
print(Hasher.hash(encoder))
"""


def test_fingerprints_are_equal_in_two_processes_and_change_with_the_revision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`map` of datasets finds its cache in another process, and not after a new revision."""
    from datasets.fingerprint import Hasher

    def fingerprint_in_a_process() -> str:
        command = [sys.executable, "-c", CODE]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    encoder = NetEncoder("AudioMelSpectrogram", SampleRate=8000)
    here = Hasher.hash(encoder)
    assert here == fingerprint_in_a_process() == fingerprint_in_a_process()
    assert here != Hasher.hash(NetEncoder("AudioMelSpectrogram"))
    monkeypatch.setattr(type(encoder._encoder), "revision", encoder.revision + 1)
    raised = NetEncoder("AudioMelSpectrogram", SampleRate=8000)
    assert here != Hasher.hash(raised)
