"""Returns: read safely, checked cell by cell, merged, marked up and chased."""
