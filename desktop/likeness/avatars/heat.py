"""Distances as colours: one scale for every report, from 0 to 20 mm and beyond."""

import numpy as np
from jaxtyping import Float, Float32

MOST_MM = 20.0
# Where the scan is silent there is no distance to show.
SILENT = (186, 190, 196)
# Colours at even steps from 0 to `MOST_MM`.
_STOPS = np.asarray([(38, 94, 168), (44, 158, 178), (126, 196, 130), (243, 210, 92),
                     (238, 139, 60), (200, 46, 52)], np.float32)


def heat_colours(distance_mm: Float[np.ndarray, " N"]) -> Float32[np.ndarray, "N 3"]:
    """RGB 0..255; NaN is grey."""
    places = np.clip(np.nan_to_num(distance_mm, nan=0.0) / MOST_MM, 0, 1)
    grid = np.linspace(0, 1, len(_STOPS))
    colours = np.stack([np.interp(places, grid, _STOPS[:, c]) for c in range(3)], axis=1)
    colours[np.isnan(distance_mm)] = SILENT
    return colours.astype(np.float32)
