# SPDX-License-Identifier: MIT
"""What the gate goes by beside consent, freeze and expiry: quiet hours and caps."""

import xxhash

from . import zones
from .instants import DAY_MS
from .yearly import YearlyDate

CLASSES = ("marketing", "content")  # where none are named
EVERY_CLASS = ("transactional", "marketing", "content", "task")
MINUTE_MS = 60_000
KEPT_MS = 31 * DAY_MS


def minute_of(text):
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def read(policy, root):
    quiet = root.get("quiet_hours") or []
    for each in [quiet] if isinstance(quiet, dict) else quiet:
        policy.quiet_hours.append(
            (minute_of(each["from"]), minute_of(each["to"]), each.get("classes", CLASSES), each.get("channels"))
        )
    for channel, answer in (root.get("consent_default") or {}).items():
        policy.consent_default[channel] = answer if isinstance(answer, dict) else {"other": answer}
    risk = root.get("risk") or {}
    if risk:
        window = risk.get("window", "7d")
        unit = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": DAY_MS}[window[-1]]
        policy.risk = Risk(int(risk["per_thousand"]), int(window[:-1]) * unit, int(risk.get("least", 200)), risk)
    holdout = root.get("holdout") or {}
    if holdout:
        policy.holdout = (float(holdout["share"][:-1]), holdout["programme"], holdout.get("classes", CLASSES))
    spread = root.get("spread", "0s")
    policy.spread = int(spread[:-1]) * {"s": 1000, "m": 60_000, "h": 3_600_000, "d": DAY_MS}[spread[-1]]
    for node in (root.get("caps") or {}).values():
        policy.caps.append(Cap(node))


class Risk:
    def __init__(self, per_thousand, window, least, node):
        self.per_thousand, self.window, self.least = per_thousand, window, least
        self.classes = node.get("classes", CLASSES)

    def counts(self, home, follow_up):
        """[begun, sent, reports, sent before, reports before], moved on to now."""
        counts = home.risk.setdefault(follow_up.name, [0] * 5)
        passed = home.now - counts[0]
        if counts[0] == 0 or passed >= 2 * self.window:
            counts[:] = [home.now, 0, 0, 0, 0]
        elif passed >= self.window:
            counts[:] = [counts[0] + self.window, 0, 0, counts[1], counts[2]]
        return counts

    def note_sent(self, home, follow_up):
        if follow_up.message_class in self.classes:
            self.counts(home, follow_up)[1] += 1

    def note_report(self, home, customer, follow_up):
        """Must the follow-up be halted?"""
        if follow_up.message_class not in self.classes:
            return False
        counts = self.counts(home, follow_up)
        counts[2] += 1
        sent, reports = counts[1] + counts[3], counts[2] + counts[4]
        halted = sent >= self.least and reports * 1000 > self.per_thousand * sent
        if halted:
            counts[1:] = [0, 0, 0, 0]
        return halted


def allowed_channels(policy, customer, follow_up):
    """Those that the customer prefers first, then as the follow-up has them."""
    allowed = [each for each in follow_up.channels if is_allowed(policy, customer, follow_up, each)]
    preferred = [each for each in customer.contact_channels.split() if each in allowed]
    return preferred + [each for each in allowed if each not in preferred]


def is_allowed(policy, customer, follow_up, channel):
    if not follow_up.needs_consent:
        return True
    state = customer.consents.get((channel, follow_up.purpose), ("unknown",))[0]
    if state != "unknown":
        return state == "granted"
    places = policy.consent_default.get(channel, {})
    for place in (f"{customer.country}-{customer.region}" if customer.region else "", customer.country, "other"):
        if place and place in places:
            return places[place] == "yes"
    return False


def use_consent(customer, follow_up, channel):
    consent = customer.consents.get((channel, follow_up.purpose))
    if follow_up.needs_consent and consent is not None and consent[0] == "granted" and consent[4]:
        customer.consents[channel, follow_up.purpose] = ("withdrawn", consent[1], "used", "-", False)


def is_under_age(policy, customer, follow_up, now):
    if not follow_up.min_age:
        return False
    born = YearlyDate.parse(customer.birth).born() if customer.birth else None
    if born is None:
        return True
    today = zones.local_date(policy.zone_of(customer), now)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < follow_up.min_age


def lot(name, customer):
    """The low 48 bits of XXH64 over both."""
    return xxhash.xxh64_intdigest(name.encode() + b"\0" + customer.id.encode()) % 2**48


def is_concerned_by_holdout(policy, follow_up):
    return policy.holdout is not None and follow_up.message_class in policy.holdout[2]


