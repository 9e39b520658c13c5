"""PNG bytes of a texture: the same bytes for the same pixels."""

from io import BytesIO

from PIL import Image as Pillow

from likeness.core.arrays import Image


def png_bytes(image: Image) -> bytes:
    """Encode without any metadata."""
    content = BytesIO()
    Pillow.fromarray(image).save(content, "PNG", compress_level=6)
    return content.getvalue()
