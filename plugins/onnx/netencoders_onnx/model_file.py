"""The facts about a model that are needed before onnxruntime reads it, from the bytes of its file.

onnxruntime opens each file that a model refers to (external data). So all references are read
first: of the tensors of a graph, its subgraphs, attributes, functions and training. A tensor counts
as external unless the model says that it is not.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from dataclasses import dataclass
from typing import Final

from netencoders.errors import PortError
from netencoders_onnx.wire import BYTES, NUMBER, Budget, WireError, fields

__all__ = ["ModelFacts", "model_facts"]

# The messages of onnx.proto, and their fields that lead to tensors.
MESSAGES: Final[dict[str, dict[int, str]]] = {
    "Model": {7: "Graph", 20: "Training", 25: "Function"},
    "Training": {1: "Graph", 2: "Graph"},
    "Function": {7: "Node", 11: "Attribute"},
    "Graph": {1: "Node", 5: "Tensor", 15: "SparseTensor"},
    "Node": {5: "Attribute"},
    "Attribute": dict.fromkeys((5, 10), "Tensor")
    | dict.fromkeys((6, 11), "Graph")
    | dict.fromkeys((22, 23), "SparseTensor"),
    "SparseTensor": {1: "Tensor", 2: "Tensor"},
}
MOST_LEVELS: Final = 100  # as in the reader of onnxruntime

LFS: Final = b"version https://git-lfs"
KNOWN: Final = {
    (0, b"RIFF"): ("a WAV file", ""),
    (0, b"fLaC"): ("a FLAC file", ""),
    (0, b"PK\x03\x04"): ("a zip archive", "torch.onnx.export makes a .onnx file of a torch module"),
    (0, b"\x89HDF"): ("an HDF5 file", "tf2onnx converts models of Keras"),
    (0, b"\x93NUMPY"): ("an array of numpy", ""),
    (4, b"ORTM"): (
        "a model in the ORT format",
        "give the .onnx file that it is made of",
    ),
    (4, b"TFL3"): ("a model of TensorFlow Lite", "tf2onnx converts it"),
}


@dataclass(frozen=True)
class ModelFacts:
    """Facts about a model.

    Attributes
    ----------
    ir_version : int
        The version of the format.
    locations : tuple of str
        The files that hold data of the model.
    unshaped : frozenset of str
        The inputs and outputs of which not even the number of dimensions is declared.
    """

    ir_version: int
    locations: tuple[str, ...]
    unshaped: frozenset[str]


def model_facts(content: bytes, name: str) -> ModelFacts:
    """Return the facts about the model in a file.

    Raises
    ------
    PortError
        The bytes are not an ONNX model. `name` begins the message.
    """
    if not content:
        raise PortError(f"{name}: it is empty (0 bytes). Fetch the model again.")
    other, remedy = _other_kind(content)
    if other:
        remedy = remedy or "give the .onnx file of a model"
        raise PortError(f"{name}: it is {other}, not an ONNX model: {remedy}.")
    try:
        return _facts(content)
    except (WireError, UnicodeDecodeError) as error:
        problem = error if isinstance(error, WireError) else "a name in it is not UTF-8"
        raise PortError(
            f"{name}: it is not an ONNX model, or is truncated: {problem} (the file has "
            f"{len(content)} bytes). Fetch the model again."
        ) from None


def _other_kind(content: bytes) -> tuple[str, str]:
    """Return the kind of a file that is known not to be a model, and a remedy."""
    if content.startswith(LFS):
        return "a pointer of Git LFS", "fetch the file itself by 'git lfs pull'"
    for (place, mark), found in KNOWN.items():
        if content[place : place + len(mark)] == mark:
            return found
    if _is_text(content[:256]):
        return "a text", ""
    return "", ""


def _is_text(head: bytes) -> bool:
    """Return whether bytes are UTF-8 without control characters; the last letter may be cut."""
    try:
        text = getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\t\r\n" for letter in text)


def _facts(content: bytes) -> ModelFacts:
    ir_version, has_graph = 0, False
    locations: dict[str, None] = {}
    unshaped: set[str] = set()
    budget = Budget()
    waiting = [("Model", 0, len(content), 0)]
    while waiting:
        message, start, end, level = waiting.pop()
        if level > MOST_LEVELS:
            raise WireError(f"its parts are nested more than {MOST_LEVELS} times")
        if message == "Tensor":
            locations |= dict.fromkeys(_tensor_locations(content, start, end, budget))
            continue
        parts = MESSAGES[message]
        for field in fields(content, start, end, budget):
            if field.type == BYTES and field.number in parts:
                waiting.append((parts[field.number], field.start, field.end, level + 1))
                has_graph |= message == "Model" and field.number == 7
            if message == "Model" and (field.number, field.type) == (1, NUMBER):
                ir_version = field.start
            if message == "Graph" and level == 1 and field.number in (11, 12):
                unshaped |= _unshaped(content, field.start, field.end, budget)
    if not has_graph:
        raise WireError("it has no graph")
    return ModelFacts(ir_version, tuple(locations), frozenset(unshaped))


def _tensor_locations(content: bytes, start: int, end: int, budget: Budget) -> list[str]:
    """Return the files of a tensor; several fields of one name may contradict each other."""
    found, places = [], []
    for field in fields(content, start, end, budget):
        if (field.number, field.type) == (13, BYTES):
            entry = list(fields(content, field.start, field.end, budget))
            texts = {
                number: [
                    content[each.start : each.end]
                    for each in entry
                    if (each.number, each.type) == (number, BYTES)
                ]
                for number in (1, 2)
            }
            if b"location" in texts[1]:
                found += texts[2] or [b""]
        elif (field.number, field.type) == (14, NUMBER):
            places.append(field.start)
    is_inside = bool(places) and not any(places)
    return [] if is_inside else [text.decode("utf-8") for text in found]


def _unshaped(content: bytes, start: int, end: int, budget: Budget) -> set[str]:
    """Return the name of an input or output whose type has no shape; else no name."""
    name, has_shape = b"", False
    waiting = [(0, start, end)]
    while waiting:
        level, start, end = waiting.pop()
        for field in fields(content, start, end, budget):
            if field.type != BYTES:
                continue
            if level == 0 and field.number == 1:
                name = content[field.start : field.end]
            # The path to the shape: type, tensor_type, shape.
            if field.number == (2, 1, 2)[level]:
                if level == 2:
                    has_shape = True
                else:
                    waiting.append((level + 1, field.start, field.end))
    return set() if has_shape else {name.decode("utf-8")}
