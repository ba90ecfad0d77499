"""Both faces of Markbooks: the command line put together, and Excel."""
