"""Issue a collection: a markbook for every class, recorded in the ledger of issues."""

from generator.issue.issue_collection import issue
from generator.issue.report import IssueReport

__all__ = ["IssueReport", "issue"]
