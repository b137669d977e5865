"""Videos as files: kept, checked, edited, inscribed."""
