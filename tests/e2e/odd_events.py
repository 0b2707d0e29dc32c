# SPDX-License-Identifier: MIT
"""An upstream that does everything that an upstream may do, and much that it may not: all types of events in all
orders, both bindings, with and without keys, into feeders, the home log and wrong partitions of it, again and again,
broken. The same seed gives the same events."""

import json
import random
import time

import confluent_kafka
from lunar_python import Solar

FEEDERS = ["loyalty.purchases", "loyalty.complaints", "loyalty.visits", "loyalty.profiles", "loyalty.products"]
HOME_LOG = "loyalty.events"
DAY_MS = 86_400_000
CHANNELS = ["store", "web", "app", "call_centre", "marketplace", "social", "other", "spaceship", None]
CONTACTS = ["email", "sms", "push", "phone", "post", "wechat", "whatsapp", "in_app", "task"]
SEVERITIES = ["low", "normal", "high", "critical", None]
INTERESTS = [f"interest-{number}" for number in range(20)]
CATEGORIES = [f"category-{number}" for number in range(26)]
CURRENCIES = ["EUR", "USD", "CNY", "JPY", "GBP", "CHF", "SEK", "PLN", "CAD", "AUD"]
PLACES = [("DE", "BY"), ("CN", None), ("US", "CA"), ("FR", None), ("IN", None), ("ZZ", None), (None, None)]
ZONES = ["Europe/Paris", "Asia/Shanghai", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe"]
CUSTOMERS = ["with/slash", "with%percent", "Zoë", "顾客", "a b", "-", "x" * 128]
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=utf-8")]


class Maker:
    def __init__(self, seed, customers=40, homes=8):
        self.random = random.Random(seed)
        self.seed, self.homes = seed, homes
        self.customers = CUSTOMERS + [f"odd-{seed}-{number}" for number in range(customers - len(CUSTOMERS))]
        self.number = 0
        self.now = int(time.time() * 1000)
        self.told = []  # (customer, occurrence, follow-up): of what something may be told soon
        self.sent = []  # what may be sent again
        self.kinds = [
            (self.purchase, 30), (self.cancellation, 6), (self.refund, 10), (self.visit, 5), (self.opened, 8),
            (self.complaint, 14), (self.profile, 8), (self.consent, 10), (self.launch, 1), (self.erasure, 0.3),
            (self.message, 16), (self.household, 6),
            (self.again, 6), (self.broken, 6), (self.subscription, 8), (self.news, 4),
        ]  # fmt: skip

    def make(self):
        """(topic, partition or None, key, value, headers, what the checker is told)"""
        choices, weights = zip(*self.kinds)
        return self.random.choices(choices, weights)[0]()

    def pick(self, *among):
        return self.random.choice(among)

    def chance(self, percent):
        return self.random.random() * 100 < percent

    # ---- kinds of events

    def purchase(self):
        lines = [
            {"sku": self.sku(n), "quantity": "1.5", "unit_price_minor": n, "category": self.random.choice(CATEGORIES)}
            for n in range(self.random.randrange(4))
        ]
        data = {"order_id": self.order(), "currency": self.currency(), "net_minor": self.amount(), "lines": lines}
        data["sales_channel"] = self.random.choice(CHANNELS)
        if self.chance(3):
            return self.event("purchase.completed", None, data)
        customer = self.customer()
        self.told = self.told[-5:] + [(customer, data["order_id"], self.pick("coupon", "coupon", "wine", "thank-you"))]
        return self.event("purchase.completed", customer, data)

    def cancellation(self):
        return self.event("purchase.cancelled", self.customer(), {"order_id": self.order()})

    def refund(self):
        data = {"refund_id": f"R{self.random.randrange(80)}"}
        if self.chance(80):
            data["order_id"] = self.order()
            if self.chance(70):
                data["net_minor"] = self.amount()
            if self.chance(50):
                data["currency"] = self.currency()
        else:
            data.update(net_minor=self.amount(), currency=self.currency())
        return self.event("purchase.refunded", self.customer(), data)

    def visit(self):
        subject = self.customer() if self.chance(95) else None  # which must be said
        return self.event("visit.made", subject, {"sales_channel": self.random.choice(CHANNELS)})

    def opened(self):
        data = {"complaint_id": self.complaint_id(), "severity": self.random.choice(SEVERITIES)}
        if self.chance(50):
            data["reason"] = self.pick("late", "broken", "rude")
        customer = self.customer()
        self.told = self.told[-5:] + [(customer, data["complaint_id"], "task-reminder")]
        return self.event("complaint.opened", customer, data)

    def complaint(self):
        kind = self.pick("acknowledged", "responded", "resolved", "resolved", "reopened")
        return self.event("complaint." + kind, self.customer(), {"complaint_id": self.complaint_id()})

    def profile(self):
        data = {}
        if self.chance(60):
            data["birth_date"] = self.birth_date()
        if self.chance(30):
            data["country"], data["region"] = self.random.choice(PLACES)
        if self.chance(20):
            data["zone"] = self.pick(*ZONES, None)
        if self.chance(30):
            data["language"] = self.pick("de", "zh-Hans-CN", "en-US", None)
        if self.chance(30):
            chosen = self.random.choices(CONTACTS, k=self.random.randrange(5))
            data["contact_channels"] = self.pick(chosen, chosen, chosen, None, "email", ["carrier-pigeon"])
        if self.chance(50):
            data["interests"] = self.random.sample(INTERESTS, self.random.randrange(len(INTERESTS)))
        if self.chance(30):
            data["special_dates"] = [self.special_date() for _ in range(self.random.randrange(5))]
        return self.event("profile.changed", self.customer(), data)

    def household(self):
        members = [self.member() for _ in range(self.random.randrange(5))]
        data = {"household": self.pick(members, members, members, members, members, None)}
        return self.event("profile.changed", self.customer(), data)

    def member(self):
        """Also of age since today, and from tomorrow on."""
        born = self.birth_date() or {"calendar": "gregorian", "month": 2, "day": 29}
        if self.chance(30) and "year" in born and born["calendar"] == "gregorian":
            born["year"] = time.gmtime(self.now / 1000).tm_year - 18
            born["day"] = min(born["day"], 28)
        made = {"member": self.pick("m1", "m2", "a:b", "孩子", "x" * 16), "birth_date": born}
        made["relation"] = self.pick("child", "child", "partner", "parent", "other")
        if self.chance(70):
            made["name"] = self.pick("Mia", "Anna Maria", " Zoë ", "“O'Neill”\\", "n" * 32)
        if self.chance(5):
            made.update(self.pick({"relation": "cousin"}, {"member": "x" * 17}, {"name": "n" * 33}, {"name": 7}))
        return made

    def special_date(self):
        made = self.birth_date() or {"month": 13, "day": 1}
        if self.chance(30):
            made.pop("calendar", None)
        return {"name": self.pick("wedding", "cat:tom", "weißer Tag", "日", "moving", "a"), **made}

    def birth_date(self):
        if self.chance(10):
            return None
        today = time.gmtime(self.now / 1000 + self.pick(-86400, 0, 0, 0, 86400))
        made = {"calendar": "gregorian", "month": today.tm_mon, "day": today.tm_mday}
        if self.chance(30):
            made.update(month=2, day=29)
        if self.chance(70):
            made["year"] = self.pick(1980, 2004, 2020)
        return self.lunar_date(today) if self.chance(30) else made

    def lunar_date(self, today):
        """Also in a leap month, on a day that not every year has, and in no calendar."""
        lunar = Solar.fromYmd(today.tm_year, today.tm_mon, today.tm_mday).getLunar()
        made = {"calendar": self.pick("chinese", "lunar"), "month": abs(lunar.getMonth()), "day": lunar.getDay()}
        if self.chance(20):
            made["day"] = 30
        if self.chance(40):
            made["leap_month"] = self.pick(True, False, None)
        if self.chance(70):
            made["year"] = self.pick(1980, 1984, 2004, 2020, 1899)
        return made

    def consent(self):
        state = self.pick("granted", "granted", "granted", "withdrawn", "pending", "unknown")
        data = {
            "contact_channel": self.random.choice(CONTACTS),
            "purpose": self.pick("marketing", "content"),
            "state": state,
        }
        if self.chance(40):
            data["source"] = self.pick("checkout", "web", "-", "store 5", "a-name-beyond-16-bytes", None)
            data["text_version"] = self.pick("v1", "terms-2026-03-01", 7, None)
        if self.chance(40):
            data["once"] = self.pick(True, True, True, False, None, "yes")
        return self.event("consent.changed", self.customer(), data)

    def message(self):
        kind = self.pick("sent", "delivered", "opened", "clicked", "bounced", "redeemed", "redeemed", "task.done", "task.done")
        kind = self.pick("spam_reported", "unsubscribed") if self.chance(14) else kind
        customer, occurrence, name = self.customer(), self.pick(self.order(), "2026", "a b"), self.pick("gone", "a:b")
        if self.told and self.chance(70):
            customer, occurrence, name = self.random.choice(self.told)
            name += self.pick("", "", ".later")
        data = {"follow_up": name, "occurrence": occurrence, "contact_channel": self.pick(*CONTACTS, None, "fax")}
        return self.event(kind if kind == "task.done" else "message." + kind, customer, data)

    def launch(self):
        data = {"name": "Something “new”", "interests": self.random.sample(INTERESTS, self.random.randint(1, 8))}
        return self.event("product.launched", f"product-{self.seed}-{self.random.randrange(30)}", data)

    def product(self):
        return f"S{self.random.randrange(6)}"

    def sku(self, number):
        return self.pick(f"S{number}", self.product(), self.product(), None, "no id", 7)

    def subscription(self):
        data = {"product_id": self.product(), "kind": self.pick("restocked", "repriced")}
        data["state"] = self.pick("subscribed", "subscribed", "subscribed", "cancelled")
        if self.chance(3):
            data["kind"] = self.pick("recalled", 5)
        return self.event("subscription.changed", self.customer(), data)

    def news(self):
        kind = self.pick("restocked", "restocked", "repriced", "repriced", "recalled")
        data = {"currency": "EUR", "old_minor": 1000, "new_minor": self.pick(1, 999, 1000, 1001)}
        if kind == "recalled":
            data = {"severity": self.random.choice(SEVERITIES), "reference": "notice-7"}
        return self.event("product." + kind, self.product(), self.pick(None, data) if kind == "restocked" else data)

    def erasure(self):
        return self.event("customer.erased", self.random.choice(self.customers[:20]), None)

    def again(self):
        return self.random.choice(self.sent) if self.sent else self.visit()

    def broken(self):
        kind, subject = self.pick("purchase.completed", "consent.changed", "complaint.opened"), self.customer()
        good = {"order_id": "O", "currency": "EUR", "net_minor": 5, "complaint_id": "Q"}
        wrong = [{"net_minor": -1}, {"net_minor": 1.5}, {"net_minor": "5"}, {"currency": "eur"}, {"order_id": "a b"}]
        data = {**good, **self.pick(*wrong, {"order_id": None, "complaint_id": 5})}
        if self.chance(40):
            return self.event(kind, subject, data)
        key = subject.encode()
        body = self.pick(
            None, b"", b"{", b"[]", b'{"a": "\xff"}', b'{"a": 1, "a": 1}', b'{"a": "\\u0000"}',
            b'{"a": "\\ud800"}', b"{}", b'{"n": 9007199254740993}', b"[" * 40 + b"]" * 40,
            b'{"specversion": "0.3", "id": "1", "source": "s", "type": "t"}',
            b'{"specversion":"1.0","id":"1","source":"s","type":"loyalty.visit.made.v1","time":"2025-02-30T00:00:00Z"}',
            b'{"specversion":"1.0","id":"1","source":"s","type":"loyalty.follow_up.triggered.v1","subject":"%s"}' % key,
            b"x" * 300000 if self.chance(10) else b"x",
        )  # fmt: skip
        headers = self.pick(
            None,
            STRUCTURED,
            [("loyald-control", b"tick 0 1")],
            [("content-type", b"application/cloudevents-batch+json")],
        )
        straight = headers is None or headers[0][0] != "loyald-control"
        topic = HOME_LOG if straight and self.chance(50) else self.random.choice(FEEDERS)
        return topic, None, key, body, headers, {"key": subject}

    # ---- their parts

    def customer(self):
        return self.random.choice(self.customers)

    def order(self):
        return f"O{self.random.randrange(120)}"

    def complaint_id(self):
        return f"Q{self.random.randrange(12)}"

    def currency(self):
        return self.random.choice(CURRENCIES) if self.chance(20) else "EUR"

    def amount(self):
        return self.pick(0, 100, 999, 12345)

    def when(self):
        """Mostly now; sometimes late, beyond the horizon, not to be believed, or not said."""
        age = self.pick(0, 0, 0, 0, 1000, 60_000, DAY_MS, 30 * DAY_MS, 390 * DAY_MS, 500 * DAY_MS, -2 * DAY_MS, None)
        return None if age is None else self.now - age

    def event(self, kind, subject, data):
        self.number += 1
        event_id, source = f"{self.seed}-{self.number}", self.pick("/shop", "/till/7")
        attributes = {"specversion": "1.0", "id": event_id, "source": source, "type": f"loyalty.{kind}.v1"}
        if subject is not None:
            attributes["subject"] = subject
        when = self.when()
        if when is not None:
            attributes["time"] = instant(when)
        key = subject.encode() if subject is not None and self.chance(80) else None
        topic, partition = self.place(key)
        if self.chance(2):
            key = b"somebody-else"
        value, headers = self.binding(attributes, data)
        if topic != HOME_LOG and self.chance(20):  # a feeder's may say what it likes; it is taken off
            headers = [*(headers or ()), ("loyald-origin", b"nowhere/0/0/0")]
        told = {"key": key.decode() if key is not None else None, "source": source, "id": event_id, "subject": subject}
        made = (topic, partition, key, value, headers, told)
        self.sent = self.sent[-500:] + [made]
        return made

    def place(self, key):
        if self.chance(40):
            return self.random.choice(FEEDERS), None
        if key is None or self.chance(10):
            return HOME_LOG, self.random.randrange(self.homes)
        return HOME_LOG, None

    def binding(self, attributes, data):
        if self.chance(30):
            headers = [("ce_" + name, text.encode()) for name, text in attributes.items()]
            headers.append(("content-type", b"application/json"))
            return (json.dumps(data).encode() if data is not None else b""), headers
        body = {**attributes, "data": data} if data is not None else attributes
        headers = self.pick(STRUCTURED, None, [*STRUCTURED, ("trace", b"\xff\x00")])
        return json.dumps(body, ensure_ascii=self.chance(30)).encode(), headers


class Clocked(Maker):
    """The same over some days of the past, in order of time but for what is late, for a log whose clock is the events'
    own: straight to the home log, with the customer's id as key."""

    def __init__(self, seed, first_ms, last_ms, count, **more):
        super().__init__(seed, **more)
        self.now, self.step = first_ms, (last_ms - first_ms) / count
        self.kinds.append((self.consent, 15))  # else most would be refused for want of one
        self.reports = []  # follow-ups that the next events report as spam

    def make(self):
        self.now += int(self.random.uniform(0, 2 * self.step))
        if self.reports:
            data = {"follow_up": self.reports.pop(), "occurrence": "some", "contact_channel": "post"}
            return self.event("message.spam_reported", self.customer(), data)
        return super().make()

    def when(self):
        age = self.pick(0, 0, 0, 0, 0, 0, 0, 0, 1000, DAY_MS, 30 * DAY_MS, None)
        return None if age is None else self.now - age

    def place(self, key):
        return HOME_LOG, None if key is not None else self.random.randrange(self.homes)


def instant(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03}Z"


def send(bootstrap, path, maker, count, rate=0, go_on=lambda: True):
    """Sends, and writes what Kafka took to the file. All has been acknowledged when this returns."""
    failures = []
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": bootstrap, "enable.idempotence": True, "partitioner": "murmur2_random",
         "message.timeout.ms": 300000, "linger.ms": 5, "log_level": 0}
    )  # fmt: skip
    with open(path, "a", encoding="utf-8") as file:

        def acknowledge(told):
            def written(error, message):
                if error is not None:
                    failures.append(str(error))
                    return
                place = {"topic": message.topic(), "partition": message.partition(), "offset": message.offset()}
                file.write(json.dumps({**place, **told}) + "\n")

            return written

        begun = time.monotonic()
        for sent in range(count):
            if not go_on():
                break
            topic, partition, key, value, headers, told = maker.make()
            more = {} if partition is None else {"partition": partition}
            producer.produce(topic, value, key, headers=headers, on_delivery=acknowledge(told), **more)
            ahead = begun + sent / rate - time.monotonic() if rate else 0
            producer.poll(max(ahead, 0))
        producer.flush(300)
    if failures:
        raise RuntimeError(f"Kafka did not take {len(failures)} events: {failures[0]}")
