"""The clips that the running sandbox draws."""
