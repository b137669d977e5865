"""A component that shows nothing takes no place: not its own, and not the gap that Streamlit leaves around it.

Components that only listen carry ``HIDDEN_HTML``; one that shows itself at times lies over the page.
"""

from __future__ import annotations

HIDDEN_HTML = """
<span class="studio-quiet" hidden></span>
"""

HIDDEN_CSS = """
[data-testid="stElementContainer"]:has(.studio-quiet),
[data-testid="stLayoutWrapper"]:has(> [data-testid="stVerticalBlock"] > :only-child .studio-quiet) {
  position: absolute; width: 0 !important; }
"""
"""For components with ``isolate_styles=False``: the container to take out of the flow is Streamlit's, not ours.

A fragment has a wrapper of its own; it goes too if there is nothing else in it.
"""
