"""Runs `python -m likeness`, which is the same as the command `likeness`."""

import sys

from likeness.cli import main

if __name__ == "__main__":
    sys.exit(main())
