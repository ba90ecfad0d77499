"""Arithmetic of any figures: intervals, cross tabulation, hiding small groups."""
