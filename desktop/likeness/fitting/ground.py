"""What fits of one body share: made once, for it takes as long as many steps of a fit."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int
from scipy.sparse import csr_array
from torch import Tensor

from likeness.bodies.body import Body
from likeness.core.triangles import face_crosses
from likeness.fitting.contact import Contact
from likeness.fitting.correspondence import Matcher
from likeness.fitting.field import FieldEnergy
from likeness.fitting.laplacian import Triangles, cotangent_laplacian, neighbour_mean
from likeness.fitting.model import BodyModel
from likeness.fitting.parting import Hull
from likeness.fitting.prior import PosePrior, pose_prior
from likeness.fitting.sampling import (
    HEAD,
    bare_skin,
    rest_normals,
    skin_vertices,
    spread_vertices,
    vertex_areas,
)
from likeness.fitting.solver import GaussNewton, Schedule


@dataclass(frozen=True, eq=False)
class Ground:
    """A body on a device, in all the ways that a fit needs it. For one fit at a time.

    What lies beyond the joints `absent` meets no scan.
    """

    body: Body
    device: torch.device
    absent: tuple[int, ...] = ()
    _parts: dict[tuple[float, float], GaussNewton] = field(default_factory=dict)
    _energies: dict[tuple[float, float, float], FieldEnergy] = field(default_factory=dict)

    @staticmethod
    @lru_cache(maxsize=2)
    def of(body: Body, device: torch.device) -> "Ground":
        """The one of this body, kept for the next fit."""
        return Ground(body, device)

    def without(self, joints: Sequence[int]) -> "Ground":
        """The same of a body of which what lies beyond these joints meets no scan."""
        return Ground(self.body, self.device, tuple(joints))

    @cached_property
    def shown(self) -> Bool[np.ndarray, " V"]:
        """Which vertices may meet the scan."""
        absent = [self.model.following(joint).cpu().numpy() for joint in self.absent]
        return ~np.logical_or.reduce(absent) if absent else np.ones(len(self.body.template), bool)

    @cached_property
    def prior(self) -> PosePrior:
        """What poses are likely."""
        return pose_prior(self.body, self.device)

    @cached_property
    def normals(self) -> Float[Tensor, "V 3"]:
        """Unit normals of the template's skin."""
        return self._tensor(rest_normals(self.body))

    @cached_property
    def bare(self) -> Float[Tensor, " V"]:
        """1 where people in clothes show their skin."""
        return self._tensor(bare_skin(self.body))

    @cached_property
    def model(self) -> BodyModel:
        """All vertices of the body."""
        return BodyModel(self.body, np.arange(len(self.body.template)), self.device)

    @cached_property
    def contact(self) -> Contact | None:
        """What keeps fingers apart."""
        return Contact.of(self.body, self.device)

    def solver(self, spread_m: tuple[float, float], schedule: Schedule) -> GaussNewton:
        """A solver on vertices that are so far apart, on the body and on the hands."""
        if spread_m not in self._parts:
            chosen = spread_vertices(self.body, *spread_m)
            chosen = chosen[self.shown[chosen]]
            matcher = Matcher.of(vertex_areas(self.body, chosen), self.device, self.bare[chosen])
            self._parts[spread_m] = GaussNewton(
                self.model.restricted(chosen), self.normals[chosen], matcher, self.prior, schedule,
                self.contact and self.contact.restricted(chosen))
        return replace(self._parts[spread_m], schedule=schedule)

    @cached_property
    def skin(self) -> "Skin":
        """The outer skin."""
        rows = skin_vertices(self.body)
        number = np.zeros(len(self.body.template), np.int64)
        number[rows] = np.arange(len(rows))
        faces = number[self.body.skin_faces]
        rest = self.body.template[rows].astype(np.float64)
        return Skin(rows, faces, face_crosses(rest, faces), neighbour_mean(faces, len(rows)),
                    cotangent_laplacian(rest, faces), Triangles.of(faces, len(rows), self.device),
                    self.model.restricted(rows), self.bare[rows])

    @cached_property
    def hull(self) -> Hull:
        """The outer skin at rest, closed, which tells what is inside of it."""
        skin = self.skin
        return Hull.of(self.body.template[skin.rows], skin.faces, skin.mean,
                       self.body.parts[skin.rows] == HEAD)

    def energy(self, weights: tuple[float, float, float]) -> FieldEnergy:
        """That of a field over the skin; the weights as `FieldEnergy` has them."""
        if weights not in self._energies:
            self._energies[weights] = FieldEnergy.of(self.body, self.skin.rows, self.skin.laplacian,
                                                     weights, self.device)
        return self._energies[weights]

    def _tensor(self, values: Float[np.ndarray, "*shape"]) -> Float[Tensor, "*shape"]:
        return torch.as_tensor(values, dtype=torch.float32, device=self.device)


@dataclass(frozen=True, eq=False)
class Skin:
    """The outer skin of a body: its vertices, the faces that number these, and a model of them.

    Of the template are the faces' `crosses` and the cotangent `laplacian`; `mean` is what
    `neighbour_mean` makes of the faces.
    """

    rows: Int[np.ndarray, " N"]
    faces: Int[np.ndarray, "F 3"]
    crosses: Float64[np.ndarray, "F 3"]
    mean: csr_array
    laplacian: csr_array
    mesh: Triangles
    model: BodyModel
    bare: Float[Tensor, " N"]
