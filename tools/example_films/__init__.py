"""The tiny films that the app's own pages show, drawn by ``make examples``."""
