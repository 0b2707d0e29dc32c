# SPDX-License-Identifier: MIT
"""News of products: events about them, subscriptions to them, what was bought, and the walk to all who are to hear."""

import heapq
import json

from . import followups, shares
from .instants import DAY_MS
from .outcome import DUPLICATE, FOLDED
from .policy import LAUNCH, NEWS, OFF, RECALL

OPEN_MAX, ENDED_MAX = 100, 16


class FanOut:
    def __init__(self, body):
        self.state, self.news, self.product = "running", body["news"], body["product"]
        self.begun, self.ended, self.reached = body["begun"], 0, 0
        self.chunk = None  # the text of the one that is kept until it goes on


def happened(home, event):
    """Every home hears of it, unless it is not new, or a price that does not fall."""
    told, product = event.data, event.subject
    known = home.products.setdefault(product, {})
    kind = told["news"]
    if kind in known and (kind == "launched" or event.time <= int(known[kind])):
        return DUPLICATE
    known[kind] = str(event.time)
    if kind == "launched":
        known["name"] = told["name"]
    if kind == "repriced" and told["new_minor"] >= told["old_minor"]:
        return FOLDED
    body = {"fan_out": f"{home.number}-{home.offset}", "product": product, "time": event.time, "begun": home.now, **told}
    for number in range(home.homes):
        home.expected.add_control(number, "broadcast", body)
    return FOLDED


def subscription_changed(home, customer, event):
    product, kind, state = event.data
    waits = customer.waits
    since = waits.get((kind, product))
    home.leave_index(customer)
    if state == "cancelled":
        if since is not None and since <= event.time:
            del waits[kind, product]
    elif since is None or since < event.time:
        waits[kind, product] = event.time
    for each in [each for each, when in waits.items() if has_lapsed(home, when)]:
        del waits[each]
    oldest = sorted((when, f"{kind}:{product}".encode(), (kind, product)) for (kind, product), when in waits.items())
    beyond = oldest[: max(0, len(oldest) - home.policy.limits["subscriptions"])]
    for _, _, each in beyond:
        del waits[each]
    home.count("limited", len(beyond))
    home.enter_index(customer)
    return FOLDED


def has_lapsed(home, since):
    return since < home.now - home.policy.limits["subscription_days"] * DAY_MS


def bought(home, customer, products, time):
    """Remembered only where there is somebody to tell of a recall."""
    if not products or not is_heard(home, RECALL):
        return
    home.leave_index(customer)
    for product in products:
        customer.bought[product] = max(time, customer.bought.get(product, time))
    oldest = sorted((when, product.encode(), product) for product, when in customer.bought.items())
    beyond = oldest[: max(0, len(oldest) - home.policy.limits["products"])]
    for _, _, product in beyond:
        del customer.bought[product]
    home.count("products_forgotten", len(beyond))
    home.enter_index(customer)


def is_heard(home, on):
    return any(follow_up.mode != OFF for follow_up in home.policy.by_on[on])


def broadcast(home, body):
    if not is_heard(home, NEWS[body["news"]]):
        return
    if sum(not each.ended for each in home.fan_outs.values()) < OPEN_MAX:
        home.fan_outs[body["fan_out"]] = FanOut(body)
    else:
        home.count("limited")
    append_chunk(home, body, 0, "")


def told_to(home, body):
    """An operator pauses, resumes or cancels one."""
    fan_out, what = home.fan_outs.get(body["fan_out"]), body["do"]
    if fan_out is None or fan_out.ended or fan_out.state == "cancelled":
        return
    kept = fan_out.chunk
    if what == "cancel":
        fan_out.state = "cancelled"
        if kept:
            end(home, fan_out, body["fan_out"])
    elif what == "pause":
        fan_out.state = "paused"
    elif fan_out.state == "paused":
        fan_out.state = "running"
        go_on(home, body["fan_out"])


