"""Merging what was checked, cell by cell: nothing lost, nothing silent."""
