# SPDX-License-Identifier: MIT
"""Asks the calendar of loyald 100,000 seeded questions, and compares its answers with those of other people's programs:
zoneinfo for the zones, lunar_python for the Chinese calendar, datetime for the solar one. How they are used stands
in the checker of the end-to-end tests, which shares nothing with loyald.

    check_calendar.py ANSWERS_PROGRAM [COUNT]
"""

import pathlib
import random
import subprocess
import sys
from datetime import date, timedelta

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from checker import lunar, zones  # noqa: E402
from checker.yearly import YearlyDate  # noqa: E402

COUNT = 100_000
SHOWN = 10
# All that are asked for by name, and some of each kind: half hours, quarters, no changes, changes at midnight.
ZONES = """Europe/Berlin America/New_York Australia/Lord_Howe Asia/Kolkata Pacific/Apia Pacific/Kiritimati
    Africa/Casablanca Etc/UTC Asia/Shanghai Asia/Hong_Kong Asia/Tokyo America/Los_Angeles America/St_Johns
    America/Sao_Paulo America/Havana Pacific/Chatham Pacific/Auckland Asia/Kathmandu Europe/London Europe/Dublin
    America/Santiago Pacific/Honolulu Antarctica/Troll""".split()
# Ramadan of later years has been calculated anew since, and the two sides may have zone data of different versions.
LAST_YEAR = {"Africa/Casablanca": 2022}
LEAP_DAYS, DAYS_30 = ("feb-28", "mar-1", "leap-years"), ("day-29", "next-day", "skip")
# The days on which most goes wrong come more often: leap days, ends of years, day 30, months that are repeated.
SPECIAL_SOLAR = ((2, 29), (2, 28), (3, 1), (12, 31), (1, 1))
# Days on which a clock changes, so that hours are skipped and come twice.
CHANGES = {
    "Europe/Berlin": ((2024, 3, 31), (2024, 10, 27)),
    "America/New_York": ((2024, 3, 10), (2024, 11, 3)),
    "Australia/Lord_Howe": ((2024, 4, 7), (2024, 10, 6)),
    "Pacific/Apia": ((2011, 12, 30), (2011, 12, 29)),
    "Pacific/Kiritimati": ((1994, 12, 31), (1995, 1, 1)),
    "Africa/Casablanca": ((2022, 3, 27), (2022, 5, 8)),
    "America/Sao_Paulo": ((2018, 11, 4), (2018, 2, 18)),
    "Asia/Kolkata": ((2024, 5, 5), (2024, 11, 5)),
}


def main(program, count):
    chance = random.Random(20270206)
    questions = [question(chance) for _ in range(count)]
    lines = "".join(" ".join(map(str, (date.text(), *rest))) + "\n" for date, *rest in questions)
    answers = subprocess.run([program], input=lines, text=True, capture_output=True, check=True).stdout.splitlines()
    wrong = []
    if len(answers) != count:
        wrong.append(f"{len(answers)} answers to {count} questions")
    for asked, got in zip(questions, answers):
        must_be = answer(*asked)
        if got != must_be:
            wrong.append(f"{asked[0].text()} {' '.join(map(str, asked[1:]))}: got {got}, must be {must_be}")
    kinds = f"{sum(asked[0].is_lunar for asked in questions)} lunar, {sum(got == '-' for got in answers)} without a day"
    print(f"{len(wrong)} of {count} answers are wrong ({kinds})", *wrong[:SHOWN], sep="\n  ")
    return 1 if wrong else 0


def question(chance):
    zone = chance.choice(ZONES)
    if zone in CHANGES and chance.random() < 0.3:
        year, month, day = chance.choice(CHANGES[zone])
        made = YearlyDate(False, 0, month, day)
        return made, zone, chance.choice(LEAP_DAYS), "day-29", year, chance.randrange(-1, 2), chance.randrange(1440)
    made = lunar_date(chance) if chance.random() < 0.5 else solar_date(chance)
    if chance.random() < 0.2:
        zone = "Etc/UTC"  # the one that is certain before 1970
    first = lunar.FIRST if zone == "Etc/UTC" else 1971
    year, days = chance.randrange(first, LAST_YEAR.get(zone, 2100) + 1), chance.randrange(-60, 61)
    return made, zone, chance.choice(LEAP_DAYS), chance.choice(DAYS_30), year, days, chance.randrange(1440)


def solar_date(chance):
    if chance.random() < 0.3:
        month, day = chance.choice(SPECIAL_SOLAR)
        return YearlyDate(False, chance.choice((0, 1980, 2000)), month, day)
    born = date(1900, 1, 1) + timedelta(chance.randrange(200 * 365))
    return YearlyDate(False, chance.choice((0, born.year)), born.month, born.day)


def lunar_date(chance):
    """Of a year of the table, each month as likely, the repeated one and day 30 more."""
    year = chance.randrange(lunar.FIRST, lunar.LAST + 1)
    months = list(lunar.months(year))
    repeated = [key for key in months if key[1]]
    month = chance.choice(repeated) if repeated and chance.random() < 0.5 else chance.choice(months)
    days = lunar.months(year)[month][1]
    day = days if chance.random() < 0.3 else chance.randrange(1, days + 1)
    return YearlyDate(True, chance.choice((0, year)), month[0], day, month[1])


def answer(made, zone, leap_day, day_30, year, days, minute):
    day = made.day_in(year, leap_day, day_30)
    if day is None:
        return "-"
    return f"{day} {zones.instant(zone, day + timedelta(days), minute)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else COUNT))
