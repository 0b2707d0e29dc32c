# SPDX-License-Identifier: MIT
"""A day that comes back every year, by the solar or the lunar calendar."""

from datetime import date
from typing import NamedTuple

from . import lunar


class YearlyDate(NamedTuple):
    is_lunar: bool
    year: int  # 0: not known
    month: int
    day: int
    in_leap_month: bool = False

    @classmethod
    def parse(cls, text):
        is_lunar = text.startswith("L")
        text = text.removeprefix("L")
        in_leap_month = text[-4] == "L"
        text = text.replace("L", "")
        return cls(is_lunar, int(text[:4]) if len(text) == 10 else 0, int(text[-5:-3]), int(text[-2:]), in_leap_month)

    def text(self):
        year = f"{self.year:04}-" if self.year else "--"
        return f"{'L' * self.is_lunar}{year}{self.month:02}{'L' * self.in_leap_month}-{self.day:02}"

    def exists(self):
        if self.is_lunar:
            return lunar.exists(self.year, self.month, self.day, self.in_leap_month)
        try:
            date(self.year or 2000, self.month, self.day)
        except ValueError:
            return False
        return not self.in_leap_month

    def year_of(self, day):
        """The year of its calendar in which a civil day lies."""
        return lunar.year_of(day) if self.is_lunar else day.year

    def born(self):
        """The civil day of the date itself, or None."""
        return self.day_in(self.year) if self.year else None

    def day_in(self, year, leap_day="feb-28", day_30="day-29"):
        """The civil day, or None. As not said otherwise, the earliest that any rule may choose."""
        if self.is_lunar:
            return lunar.day_in(year, self.month, self.day, self.in_leap_month, day_30)
        try:
            return date(year, self.month, self.day)
        except ValueError:
            if leap_day == "leap-years":
                return None
            return date(year, 2, 28) if leap_day == "feb-28" else date(year, 3, 1)
