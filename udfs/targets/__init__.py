"""Targets: drafting methods, the ratchet, reviews and totals."""
