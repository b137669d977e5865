"""Pieces of a page: each draws one thing and knows its own widgets."""
