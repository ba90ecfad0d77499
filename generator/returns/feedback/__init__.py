"""Feedback on returns: marked copies for teachers and a report for the office."""
