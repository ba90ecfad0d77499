"""Lists of exam results: read, matched to pupils and subjects, and kept."""
