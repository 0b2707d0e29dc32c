# SPDX-License-Identifier: MIT
"""What the data of each event type must hold. One reader per type: data to a tuple, or a Reject with the reason that
goes to the dead letters. Fields are looked at in the order of the contract's table."""

import re

from . import lunar, zones
from .yearly import YearlyDate

AMOUNT_MAX = 2**53
NAMES_MAX = 64
SALES_CHANNELS = {"store", "web", "app", "call_centre", "marketplace", "social", "other"}
CONTACT_CHANNELS = {"email", "sms", "push", "phone", "post", "wechat", "whatsapp", "in_app", "task"}
MESSAGES = ("sent", "delivered", "opened", "clicked", "bounced", "spam_reported", "unsubscribed", "redeemed")
SEVERITIES = {"low", "normal", "high", "critical"}
LINE_AMOUNTS = ("unit_price_minor", "discount_minor", "tax_minor", "cost_minor")
RELATIONS = {"child", "partner", "parent", "other"}
CONTROL = re.compile("[\x00-\x1f\x7f]").search
NOT_PLAIN = re.compile("[\x00-\x20\x7f-\xa0]").search
CURRENCY = re.compile("[A-Z]{3}").fullmatch
COUNTRY = re.compile("[A-Z]{2}").fullmatch
REGION = re.compile("[A-Z0-9]{1,3}").fullmatch
LANGUAGE = re.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*").fullmatch
MISSING = object()  # a member that is not there, where null means something else


class Reject(Exception):
    """Its only argument is the reason."""


def is_plain(text, limit):
    return NOT_PLAIN(text) is None and 1 <= (len(text) if text.isascii() else len(text.encode())) <= limit


def members_of(data):
    if data is None:
        return {}
    if type(data) is not dict:
        raise Reject("wrong_field_type")
    return data


def required(members, name):
    value = members.get(name)
    if value is None:
        raise Reject("missing_field")
    return value


def text(value):
    if type(value) is not str:
        raise Reject("wrong_field_type")
    return value


def plain(value, limit=64):
    if type(value) is not str:
        raise Reject("wrong_field_type")
    if not is_plain(value, limit):
        raise Reject("bad_field_value")
    return value


def currency(value):
    if CURRENCY(text(value)) is None:
        raise Reject("bad_currency")
    return value


def amount(value):
    if type(value) is float:
        if value != int(value):
            raise Reject("amount_not_integer")
        value = int(value)
    elif type(value) is not int:
        raise Reject("wrong_field_type")
    if not 0 <= value <= AMOUNT_MAX:
        raise Reject("amount_out_of_range")
    return value


def sales_channel(members):
    value = members.get("sales_channel")
    if value is None:
        return "other"
    return value if text(value) in SALES_CHANNELS else "other"


def one_of(value, allowed):
    if text(value) not in allowed:
        raise Reject("bad_field_value")
    return value


def names(value):
    """Distinct, in order of appearance."""
    if type(value) is not list:
        raise Reject("wrong_field_type")
    found = []
    for each in value:
        name = plain(each, 32)
        if name not in found and len(found) < NAMES_MAX:
            found.append(name)
    return found


def read_purchase(data):
    members = members_of(data)
    order = plain(required(members, "order_id"))
    money = currency(required(members, "currency"))
    net = amount(required(members, "net_minor"))
    channel = sales_channel(members)
    categories, products = [], []
    lines = members.get("lines")
    if lines is not None:
        if type(lines) is not list:
            raise Reject("wrong_field_type")
        for line in lines:
            if type(line) is not dict:
                raise Reject("wrong_field_type")
            category = line.get("category")
            if category is not None:
                plain(category, 32)
            sku = line.get("sku")
            for name in LINE_AMOUNTS:
                value = line.get(name)
                if value is not None:
                    amount(value)
            if category is not None and category not in categories and len(categories) < NAMES_MAX:
                categories.append(category)
            if type(sku) is str and is_plain(sku, 64) and sku not in products and len(products) < NAMES_MAX:
                products.append(sku)
    return order, money, net, channel, categories, products


def read_cancellation(data):
    return plain(required(members_of(data), "order_id"))


