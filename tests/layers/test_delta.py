"""Delta: the rules for higher orders, and the edges."""

import numpy as np
import pytest

from netencoders import ArraySpec, EncodeError, LayerError, NetLayer, ParameterError, Varying

ROWS = np.random.default_rng(0).normal(0, 3, (40, 3)).astype(np.float32)
CUBE = np.random.default_rng(1).normal(0, 3, (50, 4, 3)).astype(np.float32)


def fitted(rows, size, order, edges):
    """Return the derivatives of polynomials that numpy fits, as in librosa."""
    half, count = size // 2, len(rows)
    if edges == "Repeat":
        rows = np.concatenate([rows[:1]] * half + [rows] + [rows[-1:]] * half)
    starts = [min(max(0, t - half), count - size) if edges != "Repeat" else t for t in range(count)]
    result = np.empty((count, rows.shape[1]))
    for t, start in enumerate(starts):
        for feature in range(rows.shape[1]):
            window = rows[start : start + size, feature].astype(float)
            fit = np.polynomial.Polynomial.fit(np.arange(start, start + size), window, order)
            result[t, feature] = fit.deriv(order)(t)
    return result


@pytest.mark.parametrize("edges", ["Repeat", "Interpolate"])
@pytest.mark.parametrize(("order", "size"), [(1, 3), (1, 9), (2, 3), (2, 9), (3, 7), (4, 11)])
@pytest.mark.parametrize("count", [11, 12, 40])
def test_polynomials_equal_the_fits_of_numpy(edges, order, size, count):
    """The derivative of a polynomial of degree Order is that of a fit, at the edges too."""
    expected = fitted(ROWS[:count], size, order, edges)
    layer = NetLayer("Delta", WindowSize=size, Order=order, HigherOrder="Polynomial", Edges=edges)
    np.testing.assert_allclose(expected, layer(ROWS[:count]), atol=1e-5)


def test_first_order_is_the_same_for_every_rule():
    """HigherOrder has no effect on Order 1: the slope of a line."""
    for edges in ("Repeat", "Interpolate"):
        layer = NetLayer("Delta", Edges=edges)
        for rule in ("Repeated", "Polynomial"):
            assert layer(ROWS).tobytes() == layer.replace(HigherOrder=rule)(ROWS).tobytes()


@pytest.mark.parametrize("edges", ["Repeat", "Interpolate"])
@pytest.mark.parametrize("array", [ROWS, ROWS[:, 0].copy(), CUBE], ids=["2", "1", "3"])
def test_repeated_deltas_equal_several_layers(edges, array):
    """Repeated has the bits of one layer after the other, in any number of dimensions."""
    one = NetLayer("Delta", Edges=edges)
    three = one.replace(Order=3, HigherOrder="Repeated")
    assert one(one(one(array))).tobytes() == three(array).tobytes()


@pytest.mark.parametrize("edges", ["Repeat", "Interpolate"])
@pytest.mark.parametrize("rule", ["Repeated", "Polynomial"])
@pytest.mark.parametrize("array", [ROWS, CUBE], ids=["2", "3"])
def test_joined_rows_have_each_order(edges, rule, array):
    """Concatenate joins the static row and each order: 13 coefficients become 39."""
    layer = NetLayer("Delta", Order=3, HigherOrder=rule, Edges=edges)
    orders = [layer.replace(Order=order)(array) for order in (1, 2, 3)]
    expected = np.concatenate([array, *orders], axis=-1)
    assert expected.tobytes() == layer.replace(Concatenate=True)(array).tobytes()
    coefficients = ArraySpec((Varying, 13))
    twice = layer.replace(Order=2, Concatenate=True)
    assert (Varying, 39) == twice.infer(coefficients).dims


def test_wide_rows_are_computed_in_parts():
    """Rows that exceed the cache, and many rows, give the sums of a loop over the rows."""
    wide = np.random.default_rng(2).normal(0, 3, (90, 20000)).astype(np.float32)
    long = np.random.default_rng(3).normal(0, 3, (3 * 8192, 4)).astype(np.float32)
    for rows in (wide, long):
        padded = np.concatenate([rows[:1]] * 2 + [rows] + [rows[-1:]] * 2).astype(float)
        near = [padded[k : k + len(rows)] for k in range(5)]
        expected = ((near[3] - near[1]) + 2 * (near[4] - near[0])) / 10
        assert np.array_equal(expected.astype(np.float32), NetLayer("Delta")(rows))


def test_equal_features_have_no_derivative():
    """Of an equal feature, each derivative is exactly 0."""
    equal = np.full((30, 2), 0.1, np.float32)
    for order in (1, 2, 3, 4):
        for rule in ("Repeated", "Polynomial"):
            assert not NetLayer("Delta", Order=order, WindowSize=9, HigherOrder=rule)(equal).any()


def test_fewer_rows_than_the_window_cannot_be_interpolated():
    """Without a whole window there is no fit: the error is too-short, or refused before."""
    layer = NetLayer("Delta", WindowSize=9, Edges="Interpolate")
    assert ROWS[:9].shape == layer(ROWS[:9]).shape
    with pytest.raises(EncodeError, match="its 8 rows are too few for the layer Delta") as caught:
        layer(ROWS[:8])
    assert "too-short" == caught.value.code
    with pytest.raises(LayerError, match="8 rows are too few"):
        layer.infer(ArraySpec((8, 3)))
    assert (9, 3) == layer.infer(ArraySpec((9, 3))).dims


def test_rules_that_do_not_fit_are_refused():
    """A polynomial needs more rows than its degree, and a filter has no polynomial at the edges."""
    with pytest.raises(ParameterError, match=r"must be above 'Order' .* Got 3 and 3"):
        NetLayer("Delta", WindowSize=3, Order=3, HigherOrder="Polynomial")
    with pytest.raises(ParameterError, match="'HigherOrder' must be 'Repeated' or 'Polynomial'"):
        NetLayer("Delta", Order=2, Edges="Interpolate")
    assert NetLayer("Delta", Edges="Interpolate").resolved["Order"] == 1
