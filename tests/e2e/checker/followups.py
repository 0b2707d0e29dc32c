# SPDX-License-Identifier: MIT
"""Follow-ups: from an occasion or a timer, through the gate, to exactly one record. Those of yearly dates are in
yearly_dates.py."""

from . import gate, messages, news, shares, silence, yearly_dates
from .conditions import Facts
from .instants import DAY_MS, format_instant, parse_instant
from .policy import (
    COMPLAINT, LAUNCH, LIVE, NEWS, OFF, PURCHASE, RECALL, REPRICE, RESOLVED, RESTOCK, SILENCE, VISIT, YEARLY,
)  # fmt: skip

ANSWERS = {"complaint.acknowledged": ("acknowledged", "responded"), "complaint.responded": ("responded",)}


def plan(home, customer, follow_up, occurrence, event_time, due, expires, said, told=None):
    """Now if it is due, else by a timer. What is off, or not meant for the customer, makes no occasions, and what is held
    comes back by itself. said: what the event says to conditions."""
    if follow_up.mode == OFF or f"{follow_up.name}:{occurrence}" in customer.held:
        return
    if answer(home, customer, follow_up, said) is not True:
        return
    if due <= home.now:
        decide(home, customer, follow_up, occurrence, event_time, due, expires, said, told)
    elif told is not None and not shares.has_place(home, follow_up, told):
        decide(home, customer, follow_up, occurrence, event_time, due, expires, said, told)
    elif told is not None:
        shares.take(home, follow_up, told)
        keep(home, customer, follow_up, occurrence, due, told, due)
    else:
        home.set_timer(customer, f"{follow_up.name}:{occurrence}", due)


def answer(home, customer, follow_up, said):
    return follow_up.condition(Facts(home, customer, said)) if follow_up.condition else True


def later(follow_up, start, after):
    return follow_up.calendar.add(start, after) if follow_up.calendar else start + after


def expiry(follow_up, due):
    return due + follow_up.expires_after if follow_up.expires_after else 0


def keep(home, customer, follow_up, occurrence, due, told, until):
    """What a held follow-up, or one of news of a product that waits, needs to come back."""
    name = f"{follow_up.name}:{occurrence}"
    customer.held[name] = (due, news.to_keep(told) if told is not None else None)
    home.set_timer(customer, name, until)


def unplan(home, customer, follow_up, occurrence):
    """What is held has come due: it stays."""
    name = f"{follow_up.name}:{occurrence}"
    if name not in customer.held:
        home.drop_timer(customer, name)


def decide(home, customer, follow_up, occurrence, event_time, due, expires, said=None, told=None):
    reason, until, channels, exposed = cause_against(customer, follow_up, occurrence), 0, [], []
    if reason is None and said is None and answer(home, customer, follow_up, None) is False:
        reason = "condition"
    if reason is None and follow_up.only_after:
        before = home.policy.follow_ups[follow_up.only_after]
        if not yearly_dates.was_sent(home, customer, before, occurrence, follow_up.is_live()):
            reason = "not_sent_before"
    reason = reason or messages.has_answered(customer, follow_up, occurrence)
    if reason is None:
        reason, until, channels = ask_gate(home, customer, follow_up, occurrence, event_time, expires, exposed, told)
    if told is not None and (reason is None or until):
        shares.take(home, follow_up, told)
    if until:
        keep(home, customer, follow_up, occurrence, due, told, until)
        hold(home, customer, follow_up, occurrence, reason, until)
        return
    sent = None
    if reason is None and follow_up.mode == LIVE:
        variant = choose(home, customer, follow_up, said)
        send(home, customer, follow_up, variant, occurrence, due, expires, channels, told)
        gate.use_consent(customer, follow_up, channels[0])
        if policy_risk := home.policy.risk:
            policy_risk.note_sent(home, follow_up)
        home.count("triggers:" + follow_up.name)
        sent = f"{follow_up.name}@{variant}" if variant else follow_up.name
    else:
        decline(home, customer, follow_up.name, follow_up, occurrence, reason)
    note(home, customer, follow_up, occurrence, sent, reason is None)
    for name in exposed:
        home.count("exposed:" + name)
    if reason is None:
        gate.note_sent(home.policy, customer, follow_up, channels[0], home.now)
    if sent and follow_up.on in (RESTOCK, REPRICE):
        news.unsubscribe(home, customer, told)