def read_refund(data):
    """Absent: order and amount None, currency ""."""
    members = members_of(data)
    refund = plain(required(members, "refund_id"))
    order, net, money = (members.get(name) for name in ("order_id", "net_minor", "currency"))
    order = plain(order) if order is not None else None
    net = amount(net) if net is not None else None
    money = currency(money) if money is not None else ""
    if order is None and (net is None or not money):
        raise Reject("missing_field")
    return refund, order, net, money


def read_visit(data):
    return sales_channel(members_of(data))


def read_complaint(data):
    return plain(required(members_of(data), "complaint_id"))


def read_opening(data):
    members = members_of(data)
    complaint = plain(required(members, "complaint_id"))
    severity, reason = members.get("severity"), members.get("reason")
    severity = one_of(severity, SEVERITIES) if severity is not None else "normal"
    reason = plain(reason, 32) if reason is not None else ""
    return complaint, severity, reason, sales_channel(members)


def read_profile(data):
    """The fields that are there, by their names in Redis; "" or [] removes."""
    members = members_of(data)
    found = {}
    for name, field, reader in PROFILE_FIELDS:
        value = members.get(name, MISSING)
        if value is not MISSING:
            found[field] = reader(value) if value is not None else ""
    interests = members.get("interests", MISSING)
    if interests is not MISSING:
        found["interests"] = names(interests) if interests is not None else []
    channels = members.get("contact_channels", MISSING)
    if channels is not MISSING:
        found["contact_channels"] = contact_channels(channels) if channels is not None else ""
    dates = members.get("special_dates", MISSING)
    if dates is not MISSING:
        found["dates"] = special_dates(dates) if dates is not None else {}
    people = members.get("household", MISSING)
    if people is not MISSING:
        found["household"] = household(people) if people is not None else {}
    return found


CALENDARS = {"gregorian": False, "solar": False, "chinese": True, "lunar": True}


def birth_date(value):
    if type(value) is not dict:
        raise Reject("wrong_field_type")
    return yearly_date(value, required(value, "calendar"))


def special_dates(value):
    """Name to text, of distinct names the first, in order of appearance."""
    if type(value) is not list:
        raise Reject("wrong_field_type")
    found = {}
    for each in value:
        if type(each) is not dict:
            raise Reject("wrong_field_type")
        name = plain(required(each, "name"), 32)
        calendar = each.get("calendar")
        made = yearly_date(each, calendar if calendar is not None else "gregorian")
        if name not in found and len(found) < NAMES_MAX:
            found[name] = made
    return found


def household(value):
    """Member to (relation, birth date, name or ""), of each member the first, in order of appearance."""
    if type(value) is not list:
        raise Reject("wrong_field_type")
    found = {}
    for each in value:
        if type(each) is not dict:
            raise Reject("wrong_field_type")
        member = plain(required(each, "member"), 16)
        relation = one_of(required(each, "relation"), RELATIONS)
        born = birth_date(required(each, "birth_date"))
        name = each.get("name")
        if name is not None and (CONTROL(text(name)) or not 1 <= len(name.encode()) <= 32):
            raise Reject("bad_field_value")
        if member not in found and len(found) < NAMES_MAX:
            found[member] = relation, born, name or ""
    return found


def yearly_date(value, calendar):
    is_lunar = CALENDARS[one_of(calendar, CALENDARS)]
    year = value.get("year")
    year = whole(year, 1, 9999) if year is not None else 0
    month, day = whole(required(value, "month"), 1, 31), whole(required(value, "day"), 1, 31)
    in_leap_month = value.get("leap_month")
    if in_leap_month is not None and type(in_leap_month) is not bool:
        raise Reject("wrong_field_type")
    if is_lunar and year and not lunar.knows(year):
        raise Reject("lunar_year_out_of_range")
    made = YearlyDate(is_lunar, year, month, day, bool(in_leap_month))
    if not made.exists():
        raise Reject("bad_date")
    return made.text()


def whole(value, low, high):
    if type(value) is float and value == int(value):
        value = int(value)
    if type(value) is not int:
        raise Reject("wrong_field_type")
    if not low <= value <= high:
        raise Reject("bad_date")
    return value


def zone(value):
    if not zones.exists(text(value)):
        raise Reject("unknown_zone")
    return value


