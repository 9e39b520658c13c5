"""What hangs together: the connected components of a graph."""

import numpy as np
from jaxtyping import Int, Int32
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def components(a: Int[np.ndarray, " E"], b: Int[np.ndarray, " E"], count: int,
               ) -> Int32[np.ndarray, " n"]:
    """Of `count` nodes, of which each a is joined to its b, the number of each one's component."""
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(count, count))
    return connected_components(graph, directed=False)[1]
