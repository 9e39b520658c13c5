"""All crafted files: importing the modules fills the table."""

from tests.hostile import crafted_formats, crafted_places, crafted_textures
from tests.hostile.crafting import CRAFTED, EITHER

__all__ = ["CRAFTED", "EITHER", "crafted_formats", "crafted_places", "crafted_textures"]
