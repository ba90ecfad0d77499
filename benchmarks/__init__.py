"""Benchmarks: the speed of the product, beside other ways to do the same."""
