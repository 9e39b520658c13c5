"""Likeness turns a 3D scan of a person into an animation-ready avatar."""

__version__ = "0.1.0"
