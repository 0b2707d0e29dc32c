# SPDX-License-Identifier: MIT
"""Shares of what all homes have together, such as the places of a fan-out: a home holds some, and asks the bank, one of
the homes, for more."""

from .instants import DAY_MS
from .policy import NEWS, OFF

KEPT_MS, BANKS_MAX = 90 * DAY_MS, 1000


def pool_of(follow_up, news):
    return f"{follow_up.name}:{news['fan_out']}"


def are_awaited(home, news):
    """Is a follow-up of this news to wait for places? Then the bank has been asked, or is now."""
    awaited = False
    for follow_up in home.policy.by_on[NEWS[news["news"]]]:
        if not follow_up.capacity or follow_up.mode == OFF:
            continue
        pool = pool_of(follow_up, news)
        left, state = home.shares.get(pool, (0, "open"))
        if left == 0 and state != "closed":
            awaited = True
            if state == "open":
                home.shares[pool] = (left, "asked")
                body = {"home": home.number, "limit": follow_up.capacity, "least": 1, "since": news["begun"]}
                append(home, "share_wanted", bank_of(home, pool), pool, body)
    return awaited


def needs_place(follow_up, news):
    return follow_up.capacity and "fan_out" in news


def has_place(home, follow_up, news):
    """What waits or is held has its place already."""
    return not needs_place(follow_up, news) or home.shares.get(pool_of(follow_up, news), (0, ""))[0] > 0


def take(home, follow_up, news):
    if needs_place(follow_up, news):
        pool = pool_of(follow_up, news)
        left, state = home.shares[pool]
        home.shares[pool] = (left - 1, state)


def end(home, fan_out):
    for pool in [pool for pool in home.shares if pool.partition(":")[2] == fan_out]:
        send_back(home, pool, home.shares.pop(pool)[0])


def wanted(home, body):
    """The bank gives the 16 P-th part of what is left, but at least what is of use; or nothing."""
    pool, since, least = body["pool"], body["since"], body["least"]
    horizon = home.now - KEPT_MS
    if pool not in home.banks:
        for old in [old for old, (_, begun) in home.banks.items() if begun < horizon]:
            del home.banks[old]
        if since >= horizon and len(home.banks) < BANKS_MAX:
            home.banks[pool] = (0, since)
    amount = 0
    if pool in home.banks:
        given, begun = home.banks[pool]
        left = body["limit"] - given
        if left >= max(least, 1):
            amount = max(least, -(-left // (16 * home.homes)))
            home.banks[pool] = (given + amount, begun)
    append(home, "share", body["home"], pool, {"amount": amount})


def received(home, body):
    """Returns the fan-out that has waited for it."""
    pool, amount = body["pool"], body["amount"]
    left, state = home.shares.get(pool, (0, None))
    if state != "asked":
        send_back(home, pool, amount)
        return None
    home.shares[pool] = (left + amount, "open" if amount else "closed")
    return pool.partition(":")[2]


def came_back(home, body):
    if body["pool"] in home.banks:
        given, begun = home.banks[body["pool"]]
        home.banks[body["pool"]] = (given - body["amount"], begun)


def send_back(home, pool, amount):
    if amount:
        append(home, "share_back", bank_of(home, pool), pool, {"amount": amount})


def bank_of(home, pool):
    return home.home_of(pool.encode())


def append(home, kind, to, pool, body):
    home.expected.add_control(to, kind, {"pool": pool, **body})