def choose(home, customer, follow_up, said):
    """The number of the first variant that holds, or None."""
    facts = Facts(home, customer, said)
    return next((n for n, (holds, _, _) in enumerate(follow_up.variants, 1) if holds(facts) is True), None)


def cause_against(customer, follow_up, occurrence):
    if follow_up.on == PURCHASE:
        order = customer.orders_kept.get(occurrence)
        if order is not None and (order.cancelled or order.whole or (order.completed and not order.stands())):
            return "order_cancelled"
    elif follow_up.on == COMPLAINT:
        complaint = customer.complaints.get(occurrence)
        if complaint is not None and not complaint.is_open():
            return "already_resolved"
        if complaint is not None and is_settled(follow_up, complaint):
            return "settled"
    elif follow_up.on == RESOLVED:
        complaint = customer.complaints.get(occurrence)
        if complaint is not None and complaint.is_open():
            return "complaint_reopened"
    elif follow_up.on == VISIT:
        if follow_up.unless == "purchase.completed" and customer.last_purchase >= parse_instant(occurrence):
            return "bought_since"
    elif follow_up.on == SILENCE:
        if customer.last_purchase != parse_instant(occurrence):
            return "no_longer_silent"
    return None


def ask_gate(home, customer, follow_up, occurrence, event_time, expires, exposed, told):
    """The first that refuses, or else the one that holds: (reason, until, channels)."""
    policy = home.policy
    channels = gate.allowed_channels(policy, customer, follow_up)
    if follow_up.mode == OFF:
        return "off", 0, []
    if policy.not_before and event_time < policy.not_before:
        return "not_before", 0, []
    if follow_up.needs_consent and not channels:
        return "no_consent", 0, []
    if gate.is_under_age(policy, customer, follow_up, home.now):
        return "under_age", 0, []
    if is_decided(customer, follow_up, occurrence):
        return "already_sent", 0, []
    if yearly_dates.is_too_soon(home, customer, follow_up):
        return "birth_date_changed", 0, []
    if gate.is_concerned_by_holdout(policy, follow_up):
        if gate.is_held_out(policy, customer):
            return "holdout", 0, []
        exposed.append(follow_up.name)
    if follow_up.freezes and is_frozen(customer, home.now, policy.freeze):
        return "frozen", 0, []
    channels = gate.with_room(policy, customer, follow_up, channels, home.now)
    if channels is None:
        return "capped", 0, []
    if expires and home.now > expires:
        return "expired", 0, []
    if gate.is_paused(home.switches, follow_up):
        return "paused", 0, []
    if "risk:" + follow_up.name in home.switches:
        return "risk", 0, []
    if told is not None and not shares.has_place(home, follow_up, told):
        return "no_place", 0, []
    channels, until = gate.quiet_until(policy, customer, follow_up, channels, home.now)
    return ("quiet_hours" if until else None), until, channels


def is_frozen(customer, now, freeze):
    for complaint in customer.complaints.values():
        if complaint.is_open():
            begun = complaint.opened_s * 1000 or complaint.newest
            if now - begun < freeze:
                return True
    return False


def is_decided(customer, follow_up, occurrence):
    if follow_up.on == PURCHASE:
        order = customer.orders_kept.get(occurrence)
        return order is not None and any(mark.partition("@")[0] == follow_up.name for mark in order.marks)
    if follow_up.on == LAUNCH:
        return f"{follow_up.name}:{occurrence}" in customer.launches
    if follow_up.on in (RESTOCK, REPRICE, RECALL):
        product, time = parse_news_occurrence(occurrence)
        return customer.launches.get(f"{follow_up.name}:{product}", -1) >= time
    if follow_up.on in YEARLY:
        return yearly_dates.is_decided(customer, follow_up, occurrence)
    return customer.last.get(follow_up.name) == occurrence