def go_on(home, name):
    """A chunk that was kept is appended again."""
    fan_out = home.fan_outs.get(name)
    if fan_out is not None and fan_out.state == "running" and fan_out.chunk:
        home.expected.add_control(home.number, "chunk", json.loads(fan_out.chunk))
        fan_out.chunk = None


def end(home, fan_out, name):
    fan_out.state = "cancelled" if fan_out.state == "cancelled" else "done"
    fan_out.ended, fan_out.chunk = max(home.now, 1), None
    ended = sorted((each.ended, other) for other, each in home.fan_outs.items() if each.ended)
    for _, other in ended[: max(0, len(ended) - ENDED_MAX)]:
        del home.fan_outs[other]
    shares.end(home, name)


def stored(fan_outs):
    """The hash in Redis."""
    made = {}
    for name, each in fan_outs.items():
        made[name] = f"{each.state} {each.news} {each.begun} {each.ended} {each.reached} {each.product}"
        if each.chunk:
            made[name + "/chunk"] = each.chunk
    return made or None


def audiences(body):
    """The indices, one after the other."""
    kind, product = body["news"], body["product"]
    if kind == "launched":
        return ["i:" + name for name in body["interests"]]
    return ["g:" + product] if kind == "recalled" else [f"w:{kind}:{product}"]


def chunk(home, body, text):
    name, audience, after = body["fan_out"], body["audience"], body["after"]
    fan_out = home.fan_outs.get(name)
    if fan_out is not None and fan_out.state == "paused":
        fan_out.chunk = text
        return
    if fan_out is not None and fan_out.state == "cancelled":
        end(home, fan_out, name)
        return
    limit = home.policy.limits["fan_out_chunk"]
    indices = audiences(body)
    ids = heapq.nsmallest(limit, (each for each in home.index.get(indices[audience], ()) if each > after))
    for customer_id in ids:
        if fan_out is not None and shares.are_awaited(home, body):
            rest = {**of_news(body), "audience": audience, "after": after}
            fan_out.chunk = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
            return
        reached = reach(home, home.customers[customer_id], body)
        if fan_out is not None:
            fan_out.reached += reached
        after = customer_id
    if len(ids) == limit:
        append_chunk(home, body, audience, after)
    elif audience + 1 < len(indices):
        append_chunk(home, body, audience + 1, "")
    elif fan_out is not None:
        end(home, fan_out, name)


def append_chunk(home, news, audience, after):
    home.expected.add_control(home.number, "chunk", {**of_news(news), "audience": audience, "after": after})


def of_news(body):
    return {name: value for name, value in body.items() if name not in ("audience", "after")}


def reach(home, customer, news):
    """Is there anything for the customer?"""
    on, product = NEWS[news["news"]], news["product"]
    since = customer.waits.get((news["news"], product))
    if since is not None and has_lapsed(home, since):
        unsubscribe(home, customer, news)
        return False
    occurrence = product if on == LAUNCH else followups.news_occurrence(product, news["time"])
    fresh = False
    for follow_up in home.policy.by_on[on]:
        if not followups.is_decided(customer, follow_up, occurrence):
            due = home.now + follow_up.after["normal"]
            expires = followups.expiry(follow_up, due)
            followups.plan(home, customer, follow_up, occurrence, news["time"], due, expires, news, news)
            fresh = True
    return fresh


def unsubscribe(home, customer, news):
    if customer.waits.pop((news["news"], news["product"]), None) is not None:
        home.index[f"w:{news['news']}:{news['product']}"].discard(customer.id)


def to_keep(news):
    """What of it waits with a follow-up: all but the fan-out, for a place has been taken by then."""
    return {name: value for name, value in news.items() if name not in ("fan_out", "begun", "interests")}


def is_kept(kept, follow_up):
    """Is that news which this follow-up waits for?"""
    return kept is not None and kept[1] is not None and NEWS[kept[1]["news"]] == follow_up.on
