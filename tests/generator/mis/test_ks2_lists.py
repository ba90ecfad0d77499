"""Lists of Key Stage 2 results give scores and nothing else."""

from __future__ import annotations

import pytest

from generator.mis.import_exports import ImportOptions

PUPILS = (
    "Adno,UPN,Surname,Forename,Year,Reg,Sex,FSM Ever 6,FSM\n"
    "0301,P801200005011,Hale,Ivo,9,9B,M,Y,Y\n"
    "0302,D801200005012,Iqbal,Jo,9,9B,F,N,N\n"
)
DOWNLOAD = (
    "ACADYR,UPN,SURNAME,FORENAMES,YEARGRP,SEX,FSM,FSM6,CLA_PP_1_DAY,SENTYPE,READMRK,"
    "CANDNO,PupilMatchingRefAnonymous,READSCORE,MATSCORE,READSCORE_noSpeccon,"
    "MATSCORE_noSpeccon,READOUTCOME,MATOUTCOME\n"
    "2022/2023,P801200005011,Hale,Ivo,6,M,0,0,0,NULL,31,0412,AB12,107,96,106,96,AS,NS\n"
    "2022/2023,D801200005012,Iqbal,Jo,6,M,1,1,1,MLD,0,0413,AB13,,NA,,NA,B,N\n"
)


@pytest.mark.parametrize("names", [("a_ks2", "b_pupils"), ("z_ks2", "b_pupils")])
def test_the_download_gives_scores_and_changes_nothing_else(office, names):
    ks2, pupils = names
    report = office.import_texts(**{ks2: DOWNLOAD, pupils: PUPILS})
    hale, iqbal = office.pupil("0301"), office.pupil("0302")
    assert (hale["ks2_reading"], hale["ks2_maths"]) == ("107", "96")
    assert (hale["disadvantaged"], hale["fsm"], hale["year"]) == ("Y", "Y", 9)
    assert (iqbal["ks2_reading"], iqbal["ks2_maths"]) == ("B", "N")
    assert (iqbal["disadvantaged"], iqbal["fsm"], iqbal["sex"]) == ("N", "N", "F")
    assert office.rows("indicators") == []
    assert report.unrecognised == ()
    codes = {problem.code: problem for problem in report.problems}
    assert set(codes) == {"ks2-special-consideration", "ks2-code-without-score"}
    assert "1 pupil has the code 'B' in reading" in codes["ks2-code-without-score"].what
    assert report.exit_status == 0


def test_scores_without_special_consideration_where_the_school_says_so(office):
    office.import_texts(pupils=PUPILS)
    options = ImportOptions(ks2_special_consideration="without")
    office.import_files(office.text("ks2.csv", DOWNLOAD), options=options)
    assert office.pupil("0301")["ks2_reading"] == "106"


def test_it_adds_nobody_and_nobody_leaves(office):
    office.import_texts(pupils=PUPILS)
    one = "UPN,KS2READSCORE,KS2MATSCORE\nD801200005012,101,99\nG801200005099,99,98\n"
    report = office.import_texts(ks2=one)
    assert (report.pupils, report.leavers, report.refused) == (2, 0, 0)
    assert [problem.code for problem in report.problems] == ["pupil-not-here"]
    assert [row["left"] for row in office.rows("pupils")] == [None, None]
    assert office.pupil("0302")["ks2_maths"] == "99"


def test_a_list_of_year_6_under_other_headings_is_no_list_of_today(office):
    office.import_texts(pupils=PUPILS)
    primary = (
        "Admission No,UPN,Surname,Forename,Year Group,Class,FSM,KS2 Reading,KS2 Maths\n"
        "77,P801200005011,Hale,Ivo,Year 6,6 Oak,N,109,110\n"
    )
    office.import_texts(
        primary=primary.replace("Admission No", "Primary No"), pupils=PUPILS
    )
    hale = office.pupil("0301")
    assert (hale["ks2_reading"], hale["fsm"], hale["year"], hale["reg"]) == (
        "109", "Y", 9, "9B",
    )  # fmt: skip
    assert len(office.rows("pupils")) == 2


def test_scores_of_today_win_over_an_older_list_of_the_same_kind(office):
    older = (
        "Adno,Surname,Forename,Year,FSM,Disadvantaged,KS2 Reading,KS2 Maths\n"
        "0301,Hale,Ivo,9,N,N,105,104\n0302,Iqbal,Jo,9,Y,Y,103,101\n"
    )
    office.import_texts(a_estimates=older, z_today=PUPILS)
    assert [office.pupil(a)["fsm"] for a in ("0301", "0302")] == ["Y", "N"]
    assert office.pupil("0302")["ks2_reading"] == "103"
