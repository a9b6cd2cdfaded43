"""The compiled kernel, with each number of lanes that this processor supports."""

import pytest

from netencoders_audio.kernel.library import chosen, loaded

COMPILED = loaded()
WIDE = COMPILED is not None and COMPILED.netencoders_lanes() == 8


@pytest.fixture(params=["narrow", "wide"])
def kernel(request):
    """Return the functions for 4 lanes, and for 8."""
    if COMPILED is None or (request.param == "wide" and not WIDE):
        pytest.skip("of the compiled kernel")
    fastest = chosen(COMPILED, None)
    return fastest if request.param == "wide" or not WIDE else chosen(COMPILED, "sse2")
