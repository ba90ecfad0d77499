"""The markbook file: its layout, its content, its identity and how it is written."""
