"""Streamlit's own test driver in front of the pages."""

from __future__ import annotations

import functools
from pathlib import Path

from conftest import SMALL
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime import context
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from rivya import GenerationRequest

# Each run of an AppTest would compile the pages anew.
app_test.ScriptCache = functools.cache(ScriptCache)
local_script_runner.ScriptCache = app_test.ScriptCache
# Each AppTest asks every installed package for components, which is half of its time: once is enough.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
# No browser is there to be asked for its headers and cookies: a mock would answer, and make a mock of each answer.
context._get_client_context = lambda: None
ENTRY = Path(__file__).parents[1] / "pages" / "navigation.py"


def opened(page: str = "", **query: str) -> AppTest:
    app = AppTest.from_file(str(ENTRY), default_timeout=30)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    if page:
        app.switch_page(page).run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    found = [
        *app.markdown,
        *app.caption,
        *app.title,
        *app.header,
        *app.subheader,
        *app.warning,
        *app.error,
        *app.info,
        *app.success,
    ]
    return " ".join(str(element.value) for element in found)


def made(studio, prompt="A paper boat"):
    return studio.wait(studio.submit(GenerationRequest(prompt=prompt, **SMALL)).id, 60)


def clip_page(clip_id: str, **asked: str) -> AppTest:
    app = AppTest.from_file(str(ENTRY), default_timeout=30).run()
    app.query_params["clip"] = clip_id
    app.switch_page("clip.py")
    for name, value in {"clip": clip_id, **asked}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app
