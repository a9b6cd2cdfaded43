"""Models that run another model over the rows of an array: NetMap and NetFold."""

from netencoders.operators.folds import NetFold
from netencoders.operators.maps import NetMap

__all__ = ["NetFold", "NetMap"]
