# SPDX-License-Identifier: MIT
"""What came out against what must come out: triggers and decisions, dead letters, copies, control records."""

import hashlib
import json

from .expected import ORIGIN, read_origin
from .instants import format_instant
from .verdict import short

LETTER_BYTES_MAX = 900000
LETTER_SLACK = 2048  # of the letter's own headers, which count too
CUT_BYTES = 65536
MODE = ("content-type", b"application/cloudevents+json")


class Events:
    """The triggers or the decisions."""

    def __init__(self, what, expected, verdict):
        self.what, self.expected, self.verdict = what, expected, verdict
        self.count = 0

    def look(self, partition, offset, key, value, headers):
        self.count += 1
        where = f"the {self.what} at partition {partition}, offset {offset}"
        try:
            body = json.loads(value)
            event_id = body["id"]
        except (TypeError, ValueError, KeyError):
            self.verdict.add("unexplained", f"{where} is no CloudEvent: {short(value)}")
            return
        wanted = self.expected.get(event_id)
        if wanted is None:
            self.verdict.add("unexplained", f"nothing explains {where}: {short(body)}")
        elif not wanted:
            self.verdict.add("doubled", f"the {self.what} {short(event_id)} came twice: {where}")
        else:
            found = (body.get("type"), body.get("subject"), body.get("time"), body.get("data"))
            for i, event in enumerate(wanted):
                if found == whole(event):
                    break
            else:
                i = 0
                self.verdict.add("different", f"{where}, {short(event_id)}: {differences(whole(wanted[0]), found)}")
            self.look_at_envelope(where, body, key, headers)
            del wanted[i]

    def look_at_envelope(self, where, body, key, headers):
        faults = [
            "specversion" if body.get("specversion") != "1.0" else "",
            "source" if body.get("source") != "/loyald" else "",
            "datacontenttype" if body.get("datacontenttype", "application/json") != "application/json" else "",
            "key" if key is None or key != str(body.get("subject")).encode() else "",
            "content-type" if MODE not in (headers or ()) else "",
        ]
        if any(faults):
            self.verdict.add("different", f"{where}: wrong {', '.join(filter(None, faults))}")

    def finish(self):
        for event_id, wanted in self.expected.items():
            for event in wanted:
                self.verdict.add("lost", f"the {self.what} {short(event_id)} is missing: {short(whole(event))}")


def whole(event):
    kind, customer, time, data = event
    return kind, customer, format_instant(time), data


def differences(wanted, found):
    parts = []
    for name, want, have in zip(("type", "subject", "time"), wanted, found):
        if want != have:
            parts.append(f"{name} is {have!r} and must be {want!r}")
    have = found[3] if isinstance(found[3], dict) else {}
    for name in sorted({*wanted[3], *have}):
        if wanted[3].get(name) != have.get(name) or (name in wanted[3]) != (name in have):
            parts.append(f"{name} is {short(have.get(name))} and must be {short(wanted[3].get(name))}")
    return "; ".join(parts)


class Letters:
    def __init__(self, expected, verdict):
        self.expected, self.verdict = expected, verdict
        self.count = 0

    def look(self, partition, offset, key, value, headers):
        self.count += 1
        where = f"the dead letter at partition {partition}, offset {offset}"
        own = {name: raw.decode(errors="replace") for name, raw in headers or () if name.startswith("loyald-") and raw}
        try:
            place = own["loyald-topic"], int(own["loyald-partition"]), int(own["loyald-offset"])
        except (KeyError, ValueError):
            self.verdict.add("unexplained", f"{where} does not say where it comes from: {own}")
            return
        wanted = self.expected.get(place)
        if wanted is None:
            self.verdict.add("unexplained", f"nothing explains {where}, of {at(place)}: {own}")
        elif not wanted:
            self.verdict.add("doubled", f"the record of {at(place)} is a dead letter twice, again at offset {offset}")
        else:
            reason, time, *record = wanted.pop(0)
            problem = fault_of(own, reason, time) or cut_fault(own, record, key, value, headers)
            if problem:
                self.verdict.add("different", f"{where}, of {at(place)}: {problem}")

    def finish(self):
        for place, wanted in self.expected.items():
            for reason, *_ in wanted:
                self.verdict.add("lost", f"the dead letter of {at(place)} with the reason {reason} is missing")


