# SPDX-License-Identifier: MIT
"""The Chinese calendar, by the package lunar_python, which has nothing to do with us: first day and length of a month.
It takes the new moon of 28 September 2057 for one of the 29th; in Beijing it falls 11 seconds before midnight."""

import functools
from datetime import date, timedelta

from lunar_python import LunarYear

FIRST, LAST = 1900, 2100
ORDINAL_OF_JULIAN_DAY = -1721425  # at its noon
MOVED = {(2057, 8, False): (0, -1), (2057, 9, False): (-1, 1)}  # days by which start and length differ


@functools.lru_cache(maxsize=None)
def months(year):
    """(month, is it a leap month): (first day, days)."""
    found = {}
    for month in LunarYear.fromYear(year).getMonthsInYear():
        key = abs(month.getMonth()), bool(month.isLeap())
        start = date.fromordinal(int(month.getFirstJulianDay() + 0.5) + ORDINAL_OF_JULIAN_DAY)
        later, longer = MOVED.get((year, *key), (0, 0))
        found[key] = start + timedelta(later), month.getDayCount() + longer
    return found


def knows(year):
    return FIRST <= year <= LAST


def year_of(day):
    year = min(max(day.year, FIRST), LAST)
    return day.year if day >= months(year)[1, False][0] else day.year - 1


def exists(year, month, day, is_leap):
    """year 0: in any."""
    years = [year] if year else range(FIRST, LAST + 1)
    return all(knows(each) for each in years) and any(
        day <= months(each).get((month, is_leap), (None, 0))[1] for each in years
    )


def day_in(year, month, day, is_leap, day_30):
    """The civil day, or None."""
    if not knows(year):
        return None
    start, days = months(year).get((month, is_leap)) or months(year)[month, False]
    if day > days:
        if day_30 == "skip":
            return None
        if day_30 == "day-29":
            day = days
    return start + timedelta(day - 1)
