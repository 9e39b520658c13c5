"""Likeness turns a 3D scan of a person into an animation-ready avatar."""

import os

__version__ = "0.1.0"

# Read when the numerical libraries load. Threads that spin while they wait make a fit ten times
# slower as soon as another program wants the same cores. numpy's know no other way of waiting, and
# what it multiplies here is small: whoever asks it for more threads would only wait longer.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ["OPENBLAS_NUM_THREADS"] = "1"
