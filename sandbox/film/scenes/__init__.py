"""The ideas that the app offers, drawn: each function returns the picture at a turn (0 to 1) of an endless loop.

Pictures are ``SUPERSAMPLING`` times as large as the shapes' own measure, 320 × 180 or 180 × 320.
"""
