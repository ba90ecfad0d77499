"""Drafts of mails: markbooks to their teachers, reminders to those who are asked."""

from generator.mail.write_drafts import DraftsReport, write_drafts

__all__ = ["DraftsReport", "write_drafts"]
