"""Joiners, leavers, set changes and new years: nobody is deleted."""

from __future__ import annotations

from datetime import date

from tests.generator.mis.conftest import DAY, ImportOffice

HEAD = "Adno,Surname,Forename,Sex,Year,Date of Leaving\n"
ANN, BEN, CAT = "001,A,Ann,F,7,\n", "002,B,Ben,M,7,\n", "003,C,Cat,F,8,\n"
EVERYBODY = HEAD + ANN + BEN + CAT
CLASSES = "Class,Subject,Year,Teacher\nA,Music,7,K\nB,Music,7,L\nC,Art,7,K\n"
MEMBERS = "Class,Adno\nA,001\nA,002\nB,003\nC,001\nC,002\n"
LATER = date(2027, 1, 11)


def current(office: ImportOffice) -> list[tuple[object, object]]:
    return [
        (r["class"], r["adno"]) for r in office.rows("memberships") if not r["until"]
    ]


def kinds(office: ImportOffice) -> list[tuple[object, ...]]:
    return [(r["kind"], r["adno"], r["class"]) for r in office.rows("roster_changes")]


def test_a_pupil_who_is_not_in_the_list_of_their_year_has_left(
    office: ImportOffice,
) -> None:
    office.import_texts(pupils=EVERYBODY, classes=CLASSES, members=MEMBERS)
    report = office.import_files(office.text("pupils.csv", HEAD + ANN), today=LATER)
    assert (report.pupils, report.leavers, report.memberships) == (3, 1, 5)
    assert office.pupil("002")["left"] == "2027-01-11"
    assert office.pupil("003")["left"] is None  # the list holds nobody of Year 8
    assert kinds(office) == [("left", "002", "")]


def test_the_same_list_changes_no_date_and_a_return_clears_it(
    office: ImportOffice,
) -> None:
    office.import_texts(pupils=EVERYBODY)
    listed = office.text("pupils.csv", HEAD + ANN)
    office.import_files(listed, today=LATER)
    again = office.import_files(listed, today=date(2027, 2, 1))
    assert office.pupil("002")["left"] == "2027-01-11"
    assert again.leavers == 0
    back = office.import_files(
        office.text("pupils.csv", EVERYBODY), today=date(2027, 3, 1)
    )
    assert (back.returned, back.joiners) == (1, 0)
    assert office.pupil("002")["left"] is None


def test_a_date_of_leaving_counts_from_its_day(office: ImportOffice) -> None:
    office.import_texts(pupils=EVERYBODY)
    pupils = HEAD + ANN + "002,B,Ben,M,7,18/12/2026\n" + CAT
    report = office.import_texts(pupils=pupils)
    assert office.pupil("002")["left"] == "2026-12-18"
    assert report.leavers == 1
    silent = "Adno,Surname,Forename,Sex,Year\n001,A,Ann,F,7\n002,B,Ben,M,7\n"
    office.import_texts(pupils=silent)
    assert office.pupil("002")["left"] == "2026-12-18"  # says nothing of leaving
    office.import_files(office.text("pupils.csv", silent), today=LATER)
    assert office.pupil("002")["left"] is None  # still listed afterwards: is back


def test_a_list_of_another_kind_makes_nobody_leave(office: ImportOffice) -> None:
    office.import_texts(pupils=EVERYBODY, classes=CLASSES, members=MEMBERS)
    report = office.import_texts(
        attendance="Adno,Surname,Forename,Year,Attendance %\n001,A,Ann,7,88.5\n",
        scores="Adno,KS2 Reading\n001,99\n",
    )
    assert (report.leavers, report.memberships, report.refused) == (0, 5, 0)
    assert kinds(office) == [("changed", "001", "")]


def test_a_plain_list_with_scores_is_a_pupil_list_until_there_is_a_fuller_one(
    office: ImportOffice,
) -> None:
    head = "Adno,Surname,Forename,Year,KS2 Reading\n"
    office.import_texts(pupils=head + "1,A,Ann,7,99\n2,B,Ben,7,N\n")
    report = office.import_texts(pupils=head + "1,A,Ann,7,99\n3,C,Cat,7,101\n")
    assert (report.joiners, report.leavers) == (1, 1)


