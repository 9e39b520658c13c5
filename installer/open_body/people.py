"""Random people of all ages from Anny's phenotypes and local changes, in Anny's rest pose."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import anny
import numpy as np
import torch
from anny.shape_distribution import SimpleShapeDistribution

YOUNGEST, OLDEST = 2.0, 90.0  # years; younger children do not stand to be scanned
LOCAL_SD = 0.25  # of the -1..1 range of a local change, left and right alike
SIDE_SD = 0.08  # how much left and right differ; also for what shifts the middle sideways
BATCH = 50

# Anny: z up, facing -y. Here: y up, facing +z; a rotation, so nothing is mirrored.
AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])


@dataclass(frozen=True)
class People:
    """A batch of M bodies: rest vertices (M, V, 3) and bone heads (M, bones, 3); metres, y up."""

    vertices: np.ndarray
    heads: np.ndarray


def anny_model() -> anny.Anny:
    """The one model everything is built from; its own topology and rig, no licensed data."""
    return anny.Anny(local_changes="default", topology="anny", rig="anny")


def local_changes(labels: list[str], count: int, generator: torch.Generator) -> torch.Tensor:
    """(count, labels): left and right move together but for a small difference."""
    shared: dict[str, torch.Tensor] = {}
    columns = []
    for label in labels:
        stem = re.sub(r"^[lr]-", "", label)
        if stem not in shared:
            sd = SIDE_SD if stem == label and label.endswith("trans-out") else LOCAL_SD
            shared[stem] = sd * torch.randn(count, generator=generator, dtype=torch.float64)
        value = shared[stem]
        if stem != label:
            value = value + SIDE_SD * torch.randn(count, generator=generator, dtype=torch.float64)
        columns.append(value)
    return torch.stack(columns, 1).clamp(-1.0, 1.0)


def sampled_people(model: anny.Anny, count: int, seed: int) -> Iterator[People]:
    """`count` people in batches; the same seed gives the same people."""
    torch.manual_seed(seed)  # the distributions of anny draw from the global generator
    generator = torch.Generator().manual_seed(seed + 1)
    ages = torch.distributions.Uniform(
        *(torch.tensor(a, dtype=model.dtype) for a in (YOUNGEST, OLDEST)))
    shapes = SimpleShapeDistribution(model, morphological_age_distribution=ages)
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        _, phenotypes = shapes.sample(size)
        changes = local_changes(model.local_change_labels, size, generator)
        yield rest_people(model, phenotypes, changes)


def rest_people(model: anny.Anny, phenotypes: dict[str, torch.Tensor] | None,
                changes: torch.Tensor | None) -> People:
    """Bodies of given phenotypes before any posing: blend shapes only."""
    with torch.no_grad():
        _, phenotype, change, action = model.get_tensor_inputs(None, phenotypes, changes, None)
        weights = model._get_phenotype_blendshape_coefficients(phenotype, change, action)
        vertices = model.template_vertices + _blend(weights, model.blendshapes)
        heads = model.template_bone_heads + _blend(weights, model.bone_heads_blendshapes)
    return People(vertices.numpy() @ AXES.T, heads.numpy() @ AXES.T)


def _blend(weights: torch.Tensor, shapes: torch.Tensor) -> torch.Tensor:
    return (weights @ shapes.flatten(1)).unflatten(1, shapes.shape[1:])
