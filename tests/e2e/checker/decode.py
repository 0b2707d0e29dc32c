# SPDX-License-Identifier: MIT
"""From a record to an event: the CloudEvents envelope in both bindings, whose event it is and when it was. What an
event holds is in payload.py."""

import base64
import re

import xxhash

from .instants import DAY_MS, parse_instant
from .payload import READERS, Reject, is_plain
from .strictjson import Fault, parse

BODY_BYTES_MAX = 262144
SUBJECT_BYTES_MAX = 128
YEAR_2100_MS = 4_102_444_800_000
OWN_TYPES = ("loyalty.follow_up.", "loyalty.coupon.", "loyald.")
PURCHASES = ("loyalty.purchase.completed.v1", "loyalty.purchase.cancelled.v1", "loyalty.purchase.refunded.v1")
PRODUCTS = tuple(f"loyalty.product.{kind}.v1" for kind in ("launched", "restocked", "repriced", "recalled"))
CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f]").search
ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "datacontenttype")
NOT_A_TEXT = {"subject": "bad_subject", "time": "bad_time", "datacontenttype": "unsupported_content_type"}
USUAL_TYPE = b"application/cloudevents+json"


class Event:
    __slots__ = ("type", "subject", "id", "time", "data", "source", "event_id")


def header(headers, name):
    """The last of this name, compared without case; None if there is none."""
    found = None
    if headers:
        for each, value in headers:
            if each == name or (len(each) == len(name) and each.lower() == name):
                found = value
    return found


def read_envelope(value, headers):
    """The attributes that are there, by name, and under "data" the data, if there is any that is not null. A Reject
    if it is no CloudEvent."""
    if value is not None and len(value) > BODY_BYTES_MAX:
        raise Reject("body_too_large")
    content_type, binary = read_headers(headers)
    media = media_type(content_type)
    is_family = media.startswith("application/cloudevents")
    if is_family and media != "application/cloudevents+json":
        raise Reject("batched_cloudevents" if media[23:24] == "-" else "unsupported_content_type")
    structured = is_family or (binary is None and not media)
    if not value and (structured or binary is None):
        raise Reject("no_body")
    try:
        if not structured:
            return read_binary(value, content_type, binary or {})
        document = parse(value)
        if type(document) is not dict:
            raise Reject("not_a_cloudevent")
        if is_usual(document):
            return document
        judge(document, document.get("data") is not None, {})
        return document
    except Fault as fault:
        raise Reject(fault.args[0]) from None


def read_headers(headers):
    """The content type, and the ce_ headers by attribute (None if there is not one)."""
    content_type = binary = None
    for name, value in headers or ():
        if value is None:
            continue
        if name[:3].lower() == "ce_" and len(name) > 4:
            binary = binary if binary is not None else {}
            binary[name[3:].lower()] = value
        elif name == "content-type" or name.lower() == "content-type":
            content_type = value
    return content_type, binary


def media_type(content_type):
    if content_type is None or content_type == USUAL_TYPE:
        return "" if content_type is None else "application/cloudevents+json"
    return content_type.decode("latin-1").split(";")[0].strip(" \t").lower()


def read_binary(value, content_type, binary):
    attributes, faults = {}, {}
    for name, raw in binary.items():
        if name not in ATTRIBUTES or name == "datacontenttype":
            continue
        try:
            attributes[name] = raw.decode()
            if b"\0" in raw:
                faults[name] = "nul_in_text"
        except UnicodeDecodeError:
            attributes[name] = "?"
            faults[name] = "bad_utf8"
    if content_type is not None:
        attributes["datacontenttype"] = content_type.decode("latin-1")
    judge(attributes, bool(value), faults)
    if value:
        attributes["data"] = parse(value)
    return attributes


def is_usual(document):
    """Nearly all are: what judge would find good, seen at one glance. The time becomes milliseconds."""
    get = document.get
    subject, time = get("subject"), get("time")
    if (
        get("specversion") != "1.0"
        or get("datacontenttype") != "application/json"
        or type(subject) is not str
        or type(time) is not str
        or not subject.isprintable()
        or not 1 <= len(subject) <= SUBJECT_BYTES_MAX
        or not subject.isascii()
        or "data_base64" in document
    ):
        return False
    for name in ("id", "source", "type"):
        text = get(name)
        if type(text) is not str or not text:
            return False
    ms = parse_instant(time)
    if ms is None:
        return False
    document["time"] = ms
    return True


def judge(found, has_data, faults):
    """In a fixed order, so that the reason does not depend on the order of the members."""
    for name in ATTRIBUTES[:4]:
        text = found.get(name)
        if name in faults:
            raise Reject(faults[name])
        if type(text) is not str or not text:
            raise Reject("not_a_cloudevent")
        if name == "specversion" and text != "1.0":
            raise Reject("unsupported_specversion")
    for name in ATTRIBUTES[4:]:
        if name in faults:
            raise Reject(faults[name])
        if found.get(name) is not None and type(found[name]) is not str:
            raise Reject(NOT_A_TEXT[name])
    subject = found.get("subject")
    if subject is not None and (
        not 1 <= len(subject.encode()) <= SUBJECT_BYTES_MAX or CONTROL_CHARACTER(subject) is not None
    ):
        raise Reject("bad_subject")
    time = found.get("time")
    if time is not None:
        ms = parse_instant(time)
        if ms is None:
            raise Reject("bad_time")
        found["time"] = ms
    content_type = found.get("datacontenttype")
    if found.get("data_base64") is not None:
        raise Reject("unsupported_content_type")
    if has_data and content_type and content_type != "application/json":
        media = media_type(content_type.encode())
        if media and media != "application/json" and not (media.endswith("+json") and len(media) > 5):
            raise Reject("unsupported_content_type")


def read_event(key, value, headers, append_ms, clock_is_event):
    """The event (its subject None: about nobody), or a Reject."""
    found = read_envelope(value, headers)
    event = Event()
    event.type = kind = found["type"]
    event.source, event.event_id = found["source"], found["id"]
    event.subject = subject = found.get("subject")
    reader = READERS.get(kind)
    if reader is None:
        raise Reject("control_type" if kind.startswith(OWN_TYPES) else "unknown_type")
    if subject is None:
        if kind not in PURCHASES:
            raise Reject("missing_subject")
    elif key is not None and key != subject.encode():
        raise Reject("key_differs_from_subject")
    elif kind in PRODUCTS and not is_plain(subject, 64):
        raise Reject("bad_subject")
    event.time = read_time(found.get("time"), append_ms, clock_is_event)
    if subject is not None:
        event.id = short_id(event.source, event.event_id)
        event.data = reader(found.get("data"))
    return event


def read_time(ms, append_ms, clock_is_event):
    if ms is None:
        if clock_is_event:
            raise Reject("missing_time")
        return append_ms
    if not 0 <= ms < YEAR_2100_MS or (not clock_is_event and ms - DAY_MS > append_ms):
        raise Reject("time_out_of_range")
    return ms


def short_id(source, event_id):
    digest = xxhash.xxh64_intdigest(f"{source}\0{event_id}".encode()) & 0xFFFFFFFFFFFF
    return base64.urlsafe_b64encode(digest.to_bytes(6, "big")).decode()
