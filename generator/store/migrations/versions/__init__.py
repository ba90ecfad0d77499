"""One module per change of the store's tables, oldest first."""
