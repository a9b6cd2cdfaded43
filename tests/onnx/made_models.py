"""Models for tests, as bytes, in the text format of the package `onnx`."""

import functools

HEAD = '<ir_version: 8, opset_import: ["" : 17]> '

DOUBLE = "net (float[N, 3] x) => (float[N, 3] y) { y = Add(x, x) }"

# The sums of the rows that the lengths count, all rows plus 1, and the lengths.
SUMS = """net (float[N, T, 3] x, int64[N] n) =>
    (float[N, 3] sums, float[N, T, 3] rows, int64[N] m) {
    one = Constant<value = int64[1] {1}>()
    two = Constant<value = int64[1] {2}>()
    ones = Constant<value = float[1] {1}>()
    start = Constant<value = int64 {0}>()
    step = Constant<value = int64 {1}>()
    shape = Shape(x)
    count = Gather(shape, step)
    places = Range(start, count, step)
    column = Unsqueeze(n, one)
    inside = Less(places, column)
    numbers = Cast<to = 1>(inside)
    mask = Unsqueeze(numbers, two)
    masked = Mul(x, mask)
    sums = ReduceSum<keepdims = 0>(masked, one)
    rows = Add(x, ones)
    m = Identity(n)
}"""

# Three inputs, two outputs; one input has the batch axis last.
THREE = """net (float[N, T] a, float[N, 4] b, int64[2, N] c) => (float[N, T] p, float[2, N] q) {
    one = Constant<value = int64[1] {1}>()
    means = ReduceMean<axes = [1], keepdims = 1>(b)
    p = Mul(a, means)
    numbers = Cast<to = 1>(c)
    flat = ReduceMean<axes = [1], keepdims = 0>(a)
    q = Add(numbers, flat)
}"""

# As models of speech are: a state of shape (2, N, 4), and the sample rate.
STATE = """net (float[N, T] x, float[2, N, 4] state, int64 sr) =>
    (float[N, 1] y, float[2, N, 4] next) {
    one = Constant<value = int64[1] {1}>()
    sums = ReduceSum<keepdims = 1>(x, one)
    rate = Cast<to = 1>(sr)
    rates = Mul(sums, rate)
    means = ReduceMean<axes = [0, 2], keepdims = 0>(state)
    column = Unsqueeze(means, one)
    y = Add(rates, column)
    half = Constant<value = float[1] {0.5}>()
    next = Add(state, half)
}"""


@functools.cache
def made(text: str, head: str = HEAD) -> bytes:
    """Return the model of a text; its batch axes and others are symbolic letters."""
    import onnx.parser

    return onnx.parser.parse_model(head + text).SerializeToString()


def one_type(kind: int, dims=("N",), output=None) -> bytes:
    """Return a model that returns its input, of an element type of ONNX."""
    from onnx import helper

    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("Identity", ["x"], ["y"])],
            "net",
            [helper.make_tensor_value_info("x", kind, dims)],
            [helper.make_tensor_value_info("y", kind, dims if output is None else output)],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
    )
    model.ir_version = 8
    return model.SerializeToString()


def with_weights(folder, location="m.data"):
    """Write a model whose weights are in a file beside it, and return its path."""
    import onnx.external_data_helper
    import onnx.parser

    text = "net (float[N, 3] x) => (float[N, 2] y) <float[3, 2] w = {1, 2, 3, 4, 5, 6}>"
    model = onnx.parser.parse_model(HEAD + text + " { y = MatMul(x, w) }")
    (weights,) = model.graph.initializer
    import numpy as np

    data = np.array(weights.float_data, np.float32).tobytes()
    del weights.float_data[:]
    weights.raw_data = data
    onnx.external_data_helper.set_external_data(weights, location, 0, len(data))
    weights.ClearField("raw_data")
    path = folder / "m.onnx"
    path.write_bytes(model.SerializeToString())
    target = folder / location
    if ".." not in location and not location.startswith("/"):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return path
