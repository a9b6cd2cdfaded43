"""``python -m netencoders`` is the command ``netencoders``."""

import sys

from netencoders.cli import main

if __name__ == "__main__":
    sys.exit(main())
