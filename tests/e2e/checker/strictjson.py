# SPDX-License-Identifier: MIT
"""JSON as the contract wants it: no key twice, no NUL, no lone surrogate, no number beyond 2^53, at most 32 deep.
Nearly all bodies are clean, and for those it costs one ordinary parse and one count of the keys."""

import json
import re

INT_MAX = 2**53
DEPTH_MAX = 32
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Fault(Exception):
    """Its only argument is the reason for the dead letters."""


def read_int(text):
    value = int(text) if len(text) < 18 else INT_MAX + 1
    if value > INT_MAX or value < -INT_MAX:
        raise Fault("number_too_large")
    return value


def read_float(text):
    value = float(text)
    if not -INT_MAX < value < INT_MAX:
        raise Fault("number_too_large")
    if value == int(value) and not is_whole(text):
        raise Fault("number_too_large")
    return value


def is_whole(text):
    """Is the number as it is written a whole one? (0.99999999999999999999 only becomes one.)"""
    mantissa, _, exponent = text.lower().lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).rstrip("0")
    return digits.strip("0") == "" or len(digits) <= len(whole) + int(exponent or 0)


def read_constant(text):
    raise Fault("bad_json")


def unique_pairs(pairs):
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Fault("duplicate_key")
    return made


hooks = {"parse_int": read_int, "parse_float": read_float, "parse_constant": read_constant}
quick_decode = json.JSONDecoder(**hooks).decode
careful_decode = json.JSONDecoder(object_pairs_hook=unique_pairs, **hooks).decode


def parse(body):
    """The document, or a Fault."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Fault("bad_utf8") from None
    if b"\\u" in body or body.count(b"{") + body.count(b"[") > DEPTH_MAX:
        return parse_carefully(text)
    try:
        document = quick_decode(text)
    except (json.JSONDecodeError, RecursionError):
        return parse_carefully(text)
    if keys_within(document) != body.count(b'":'):
        return parse_carefully(text)
    return document


def keys_within(document):
    """How many keys there are in what is usual: an object in which `data` is an object of values and lists."""
    if type(document) is not dict:
        return -1
    count = len(document)
    data = document if "specversion" not in document else document.get("data")
    if data is not document and type(data) is dict:
        count += len(data)
    if type(data) is dict:
        for value in data.values():
            if type(value) is list:
                for item in value:
                    if type(item) is dict:
                        count += len(item)
            elif type(value) is dict:
                count += len(value)
    return count


def parse_carefully(text):
    if text.startswith("\ufeff"):
        raise Fault("bad_json")
    if depth_of(text) > DEPTH_MAX:
        raise Fault("too_deep")
    try:
        document = careful_decode(text)
    except json.JSONDecodeError as error:
        at_nul = error.pos < len(text) and text[error.pos] == "\0" and "control character" in error.msg
        raise Fault("nul_in_text" if at_nul else "bad_json") from None
    for part in texts_within(document):
        if "\0" in part:
            raise Fault("nul_in_text")
        if LONE_SURROGATE.search(part):
            raise Fault("bad_utf8")
    return document


def depth_of(text):
    """How deep brackets nest outside of texts."""
    depth = deepest = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text, re.DOTALL):
        character = token.group()
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def texts_within(value):
    if type(value) is str:
        yield value
    elif type(value) is list:
        for item in value:
            yield from texts_within(item)
    elif type(value) is dict:
        for key, item in value.items():
            yield key
            yield from texts_within(item)
