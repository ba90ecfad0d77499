"""What marks mean: every calculation, once and pure."""
