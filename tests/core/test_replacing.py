"""Replacing: a file appears under its name whole, or the name stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from netencoders.cli.replacing import replacing


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return the path of a file that is not there."""
    return tmp_path / "a.npy"


@pytest.mark.parametrize("force", [False, True])
def test_it_appears_at_the_end(target: Path, force: bool) -> None:
    """The name is free until all is written."""
    with replacing(target, force=force) as file:
        file.write(b"new")
        assert not target.exists()
    assert b"new" == target.read_bytes()
    assert [target] == list(target.parent.iterdir())


def test_an_old_file_is_replaced_whole(target: Path) -> None:
    """With `force` the old content stays until all is written."""
    target.write_bytes(b"old")
    with replacing(target, force=True) as file:
        file.write(b"new")
        assert b"old" == target.read_bytes()
    assert b"new" == target.read_bytes()
    assert [target] == list(target.parent.iterdir())


@pytest.mark.parametrize("dangling", [False, True])
def test_a_file_that_has_appeared_stays(target: Path, dangling: bool) -> None:
    """Without `force`, a file or link that another program made meanwhile is left as it is."""

    def write() -> None:
        with replacing(target, force=False) as file:
            file.write(b"new")
            if dangling:
                target.symlink_to("nowhere")
            else:
                target.write_bytes(b"other")

    with pytest.raises(FileExistsError, match="a file of this name was created in the meantime"):
        write()
    assert dangling or b"other" == target.read_bytes()
    assert dangling == target.is_symlink()
    assert [target] == list(target.parent.iterdir())


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt("stop")])
def test_nothing_is_left_after_an_error(target: Path, error: BaseException) -> None:
    """What was written so far is removed, and the old file stays."""

    def write() -> None:
        with replacing(target, force=True) as file:
            file.write(b"half")
            raise error

    target.write_bytes(b"old")
    with pytest.raises(type(error), match=str(error)):
        write()
    assert b"old" == target.read_bytes()
    assert [target] == list(target.parent.iterdir())
