"""A short fuzzing run; python -m benchmarks.fuzz is the long one."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_damaged_recordings_give_an_array_or_an_error(tmp_path):
    """Files with flipped bits and removed or moved parts give an array or an EncodeError."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.fuzz", "--cases", "1500", "--folder", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr), done.stdout
    assert re.match("1500 cases, 0 failures: ", done.stdout)
    assert {"array", "malformed", "truncated"} <= set(re.findall(r'"([a-z-]+)"', done.stdout))
