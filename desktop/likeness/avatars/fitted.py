"""What an avatar takes from a fit: structural types, since rooms of one floor know no other's."""

# ruff: noqa: D102 - `fitting.fit` describes the fields
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Float64

from likeness.bodies.pose import BodyParameters
from likeness.scans.scan import Scan


@runtime_checkable
class FittedSpread(Protocol):
    """Mean, median and 95th percentile of distances, in millimetres."""

    @property
    def mean(self) -> float: ...
    @property
    def median(self) -> float: ...
    @property
    def p95(self) -> float: ...


@runtime_checkable
class FittedDistances(Protocol):
    """Distances both ways, and the share of the avatar's skin that has scan near it."""

    @property
    def scan_to_avatar(self) -> FittedSpread: ...
    @property
    def avatar_to_scan(self) -> FittedSpread: ...
    @property
    def coverage(self) -> float: ...


@runtime_checkable
class FittedVerdict(Protocol):
    """"good", "check" or "poor", with the reasons in plain sentences."""

    @property
    def level(self) -> str: ...
    @property
    def reasons(self) -> tuple[str, ...]: ...


@runtime_checkable
class Fitted(Protocol):
    """A fitted body: metres in the world frame, the person facing +z; see `fitting.fit.Fit`."""

    @property
    def body(self) -> str: ...
    @property
    def parameters(self) -> BodyParameters: ...
    @property
    def displacements(self) -> Float32[np.ndarray, "V 3"]: ...
    @property
    def vertices(self) -> Float32[np.ndarray, "V 3"]: ...
    @property
    def joints(self) -> Float32[np.ndarray, "J 3"]: ...
    @property
    def confidence(self) -> Float32[np.ndarray, " V"]: ...
    @property
    def surface_mm(self) -> Float32[np.ndarray, " V"]: ...
    @property
    def world_from_scan(self) -> Float64[np.ndarray, "4 4"]: ...
    @property
    def distances(self) -> FittedDistances: ...
    @property
    def verdict(self) -> FittedVerdict: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...


def fit_from_scan(scan: Scan, fit: Fitted) -> Float64[np.ndarray, "4 4"]:
    """What takes the scan to the fit's frame, where the person faces +z: a rigid motion."""
    return fit.world_from_scan @ np.linalg.inv(scan.world_from_scan)


def moved(points: Float32[np.ndarray, "N 3"], turn: Float64[np.ndarray, "4 4"],
          ) -> Float32[np.ndarray, "N 3"]:
    """The points in another frame."""
    return (points @ turn[:3, :3].T + turn[:3, 3]).astype(np.float32)
