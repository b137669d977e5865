"""The files of deploy/ say what the studio understands; what they start is tried without containers elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from studio import Settings
from tools.install_requirements import uv_environment

ROOT = Path(__file__).parents[1]
COMPOSE = sorted((ROOT / "deploy").glob("compose*.yaml"))


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_sets_what_the_studio_reads(path):
    """Every variable is a setting with a value that it takes; every volume and every service that is named exists."""
    told = yaml.safe_load(path.read_text())
    values = {
        "RIVYA_API_KEY": "rvya_sk_1",
        "RIVYA_PASSPHRASE": "four words that hold",
        "STUDIO_HOST": "studio.example.com",
    }
    for name, service in told["services"].items():
        environment = {key: _filled(str(value), values) for key, value in service.get("environment", {}).items()}
        ours = {key[6:].lower(): value for key, value in environment.items() if key.startswith("RIVYA_")}
        if ours:
            settings = Settings(**ours)
            assert settings.public_url == "https://studio.example.com", name
            assert not settings.is_demo
        named = [volume.split(":")[0] for volume in service.get("volumes", []) if not volume.startswith((".", "/"))]
        assert set(named) <= set(told["volumes"]), name
        assert set(service.get("depends_on", [])) <= set(told["services"]), name
    assert len(COMPOSE) == 2


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+):\?\}", lambda found: values.get(found[1], "secret"), text)


def test_the_container_holds_everything_that_the_app_imports():
    copied = set(re.findall(r"^COPY (\S+)", (ROOT / "deploy" / "Containerfile").read_text(), re.MULTILINE))
    assert copied >= {"app.py", "pages", "rivya", "sandbox", "studio", "requirements.txt", ".streamlit/config.toml"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_reads_the_unit():
    unit = ROOT / "deploy" / "seedance-studio.service"
    checked = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert "Unknown" not in checked.stderr


def test_uv_looks_where_pip_would(monkeypatch, tmp_path):
    """A variable of pip wins over its file; what uv is told by a variable of its own is not touched."""
    (tmp_path / "pip.conf").write_text("[global]\nfind-links = a b\nconstraint = known.txt\ntrusted-host = here\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_CONSTRAINT", "newer.txt")
    monkeypatch.setenv("UV_INSECURE_HOST", "there")
    told = uv_environment()
    assert told["UV_CONSTRAINT"] == "newer.txt"
    assert told["UV_INSECURE_HOST"] == "there"
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    assert uv_environment()["UV_FIND_LINKS"] == "a,b"
