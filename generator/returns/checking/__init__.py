"""Checking a return: whose it is, whose each row is, and every entry cell of it."""
