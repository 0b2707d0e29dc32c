# SPDX-License-Identifier: MIT
"""Local time. Clock changes come from zoneinfo (the system's data), which zones a country has from ICU, for the
contract says that the zone of a country is what CLDR says."""

import ctypes
import ctypes.util
import functools
import zoneinfo
from datetime import datetime, timedelta, timezone

HOUR_MS = 3_600_000
UTC_NAMES = {"Etc/UTC", "UTC", "Etc/UCT", "UCT", "Etc/GMT", "GMT"}
SHORT_NAMES = {"CET", "EET", "EST", "GMT", "HST", "MET", "MST", "PRC", "ROC", "ROK", "UCT", "UTC", "WET"}
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@functools.lru_cache(maxsize=None)
def known_names():
    return frozenset(zoneinfo.available_timezones())


def exists(name):
    """An IANA name, written as there; of ICU's names of three letters only those that IANA has too."""
    return name in known_names() and name != "Factory" and (len(name) != 3 or name in SHORT_NAMES)


@functools.lru_cache(maxsize=None)
def info(name):
    return zoneinfo.ZoneInfo(name)


def hour_of_day(name, ms):
    if name in UTC_NAMES:
        return ms // HOUR_MS % 24
    return datetime.fromtimestamp(ms // 1000, info(name)).hour


def minute_of_day(name, ms):
    shown_now = datetime.fromtimestamp(ms // 1000, info(name))
    return 60 * shown_now.hour + shown_now.minute


def local_date(name, ms):
    return datetime.fromtimestamp(ms // 1000, info(name)).date()


def instant(name, day, minute):
    """The first instant at which the local clock shows the day and minute or, where a change skips them, later."""
    zone = info(name)
    wanted = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    first = to_seconds(wanted.replace(tzinfo=zone))
    if shown(first, zone) == wanted:
        return first * 1000
    low, high = sorted((to_seconds(wanted.replace(tzinfo=zone, fold=1)), first))
    low -= 1
    while high - low > 1:  # the clock shows less at low, and enough at high
        middle = (low + high) // 2
        if shown(middle, zone) >= wanted:
            high = middle
        else:
            low = middle
    return high * 1000


def to_seconds(moment):
    delta = moment.astimezone(timezone.utc) - EPOCH
    return delta.days * 86400 + delta.seconds


def shown(seconds, zone):
    return (EPOCH + timedelta(seconds=seconds)).astimezone(zone).replace(tzinfo=None)


# ---- the zone of a country

CANONICAL_LOCATION = 2  # UCAL_ZONE_TYPE_CANONICAL_LOCATION


@functools.lru_cache(maxsize=None)
def icu():
    """The library and the suffix of its functions' names (their version)."""
    name = ctypes.util.find_library("icui18n")
    if name is None:
        raise SystemExit("the checker needs ICU (libicui18n) to know which countries have one time zone")
    return ctypes.CDLL(name), "_" + name.rsplit(".so.", 1)[1].split(".")[0]


@functools.lru_cache(maxsize=None)
def of_country(country):
    """The only zone of a country, or None."""
    library, version = icu()
    opened = getattr(library, "ucal_openTimeZoneIDEnumeration" + version)
    count = getattr(library, "uenum_count" + version, None)
    following = getattr(library, "uenum_next" + version, None)
    close = getattr(library, "uenum_close" + version, None)
    if count is None:
        common = ctypes.CDLL(ctypes.util.find_library("icuuc"))
        count, following, close = (getattr(common, f + version) for f in ("uenum_count", "uenum_next", "uenum_close"))
    error = ctypes.c_int(0)
    opened.restype = ctypes.c_void_p
    opened.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p]
    names = opened(CANONICAL_LOCATION, country.encode(), None, ctypes.byref(error))
    if not names or error.value > 0:
        return None
    following.restype = ctypes.c_char_p
    count.argtypes = following.argtypes = close.argtypes = None
    handle = ctypes.c_void_p(names)
    found = None
    if count(handle, ctypes.byref(error)) == 1:
        found = following(handle, None, ctypes.byref(error)).decode()
    close(handle)
    return found if found is not None and exists(found) else None
