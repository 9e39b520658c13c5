"""Array vocabulary: shapes that several rooms name in their signatures."""

import numpy as np
from jaxtyping import UInt8

Image = UInt8[np.ndarray, "H W C"]