def fault_of(own, reason, time):
    if own.get("loyald-reason") != reason:
        return f"its reason is {own.get('loyald-reason')} and must be {reason}"
    if own.get("loyald-time") != str(time):
        return f"its time is {own.get('loyald-time')} and must be {time}"
    if not own.get("loyald-sentence"):
        return "it has no sentence"
    return None


def cut_fault(own, record, key, value, headers):
    """Key, body and headers must be untouched, unless the whole would be too large."""
    old_key, old_value, old_headers = record
    size = len(old_key or b"") + len(old_value or b"") + sum(len(n) + len(v or b"") for n, v in old_headers or ())
    if "loyald-length" in own:
        digest = hashlib.sha256(old_value).hexdigest()
        if size + LETTER_SLACK <= LETTER_BYTES_MAX or value != old_value[:CUT_BYTES]:
            return "its body is cut and should not be, or not there"
        if own["loyald-length"] != str(len(old_value)) or own.get("loyald-sha256") != digest:
            return "length or digest of its whole body are wrong"
    elif value != old_value:
        return f"its body is {short(value)} and must be {short(old_value)}"
    if "loyald-headers" in own:
        if own["loyald-headers"] != str(len(old_headers or ())) or key != (old_key or b"")[:CUT_BYTES]:
            return "headers or key are cut wrongly"
        return None
    if key != old_key:
        return f"its key is {short(key)} and must be {short(old_key)}"
    mine = [(n, v) for n, v in old_headers or () if n.lower() != ORIGIN]
    theirs = [(n, v) for n, v in headers or () if n.lower() != ORIGIN]
    if theirs[: len(mine)] != mine or not all(n.startswith("loyald-") for n, _ in theirs[len(mine) :]):
        return f"its headers are {short(theirs)} and must begin with {short(mine)}"
    return None


def at(place):
    return "%s, partition %d, offset %d" % tuple(place)


class Copies:
    """The records of the home log that came from elsewhere."""

    def __init__(self, expected, verdict):
        self.expected, self.verdict = expected, verdict
        self.found = {}

    def look(self, partition, offset, headers, print_of_record):
        """Its origin if this is a copy, else None."""
        origin = read_origin(headers)
        if origin is None:
            return None
        self.found.setdefault(origin[:3], []).append((partition, offset, origin[3], print_of_record))
        return origin[:3]

    def finish(self):
        for place, found in self.found.items():
            wanted = self.expected.get(place)
            if wanted is None:
                where = f"home {found[0][0]}, offset {found[0][1]}"
                self.verdict.add(
                    "unexplained", f"{where}: a copy of {at(place)}, which is not to be copied or not there"
                )
                continue
            if len(found) > 1:
                places = ", ".join(f"{partition}/{offset}" for partition, offset, *_ in found)
                self.verdict.add("doubled", f"the record of {at(place)} was copied {len(found)} times: {places}")
            for partition, offset, time, print_of_record in found:
                if (partition, time, print_of_record) != wanted:
                    where = f"home {partition}, offset {offset}"
                    self.verdict.add(
                        "different", f"{where}: a copy of {at(place)}, not the same or not for {wanted[0]}"
                    )
        for place in self.expected.keys() - self.found.keys():
            self.verdict.add("lost", f"the record of {at(place)} was not copied home")


def finish_controls(controls, verdict):
    for (home, kind, body), missing in controls.items():
        if missing > 0:
            verdict.add("lost", f"home {home}: {missing} control record(s) {kind} are missing: {short(body)}")
        elif missing < 0:
            verdict.add("doubled", f"home {home}: {-missing} control record(s) {kind} too many: {short(body)}")
