"""Streaming arrays to .npy files, compared with numpy's reader and writer."""

import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from netencoders.cli.npy import write_blocks


def written(blocks):
    """Return the reported type and shape, and the array read back from the file."""
    file = io.BytesIO()
    reported = write_blocks(file, blocks)
    file.seek(0)
    return reported, np.load(file, allow_pickle=False)


@given(
    hnp.arrays(
        st.sampled_from(["<f4", ">f8", "i2", "c8", "?", "U3", "M8[s]"]).map(np.dtype),
        hnp.array_shapes(min_dims=1, max_dims=3, max_side=6),
    ),
    st.lists(st.integers(0, 6), max_size=5),
)
def test_numpy_reads_the_blocks_back(array, cuts):
    """np.load returns the array bit for bit, for any division into blocks."""
    (dtype, shape), back = written(np.split(array, sorted(cuts)))
    assert (array.dtype, array.shape) == (dtype, shape) == (back.dtype, back.shape)
    assert array.tobytes() == back.tobytes()


@pytest.mark.parametrize("columns", [(101,), (1,), (400, 2), ()])
def test_same_bytes_as_numpy(columns):
    """The file has the same bytes as the one that np.save writes."""
    array = np.arange(12345 * int(np.prod(columns)), dtype=np.float32).reshape(12345, *columns)
    file, expected = io.BytesIO(), io.BytesIO()
    write_blocks(file, np.array_split(array, 7))
    np.save(expected, array)
    assert expected.getvalue() == file.getvalue()


def test_views_are_written_in_c_order():
    """Strided, transposed and read-only blocks are written in C order."""
    array = np.arange(60, dtype=np.float32).reshape(6, 10)
    array.setflags(write=False)
    _, back = written([array.T[:4], np.asfortranarray(array.T[4:])])
    assert array.T.tolist() == back.tolist()


def test_single_number_is_written_without_axes():
    """A single number is written as an array without axes."""
    (_, shape), back = written([np.array(2.5)])
    assert ((), 2.5) == (shape, back.item())


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([], "there is no block to write"),
        ([np.zeros((2, 3)), np.zeros((2, 4))], "a block is float64 (2, 4), which does not fit"),
        ([np.zeros(2), np.zeros(2, np.float32)], "the first one: float64 (2,)"),
        ([np.zeros(()), np.zeros(())], "a block is float64 (), which does not fit the first one"),
        ([np.array([None])], "arrays of type object cannot be written"),
    ],
)
def test_blocks_of_unequal_forms_are_refused(blocks, message):
    """Blocks that do not form one array raise ValueError."""
    with pytest.raises(ValueError, match=re.escape(message)):
        write_blocks(io.BytesIO(), blocks)
