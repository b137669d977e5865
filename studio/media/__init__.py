"""Films as files: kept, checked, edited, inscribed."""
