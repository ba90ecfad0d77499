"""One reader for every table a person makes: CSV in any dialect, or XLSX."""
