"""Measures of pupils and groups: flags, Attainment 8, Progress 8, accuracy."""
