# SPDX-License-Identifier: MIT
"""How long it takes from an event's being sent to its trigger's being visible to a reader that honours transactions.
Sender and reader are threads of this process, so both times are of one monotonic clock."""
import json
import threading
import time

import confluent_kafka

from machine import shop_options

RATE = 2000
WARM_SECONDS = 5
WAIT_SECONDS = 30


def make_events(machine, count):
    """Keys and bodies, as the shop makes them up."""
    lines = machine.run("loyald-shop", *shop_options(count), "--print").splitlines()
    events = []
    for line in lines:
        event = json.loads(line)["event"]
        body = line[line.index('"event":') + len('"event":'):-1]
        complaint = event["data"].get("complaint_id") if event["type"] == "loyalty.complaint.opened.v1" else None
        urgent = event["data"].get("severity") in ("high", "critical")
        wanted = (event["subject"], complaint) if complaint and not urgent else None
        events.append((event["subject"].encode(), body.encode(), wanted))
    return events


class Reader(threading.Thread):
    """Notes when each trigger comes."""

    def __init__(self, machine, topic):
        super().__init__(daemon=True)
        self.consumer = confluent_kafka.Consumer({
            "bootstrap.servers": machine.bootstrap, "group.id": "bench-reader", "isolation.level": "read_committed",
            "enable.auto.commit": False, "fetch.wait.max.ms": 100})
        partitions = self.consumer.list_topics(topic, timeout=30).topics[topic].partitions
        self.consumer.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in partitions])
        self.came = {}
        self.doubled = 0
        self.done = threading.Event()

    def run(self):
        while not self.done.is_set():
            message = self.consumer.poll(0.1)
            now = time.monotonic()
            if message is None or message.error():
                continue
            self.note(message.value(), now)
        self.consumer.close()

    def note(self, trigger, now):
        data = json.loads(trigger)["data"]
        key = (data["customer"], data["occurrence"])
        self.doubled += key in self.came
        self.came[key] = now


def send(machine, topic, events, partitioner="murmur2"):
    """At RATE per second. When each event whose trigger is awaited was handed over, and when Kafka had it."""
    producer = confluent_kafka.Producer({"bootstrap.servers": machine.bootstrap, "linger.ms": 0, "acks": "all",
                                         "partitioner": partitioner})
    headers = [("content-type", b"application/cloudevents+json")]
    sent, taken, behind = {}, {}, 0.0

    def note(wanted):
        return lambda error, message: taken.__setitem__(wanted, time.monotonic())

    begin = time.monotonic()
    for number, (key, body, wanted) in enumerate(events):
        due = begin + number / RATE
        while (left := due - time.monotonic()) > 0:
            producer.poll(0)
            time.sleep(min(left, 0.001))
        now = time.monotonic()
        behind = max(behind, now - due)
        if wanted is None:
            producer.produce(topic, body, key, headers=headers)
        else:
            sent[wanted] = now
            producer.produce(topic, body, key, headers=headers, on_delivery=note(wanted))
    if producer.flush(WAIT_SECONDS):
        raise TimeoutError("Kafka has not taken all events")
    return sent, taken, behind


def measure(machine, installation, straight, seconds):
    events = make_events(machine, RATE * (WARM_SECONDS + seconds))
    reader = Reader(machine, installation.triggers)
    reader.start()
    installation.start()
    topic = f"{installation.name}.events" if straight else installation.feeder
    warm, _, _ = send(machine, topic, events[:RATE * WARM_SECONDS])
    await_triggers(installation, reader, warm)
    sent, taken, behind = send(machine, topic, events[RATE * WARM_SECONDS:])
    await_triggers(installation, reader, sent)
    reader.done.set()
    reader.join()
    if reader.doubled:
        raise RuntimeError(f"{reader.doubled} triggers came twice")
    times = sorted((reader.came[key] - at) * 1000 for key, at in sent.items())
    acknowledged = sorted((taken[key] - at) * 1000 for key, at in sent.items())
    return {"p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)], "max": times[-1], "count": len(times),
            "acknowledged": acknowledged[len(acknowledged) // 2], "behind": behind * 1000}


def await_triggers(installation, reader, sent):
    deadline = time.monotonic() + WAIT_SECONDS
    while not all(key in reader.came for key in sent):
        installation.check()
        if time.monotonic() > deadline:
            missing = sum(key not in reader.came for key in sent)
            raise TimeoutError(f"{missing} of {len(sent)} triggers have not come\n{installation.log.read_text()}")
        time.sleep(0.02)
