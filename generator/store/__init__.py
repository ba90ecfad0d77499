"""The store: what the school knows, with the history of every value."""