def test_a_pupil_who_is_not_in_the_list_of_a_class_has_left_it(
    office: ImportOffice,
) -> None:
    office.import_texts(pupils=EVERYBODY, classes=CLASSES, members=MEMBERS)
    moved = office.text("members.csv", "Class,Adno\nA,001\nB,002\nB,003\n")
    report = office.import_files(moved, today=LATER)
    assert current(office) == [
        ("A", "001"),
        ("B", "002"),
        ("B", "003"),
        ("C", "001"),  # the list does not hold this class
        ("C", "002"),
    ]
    assert report.set_changes == 1
    (ended,) = (r for r in office.rows("memberships") if r["until"])
    assert (ended["class"], ended["adno"]) == ("A", "002")
    assert (ended["since"], ended["until"]) == (DAY.isoformat(), "2027-01-11")
    assert kinds(office) == [("class joined", "002", "B"), ("class left", "002", "A")]
    office.import_files(office.text("members.csv", MEMBERS), today=date(2027, 2, 1))
    assert ("A", "002") in current(office)


def test_pupils_who_left_keep_their_classes(office: ImportOffice) -> None:
    office.import_texts(pupils=EVERYBODY, classes=CLASSES, members=MEMBERS)
    report = office.import_texts(
        pupils=HEAD + ANN + CAT, members="Class,Adno\nA,001\nB,003\n"
    )
    assert report.leavers == 1
    assert ("A", "002") in current(office)
    assert report.memberships == 5


def test_a_refused_row_makes_nobody_leave(office: ImportOffice) -> None:
    office.import_texts(pupils=EVERYBODY, classes=CLASSES, members=MEMBERS)
    report = office.import_texts(
        pupils=HEAD + ANN + ANN + "002,,,M,7,\n" + CAT,
        members="Class,Adno\nA,001\nA,02\nA,0002x\nC,001\nC,002\n",
    )
    assert report.refused == 2
    assert report.leavers == 0
    members = "Class,Adno,Subject\nA,001,Music\nA,002,Art\nA,003,Music\n"
    report = office.import_texts(members=members)
    assert report.refused == 1
    assert ("A", "002") in current(office)  # its row is doubtful, not absent


def test_a_new_year_has_its_own_classes_and_the_same_pupils(
    office: ImportOffice,
) -> None:
    office.import_texts(pupils=EVERYBODY, classes=CLASSES, members=MEMBERS)
    head = "Adno,Surname,Forename,Sex,Year\n"
    report = office.import_files(
        office.text("p.csv", head + "001,A,Ann,F,8\n002,B,Ben,M,8\n009,D,Dot,F,7\n"),
        office.text("c.csv", "Class,Subject,Year,Teacher\nA,French,8,K\n"),
        office.text("m.csv", "Class,Adno\nA,001\nA,002\n"),
        today=date(2027, 9, 6),
        academic_year="2027/28",
    )
    assert (report.pupils, report.classes, report.memberships) == (3, 1, 2)
    assert (report.joiners, report.leavers) == (1, 1)
    assert office.pupil("001")["year"] == 8
    # Year 8 of last year: the top of the school, and the list holds the top again.
    assert office.pupil("003")["left"] == "2027-09-06"
    assert office.pupil("003")["academic_year"] == "2026/27"
    years = [
        (r["academic_year"], r["class"], r["subject"]) for r in office.rows("classes")
    ]
    assert ("2026/27", "A", "Music") in years
    assert ("2027/28", "A", "French") in years
    assert report.staff == 1


def test_a_list_of_new_year_7_alone_makes_nobody_leave(office: ImportOffice) -> None:
    office.import_texts(pupils=EVERYBODY)
    report = office.import_files(
        office.text("p.csv", "Adno,Surname,Forename,Sex,Year\n009,D,Dot,F,7\n"),
        today=date(2027, 9, 6),
        academic_year="2027/28",
    )
    assert (report.leavers, report.joiners, report.pupils) == (0, 1, 1)


