"""netencoders turns files into arrays for neural networks, by encoders that are declared as values.

>>> from netencoders import NetEncoder
>>> NetEncoder("AudioSpectrogram", SampleRate=8000).output.dims
(Varying, 101)
"""

from typing import TYPE_CHECKING, Any

from netencoders import policies
from netencoders.arrays import ArraySpec, Axis
from netencoders.assets import Asset, read_asset
from netencoders.base import Encoder
from netencoders.batch import Batch
from netencoders.batches import worker_count
from netencoders.command import Command
from netencoders.decoder_base import Decoder, Property
from netencoders.encoder import NetEncoder
from netencoders.errors import (
    ConfigError,
    DecodeError,
    DecoderNotFoundError,
    DigestError,
    EncodeError,
    EncoderNotFoundError,
    LayerError,
    LayerNotFoundError,
    NetEncodersError,
    NetFileError,
    ParameterError,
    PluginConflictError,
    PluginError,
    PluginWarning,
    PortError,
    ProbeError,
    SpecError,
    VerificationError,
)
from netencoders.hookspecs import hookimpl, hookspec
from netencoders.importer import Config, ConfigField, Importer, read_fields
from netencoders.layer import NetLayer
from netencoders.layer_base import Layer, NeighbourLayer, RowLayer, WholeLayer, takes_out
from netencoders.net_model import NetModel, NetReader, Port, SavedModel
from netencoders.parameters import Parameter
from netencoders.policies import Policy
from netencoders.registry import (
    decoders,
    encoders,
    layers,
    register,
    registered,
    registrations,
    unregister,
)
from netencoders.sentinels import All, Automatic, Varying
from netencoders.sessions import Session
from netencoders.stages import Media, Stage, first_rows
from netencoders.values import (
    Boolean,
    Choice,
    Content,
    FileContent,
    FrozenMapping,
    Integer,
    LabelList,
    Labels,
    ListOf,
    MappingOf,
    Real,
    RefusedError,
    Samples,
    Text,
    TupleOf,
    Union,
    ValueType,
    Vector,
)
from netencoders.windows import Window, WindowFunction, window_samples
from netencoders.workers import WorkerPool, check_stop

if TYPE_CHECKING:
    from netencoders.decoder import NetDecoder
    from netencoders.graph import NetChain, NetGraph
    from netencoders.operators import NetFold, NetMap

__all__ = [
    "All",
    "ArraySpec",
    "Asset",
    "Automatic",
    "Axis",
    "Batch",
    "Boolean",
    "Choice",
    "Command",
    "Config",
    "ConfigError",
    "ConfigField",
    "Content",
    "DecodeError",
    "Decoder",
    "DecoderNotFoundError",
    "DigestError",
    "EncodeError",
    "Encoder",
    "EncoderNotFoundError",
    "FileContent",
    "FrozenMapping",
    "Importer",
    "Integer",
    "LabelList",
    "Labels",
    "Layer",
    "LayerError",
    "LayerNotFoundError",
    "ListOf",
    "MappingOf",
    "Media",
    "NeighbourLayer",
    "NetChain",
    "NetDecoder",
    "NetEncoder",
    "NetEncodersError",
    "NetFileError",
    "NetFold",
    "NetGraph",
    "NetLayer",
    "NetMap",
    "NetModel",
    "NetReader",
    "Parameter",
    "ParameterError",
    "PluginConflictError",
    "PluginError",
    "PluginWarning",
    "Policy",
    "Port",
    "PortError",
    "ProbeError",
    "Property",
    "Real",
    "RefusedError",
    "RowLayer",
    "Samples",
    "SavedModel",
    "Session",
    "SpecError",
    "Stage",
    "Text",
    "TupleOf",
    "Union",
    "ValueType",
    "Varying",
    "Vector",
    "VerificationError",
    "WholeLayer",
    "Window",
    "WindowFunction",
    "WorkerPool",
    "check_stop",
    "decoders",
    "encoders",
    "first_rows",
    "hookimpl",
    "hookspec",
    "layers",
    "policies",
    "read_asset",
    "read_fields",
    "register",
    "registered",
    "registrations",
    "takes_out",
    "unregister",
    "window_samples",
    "worker_count",
]

# Few programs use nets: they would add a seventh to the time of `import netencoders`.
_LATE = {
    "NetChain": "netencoders.graph",
    "NetDecoder": "netencoders.decoder",
    "NetGraph": "netencoders.graph",
    "NetFold": "netencoders.operators",
    "NetMap": "netencoders.operators",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_LATE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
