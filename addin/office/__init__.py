"""The project that the xlwings server loads; it prescribes the folders' names."""
