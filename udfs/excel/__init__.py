"""The worksheet functions, and the reading of their arguments."""
