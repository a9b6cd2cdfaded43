"""Time series in CSV files: a plugin of netencoders."""

import csv
import io

import numpy as np

from netencoders import ArraySpec, Axis, EncodeError, Encoder, Labels, Parameter, Varying, hookimpl


class TimeSeries(Encoder):
    """Time series: some columns of a CSV file, one row for each line.

    Output: float32, shape (n, columns).
    """

    name = "TimeSeries"
    inputs = ("path", "bytes")
    positional = ("Columns",)
    parameters = (Parameter("Columns", Labels(), doc="the columns, by their names in the header"),)

    def output(self):
        """Return the form (n, columns)."""
        columns = len(self.resolved["Columns"])
        return ArraySpec((Varying, columns), axes=(Axis("time"), Axis("column")))

    def encode(self, value):
        """Return the columns of a file, or of its bytes."""
        if isinstance(value, bytes | bytearray | memoryview):
            data = bytes(value)
        else:
            with open(value, "rb") as file:
                data = file.read()
        try:
            lines = csv.DictReader(io.StringIO(data.decode(), newline=""))
            rows = [[float(line[name]) for name in self.resolved["Columns"]] for line in lines]
            array = np.array(rows, np.float32)
        except (KeyError, TypeError, ValueError, csv.Error) as problem:
            text = f"{type(problem).__name__}: {problem}"
            raise EncodeError(text, code="malformed", remedy="correct the file") from problem
        if not rows:
            raise EncodeError("no rows", code="too-short", remedy="leave it out")
        if not np.isfinite(array).all():
            raise EncodeError("NaN or infinity", code="non-finite", remedy="correct the file")
        return array


@hookimpl
def register_encoders(register):
    """Register the encoder."""
    register(TimeSeries)
