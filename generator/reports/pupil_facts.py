"""What reports know of a pupil: frozen records without groups or prior attainment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """A pupil in one subject of a collection.

    Args:
        subject: Its name.
        teacher: The names of its teachers; empty where there is none.
        flag: `Above`, `On`, `Below`, `Well below`, or empty.
        target: The expected target as issued; empty where there is none.
        aspirational: The aspirational target; empty where there is none.
        prediction: The prediction or a code; empty where there is none.
        effort: The code of effort; empty where there is none.
        comment: The teacher's comment.
        ways: Ways to improve.
        last: The prediction of the collection before; empty where there is none.
        baseline: What the target starts from: `reading`, `maths`, `both` …, or empty.
        gap: Prediction less target in sixtieths of a grade; None if unknown.
        movement: Sixtieths of a grade since the collection before; None if unknown.
        praised: Whether the teacher praises the pupil.
        answered: Whether the subject has reported.
    """

    subject: str
    teacher: str = ""
    flag: str = ""
    target: str = ""
    aspirational: str = ""
    prediction: str = ""
    effort: str = ""
    comment: str = ""
    ways: tuple[str, ...] = ()
    last: str = ""
    baseline: str = ""
    gap: int | None = None
    movement: int | None = None
    praised: bool = False
    answered: bool = False

    @property
    def good(self) -> bool:
        """Whether the pupil is on or above target."""
        return self.flag in ("Above", "On")

    @property
    def low(self) -> bool:
        """Whether the pupil is below target."""
        return self.flag in ("Below", "Well below")


@dataclass(frozen=True, slots=True)
class AttendanceTotals:
    """A pupil's attendance in half days, as the MIS counts it.

    Args:
        first: The first day of the period; None if not known.
        last: The last day; None if not known.
        possible: Possible sessions.
        attended: Sessions attended; None if not known.
        authorised: Authorised absences; None if not known.
        unauthorised: Unauthorised absences.
        late: How often late; None if not known.
    """

    first: date | None
    last: date | None
    possible: int
    attended: int | None
    authorised: int | None
    unauthorised: int
    late: int | None = None


@dataclass(frozen=True, slots=True)
class PupilFacts:
    """A pupil in a collection.

    Args:
        adno: The admission number.
        upn: The unique pupil number, for the list of files only.
        forename: The forename.
        surname: The surname.
        year: The year group.
        reg: The tutor group; empty where there is none.
        tutor: The names of the tutors; empty where nobody is named.
        subjects: The subjects in the order of the report.
        attendance: The totals; None where there are none.
        attendance_share: Attendance in per cent; None where it is not known.
        achievement: Points for good conduct; None where they are not known.
        behaviour: Points for poor conduct; None where they are not known.
        comments: Comments on the whole pupil: `tutor`, `year`.
        interventions: Help given: what, who, first and last day as ISO text, and what
            pupil and parents think of it.
        results: Subject and grade of this year's public examinations.
    """

    adno: str
    upn: str
    forename: str
    surname: str
    year: int
    reg: str = ""
    tutor: str = ""
    subjects: tuple[SubjectFacts, ...] = ()
    attendance: AttendanceTotals | None = None
    attendance_share: float | None = None
    achievement: int | None = None
    behaviour: int | None = None
    comments: tuple[tuple[str, str], ...] = ()
    interventions: tuple[tuple[str, ...], ...] = ()
    results: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Forename and surname."""
        return f"{self.forename} {self.surname}".strip()

    @property
    def answered(self) -> bool:
        """Whether any subject has reported."""
        return any(subject.answered for subject in self.subjects)
