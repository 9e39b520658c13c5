"""Make the scans of a set: `python -m tests.synthetic SET [--cache DIR] [--count N]`."""

import argparse
from pathlib import Path

from tests.synthetic.people import SETS, make_set
from tests.synthetic.subjects import default_cache

parser = argparse.ArgumentParser(prog="tests.synthetic", description=__doc__)
parser.add_argument("set", choices=SETS)
parser.add_argument("--cache", type=Path, default=default_cache())
parser.add_argument("--count", type=int)
options = parser.parse_args()
chosen = SETS[options.set]
make_set(chosen, range(options.count or chosen.count), options.cache)
