"""Names for a synthetic school: plain names, and names that break programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Names that break spreadsheets: apostrophes, letters missing in Windows-1252,
# prefixes, words that a program reads as a value, months.
HARD_NAMES: tuple[tuple[str, str, str], ...] = (
    ("O'Neill", "Siân", "F"),
    ("Łukasz", "Zofia", "F"),
    ("Nguyễn", "Minh Anh", "F"),
    ("van-der-Berg", "Søren", "M"),
    ("Null", "Thomas", "M"),
    ("True", "Amelia", "F"),
    ("May", "April", "F"),
    ("March", "Jack", "M"),
    ("D'Souza", "Rohan", "M"),
    ("St.John", "Zoë", "F"),
    ("Yılmaz", "İpek", "F"),
    ("Wolfe-Bartholomew-Fitzgerald", "Maximilian Alexander", "M"),
)


@dataclass(frozen=True, slots=True)
class Family:
    """Surnames and forenames that go together."""

    surnames: tuple[str, ...]
    girls: tuple[str, ...]
    boys: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ENGLISH = Family(
    _words(
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright "
        "Thompson Evans Walker White Roberts Green Hall Wood Jackson Clarke Harris "
        "Cooper Ward Turner Hill Baker Carter Parker Shaw Bennett Cox Marsh Fletcher "
        "Barker Dixon Booth Pickering Ashworth Holt Whitehead Sutcliffe Greenwood "
        "Kershaw Ogden Hartley Barlow Crossley Lomax Thorpe Hindle O'Brien McDonald "
        "MacLeod Hart-Davies Pemberton Rowbotham"
    ),
    _words(
        "Olivia Amelia Isla Ava Ivy Freya Lily Florence Mia Willow Rosie Sophia "
        "Isabella Grace Daisy Poppy Elsie Ella Evelyn Phoebe Sienna Alice Charlotte "
        "Matilda Emily Ruby Harriet Eliza Molly Niamh Aoife Jessica Lucy Erin Holly "
        "Megan Abigail Beth Lola Imogen"
    ),
    _words(
        "Noah George Oliver Arthur Leo Harry Oscar Archie Henry Theodore Jack Freddie "
        "Charlie Theo Alfie Jacob Thomas Finley Isaac William Joshua Edward Lucas "
        "Samuel James Toby Reuben Max Daniel Ethan Logan Riley Callum Seán Rhys Jude "
        "Louis Elliot Dylan Kian"
    ),
)
_SOUTH_ASIAN = Family(
    _words(
        "Patel Khan Hussain Ahmed Begum Ali Singh Kaur Shah Rahman Islam Chowdhury "
        "Miah Uddin Malik Iqbal Akhtar Mahmood Sharma Gupta Mistry Desai"
    ),
    _words(
        "Aisha Zainab Maryam Fatima Priya Ananya Simran Hafsa Inaya Jasmin Zara "
        "Khadija Anaya Sana Meera Noor"
    ),
    _words(
        "Muhammad Mohammed Yusuf Ibrahim Arjun Rohan Aarav Hamza Zayn Haris Ayaan "
        "Bilal Imran Dev Kabir Umar"
    ),
)
_AFRICAN = Family(
    _words(
        "Adeyemi Okafor Mensah Osei Boateng Kamara Sesay Diallo Abdi Warsame Mohamed "
        "Tesfaye Haile Asante Eze Owusu Campbell Grant Francis"
    ),
    _words(
        "Adaeze Abena Hawa Ngozi Amara Temi Ayaan Fatou Esther Blessing Naomi Chiamaka "
        "Sagal Ruth Imani"
    ),
    _words(
        "Kwame Kofi Chidi Abdullahi Emmanuel Daniel Tobi Malachi Samuel Abdi Jayden "
        "Elijah David Micah Femi"
    ),
)
_EUROPEAN = Family(
    _words(
        "Kowalski Nowak Wiśniewska Popescu Ionescu García Fernández Müller Åström "
        "Søndergård Çelik Öztürk Petrov Horváth Silva Costa Rossi Novák"
    ),
    _words(
        "Zofia Agnieszka Andreea Chloé Leïla Elena Sofia Maja Nikola Lucía Inês "
        "Katarzyna Giulia Mira"
    ),
    _words(
        "Jakub Andrei José Jürgen Jean-Luc Mateusz Luca Aleksander João Filip Stefan "
        "Emre Tomáš Marco"
    ),
)
_EAST_ASIAN = Family(
    _words("Chen Wang Li Zhang Wong Lam Nguyễn Trần Kim Park Santos Reyes"),
    _words("Mei-Ling Anh Yuki Hannah Chloe Linh Joy Angel Xinyi Grace"),
    _words("Wei Minh Jun Ethan Ryan Hao Lucas Jin Angelo Kai"),
)

# By the census code of a pupil's ethnicity; others are named as the English are.
FAMILIES: Mapping[str, tuple[Family, ...]] = {
    "WBRI": (_ENGLISH,),
    "WIRI": (_ENGLISH,),
    "WOTH": (_EUROPEAN,),
    "MWBC": (_ENGLISH, _AFRICAN),
    "MWBA": (_ENGLISH, _AFRICAN),
    "MWAS": (_ENGLISH, _SOUTH_ASIAN),
    "MOTH": (_ENGLISH, _EUROPEAN, _EAST_ASIAN),
    "AIND": (_SOUTH_ASIAN,),
    "APKN": (_SOUTH_ASIAN,),
    "ABAN": (_SOUTH_ASIAN,),
    "AOTH": (_SOUTH_ASIAN, _EAST_ASIAN),
    "BCRB": (_AFRICAN,),
    "BAFR": (_AFRICAN,),
    "CHNE": (_EAST_ASIAN,),
    "OOTH": (_EUROPEAN, _SOUTH_ASIAN),
}

# Shares of pupils in state-funded secondary schools, in thousandths, near the
# spring census; rounded here, because a synthetic school needs no more.
ETHNICITIES: Mapping[str, int] = {
    "WBRI": 615,
    "WOTH": 70,
    "APKN": 46,
    "BAFR": 45,
    "AIND": 40,
    "AOTH": 25,
    "MOTH": 25,
    "OOTH": 25,
    "ABAN": 20,
    "MWAS": 18,
    "MWBC": 18,
    "WIRI": 12,
    "MWBA": 12,
    "BCRB": 14,
    "CHNE": 10,
    "REFU": 5,
}

# Teachers: surnames in the order in which posts are filled.
STAFF_SURNAMES: tuple[str, ...] = _words(
    "Okonkwo Whitaker O'Neill Lindqvist Fairclough Nguyễn Bassett Mukherjee Preston "
    "Łukasz Holloway Adebayo Crompton Ferreira Sandhu Ellison Dyer Quigley Rahimi "
    "Thwaite Barraclough Kaczmarek Osborne Mistry Gallagher Hargreaves Çelik Underhill "
    "Pritchard Beaumont Achebe Stansfield Morrow Iqbal Castellan Winterbottom Fenwick "
    "Duarte Hesketh May Rosenthal Lal Copeland Tennant Yusuf Brennan Aldridge Vickers "
    "Sørensen Pike Njoroge Hallam Entwistle Drummond Papadakis Kerr Loxley Mbeki True "
    "Garside Whittle Jowett Akintola Read Marchetti Sykes Tattersall Oyelaran Bird "
    "Hewitt Zielińska Corrigan Nuttall Banerjee Peel Farrow Stott Ormerod Blythe "
    "Nkemelu Rigby Cavanagh Dhillon Eastham Voss Leary Haworth Quaye Ridding Tomlinson "
    "Ulrich Varley Wadsworth Xu Yeadon Zaman Abbott Brook Calder Dale Eccles Firth"
)
STAFF_TITLES: tuple[str, ...] = ("Mr", "Ms", "Mrs", "Miss", "Dr", "Mx")
