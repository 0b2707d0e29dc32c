# SPDX-License-Identifier: MIT
"""Purchases, cancellations and refunds: what an order gives its customer, and how it is taken back."""

from . import news, silence, zones
from .customer import LETTERS, Order
from .instants import DAY_MS
from .outcome import DUPLICATE, FOLDED
from .payload import Reject

CURRENCIES_MAX = 8
SUM_LIMIT = 2**63


def completed(home, customer, event):
    order_id, currency, net, channel, categories, products = event.data
    order = customer.orders_kept.get(order_id)
    if order is not None and order.completed:
        return DUPLICATE
    is_new = order is None
    order = Order(0) if is_new else order
    before = (order.completed, order.time_s, order.net, order.currency, order.refunded, order.whole)
    order.completed = True
    order.time_s = event.time // 1000
    order.net = net
    if order.currency and order.currency != currency:
        drop_foreign_refunds(customer, order_id, order, currency)
    order.currency = currency
    gives = order.gives()
    reason = refusal(customer, currency, gives)
    if reason is not None:
        order.completed, order.time_s, order.net, order.currency, order.refunded, order.whole = before
        raise Reject(reason)
    customer.orders_kept[order_id] = order
    if order.stands():
        order.categories = "".join(count_categories(home, customer, categories))
        spend(home, customer, currency, gives)
        give(home, customer, order)
        silence.last_purchase_changed(home, customer)
        news.bought(home, customer, products, event.time)
    customer.count_channel(channel, 0)
    customer.count_hour(zones.hour_of_day(home.policy.zone_of(customer), event.time))
    said = {"time": event.time, "net": net, "currency": currency, "sales_channel": channel, "categories": categories}
    home.follow_ups.purchase_completed(home, customer, order_id, event.time, said)
    forget_both(home, customer)
    return FOLDED


def refusal(customer, currency, amount):
    """Why this amount cannot be added to what the customer has spent; None: it can."""
    if not -SUM_LIMIT <= customer.net.get(currency, 0) + amount < SUM_LIMIT:
        return "sum_overflow"
    if amount and currency not in customer.net and len(customer.net) >= CURRENCIES_MAX:
        return "too_many_currencies"
    return None


def drop_foreign_refunds(customer, order_id, order, currency):
    """Those that came before the order and are in another currency would have been refused behind it."""
    order.refunded, order.whole = 0, False
    for _, amount, money, refunded_order in customer.refunds.values():
        if refunded_order == order_id and money in ("", currency):
            if amount is None:
                order.whole = True
            else:
                order.refunded += amount


def count_categories(home, customer, names):
    letters = {name: letter for letter, (name, _) in customer.categories.items()}
    for name in names:
        letter = letters.get(name)
        if letter is not None:
            customer.categories[letter][1] += 1
        else:
            letter = next((each for each in LETTERS if each not in customer.categories), None)
            if letter is None:
                home.count("limited")
                continue
            customer.categories[letter] = [name, 1]
        yield letter


def cancelled(home, customer, event):
    order_id = event.data
    order = customer.orders_kept.get(order_id)
    if order is not None and order.cancelled:
        return DUPLICATE
    order = begin(customer, order_id, event)
    stood, gave = order.stands(), order.gives()
    order.cancelled = True
    settle(home, customer, order_id, order, stood, gave)
    forget_both(home, customer)
    return FOLDED


def refunded(home, customer, event):
    refund_id, order_id, amount, currency = event.data
    if refund_id in customer.refunds:
        return DUPLICATE
    if order_id is None:
        reason = refusal(customer, currency, -amount)
        if reason is not None:
            raise Reject(reason)
        spend(home, customer, currency, -amount)
    else:
        order = customer.orders_kept.get(order_id)
        if order is not None and currency and order.currency and currency != order.currency:
            raise Reject("currency_differs")
        order = begin(customer, order_id, event)
        order.currency = currency or order.currency
        stood, gave = order.stands(), order.gives()
        if amount is None:
            order.whole = True
        else:
            order.refunded += amount
        settle(home, customer, order_id, order, stood, gave)
    customer.refunds[refund_id] = (event.time // 1000, amount, currency, order_id)
    home.count("refunds")
    forget_both(home, customer)
    return FOLDED


def begin(customer, order_id, event):
    """The order; until the purchase itself is known, the earliest word of it gives its time."""
    time_s = event.time // 1000
    order = customer.orders_kept.get(order_id)
    if order is None:
        order = customer.orders_kept[order_id] = Order(time_s)
    elif not order.completed and time_s < order.time_s:
        order.time_s = time_s
    return order


def settle(home, customer, order_id, order, stood, gave):
    """The order gives less than it gave."""
    stands = order.stands()
    spend(home, customer, order.currency, order.gives() - gave)
    if stood and not stands:
        take(home, customer, order)
        home.follow_ups.order_undone(home, customer, order_id, order)
        silence.last_purchase_changed(home, customer)


def spend(home, customer, currency, amount):
    if not amount:
        return
    total = customer.net.get(currency, 0) + amount
    if total:
        customer.net[currency] = total
    else:
        del customer.net[currency]
    home.count("net:" + currency, amount)


def give(home, customer, order):
    customer.orders += 1
    home.count("orders")
    ms = order.time_s * 1000
    if ms and (not customer.first_purchase or ms < customer.first_purchase):
        customer.first_purchase = ms
    if ms > customer.last_purchase:
        customer.last_purchase = ms


def take(home, customer, order):
    for letter in order.categories:
        entry = customer.categories[letter]
        entry[1] -= 1
        if entry[1] == 0:
            del customer.categories[letter]
    order.categories = ""
    customer.orders -= 1
    home.count("orders", -1)
    times = [each.time_s * 1000 for each in customer.orders_kept.values() if each.stands()]
    firsts = [ms for ms in (*times, customer.older_first) if ms]
    customer.first_purchase = min(firsts, default=0)
    customer.last_purchase = max((*times, customer.older_last), default=0)


def forget_both(home, customer):
    """What is kept one by one: so many, and so long. The oldest, by time and id, leaves first."""
    horizon_s = (home.now - home.policy.limits["order_days"] * DAY_MS) / 1000
    kept, limit = customer.orders_kept, home.policy.limits["orders"]
    while kept:
        if len(kept) <= limit and min([order.time_s for order in kept.values()]) >= horizon_s:
            break
        time_s, oldest = min((order.time_s, order_id) for order_id, order in kept.items())
        if kept[oldest].stands() and time_s:
            ms = time_s * 1000
            customer.older_first = min(customer.older_first or ms, ms)
            customer.older_last = max(customer.older_last, ms)
        del kept[oldest]
        home.count("forgotten")
    kept, limit = customer.refunds, home.policy.limits["refunds"]
    while kept:
        if len(kept) <= limit and min([refund[0] for refund in kept.values()]) >= horizon_s:
            break
        _, oldest = min((refund[0], refund_id) for refund_id, refund in kept.items())
        del kept[oldest]
        home.count("forgotten")
