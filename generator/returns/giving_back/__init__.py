"""Giving back: the marked-up copy for the teacher, the report for the office."""
