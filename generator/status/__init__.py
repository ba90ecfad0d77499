"""Where a school stands: what is done, what waits, and what to do next."""

from generator.status.imports_report import ImportsReport
from generator.status.school_status import read_status
from generator.status.status_report import StatusReport

__all__ = ["ImportsReport", "StatusReport", "read_status"]
