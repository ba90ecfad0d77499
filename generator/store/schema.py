"""The tables of the store, alike on SQLite and PostgreSQL.

Every table but `settings` carries the academic year its rows belong to
(`2026/27`). Times are ISO text in local time with seconds
(`2026-11-22T09:30:00`), dates ISO text: both sort as they should, in every
database, and read as they are in an export.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text

NEWEST = "0008"  # the migration that creates the tables as they are here

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _maybe(name: str) -> Column[str]:
    return Column(name, Text, nullable=True)


settings = Table("settings", metadata, _key("name"), _text("value"))

# One row a pupil, kept from Key Stage 2 on; `academic_year` is the last year in
# which an import named the pupil. `left` is the first day no longer on roll.
pupils = Table(
    "pupils",
    metadata,
    _key("adno"),
    _text("upn"),
    _text("surname"),
    _text("forename"),
    _text("sex"),
    Column("year", Integer, nullable=True),
    _text("reg"),
    _text("pp"),
    _text("disadvantaged"),
    _text("fsm"),
    _text("sen"),
    _text("eal"),
    _text("ethnicity"),
    _text("lac"),
    _text("ks2_reading"),
    _text("ks2_maths"),
    _text("status"),
    _maybe("left"),
    _text("academic_year"),
    Index("ix_pupils_upn", "upn"),
)

classes = Table(
    "classes",
    metadata,
    _key("academic_year"),
    _key("class"),
    _text("subject"),
    Column("year", Integer, nullable=True),
    _text("teachers"),  # codes joined by `;`, the lead first; empty where vacant
)

# `until` is empty while the pupil is in the class.
memberships = Table(
    "memberships",
    metadata,
    _key("academic_year"),
    _key("class"),
    _key("adno"),
    _text("since"),
    _text("until"),
)

staff = Table(
    "staff",
    metadata,
    _key("academic_year"),
    _key("code"),
    _text("name"),
    _text("email"),
)

roles = Table(
    "roles",
    metadata,
    _key("academic_year"),
    _key("staff"),
    _key("role"),
    _key("scope"),
)

indicators = Table(
    "indicators",
    metadata,
    _key("academic_year"),
    _key("adno"),
    _key("name"),
    _text("value"),
)

# What imports changed: joiners, leavers, set changes, new values. Append only.
roster_changes = Table(
    "roster_changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _text("academic_year"),
    _text("at"),
    _text("who"),
    _text("file"),
    # joined, left, returned; class joined, left, began, ended; changed
    _text("kind"),
    _text("adno"),
    _text("class"),
    _text("field"),
    _text("old"),
    _text("new"),
)

# The imports that changed anything. Append only, but for `undone_at` and `undone_by`.
imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _text("academic_year"),
    _text("at"),
    _text("who"),
    _text("files"),  # names joined by `; `
    _text("undone_at"),
    _text("undone_by"),
)

# Every row that an import changed, of any table, in the order of the changes. Putting
# `before` back in the place of `after`, from the last to the first, undoes the import.
import_changes = Table(
    "import_changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("import_id", Integer, ForeignKey("imports.id"), nullable=False),
    _text("table"),
    _text("before"),  # the whole row as JSON; empty where there was none
    _text("after"),  # the same; empty where it was deleted
    Index("ix_import_changes_import_id", "import_id"),
)

# Every version of every target; the highest version is the target.
targets = Table(
    "targets",
    metadata,
    _key("adno"),
    _key("subject"),
    Column("version", Integer, primary_key=True),
    _text("academic_year"),
    _maybe("expected"),
    _maybe("aspirational"),
    _text("status"),  # draft, provisional, issued; empty where there is no target
    _text("method"),
    _text("baseline"),  # reading, maths, both, department …: the tests of the score
    _text("score"),
    Column("pupils_behind_it", Integer, nullable=True),
    _text("provenance"),
    _text("reason"),
    _text("set_by"),
    _text("set_at"),
)

# The moderation workbooks that were written, and what was applied from each.
moderations = Table(
    "moderations",
    metadata,
    _key("issue_id"),
    _text("academic_year"),
    _text("kind"),  # moderation, review
    _text("department"),
    _text("file"),
    Column("rows", Integer, nullable=False, server_default="0"),
    _text("written_at"),
    _text("written_by"),
    _text("sha256"),
    _text("settled_sha256"),  # of the file last applied completely
    Index("ix_moderations_file", "file"),
)

moderated = Table(
    "moderated",
    metadata,
    _key("issue_id"),
    _key("adno"),
    _key("subject"),
    _text("academic_year"),
    Column("version", Integer, nullable=False, server_default="0"),  # of the target
    Column("answer", Integer, nullable=False, server_default="0"),  # its version
    _text("file"),
    _text("place"),
    _text("applied_at"),
    _text("who"),
)

# Every answer to a teacher's query; the highest version is the answer.
target_answers = Table(
    "target_answers",
    metadata,
    _key("adno"),
    _key("subject"),
    _key("collection"),
    Column("version", Integer, primary_key=True),
    _text("academic_year"),
    _text("query"),
    _text("answer"),
    _text("answered_by"),
    _text("answered_at"),
    _text("file"),
    _text("cell"),
)

collections = Table(
    "collections",
    metadata,
    _key("code"),
    _text("academic_year"),
    _text("name"),
    _text("opens"),
    _text("closes"),
)

# The ledger of issued markbooks: one row per class and issue, and its rows.
issues = Table(
    "issues",
    metadata,
    _key("issue_id"),
    _text("academic_year"),
    _text("collection"),
    _text("class"),
    _text("file"),
    Column("pupils", Integer, nullable=False, server_default="0"),
    _text("issued_at"),
    _text("issued_by"),
    _text("layout"),  # JSON: the sheets with their columns, as written
    _text("digest"),  # of everything in it; equal digest means nothing to re-issue
    Index("ix_issues_collection", "collection", "class"),
)

issued_rows = Table(
    "issued_rows",
    metadata,
    Column("issue_id", Text, ForeignKey("issues.issue_id"), primary_key=True),
    _key("subject"),
    _key("adno"),
    _text("academic_year"),
    _maybe("target"),
    _maybe("aspirational"),
    _text("locked"),  # JSON: heading -> text of every locked value cell
    _text("stamped"),  # JSON: field -> value of entry cells that were pre-filled
)

# The current marks: one row per pupil, subject and field.
marks = Table(
    "marks",
    metadata,
    _key("collection"),
    _key("adno"),
    _key("subject"),
    _key("field"),
    _text("academic_year"),
    _text("value"),
    _text("class"),
    _text("return_id"),
    _text("source_file"),
    _text("source_cell"),
    _text("who"),
    _text("merged_at"),
)

# Every value ever merged, oldest first. Append only.
history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _text("academic_year"),
    _text("collection"),
    _text("class"),
    _text("subject"),
    _text("adno"),
    _text("field"),
    _text("old"),
    _text("new"),
    _text("who"),
    _text("return_id"),
    _text("source_file"),
    _text("source_cell"),
    _text("merged_at"),
    _text("why"),  # merged, taken, corrected, undone
    _text("reason"),  # a person's, of a correction
    Index("ix_history_return", "return_id"),
)

# What people corrected by hand: a mark, a target, a pupil, a class, a collection's
# dates. `changes` is JSON: the rows of other tables before and after, by which `undo`
# reverts it. Append only, but for `undone_at` and `undone_by`.
corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _text("academic_year"),
    _text("at"),
    _text("who"),
    _text("kind"),  # mark, target, pupil, class, collection
    _text("what"),  # a sentence
    _text("why"),
    _text("collection"),
    _text("class"),
    _text("adno"),
    _text("subject"),
    _text("changes"),
    _text("undone_at"),
    _text("undone_by"),
    _text("until"),  # the last day of a cover; it is undone after it
    _text("overtaken"),  # JSON: the values that imports have changed since
)

# Earlier codes of classes that were renamed or merged: imports, returns and issues
# may still name them.
class_aliases = Table(
    "class_aliases",
    metadata,
    _key("academic_year"),
    _key("alias"),
    _text("class"),
)

# The last value accepted from a class's returns, per cell: one half of the base.
accepted = Table(
    "accepted",
    metadata,
    _key("collection"),
    _key("class"),
    _key("adno"),
    _key("subject"),
    _key("field"),
    _text("academic_year"),
    _text("value"),
    _text("accepted_at"),
    _text("return_id"),
)

# Earlier rows of `accepted`, newest last: `undo` removes a return from both tables and
# restores the last row that is left here.
accepted_before = Table(
    "accepted_before",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _text("academic_year"),
    _text("collection"),
    _text("class"),
    _text("adno"),
    _text("subject"),
    _text("field"),
    _text("value"),
    _text("accepted_at"),
    _text("return_id"),
    Index("ix_accepted_before_return", "return_id"),
    Index("ix_accepted_before_class", "collection", "class"),
)

returns = Table(
    "returns",
    metadata,
    _key("return_id"),
    _text("academic_year"),
    _text("sha256"),
    _text("file"),
    _text("class"),  # codes joined by `;` where a file holds several
    _text("collection"),
    _text("issue_id"),
    _text("modified"),  # the workbook's own time of last change
    _text("returned_at"),  # the file's time
    _text("read_at"),
    _text("who"),
    _text("status"),  # merged, unchanged, rejected, superseded, undone
    Column("read", Integer, nullable=False, server_default="0"),
    Column("new", Integer, nullable=False, server_default="0"),
    Column("changed", Integer, nullable=False, server_default="0"),
    Column("same", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
    Column("conflict", Integer, nullable=False, server_default="0"),
    Column("blank", Integer, nullable=False, server_default="0"),
    Index("ix_returns_sha256", "sha256"),
    Index("ix_returns_collection", "collection", "class"),
)

# Cells of a return that were not merged, and so are read again the next time.
unsettled = Table(
    "unsettled",
    metadata,
    _key("return_id"),
    _key("sheet"),
    _key("cell"),
    _text("academic_year"),
    _text("class"),
    _text("subject"),
    _text("adno"),
    _text("field"),
    _text("kind"),  # rejected, conflict
    _text("returned"),
    _text("stored"),
)

# Such cells that a later return settled, and which: `undo` of that return unsettles
# them again.
settled = Table(
    "settled",
    metadata,
    _key("settled_by"),
    _key("return_id"),
    _key("sheet"),
    _key("cell"),
    _text("academic_year"),
    _text("class"),
    _text("subject"),
    _text("adno"),
    _text("field"),
    _text("kind"),
    _text("returned"),
    _text("stored"),
)

problems = Table(
    "problems",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _text("academic_year"),
    _text("collection"),
    _text("found_at"),
    _text("file"),
    _text("sheet"),
    _text("cell"),
    _text("adno"),
    _text("severity"),
    _text("code"),
    _text("value"),
    _text("what"),
    _text("do"),
    Index("ix_problems_file", "file"),
)

# Exam results: one per academic year, pupil and subject. `points` are sixtieths of a
# point, empty for a code (absent, pending). `predicted` is the last prediction in the
# store when the result was imported; class, teachers and year group are the pupil's in
# that academic year. A result keeps them, whatever is imported later.
results = Table(
    "results",
    metadata,
    _key("academic_year"),
    _key("adno"),
    _key("subject"),
    _text("grade"),
    Column("points", Integer, nullable=True),
    _text("scale"),
    _text("series"),  # of the entry, as in the file: `Jun 2027`; mostly empty
    _text("predicted"),
    _text("collection"),  # of the prediction
    _text("class"),
    _text("teachers"),  # codes joined by `;`, the lead first
    Column("year", Integer, nullable=True),
    _text("title"),  # the subject or qualification in the file's own words
    _text("source_file"),
    _text("source_cell"),
    _text("read_at"),
    _text("who"),
    Index("ix_results_adno", "adno", "subject"),
)

# Every change of a result, oldest first. Append only.
result_history = Table(
    "result_history",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _text("academic_year"),
    _text("adno"),
    _text("subject"),
    _text("old"),
    _text("new"),
    _text("series"),
    _text("source_file"),
    _text("source_cell"),
    _text("read_at"),
    _text("who"),
    _text("why"),  # first, changed, later entry
)

# Interventions: what a pupil gets, from whom and until when, from year to year. The
# same pupil, subject, intervention and first day is the same intervention.
interventions = Table(
    "interventions",
    metadata,
    _key("adno"),
    _key("subject"),  # empty: not about one subject
    _key("what"),
    _key("from"),  # ISO; empty if not known
    _text("academic_year"),  # of its first import
    _text("who"),
    _text("department_or_pastoral"),
    _text("until"),  # ISO; empty while it runs
    _text("pupil_view"),
    _text("parent_view"),
    _text("ended_because"),
    _text("source_file"),
    _text("entered_at"),
    _text("entered_by"),
)

# What a reader of a pack wrote on its sheet of actions, line by line.
actions = Table(
    "actions",
    metadata,
    _key("collection"),
    _key("pack"),  # the file's name without its ending: `pastoral-7A`
    Column("line", Integer, primary_key=True, autoincrement=False),
    _text("academic_year"),
    _text("issue"),
    _text("action"),
    _text("who"),
    _text("by_when"),
    _text("how_known"),
    _text("entered_at"),
    _text("entered_by"),
    _text("subject"),  # of the line, if it names one
    _text("why"),  # on results day: why the result was not foreseen
)

# A pupil's attendance as the MIS counts it, in half days, from one day to another.
attendance = Table(
    "attendance",
    metadata,
    _key("adno"),
    _key("from"),
    _key("to"),
    _text("academic_year"),
    Column("possible", Integer, nullable=True),
    Column("attended", Integer, nullable=True),
    Column("authorised", Integer, nullable=True),
    Column("unauthorised", Integer, nullable=True),
    Column("late", Integer, nullable=True),
    _text("source_file"),
    _text("entered_at"),
    _text("entered_by"),
)

# The reports, plans and slips that were written: what decides whether a file is
# written again. `adno` is empty for a file about several pupils.
report_files = Table(
    "report_files",
    metadata,
    _key("collection"),
    _key("file"),  # below the school folder, with `/`
    _text("academic_year"),
    _text("kind"),
    _text("adno"),
    _text("reg"),
    _text("digest"),  # of the content without the date
    _text("sha256"),  # of the file
    _text("written_at"),
    _text("written_by"),
)

# Who did what and when: what was changed, issued, exported. Append only: `chain` is a
# keyed hash of the entry and of the `chain` before it.
audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("academic_year"),
    _text("at"),
    _text("who"),
    _text("command"),
    _text("what"),
    Column("count", Integer, nullable=True),
    _text("file"),  # as it was named, `/` between folders
    _text("sha256"),  # of the file
    _text("key_id"),  # of the key that signs the entry
    _text("chain"),
)
