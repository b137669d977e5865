"""What has JavaScript: each a custom component with its words in Python and its page, style and script beside it.

A component that shows nothing takes no place: not its own, and not the gap that Streamlit leaves around it.
Components that only listen carry ``hidden.html`` and ``hidden.css``; one that shows itself at times lies over the page
and carries the style alone. They have ``isolate_styles=False``, for the container to take out of the flow is
Streamlit's, not ours. A fragment has a wrapper of its own; it goes too if there is nothing else in it.

What a component is told goes as a list of one: in a mapping Streamlit looks for tables and for that imports pandas,
70 MB of memory and a good part of the first page's time.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def asset(*names: str) -> str:
    """Return these files of this folder, one after the other."""
    # Streamlit takes a string of one line for a path: the empty line before each file says that it is none.
    return "".join("\n" + (FOLDER / name).read_text(encoding="utf-8") for name in names)
