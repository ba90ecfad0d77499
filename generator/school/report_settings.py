"""The settings of reports to parents: `[reports]` in `school.toml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Shown = Literal["target", "aspirational", "prediction", "comment", "teacher"]


class AttendanceIndicators(BaseModel):
    """`[reports.attendance]`: the imported columns that have a pupil's totals."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    possible: str = ""
    attended: str = ""
    authorised: str = ""
    unauthorised: str = ""
    late: str = ""


class ReportSettings(BaseModel):
    """`[reports]`: what reports, plans and slips show."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    show: tuple[Shown, ...] = ("target", "prediction", "comment", "teacher")
    predictions_from: Annotated[int, Field(ge=7, le=13)] = 10  # the youngest year
    ways: Annotated[int, Field(ge=0, le=5)] = 2  # ways to improve, a subject
    order: Literal["core", "name"] = "core"  # English, maths and science first
    letterhead: str = ""  # an SVG or PNG file in tables/
    contact: str = ""  # how to reach the school
    discuss: str = ""  # how to arrange to talk about the report
    statutory: tuple[str, ...] = ()  # collections whose report is the annual one
    language: Annotated[str, Field(pattern=r"^[a-z]{2}-[A-Z]{2}$")] = "en-GB"
    attendance: AttendanceIndicators = AttendanceIndicators()
