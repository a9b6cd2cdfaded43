"""The compiled kernel, with each number of lanes that this processor supports."""

import pytest

from netencoders.kernel.library import chosen, loaded
from netencoders_audio.kernel.library import FOLDER, with_functions

COMPILED = loaded(FOLDER)
WIDE = COMPILED is not None and COMPILED.netencoders_lanes() == 8


@pytest.fixture(params=["narrow", "wide"])
def kernel(request):
    """Return the functions for 4 lanes, and for 8."""
    if COMPILED is None or (request.param == "wide" and not WIDE):
        pytest.skip("of the compiled kernel")
    return with_functions(chosen(COMPILED, "sse2" if request.param == "narrow" and WIDE else None))
