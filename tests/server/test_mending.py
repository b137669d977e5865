"""What Streamlit loses when two runs meet: a person's way to another page outlasts a timer."""

from __future__ import annotations

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests

from server import mending

PRESS = RerunData(query_string="a=1", page_script_hash="history", widget_states=WidgetStates())
TIMER = RerunData(page_script_hash="generate", widget_states=WidgetStates(), fragment_id="look", is_auto_rerun=True)


def page_after(*requests: RerunData) -> str:
    """Return the page of the one run that these requests become."""
    asked = ScriptRequests()
    for request in requests:
        assert asked.request_rerun(request)
    return asked.on_scriptrunner_ready().rerun_data.page_script_hash


@pytest.fixture
def mended(monkeypatch):
    monkeypatch.setattr(ScriptRequests, "_request_rerun_locked", ScriptRequests._request_rerun_locked)
    mending.go_where_people_go()


def test_streamlit_still_loses_the_press():
    """As long as this holds the mending is needed."""
    assert page_after(PRESS, TIMER) == "generate"


@pytest.mark.usefixtures("mended")
def test_a_timer_takes_nobody_back():
    """Neither a timer nor what it asks for; a person's own later press does, in any order."""
    assert page_after(PRESS, TIMER) == "history"
    assert page_after(TIMER, PRESS) == "history"
    later = RerunData(page_script_hash="credits", widget_states=WidgetStates())
    assert page_after(PRESS, TIMER, later) == "credits"
    assert page_after(TIMER, TIMER) == "generate"
