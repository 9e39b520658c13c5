"""Fitting a body to a scan: the start, the solver, the stages, the distances and the verdict."""
