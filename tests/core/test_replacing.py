"""Replacing: a file gets its name when it is complete; after an error nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from netencoders.replacing import replacing


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return a path without a file."""
    return tmp_path / "a.npy"


@pytest.mark.parametrize("force", [False, True])
def test_file_appears_when_it_is_complete(target: Path, force: bool) -> None:
    """No file has the name until all bytes are written."""
    with replacing(target, force=force) as file:
        file.write(b"new")
        assert not target.exists()
    assert b"new" == target.read_bytes()
    assert [target] == list(target.parent.iterdir())


def test_old_file_stays_until_the_new_one_is_complete(target: Path) -> None:
    """With `force`, the old content stays until all bytes are written."""
    target.write_bytes(b"old")
    with replacing(target, force=True) as file:
        file.write(b"new")
        assert b"old" == target.read_bytes()
    assert b"new" == target.read_bytes()
    assert [target] == list(target.parent.iterdir())


@pytest.mark.parametrize("dangling", [False, True])
def test_file_created_meanwhile_is_kept(target: Path, dangling: bool) -> None:
    """Without `force`, a file or link that another program makes meanwhile is unchanged."""

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
def test_error_leaves_the_old_file(target: Path, error: BaseException) -> None:
    """After an error the partial file is removed, and the old file stays."""

    def write() -> None:
        with replacing(target, force=True) as file:
            file.write(b"half")
            raise error

    target.write_bytes(b"old")
    with pytest.raises(type(error), match=str(error)):
        write()
    assert b"old" == target.read_bytes()
    assert [target] == list(target.parent.iterdir())
