"""Compile the kernel of the framework: ``python -m netencoders.kernel``.

The installation of netencoders does the same, so the command is needed only if a compiler was
installed later, or if the sources have changed.
"""

import sys
from pathlib import Path

from netencoders.kernel.compile import main

if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent))
