"""The codes and labels of an MIS: ethnicity, SEN provision, sex, status, yes and no.

The codes are those of the school census (Common Basic Data Set), as national tables of
the Department for Education print them, each with its labels there and in MIS exports.
Another code is stored as it is, with a warning, because the census changes.
"""

from __future__ import annotations

ETHNICITY: dict[str, tuple[str, ...]] = {
    "WBRI": (
        "White - British",
        "White British",
        "British",
        "White English",
        "White - English / Welsh / Scottish / Northern Irish / British",
    ),
    "WIRI": ("White - Irish", "Irish"),
    "WIRT": ("Traveller of Irish heritage", "White - Traveller of Irish heritage"),
    "WROM": ("Gypsy / Roma", "White - Gypsy / Roma", "Gypsy", "Roma"),
    "WOTH": ("Any other White background", "White other", "Other White"),
    "MWBC": ("White and Black Caribbean", "Mixed - White and Black Caribbean"),
    "MWBA": ("White and Black African", "Mixed - White and Black African"),
    "MWAS": ("White and Asian", "Mixed - White and Asian"),
    "MOTH": (
        "Any other mixed background",
        "Mixed - Any other mixed background",
        "Other mixed",
        "Any other mixed / multiple ethnic background",
    ),
    "AIND": ("Indian", "Asian - Indian", "Asian or Asian British - Indian"),
    "APKN": ("Pakistani", "Asian - Pakistani", "Asian or Asian British - Pakistani"),
    "ABAN": (
        "Bangladeshi",
        "Asian - Bangladeshi",
        "Asian or Asian British - Bangladeshi",
    ),
    "CHNE": ("Chinese", "Asian - Chinese"),
    "AOTH": ("Any other Asian background", "Other Asian"),
    "BCRB": ("Black Caribbean", "Caribbean", "Black - Caribbean"),
    "BAFR": ("Black African", "African", "Black - African"),
    "BOTH": ("Any other Black background", "Other Black"),
    "OOTH": ("Any other ethnic group", "Other ethnic group", "Other"),
    "ARAB": ("Arab", "Arab (extended code)"),
    "REFU": ("Refused", "Not wishing to say", "Prefer not to say"),
    "NOBT": (
        "Information not yet obtained",
        "Not yet obtained",
        "Not obtained",
        "Not known",
        "Unknown",
    ),
}

SEN: dict[str, tuple[str, ...]] = {
    "N": (
        "No special educational need",
        "No special educational needs",
        "No SEN",
        "No SEND",
        "None",
        "No",
        "Not SEN",
        "No specialist provision",
        "0",
        "False",
        "F",
    ),
    "K": ("SEN support", "SEND support", "SEN support plan", "School support"),
    "E": (
        "EHC plan",
        "EHCP",
        "EHC",
        "Education, health and care plan",
        "Education health and care",
        "Statement or EHC plan",
        "Has EHCP",
    ),
}

SEX: dict[str, tuple[str, ...]] = {
    "M": ("Male", "Boy", "Boys"),
    "F": ("Female", "Girl", "Girls"),
}

YES = frozenset(
    {"y", "yes", "t", "true", "1", "x", "✓", "✔", "☑", "eligible", "on", "recipient"}
)
NO = frozenset(
    {
        "n",
        "no",
        "f",
        "false",
        "0",
        "not eligible",
        "ineligible",
        "none",
        "off",
        "not recipient",
        "✗",
        "✘",
    }
)
# What a pupil's language says of English as an additional language; a space: nothing.
LANGUAGES = {
    "english": "N", "eng": "N", "enb": "N", "believed to be english": "N",
    "english only": "N", "other than english": "Y", "not english": "Y",
    "believed to be other than english": "Y", "other": "Y", "oth": "Y", "otb": "Y",
    "other language": "Y", "refused": " ", "not known": " ", "not obtained": " ",
    "information not yet obtained": " ", "information not obtained": " ",
    "classification pending": " ", "ref": " ", "not": " ",
}  # fmt: skip
NOTHING = frozenset({"", "-", "–", "—", "n/a", "na", "nil", "null", "#n/a"})

# Enrolment status: the word in the store -> codes and labels.
STATUS: dict[str, tuple[str, ...]] = {
    "current": (
        "C",
        "Current",
        "Single registration",
        "Single",
        "Current - single registration",
        "Current (single registration at this school)",
        "On roll",
        "Enrolled",
        "Active",
        "Registered",
    ),
    "main": (
        "M",
        "Main",
        "Current main",
        "Main - dual registration",
        "Dual main",
        "Dual registration - main",
        "Current main (dual registration)",
        "Main (dual registration)",
        "Dual registered main",
    ),
    "subsidiary": (
        "S",
        "Subsidiary",
        "Current subsidiary",
        "Subsidiary - dual registration",
        "Dual subsidiary",
        "Dual registration - subsidiary",
        "Current subsidiary (dual registration)",
        "Subsidiary (dual registration)",
        "Dual registered subsidiary",
    ),
    "guest": ("G", "Guest", "Guest pupil", "Guest - not registered at this school"),
    "further education": ("F", "FE college", "Further education", "FE"),
    "other provider": ("O", "Other provider", "Other"),
    "left": ("L", "Left", "Leaver", "Former", "Off roll", "Former pupil", "Inactive"),
}

# Roles: the word in `roles.csv` -> other names.
ROLES: dict[str, tuple[str, ...]] = {
    "head of department": (
        "HoD",
        "Head of dept",
        "Head of faculty",
        "HoF",
        "Subject leader",
        "Head of subject",
        "Curriculum leader",
        "Department lead",
        "Department leader",
    ),
    "line manager": ("Line management", "LM", "SLT link", "SLT line manager"),
    "head of year": ("HoY", "Year leader", "Progress leader", "Year head", "Year lead"),
    "tutor": ("Form tutor", "Registration tutor", "Form teacher", "Group tutor"),
    "group lead": ("Lead", "Group leader", "Strand lead"),
    "senior leader": ("SLT", "Senior leadership", "SLT member", "Headteacher", "Head"),
    "governor": ("Link governor", "Chair of governors"),
    "mentor": ("Pupil mentor",),
    "data manager": ("Data", "Data lead", "Data office"),
}
