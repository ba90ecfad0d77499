"""Issuing a collection: a markbook for every class, and the ledger of them."""

from generator.issue.issue_collection import issue
from generator.issue.report import IssueReport

__all__ = ["IssueReport", "issue"]
