# SPDX-License-Identifier: MIT
"""What must come out of loyald, as the folds of all homes say it: triggers and decisions by id, copies and dead letters
by where their record was first read, control records by what they say. And where the records of feeders must go."""

import json
from collections import Counter

from .decode import OWN_TYPES, PURCHASES, header, read_envelope
from .homes import home_of
from .payload import READERS, Reject

ORIGIN = "loyald-origin"
CONTROL = "loyald-control"
OWN_CONTROLS = ("continuation", "broadcast", "chunk", "share_wanted", "share", "share_back")  # loyald makes these by folding; ticks by its clock


class Expected:
    def __init__(self, home_log, homes):
        self.home_log, self.homes = home_log, homes
        self.triggers, self.decisions = {}, {}  # id: what they say, once for each
        self.copies = {}  # origin: (home, fingerprint)
        self.letters = {}  # origin: [(reason, time, key, value, headers)]
        self.controls = Counter()  # (home, kind, body): how many more must be in the log
        self.ignored = set()  # places of feeders' records that are about nobody

    def add_event(self, topic, event_id, event):
        events = self.triggers if topic == "triggers" else self.decisions
        events.setdefault(event_id, []).append(event)

    def add_copy(self, topic, partition, offset, time, key, value, headers, home):
        self.copies[topic, partition, offset] = (home, time, fingerprint(key, value, headers))

    def add_letter(self, reason, topic, partition, offset, time, key, value, headers):
        origin = read_origin(headers) if topic == self.home_log else None
        place = origin[:3] if origin else (topic, partition, offset)
        time = origin[3] if origin else time
        self.letters.setdefault(place, []).append((reason, time, key, value, headers))

    def add_control(self, home, kind, body):
        self.controls[home, kind, canonical(body)] += 1

    def saw_control(self, home, kind, body):
        brake = kind == "switch" and (body["what"], body["state"]) == ("risk", "paused")  # others are people's
        if kind in OWN_CONTROLS or brake:
            self.controls[home, kind, canonical(body)] -= 1

    def route(self, topic, partition, offset, time, key, value, headers):
        """A feeder's record: copied home, ignored, or a dead letter there and then."""
        place = (topic, partition, offset)
        if header(headers, CONTROL) is not None:
            self.letters[place] = [("control_type", time, key, value, headers)]
            return
        home = None
        if key is not None:
            home = home_of(key, self.homes)
        else:
            try:
                home = self.route_by_subject(value, headers)
            except Reject as reject:
                self.letters[place] = [(reject.args[0], time, key, value, headers)]
                return
        if home is None:
            self.ignored.add(place)
        else:
            self.add_copy(topic, partition, offset, time, key, value, headers, home)

    def route_by_subject(self, value, headers):
        """The home; None for a purchase of nobody. Others must name their subject."""
        found = read_envelope(value, headers)
        subject, kind = found.get("subject"), found["type"]
        if subject is not None:
            return home_of(subject.encode(), self.homes)
        if kind not in READERS:
            raise Reject("control_type" if kind.startswith(OWN_TYPES) else "unknown_type")
        if kind not in PURCHASES:
            raise Reject("missing_subject")
        return None


def canonical(body):
    return json.dumps(body, sort_keys=True)


def read_origin(headers):
    """(topic, partition, offset, time) of a copied record, or None."""
    raw = header(headers, ORIGIN) if headers else None
    parts = raw.decode(errors="replace").split("/") if raw is not None else ()
    if len(parts) != 4 or not parts[0]:
        return None
    try:
        return parts[0], int(parts[1]), int(parts[2]), int(parts[3])
    except ValueError:
        return None


def fingerprint(key, value, headers):
    """Equal for a record and its faithful copy."""
    others = tuple((n, v) for n, v in headers if n.lower() != ORIGIN) if headers else ()
    return hash((key, value, others))