def is_held_out(policy, customer):
    share, programme, _ = policy.holdout
    return lot(programme, customer) * 10_000 < round(share * 100) * 2**48


def spread_due(policy, customer, due, last):
    room = min(policy.spread, last - due + 1)
    return due + lot("spread", customer) % room if room > 1 else due


class Filter:
    """Each part that is named must fit. Who names follow-ups or tags means every class unless he says which."""

    def __init__(self, node):
        self.follow_ups, self.tags, self.channels = node.get("follow_ups"), node.get("tags"), node.get("channels")
        self.is_named = self.follow_ups is not None or self.tags is not None
        self.classes = node.get("classes", EVERY_CLASS if self.is_named else CLASSES)

    def fits(self, follow_up):
        names = self.follow_ups
        return (
            follow_up.message_class != "safety"
            and follow_up.message_class in self.classes
            and (names is None or follow_up.name in names or follow_up.name.partition(".")[0] in names)
            and (self.tags is None or any(tag in self.tags for tag in follow_up.tags))
        )

    def fits_channel(self, channel):
        return self.channels is None or channel in self.channels


class Cap:
    def __init__(self, node):
        self.at_most = int(node["at_most"])
        self.window = None if node["per"] == "day" else int(node["per"][:-1]) * DAY_MS
        self.limits = Filter(node.get("limits", {}))
        self.counts = Filter(node["counts"]) if "counts" in node else self.limits

    def counted(self, policy, sent, channel_of_sent, message_class):
        if not self.counts.fits_channel(channel_of_sent):
            return False
        follow_up = policy.follow_ups.get(sent)
        if follow_up is None:
            return not self.counts.is_named and message_class in self.counts.classes
        return self.counts.fits(follow_up)


def with_room(policy, customer, follow_up, channels, now):
    """The channels that no cap forbids, or None where that leaves nothing."""
    if any(cap.counts.fits(follow_up) for cap in policy.caps):
        if sum(each[0] > now - KEPT_MS for each in customer.sent) >= policy.limits["sent"]:
            return None
    limiting = [cap for cap in policy.caps if cap.limits.fits(follow_up)]
    if not limiting:
        return channels
    zone = policy.zone_of(customer)
    midnight = zones.instant(zone, zones.local_date(zone, now), 0)
    full = []
    for cap in limiting:
        count = 0
        for time, _, name, message_class, channel, mode in customer.sent:
            recent = time >= midnight if cap.window is None else time > now - cap.window
            real = mode == "live" or follow_up.mode == 1
            count += recent and real and cap.counted(policy, name, channel, message_class)
        if count >= cap.at_most:
            full.append(cap)
    left = [each for each in channels if not any(cap.limits.fits_channel(each) for cap in full)]
    return left or None


def note_sent(policy, customer, follow_up, channel, now):
    if not any(cap.counts.fits(follow_up) for cap in policy.caps):
        return
    customer.sent = [each for each in customer.sent if each[0] > now - KEPT_MS]
    taken = {number for time, number, *_ in customer.sent if time == now}
    number = min(set(range(len(taken) + 1)) - taken)
    mode = "live" if follow_up.mode == 2 else "shadow"
    customer.sent.append((now, number, follow_up.name, follow_up.message_class, channel, mode))


def is_paused(switches, follow_up):
    names = ("all", "class:" + follow_up.message_class, "follow_up:" + follow_up.name)
    stage_of = "follow_up:" + follow_up.name.partition(".")[0]
    return any(name in switches for name in (*names, stage_of))


def quiet_until(policy, customer, follow_up, channels, now):
    """(channels for which it is not quiet, 0), or (all of them, when the first of them is free again)."""
    rules = [rule for rule in policy.quiet_hours if follow_up.message_class in rule[2]]
    if not rules or not channels:
        return channels, 0
    zone = policy.zone_of(customer)
    free = {channel: free_at(zone, rules, channel, now) for channel in channels}
    left = [channel for channel in channels if free[channel] == now]
    return (left, 0) if left else (channels, min(free.values()))


def free_at(zone, rules, channel, now):
    """Minute after minute: what the clock shows counts, whatever it did in between."""
    mine = [rule for rule in rules if rule[3] is None or channel in rule[3]]
    at = now
    while any(is_within(zones.minute_of_day(zone, at), start, end) for start, end, _, _ in mine):
        at = (at // MINUTE_MS + 1) * MINUTE_MS
    return at


def is_within(minute, start, end):
    return start <= minute < end if start < end else minute >= start or minute < end
