"""Hold what is installed against the published advisories: a known hole fails, an advisory source out of reach warns.

Out of reach is no pass: what could not be looked up is counted and said.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

TIMEOUT_SECONDS = 120


def main() -> int:
    """Return 1 when an installed package has a known hole, 0 otherwise; print what is known."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "audit.json"
        command = [sys.executable, "-m", "pip_audit", "--local", "--progress-spinner=off", "--timeout=5"]
        try:
            subprocess.run(  # noqa: S603 - our own words
                [*command, "--format=json", f"--output={report}"], capture_output=True, check=False, text=True,
                timeout=TIMEOUT_SECONDS,
            )  # fmt: skip
            found = json.loads(report.read_text())["dependencies"]
        except (OSError, ValueError, KeyError, subprocess.TimeoutExpired):
            sys.stdout.write("WARNING: the advisory source could not be reached: no package was audited\n")
            return 0
    holes = [f"{one['name']} {one['version']}: {hole['id']}" for one in found for hole in one.get("vulns", ())]
    unknown = sum("skip_reason" in one for one in found)
    if unknown:
        sys.stdout.write(f"WARNING: {unknown} of {len(found)} packages could not be audited\n")
    sys.stdout.write("\n".join(holes or [f"no known hole in {len(found) - unknown} packages"]) + "\n")
    return bool(holes)


if __name__ == "__main__":
    raise SystemExit(main())