def matching(form, limit=None):
    def read(value):
        if form(text(value)) is None or (limit and not 2 <= len(value) <= limit):
            raise Reject("bad_field_value")
        return value

    return read


PROFILE_FIELDS = (
    ("birth_date", "birth", birth_date),
    ("zone", "zone", zone),
    ("country", "country", matching(COUNTRY)),
    ("region", "region", matching(REGION)),
    ("language", "language", matching(LANGUAGE, 35)),
)


def read_consent(data):
    members = members_of(data)
    channel = one_of(required(members, "contact_channel"), CONTACT_CHANNELS)
    purpose = one_of(required(members, "purpose"), {"marketing", "content"})
    state = one_of(required(members, "state"), {"granted", "withdrawn", "pending", "unknown"})
    source = consent_text(members.get("source"))
    text_version = consent_text(members.get("text_version"))
    once = members.get("once")
    if once is not None and type(once) is not bool:
        raise Reject("wrong_field_type")
    return channel, purpose, state, source, text_version, bool(once) and state == "granted"


def consent_text(value):
    """At most 16 bytes; "-" stands for nothing."""
    if value is None:
        return "-"
    if plain(value, 16) == "-":
        raise Reject("bad_field_value")
    return value


def contact_channels(value):
    if type(value) is not list:
        raise Reject("wrong_field_type")
    return " ".join(dict.fromkeys([one_of(each, CONTACT_CHANNELS) for each in value]))


def read_launch(data):
    members = members_of(data)
    name = text(required(members, "name"))
    if re.search("[\x00-\x1f\x7f]", name) or not 1 <= len(name.encode()) <= 128:
        raise Reject("bad_field_value")
    interests = names(required(members, "interests"))
    if not 1 <= len(interests) <= 8:
        raise Reject("bad_field_value")
    return {"news": "launched", "name": name, "interests": interests}


def read_restock(data):
    members_of(data)
    return {"news": "restocked"}


def read_reprice(data):
    members = members_of(data)
    money = currency(required(members, "currency"))
    old, new = (amount(required(members, name)) for name in ("old_minor", "new_minor"))
    return {"news": "repriced", "currency": money, "old_minor": old, "new_minor": new}


def read_recall(data):
    members = members_of(data)
    severity = one_of(required(members, "severity"), SEVERITIES)
    return {"news": "recalled", "severity": severity, "reference": plain(required(members, "reference"))}


def read_subscription(data):
    members = members_of(data)
    product = plain(required(members, "product_id"))
    kind = one_of(required(members, "kind"), {"restocked", "repriced"})
    return product, kind, one_of(required(members, "state"), {"subscribed", "cancelled"})


def read_message(data):
    members = members_of(data)
    follow_up = plain(required(members, "follow_up"), 65)
    if ":" in follow_up:
        raise Reject("bad_field_value")
    occurrence, channel = plain(required(members, "occurrence")), members.get("contact_channel")
    return follow_up, occurrence, one_of(channel, CONTACT_CHANNELS) if channel is not None else None


def read_nothing(data):
    return None


READERS = {
    "loyalty.purchase.completed.v1": read_purchase,
    "loyalty.purchase.cancelled.v1": read_cancellation,
    "loyalty.purchase.refunded.v1": read_refund,
    "loyalty.visit.made.v1": read_visit,
    "loyalty.complaint.opened.v1": read_opening,
    "loyalty.complaint.acknowledged.v1": read_complaint,
    "loyalty.complaint.responded.v1": read_complaint,
    "loyalty.complaint.resolved.v1": read_complaint,
    "loyalty.complaint.reopened.v1": read_complaint,
    "loyalty.profile.changed.v1": read_profile,
    "loyalty.consent.changed.v1": read_consent,
    "loyalty.product.launched.v1": read_launch,
    "loyalty.product.restocked.v1": read_restock,
    "loyalty.product.repriced.v1": read_reprice,
    "loyalty.product.recalled.v1": read_recall,
    "loyalty.subscription.changed.v1": read_subscription,
    "loyalty.customer.erased.v1": read_nothing,
    "loyalty.task.done.v1": read_message,
    **{f"loyalty.message.{each}.v1": read_message for each in MESSAGES},
}