def note(home, customer, follow_up, occurrence, sent, passed):
    """What is remembered of a decision, whatever it was."""
    if follow_up.on == PURCHASE:
        order = customer.orders_kept.get(occurrence)
        if sent and follow_up.withdraw and order is not None and not is_decided(customer, follow_up, occurrence):
            order.marks.append(sent)
    elif follow_up.on in NEWS.values():
        launches, prefix = customer.launches, follow_up.name + ":"
        product, time = (occurrence, home.now) if follow_up.on == LAUNCH else parse_news_occurrence(occurrence)
        if follow_up.on != LAUNCH and is_decided(customer, follow_up, occurrence):
            return
        launches[prefix + product] = time
        mine = [(when, name) for name, when in launches.items() if name.startswith(prefix)]
        for _, name in sorted(mine)[: max(0, len(mine) - home.policy.limits["launches"])]:
            del launches[name]
    elif follow_up.on in YEARLY:
        yearly_dates.note(home, customer, follow_up, occurrence, passed)
    else:
        customer.last[follow_up.name] = occurrence


# ---- what goes out


def escaped(part):
    return part.replace("%", "%25").replace("/", "%2F")


def event(home, customer, kind, ending, name, follow_up, occurrence, data):
    """Adds the expected event: all its attributes, and data with what every record begins and closes with."""
    event_id = f"{name}/{escaped(customer.id)}/{escaped(occurrence)}{ending}"
    data["follow_up"] = name
    data["class"] = follow_up.message_class if follow_up is not None else None
    data["occurrence"] = occurrence
    data["customer"] = customer.id
    data["home"] = home.number
    data["offset"] = home.offset
    data["policy"] = home.policy.version
    topic = "decisions" if kind == "loyalty.follow_up.decided.v1" else "triggers"
    home.expected.add_event(topic, event_id, (kind, customer.id, home.now, data))


def send(home, customer, follow_up, variant, occurrence, due, expires, channels, told):
    content, offer = follow_up.content, follow_up.offer
    if variant:
        _, content, offer = follow_up.variants[variant - 1]
    data = {
        "contact_channels": channels,
        "language": customer.language or None,
        "content": content,
        "offer": offer,
        "variant": variant,
        "variables": variables(home, customer, follow_up, occurrence, told),
        "reason": follow_up.on,
        "not_before": format_instant(due) if due else None,
        "expires_at": format_instant(expires) if expires else None,
    }
    event(home, customer, "loyalty.follow_up.triggered.v1", "", follow_up.name, follow_up, occurrence, data)