def test_pupils_move_up_a_year_without_a_new_year_in_the_lists(
    office: ImportOffice,
) -> None:
    office.import_texts(pupils=EVERYBODY)
    office.import_files(
        office.text("c.csv", "Class,Subject,Adno\nA,French,001\nA,French,003\n"),
        today=date(2027, 9, 6),
        academic_year="2027/28",
    )
    assert office.pupil("001")["year"] == 8
    assert office.pupil("002")["year"] == 7
    assert office.rows("classes")[0]["year"] == 8


def test_a_class_list_is_no_pupil_list_where_there_is_one(office: ImportOffice) -> None:
    office.import_texts(pupils=EVERYBODY, classes=CLASSES, members=MEMBERS)
    listed = "Class,Subject,Adno,Surname,Forename\nA,Music,001,A,Ann\nA,Music,77,X,Y\n"
    report = office.import_texts(listed=listed)
    assert (report.pupils, report.refused, report.leavers) == (3, 1, 0)


def test_a_single_list_of_everything_adds_joiners_each_time(
    office: ImportOffice,
) -> None:
    head = "Class,Subject,Teacher,Adno,Surname,Forename,Year\n"
    office.import_texts(all=head + "A,Music,K,1,A,Ann,7\n,,,2,B,Ben,7\n")
    report = office.import_texts(
        all=head + "A,Music,K,1,A,Ann,7\nA,Music,K,3,C,Cat,7\n"
    )
    assert (report.pupils, report.joiners, report.leavers) == (3, 1, 0)
    assert current(office) == [("A", "1"), ("A", "3")]


def test_pupils_and_classes_that_change_are_recorded_value_by_value(
    office: ImportOffice,
) -> None:
    office.import_texts(pupils=EVERYBODY, classes=CLASSES)
    report = office.import_texts(
        pupils=EVERYBODY.replace("Ben,M", "Benjamin,M"),
        classes=CLASSES.replace("B,Music,7,L", "B,Music,7,"),
    )
    assert report.changed == 2
    rows = office.rows("roster_changes")
    assert [(r["field"], r["old"], r["new"], r["who"]) for r in rows] == [
        ("forename", "Ben", "Benjamin", "D Manager"),
        ("teachers", "L", "", "D Manager"),
    ]


def test_a_blank_means_no_in_a_yes_column_only(
    office: ImportOffice,
) -> None:
    office.import_texts(
        pupils="Adno,Surname,Forename,Year,Reg,PP,SEN,Ethnicity\n1,A,B,7,7A,Y,K,WBRI\n"
    )
    office.import_texts(
        pupils="Adno,Surname,Forename,Year,Reg,PP,SEN,Ethnicity\n1,,,,,,,\n"
    )
    pupil = office.pupil("1")
    assert [pupil[n] for n in ("surname", "year", "reg", "ethnicity")] == [
        "A",
        7,
        "7A",
        "WBRI",
    ]
    assert (pupil["pp"], pupil["sen"], pupil["eal"]) == ("N", "N", "")


def test_fsm_is_never_pp(office: ImportOffice) -> None:
    office.import_texts(
        pupils="Adno,Surname,Forename,Year,FSM,FSM Ever 6\n1,A,B,7,Y,T\n"
    )
    pupil = office.pupil("1")
    assert (pupil["fsm"], pupil["disadvantaged"], pupil["pp"]) == ("Y", "Y", "")


def test_roles_are_the_whole_list_each_time(office: ImportOffice) -> None:
    office.import_texts(roles="Staff,Role,Scope\nK,head of year,Year 7\nL,tutor,7A\n")
    office.import_texts(roles="Staff,Role,Scope\nL,head of year,Year 7\n")
    assert [(r["staff"], r["role"]) for r in office.rows("roles")] == [
        ("L", "head of year")
    ]
