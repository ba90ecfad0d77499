"""Where a school stands: what is done, what waits, and what to do next."""

from generator.status.school_status import read_status
from generator.status.status_report import StatusReport

__all__ = ["StatusReport", "read_status"]
