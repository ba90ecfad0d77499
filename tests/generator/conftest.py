"""Fixtures for tests of returns and of workbooks: a school that has issued."""

from tests.generator.classroom import classroom, issued_school

__all__ = ["classroom", "issued_school"]
