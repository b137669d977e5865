"""Draw the app's icon in the sizes that phones and desktops install: ``python -m tools.icon``."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

STATIC = Path(__file__).parents[1] / "pages" / "static"
SIZES = {"icon-192.png": 192, "icon-512.png": 512}
FINER = 4
VIOLET, PALE, WHITE = (91, 63, 209), (185, 172, 255), (251, 250, 248)


def icon(size: int) -> Image.Image:
    """Return the icon at ``size`` pixels: a frame that has passed and the one to come."""
    unit = size * FINER / 64
    picture = Image.new("RGB", (size * FINER, size * FINER), VIOLET)
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((13.5 * unit, 18.5 * unit, 18.5 * unit, 45.5 * unit), 2.5 * unit, PALE)
    pen.polygon([(25 * unit, 18.5 * unit), (25 * unit, 45.5 * unit), (47.5 * unit, 32 * unit)], WHITE)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    for name, size in SIZES.items():
        icon(size).save(STATIC / name, optimize=True)
