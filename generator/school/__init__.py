"""A school folder: its settings, its tables and the errors in them."""
