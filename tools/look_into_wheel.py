"""Tell whether a wheel holds what an installed studio needs besides its modules."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

NEEDED = (
    "rivya/py.typed",
    "studio/py.typed",
    "studio/i18n/locale/bn/LC_MESSAGES/studio.po",
    "studio/media/fonts/NotoSansBengali-Regular.woff2",
    "studio/store/migrations/versions/0001_first_tables.py",
    "sandbox/control.html",
)


def main(folder: Path) -> None:
    """Look into the one wheel of ``folder``; exit with the names that it lacks."""
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise SystemExit(f"{wheel.name} lacks {', '.join(missing)}")
    sys.stdout.write(f"{wheel.name}: {len(names)} files, nothing missing\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
