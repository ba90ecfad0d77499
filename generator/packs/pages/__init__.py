"""Pages that several kinds of pack share."""
