"""Change: differences of rows, as a layer."""

from dataclasses import replace

import numpy as np

from netencoders import Integer, LayerError, NeighbourLayer, Parameter, Varying


class Change(NeighbourLayer):
    """Change over time: each row minus the row that is Lag rows before it.

    The first Lag rows have no such row, so n rows give n - Lag rows.
    """

    name = "Change"
    parameters = (
        Parameter(
            "Lag",
            Integer(min=1, max=1_000_000),
            default=1,
            unit="rows",
            doc="the number of rows from one row to the other",
        ),
    )

    def infer(self, form):
        """Return the form with Lag rows less; a difference has no quantity."""
        if np.dtype(form.dtype).kind != "f" or form.is_complex:
            raise LayerError(f"it takes real floating-point numbers, and gets {form.dtype}")
        rows, lag, axes = form.dims[0], self.resolved["Lag"], form.axes
        if rows is not Varying:
            if rows <= lag:
                raise LayerError(f"{rows} rows are too few for Lag {lag}")
            rows -= lag
        if axes:
            axes = (replace(axes[0], start=axes[0].at(lag)), *axes[1:])
        least = max(1, form.minimum - lag)
        return replace(form, dims=(rows, *form.dims[1:]), axes=axes, quantity="", minimum=least)

    def stream(self, blocks):
        """Yield the differences; the last Lag rows of a block are kept for the next one."""
        lag, kept = self.resolved["Lag"], None
        for block in blocks:
            rows = block if kept is None else np.concatenate([kept, block])
            if len(rows) > lag:
                yield rows[lag:] - rows[:-lag]
            kept = rows[-lag:].copy()
