# SPDX-License-Identifier: MIT
"""RFC 3339 instants to milliseconds since 1970 and back."""

import re

DAY_MS = 86_400_000
FORM = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
).fullmatch
MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

days_known = {}  # dates come again and again
starts_known = {}  # and so do seconds: text to milliseconds, and back
seconds_known = {}


def parse_instant(text):
    """Milliseconds, or None if it is no instant."""
    known = starts_known.get(text[:19])
    if known is not None and len(text) == 24 and text[19] == "." and text[23] == "Z":
        fraction = text[20:23]
        if fraction.isdecimal() and fraction.isascii():
            return known + int(fraction)
    ms = parse_any(text)
    if ms is not None and len(text) == 24 and text[23] == "Z" and text[17] != "6":
        starts_known[text[:19]] = ms - ms % 1000
    return ms


def parse_any(text):
    match = FORM(text)
    if match is None:
        return None
    day_text, hour, minute, second, fraction, sign, off_hour, off_minute = match.groups()
    days = days_known.get(day_text)
    if days is None:
        days = days_known[day_text] = days_of(day_text)
    hour, minute, second = int(hour), int(minute), int(second)
    if days is False or hour > 23 or minute > 59 or second > 60:
        return None
    ms = days * DAY_MS + (hour * 60 + minute) * 60_000 + second * 1000
    if sign:
        off_hour, off_minute = int(off_hour), int(off_minute)
        if off_hour > 23 or off_minute > 59:
            return None
        offset = (off_hour * 60 + off_minute) * 60_000
        ms += offset if sign == "-" else -offset
    if second == 60 and ms % DAY_MS != 0:
        return None
    if fraction:
        ms += int((fraction + "00")[:3])
    return ms


def days_of(text):
    """Days since 1970-01-01, or False: no date. (The year 0000 is one for RFC 3339, but not for Python.)"""
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:])
    if not 1 <= month <= 12 or not 1 <= day <= MONTH_DAYS[month - 1]:
        return False
    if month == 2 and day == 29 and not (year % 4 == 0 and year % 100 != 0 or year % 400 == 0):
        return False
    year_of_march = year - (month <= 2)
    era, year_of_era = divmod(year_of_march, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


def date_of_days(days):
    days += 719468
    era, day_of_era = divmod(days, 146097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    march_month = (5 * day_of_year + 2) // 153
    month = march_month + 3 if march_month < 10 else march_month - 9
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * march_month + 2) // 5 + 1


def format_instant(ms):
    """As loyald writes them: UTC, with milliseconds."""
    seconds, ms = divmod(ms, 1000)
    text = seconds_known.get(seconds)
    if text is None:
        days, rest = divmod(seconds, 86400)
        year, month, day = date_of_days(days)
        text = f"{year:04}-{month:02}-{day:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
        seconds_known[seconds] = text
    return f"{text}.{ms:03}Z"
