"""What packs say, computed from the store."""
