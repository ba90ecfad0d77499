"""The spellings of the headings of MIS exports."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Field -> spellings, which are compared without case and punctuation (`Admission No.`
# and `admission_no` are the same). Of two headings for a field, the earlier one here
# counts. `weak_adno` names a pupil only where nothing better does.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    field: tuple(spelling.strip() for spelling in spellings.split("|"))
    for field, spellings in {
        "adno": (
            "adno|admission number|admission no|admission num|admissions number|"
            "admissions no|adm no|admno|adm number|ad no|admission|"
            "school admission number"
        ),
        "weak_adno": (
            "pupil id|student id|mis id|pupil number|student number|pupil no|"
            "student no|learner id|pupil code|student code|id"
        ),
        "mis_id": (
            "arbor id|bromcom id|sims id|isams id|person id|external id|unique id|"
            "internal id|mis unique id|g4s id|school id"
        ),
        "upn": "upn|unique pupil number|unique pupil no|unique pupil number upn",
        "surname": (
            "surname|preferred surname|last name|family name|lastname|"
            "preferred last name|legal surname|legal last name|legal family name"
        ),
        "forename": (
            "forename|preferred forename|first name|preferred first name|"
            "given name|firstname|preferred name|known as|chosen name|"
            "legal forename|legal first name|forenames|given names|forename s"
        ),
        "pupil_name": (
            "pupil name|student name|pupil|student|full name|surname forename|"
            "surname and forename|name surname forename|pupil full name|"
            "student full name|display name|learner name|learner|child name|"
            "child"
        ),
        "sex": (
            "sex|legal sex|gender|m f|sex m f|gender m f|legal gender|sex at birth"
        ),
        "year": (
            "year|nc year|year group|yr|yr grp|year grp|ncyear|"
            "national curriculum year|yeargroup|nc year group|curriculum year|"
            "nc yr|current year|current nc year|nc year actual|actual nc year|"
            "year taught in|ncy|pupil year|student year"
        ),
        "reg": (
            "reg|registration group|reg group|tutor group|form|form group|"
            "registration|registration form|reg form|tg|form name|"
            "registration class"
        ),
        "pp": (
            "pp|pupil premium|pupil premium eligible|eligible for pupil premium|"
            "pp eligible|pp indicator|pupil premium indicator|"
            "pupil premium recipient|pupil premium eligibility|"
            "pupil premium status|pp status|is pupil premium|pp y n|ppg|"
            "pupil premium grant|pupil premium y n|in receipt of pupil premium"
        ),
        "disadvantaged": (
            "disadvantaged|fsm ever 6|fsm6|ever 6|ever6|ever 6 fsm|ever6 fsm|"
            "fsm ever6|fsme6|e6|fsm in last 6 years|fsm in the last 6 years|"
            "fsm last 6 years|fsm 6|free school meals ever 6|"
            "free school meals in last 6 years|disadvantaged pupil|"
            "is disadvantaged|disadvantage|disadvantaged status"
        ),
        "fsm": (
            "fsm|free school meals|free school meal|fsm eligible|"
            "eligible for fsm|eligible for free school meals|"
            "free school meals eligible|fsm eligibility|"
            "free school meal eligibility|free school meals eligibility|fsm status|"
            "current fsm|is fsm|fsm y n"
        ),
        "sen": (
            "sen|send|sen status|send status|sen provision|send provision|"
            "sen stage|sen code|sen need status|send code|sen k e|sen provision code|"
            "current sen status|sen stage code|special educational needs|"
            "special educational needs status|sen support"
        ),
        "eal": (
            "eal|english as an additional language|english as additional language|"
            "english additional language|is eal|eal status|eal y n|"
            "has eal|eal indicator"
        ),
        "ethnicity": (
            "ethnicity|ethnicity code|ethnic origin|ethnic group|ethnic code|"
            "ethnic origin code|ethnicity name"
        ),
        "lac": (
            "lac|looked after|looked after child|in care|child looked after|"
            "children looked after|cla|is looked after|in lea care|in la care|"
            "currently in care|lac status|in local authority care"
        ),
        "status": (
            "status|enrol status|enrolment status|enrollment status|enrolment|"
            "registration status|enrolment type|registration type"
        ),
        "left": (
            "date of leaving|leaving date|left|date left|leave date|"
            "date leaving|dol|off roll date|date off roll|left on"
        ),
        "class": (
            "class|class code|class name|teaching group|class id|set|"
            "group code|teaching set|teaching group code|class group|"
            "teaching class|timetabled class|timetable class|group|group name|"
            "section|class 1|set 1|teaching group 1|"
            "class code 1"
        ),
        "subject": (
            "subject|subject name|course|course name|subject title|"
            "subject description|course title|subject full name|subject 1|"
            "teaching group subject|class subject|group subject|"
            "subject name 1"
        ),
        "subject_code": (
            "subject code|subject id|course code|subj code|subj|subject short name"
        ),
        "class_year": (
            "class year|year of class|class year group|class nc year|group year"
        ),
        "teacher": (
            "teacher code|main teacher code|lead teacher code|teacher initials|"
            "teacher|main teacher|lead teacher|teachers|class teacher code|"
            "class teacher|teachers names|teacher id|staff taught by|taught by|"
            "teacher s|teacher 1|"
            "teacher code 1"
        ),
        "co_teacher": (
            "co teacher|second teacher|other teacher|other teachers|co teachers|"
            "additional teacher|additional teachers|teacher 2|shared with|"
            "teacher 3"
        ),
        "teacher_name": (
            "teacher name|main teacher name|lead teacher name|teacher full name|"
            "class teacher name|staff member"
        ),
        "staff": (
            "staff code|code|staff id|staff initials|initials|employee code|"
            "staff ref|short name|staff member code|timetable code|staff"
        ),
        "name": "name|staff name|staff full name|employee name",
        "title": "title|salutation",
        "email": (
            "email|e mail|email address|e mail address|work email|staff email|"
            "school email|work e mail|work email address"
        ),
        "role": "role|responsibility|position|post|job|leads as",
        "scope": "scope|leads|of|area|department or year|responsible for|for|covers",
        "ks2_reading": "ks2 reading|ks2 english reading|ks2r|ks2 en",
        "ks2_maths": "ks2 maths|ks2 mathematics|ks2m|ks2 ma",
    }.items()
}

# The fields that `[columns]` of `school.toml` may give to a heading.
COLUMN_FIELDS: Mapping[str, str] = {
    **{name: name for name in SYNONYMS if name not in ("weak_adno", "title")},
    "teachers": "teacher",
    "code": "staff",
    "indicator": "indicator",
    "ignore": "not kept",
}

# Headings that are ignored on purpose: nothing needs them.
IGNORED_HEADINGS = re.compile(
    r"dob|d o b|date of birth|birth ?date|born|birthday|age( .*)?|month of birth"
    r"|exam(ination|s)? (no|num|number)|exam no|candidate (no|num|number)"
    r"|candidate|cand no|exam number|uln|unique learner (no|number)|uci"
    r"|unique candidate identifier|former upn|previous upn"
    r"|(home |postal |full )?address( line)?( \d)?|(home )?post ?code|town|county"
    r"|street|house (name|number|no)"
    r"|(home |mobile |work |contact )?(tele)?phone( number| no)?|tel( no)?|mobile"
    r"|(pupil |student |parent |parental |home )?e ?mail( address)?"
    r"|(parent|parental|carer|guardian|contact|emergency|priority)( .*)?"
    r"|middle names?|initials?|(legal|former|previous|birth) (surname|forename|name)"
    r"|(date of )?(admission|entry|joining)( date)?|date of (admission|entry|joining)"
    r"|(admission|entry|start|join(ing)?|enrolment) date|doa|date joined|on roll"
    r"|academic year|year started|school|school name|urn|la|la number|lea"
    r"|estab|establishment( (no|number|name))?|dfe( number)?|dfes|dcsf|la estab"
    r"|first language|home language|language|mother tongue|religion|nationality"
    r"|country of birth|proficiency( in english)?|passport.*"
    r"|(sen|send) (needs?|types?|primary need|secondary need|notes?|description)"
    r"|(primary|secondary) (sen |send )?(need|type)s?|medical.*|doctor.*|nhs.*|gp"
    r"|dietary.*|disab.*|photo.*|consent.*|service (child|pupil|children)"
    r"|(post|previously) (lac|looked after)( .*)?|plac|pla|young carer|traveller"
    r"|ucas.*|previous school|leaving (reason|destination)|reason for leaving"
    r"|destination|part ?time|boarder|pupil type|days|periods?|room|location|band"
    r"|block|class size|size|(number|no|count) of (pupils|students)|pupils|students"
    r"|start|end|(class |membership )?(start|end|from|to) date|from|to|since|until"
    r"|(head of )?department|faculty|key stage|ks|row|no|number|s n|sn|serial( no)?"
    r"|guid|sims id|person id|external id|source ?d? ?id|username|user ?name|login"
    r"|last (modified|updated)|date last modified|printed.*|notes?|comments?"
    r"|gender identity|pronouns?|key worker.*|lesson.*|qualification.*|exam board"
    r"|academic level|level|curriculum level|supervisor.*|mentor|tutor( name)?"
)

INDICATOR_HEADINGS = re.compile(
    r"\b(cat|cat4|sas|midyis|yellis|alis|cem|fft|fft20|fft50|fft5|ngrt|star|lexile"
    r"|reading age|spelling age|attendance|absence|absences|absent|attended|lates?"
    r"|late|punctuality|unauthorised|authorised|sessions|persistent|behaviour"
    r"|behavior|achievement|achievements|merits?|rewards?|house points|points"
    r"|conduct|detentions?|suspensions?|exclusions?|incidents?|ks1|ks2|ks3"
    r"|key stage 2|key stage 1|gps|spag|phonics|eyfs|gcse|prior|scaled|standardised"
    r"|percentile|stanine|quantitative|verbal|non verbal|spatial|mean|average|score"
    r"|test|baseline|estimate|ngst|pass|sdq|house|risk)\b"
)

KS2_WORDS = {
    "ks2",
    "key",
    "stage",
    "2",
    "scaled",
    "score",
    "scores",
    "ss",
    "sat",
    "sats",
    "test",
    "result",
    "results",
    "outcome",
    "english",
    "national",
    "curriculum",
    "in",
}
KS2_SUBJECTS = {
    "reading": "ks2_reading",
    "read": "ks2_reading",
    "rea": "ks2_reading",
    "readscore": "ks2_reading",
    "maths": "ks2_maths",
    "mathematics": "ks2_maths",
    "math": "ks2_maths",
    "mat": "ks2_maths",
    "matscore": "ks2_maths",
}

# Field -> its headings in a list of results; the first one present counts.
RESULT_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "subject": (
        "subject", "subject name", "subject title", "course", "course name",
        "exam subject", "qualification title", "qualification name", "award title",
        "award name", "title", "exam title", "specification", "element title",
        "option title", "entry title", "syllabus title", "qan title", "award",
        "qualification", "exam", "examination", "option", "subject description",
        "qualification description", "exam subject name", "syllabus",
    ),
    "qan": (
        "qan", "qn", "qualification number", "qualification accreditation number",
        "qual number", "ofqual number", "accreditation number", "qualification no",
        "qan code", "qualification code",
    ),
    "level": (
        "qualification type", "qualification level", "level", "qual type", "qual",
        "type", "qualification", "certification type", "academic level", "award type",
        "award level", "course type", "exam level", "exam type", "qual level",
        "qualification title type", "level type", "qualification size", "course length",
    ),
    "grade": (
        "grade", "final grade", "first grade", "overall grade", "actual grade",
        "award grade", "exam grade", "grade achieved", "achieved grade",
        "grade awarded", "awarded grade", "result", "final result", "exam result",
        "actual result", "gcse grade", "gcse result", "actual", "outcome", "results",
        "equivalent grade", "subject grade", "syllabus grade", "overall result",
    ),
    "series": (
        "series", "exam series", "exam season", "season", "session", "sitting",
        "exam date", "entry date", "award date", "date of award", "result date",
        "date",
    ),
    "series_month": ("exam month", "month", "series month"),
    "series_year": ("exam year", "series year", "award year", "year of exam"),
    "candidate": (
        "candidate no", "candidate number", "cand no", "exam no", "exam number",
        "examination number", "candidate", "exam candidate number", "cand number",
        "candnum", "candno",
    ),
    "uci": ("uci", "unique candidate identifier", "uci number", "uci no"),
}  # fmt: skip
# Grades that are no results, as headings in a list with a row for each.
OTHER_GRADES = tuple(
    f"{kind} {grade}".strip()
    for kind in (
        "predicted", "prediction", "forecast", "estimated", "estimate", "expected",
        "projected", "mock", "mock exam", "ppe", "target", "minimum expected", "tag",
        "cag", "teacher assessed", "centre assessed", "teacher assessment",
        "centre assessment", "teacher", "working at", "current", "internal",
        "trial exam", "likely", "most likely", "aspirational", "minimum",
        "pre public exam",
    )
    for grade in ("grade", "result", "outcome", "")
    if (kind, grade) not in (("teacher", ""), ("current", ""), ("internal", ""))
)  # fmt: skip
# Headings of other figures; some of them could be subjects' names.
OTHER_FIGURES = frozenset(
    "attainment 8|a8|progress 8|p8|total|total points|points|average|average points"
    "|mean|ebacc|english and maths|english maths|basics|entries|no of entries|rank"
    "|reading|writing|average grade|best 8|house|centre|centre number".split("|")
)
