"""The reasons why a file cannot be read as a return, and what its sender can do."""

from __future__ import annotations

from collections.abc import Mapping

SAVE_AS = (
    "Open it in the program it was made with and save it as Excel Workbook (.xlsx)"
)
FILL_IN = "Fill in the markbook that was sent out and return that file"
SEND_AGAIN = "Ask for the file to be sent again"

# code -> what is wrong, what to do. `{}` is the detail, already safe to show.
# These two sentences are all that a teacher or data manager sees of a refusal.
REFUSALS: Mapping[str, tuple[str, str]] = {
    "empty": (
        "The file is empty (0 bytes): it was not copied or uploaded to the end.",
        f"{SEND_AGAIN}, or wait until it has finished copying.",
    ),
    "truncated": (
        "Only a part of the file has arrived: its end is missing.",
        f"{SEND_AGAIN}, or wait until it has finished copying.",
    ),
    "changing": (
        "The file was still being written while it was read.",
        "Close it in Excel and wait until it has finished copying, then collect again.",
    ),
    "unreadable": (
        "The file cannot be opened ({}).",
        "Close it in other programs, check that you may read it, then collect again.",
    ),
    "damaged": (
        "The file is damaged ({}).",
        "Open it in Excel, let Excel repair it and save it, or ask for it again.",
    ),
    "too-large": (
        "The file is far larger than any markbook ({}).",
        f"{FILL_IN}; leave out pictures and other sheets.",
    ),
    "encrypted": (
        "The file is encrypted with a password that is not known here.",
        "Open it, remove the password (File, Info, Protect Workbook) and save it.",
    ),
    "sensitivity-label": (
        "The file is encrypted by a sensitivity label: only people whom the label "
        "allows can open it.",
        "Open it in Excel, choose a label without encryption (Home, Sensitivity) or "
        "remove it, and save it.",
    ),
    "xls": (
        "This is an old Excel file (.xls).",
        "Open it and save it as Excel Workbook (.xlsx).",
    ),
    "xlsb": (
        "This is a binary Excel file (.xlsb).",
        "Open it and save it as Excel Workbook (.xlsx).",
    ),
    "ods": (
        "This is an OpenDocument spreadsheet (.ods).",
        "Open it in LibreOffice and save it as Excel 2007–365 (.xlsx).",
    ),
    "numbers": (
        "This is an Apple Numbers file.",
        "In Numbers choose File, Export To, Excel (.xlsx) and return that.",
    ),
    "google-link": (
        "This is only a link to a Google Sheet, with no marks in it.",
        "Open the sheet and choose File, Download, Microsoft Excel (.xlsx).",
    ),
    "csv": (
        "This is plain text (.csv or .txt): it says nothing of which markbook it was.",
        f"{FILL_IN}, saved as Excel Workbook (.xlsx).",
    ),
    "html": (
        "This is a web page, not a workbook: perhaps a log-in page was saved.",
        "Open the markbook itself and download or save it as .xlsx.",
    ),
    "xml": (
        "This is an XML text, not a workbook.",
        f"{SAVE_AS}.",
    ),
    "pdf": (
        "This is a PDF, which cannot be read back.",
        f"{FILL_IN}, as .xlsx.",
    ),
    "picture": (
        "This is a picture ({}), which cannot be read back.",
        f"{FILL_IN}, as .xlsx.",
    ),
    "email": (
        "This is an e-mail, not a workbook.",
        "Open the e-mail, save the workbook attached to it, and return that.",
    ),
    "document": (
        "This is a {} document, not a workbook.",
        f"{FILL_IN}, as .xlsx.",
    ),
    "nothing-attached": (
        "No file is attached to this e-mail, or in this archive.",
        "Ask the sender for the markbook, or take the file away.",
    ),
    "nested": (
        "This is an e-mail or an archive inside another one, which is not opened.",
        "Open it, save the workbooks that are in it, and put them here.",
    ),
    "locked-archive": (
        "This file in an archive is locked with a password.",
        "Unpack the archive with its password, and put the workbooks here.",
    ),
    "too-many-files": (
        "This holds far more files than a school has markbooks ({}).",
        "Unpack it, and put only the workbooks here.",
    ),
    "zip": (
        "This is a ZIP archive, not a workbook.",
        "Unpack it and put the workbooks that are in it here.",
    ),
    "archive": (
        "This is an archive ({}), not a workbook.",
        "Unpack it and put the workbooks that are in it here.",
    ),
    "program": (
        "This is a program, not a workbook.",
        "Delete it, and ask the sender what it is.",
    ),
    "not-a-workbook": (
        "This is not an Excel workbook.",
        f"{FILL_IN}, as .xlsx.",
    ),
    "macros": (
        "The workbook contains macros ({}); a markbook never does.",
        "Save it as Excel Workbook (.xlsx), which leaves macros out.",
    ),
    "embedded": (
        "The workbook has something foreign embedded in it ({}).",
        "Delete the embedded object and save the workbook again.",
    ),
    "connection": (
        "The workbook draws data from outside ({}).",
        "Remove the data connection (Data, Queries & Connections) and save it again.",
    ),
    "entities": (
        "The workbook holds definitions that no spreadsheet program writes ({}).",
        f"Do not open it. {SEND_AGAIN}, from Excel.",
    ),
    "part-twice": (
        "The workbook holds the same part twice ({}).",
        "Open it in Excel and save it again.",
    ),
    "part-name": (
        "The workbook holds a part with a name it may not have ({}).",
        f"Do not open it. {SEND_AGAIN}, from Excel.",
    ),
    "part-missing": (
        "The workbook lacks a part of itself ({}).",
        "Open it in Excel, let Excel repair it and save it, or ask for it again.",
    ),
    "beyond": (
        "Something stands far outside the markbook ({}).",
        "Delete what stands below and to the right of the class, and save it again.",
    ),
    "too-much": (
        "The workbook holds far more than a markbook ({}).",
        f"{FILL_IN}; leave out other sheets.",
    ),
    "cell-twice": (
        "The same cell stands twice in the file ({}).",
        "Open it in Excel and save it again.",
    ),
    "memory": (
        "Reading the file took more memory than any markbook needs.",
        f"{FILL_IN}; leave out pictures and other sheets.",
    ),
    "reader-died": (
        "The file could not be read: reading it had to be stopped.",
        f"{SEND_AGAIN}. If that does not help, keep the file and report it.",
    ),
    "reader-slow": (
        "Reading the file took far longer than any markbook does.",
        f"{FILL_IN}; leave out pictures and other sheets.",
    ),
}


class FileRefused(Exception):
    """A file that cannot be read as a return.

    Args:
        code: A key of `REFUSALS`.
        detail: The part or value at fault, in a person's words.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        # A name from outside can contain terminal control characters.
        self.detail = "".join(c if c.isprintable() else "?" for c in detail)


def refusal_message(code: str, detail: str = "") -> tuple[str, str]:
    """What is wrong and what to do, as two sentences.

    >>> refusal_message("xls")[0]
    'This is an old Excel file (.xls).'
    """
    what, do = REFUSALS[code]
    return what.format(detail), do
