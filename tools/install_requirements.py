"""Install requirements with uv: it takes seconds where pip takes a minute.

uv knows nothing of pip's settings, so it is told where pip would look. What uv cannot install, pip does.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys

UV = "uv~=0.13"
PIP = [sys.executable, "-m", "pip"]
TOLD_AS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "constraint": "UV_CONSTRAINT",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}
"""A setting of pip, and the variable by which uv is told: https://docs.astral.sh/uv/reference/environment/."""


def main(files: list[str]) -> int:
    """Install what the requirement ``files`` name beside this Python; return what the last installer returned."""
    options = ["--quiet", *(part for file in files for part in ("-r", file))]
    uv = [sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable, *options]
    if _run([*PIP, "install", "--quiet", UV]) == 0 and _run(uv, uv_environment()) == 0:
        return 0
    return _run([*PIP, "install", "--no-compile", *options])


def uv_environment() -> dict[str, str]:
    """Return the environment and what pip's files and variables say, in uv's words; what uv is told already stands."""
    told = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_HTTP_TIMEOUT": "20"}  # pip, too, takes the newest of all
    settings = subprocess.run([*PIP, "config", "list"], check=False, capture_output=True, text=True).stdout  # noqa: S603
    for setting in sorted(settings.splitlines(), key=lambda line: line.startswith(":env:")):  # to pip the last word
        name, _, value = setting.partition("=")
        if variable := TOLD_AS.get(name.rpartition(".")[2]):
            separator = "," if variable == "UV_FIND_LINKS" else " "
            told[variable] = separator.join(str(ast.literal_eval(value)).split())
    return told | os.environ


def _run(command: list[str], environment: dict[str, str] | None = None) -> int:
    return subprocess.run(command, check=False, env=environment).returncode  # noqa: S603 - our own words


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