def variables(home, customer, follow_up, occurrence, told):
    if follow_up.on == PURCHASE:
        order = customer.orders_kept.get(occurrence)
        if order is None or not order.completed:
            return {"order_id": occurrence}
        return {"order_id": occurrence, "net_minor": order.net, "currency": order.currency}
    if follow_up.on in (COMPLAINT, RESOLVED):
        found = {"complaint_id": occurrence}
        complaint = customer.complaints.get(occurrence)
        if complaint is not None and complaint.opened:
            found["severity"] = complaint.severity
            if complaint.reason not in ("", "-"):
                found["reason"] = complaint.reason
        return found
    if follow_up.on == LAUNCH:
        return {"product": told["product"], "name": told["name"]}
    if follow_up.on in (RESTOCK, REPRICE, RECALL):
        names = ("product", "currency", "old_minor", "new_minor", "severity", "reference")
        return {name: told[name] for name in names if name in told}
    if follow_up.on == VISIT:
        return {"visit": occurrence}
    if follow_up.on == SILENCE:
        return {"last_purchase": occurrence, "days": (home.now - parse_instant(occurrence)) // DAY_MS}
    return yearly_dates.variables(home, customer, follow_up, occurrence)


def decline(home, customer, name, follow_up, occurrence, reason):
    """Without a reason nothing stood against it: the mode is shadow."""
    outcome = "suppressed" if reason else "shadow"
    reason = reason or "shadow"
    home.count(f"decisions:{name}:{reason}")
    data = {"outcome": outcome, "reason": reason}
    event(home, customer, "loyalty.follow_up.decided.v1", "/" + outcome, name, follow_up, occurrence, data)


def halt(home, customer, follow_up):
    """The risk brake: a switch in every home, and a task."""
    body = {"what": "risk", "name": follow_up.name, "state": "paused"}
    for number in range(home.homes):
        home.expected.add_control(number, "switch", body)
    occurrence = f"{follow_up.name}:{home.number}:{home.offset}"
    data = {
        "contact_channels": ["task"],
        "language": customer.language or None,
        "content": "risk-brake",
        "offer": None,
        "variant": None,
        "variables": {"halted": follow_up.name},
        "reason": "risk",
        "not_before": format_instant(home.now) if home.now else None,
        "expires_at": None,
    }
    event(home, customer, "loyalty.follow_up.triggered.v1", "", "risk-brake", Brake, occurrence, data)
    home.count("braked:" + follow_up.name)


class Brake:
    message_class = "task"


def hold(home, customer, follow_up, occurrence, reason, until):
    name = follow_up.name
    home.count(f"held:{name}:{reason}")
    data = {"outcome": "held", "reason": reason, "until": format_instant(until)}
    event(home, customer, "loyalty.follow_up.decided.v1", f"/held/{until}", name, follow_up, occurrence, data)


def removed(home, customer, name, occurrence):
    decline(home, customer, name, None, occurrence, "follow_up_removed")


# ---- purchases


def purchase_completed(home, customer, order_id, event_time, said):
    for follow_up in home.policy.by_on[PURCHASE]:
        due = later(follow_up, home.now, follow_up.after["normal"])
        plan(home, customer, follow_up, order_id, event_time, due, expiry(follow_up, due), said)


def order_undone(home, customer, order_id, order):
    marks, order.marks = order.marks, []
    for mark in marks:
        name, _, variant = mark.partition("@")
        follow_up = home.policy.follow_ups.get(name)
        offer = follow_up.offer if follow_up is not None else None
        if follow_up is not None and variant:
            known = int(variant) <= len(follow_up.variants)
            offer = follow_up.variants[int(variant) - 1][2] if known else None
        home.count("withdrawn:" + name)
        data = {"offer": offer, "reason": "order_cancelled"}
        event(home, customer, "loyalty.coupon.withdrawn.v1", "/withdrawn", name, follow_up, order_id, data)


# ---- complaints


def is_settled(follow_up, complaint):
    """Has what the follow-up waits for come since the complaint was last opened?"""
    return any(getattr(complaint, answer) for answer in ANSWERS.get(follow_up.unless, ()))


def said_of(complaint, event_time):
    reason = complaint.reason if complaint.reason != "-" else None
    return {"time": event_time, "severity": complaint.severity, "reason": reason}


def clock_reaches(follow_up, complaint):
    """With a calendar only what is left is working time."""
    left = follow_up.after[complaint.severity] - complaint.spent
    return complaint.since + left if left < 0 else later(follow_up, complaint.since, left)


def complaint_opened(home, customer, complaint_id, event_time):
    complaint = customer.complaints[complaint_id]
    for follow_up in home.policy.by_on[COMPLAINT]:
        after = follow_up.after[complaint.severity]
        if complaint.is_open():
            if is_settled(follow_up, complaint):
                continue
            due = clock_reaches(follow_up, complaint)
            if follow_up.calendar and due <= home.now:
                due = later(follow_up, home.now, 0)
        elif after > 0:
            continue
        else:
            due = home.now
        said = said_of(complaint, event_time)
        plan(home, customer, follow_up, complaint_id, event_time, due, expiry(follow_up, due), said)


def complaint_changed(home, customer, complaint_id, event_time):
    complaint = customer.complaints[complaint_id]
    begins_again = complaint.opened and complaint.state == "reopened"
    for follow_up in home.policy.by_on[COMPLAINT]:
        due = clock_reaches(follow_up, complaint)
        if not complaint.is_open() or is_settled(follow_up, complaint):
            unplan(home, customer, follow_up, complaint_id)
        elif begins_again and due > home.now and not is_decided(customer, follow_up, complaint_id):
            said = said_of(complaint, event_time)
            plan(home, customer, follow_up, complaint_id, event_time, due, expiry(follow_up, due), said)
    if complaint.is_open():
        for follow_up in home.policy.by_on[RESOLVED]:
            unplan(home, customer, follow_up, complaint_id)


def complaint_resolved(home, customer, complaint_id, event_time):
    complaint = customer.complaints[complaint_id]
    for follow_up in home.policy.by_on[RESOLVED]:
        if not is_decided(customer, follow_up, complaint_id):
            due = home.now + follow_up.after[complaint.severity]
            said = said_of(complaint, event_time)
            plan(home, customer, follow_up, complaint_id, event_time, due, expiry(follow_up, due), said)


# ---- news of products


def news_occurrence(product, time):
    return f"{product}@{format_instant(time)}"


def parse_news_occurrence(occurrence):
    product, _, time = occurrence.rpartition("@")
    return product, parse_instant(time)


# ---- visits


def visit_made(home, customer, event_time, channel):
    occurrence = format_instant(event_time)
    said = {"time": event_time, "sales_channel": channel}
    for follow_up in home.policy.by_on[VISIT]:
        if not is_decided(customer, follow_up, occurrence):
            due = later(follow_up, home.now, follow_up.after["normal"])
            plan(home, customer, follow_up, occurrence, event_time, due, expiry(follow_up, due), said)


# ---- timers


def timer_fired(home, customer, name, due):
    if name == yearly_dates.TIMER:
        yearly_dates.woken(home, customer, due)
        return
    if name == silence.TIMER:
        silence.lasts(home, customer)
        return
    first, _, occurrence = name.partition(":")
    kept = customer.held.pop(name, None)
    if kept is not None:
        due = kept[0]
    follow_up = home.policy.follow_ups.get(first)
    if follow_up is None or (follow_up.on in NEWS.values() and not news.is_kept(kept, follow_up)):
        removed(home, customer, first, occurrence)
    elif follow_up.on in NEWS.values():
        told = kept[1]
        decide(home, customer, follow_up, occurrence, told["time"], due, expiry(follow_up, due), None, told)
    elif follow_up.on == PURCHASE:
        order = customer.orders_kept.get(occurrence)
        event_time = order.time_s * 1000 if order is not None and order.completed else due
        decide(home, customer, follow_up, occurrence, event_time, due, expiry(follow_up, due))
    elif follow_up.on == COMPLAINT:
        complaint = customer.complaints.get(occurrence)
        if kept is None and complaint is not None and complaint.is_open() and is_settled(follow_up, complaint):
            return  # planned under a policy that asked for something else
        event_time = complaint.opened_s * 1000 if complaint is not None else due
        decide(home, customer, follow_up, occurrence, event_time, due, expiry(follow_up, due))
    elif follow_up.on == RESOLVED:
        complaint = customer.complaints.get(occurrence)
        event_time = complaint.newest if complaint is not None else due
        decide(home, customer, follow_up, occurrence, event_time, due, expiry(follow_up, due))
    elif follow_up.on in (VISIT, SILENCE):
        event_time = parse_instant(occurrence)
        if event_time is None:  # planned under a policy where the name meant something else
            removed(home, customer, first, occurrence)
        else:
            decide(home, customer, follow_up, occurrence, event_time, due, expiry(follow_up, due))
    else:
        yearly_dates.greet(home, customer, follow_up, occurrence, due)
