# SPDX-License-Identifier: MIT
"""A fan-out to many customers: how many it reaches a second, and what it does to others' events meanwhile: 2,000 a
second before it, and the same while it is under way."""
import datetime
import threading
import time

import confluent_kafka

import drain
import latency
from machine import HOMES, cpu_seconds, peak_rss_mib, wait_until

BEFORE_SECONDS = 15
DURING_SECONDS_MAX = 240
FILL_SECONDS = 3600
HEADERS = [("content-type", b"application/cloudevents+json")]

# The triggers of the fan-out, and in how many homes it has ended.
PROGRESS = """
local sent, ended = 0, 0
for home = 0, ARGV[1] - 1 do
  local key = 'loyald:{' .. home .. '}:'
  sent = sent + (redis.call('HGET', key .. 'totals', 'triggers:back-in-stock') or 0)
  for _, value in ipairs(redis.call('HVALS', key .. 'fan-outs')) do
    if string.sub(value, 1, 5) == 'done ' then ended = ended + 1 end
  end
end
return {sent, ended}
"""


class Reader(latency.Reader):
    """Of a million triggers only those that are waited for are worth a look."""

    def run(self):
        while not self.done.is_set():
            messages = self.consumer.consume(500, 0.005)
            now = time.monotonic()
            for message in messages:
                if message.error() is None and b'"complaint-acknowledged"' in message.value():
                    self.note(message.value(), now)
        self.consumer.close()


def event(kind, subject, number, data):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    return (f'{{"specversion":"1.0","type":"loyalty.{kind}.v1","source":"/bench","id":"{kind}-{number}",'
            f'"subject":"{subject}","time":"{now}Z","datacontenttype":"application/json","data":{data}}}')


def subscribe(machine, installation, customers):
    producer = confluent_kafka.Producer({"bootstrap.servers": machine.bootstrap, "linger.ms": 20, "acks": "all",
                                         "partitioner": "murmur2", "queue.buffering.max.messages": 200000})
    data = '{"product_id":"P1","kind":"restocked","state":"subscribed"}'
    for number in range(customers):
        subject = f"F{number:08}"
        while True:
            try:
                producer.produce(f"{installation.name}.events", event("subscription.changed", subject, number, data),
                                 subject.encode(), headers=HEADERS)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    if producer.flush(300):
        raise TimeoutError("Kafka has not taken all subscriptions")


def await_folded(machine, installation, events):
    script = machine.redis.register_script(drain.TOTALS)

    def folded():
        installation.check()
        return sum(script(args=[HOMES])) >= events

    wait_until(folded, FILL_SECONDS, "the subscriptions", 0.5)


def restock(machine, installation):
    producer = confluent_kafka.Producer({"bootstrap.servers": machine.bootstrap, "partitioner": "murmur2"})
    producer.produce(f"{installation.name}.events", event("product.restocked", "P1", 1, "{}"), b"P1", headers=HEADERS)
    producer.flush(30)


class Watch(threading.Thread):
    """When the fan-out has ended in all homes, and how far it was."""

    def __init__(self, machine, customers):
        super().__init__(daemon=True)
        self.script = machine.redis.register_script(PROGRESS)
        self.customers = customers
        self.begun = time.monotonic()
        self.ended = None
        self.sent = 0

    def run(self):
        while self.ended is None and time.monotonic() - self.begun < DURING_SECONDS_MAX:
            self.sent, homes = self.script(args=[HOMES])
            if homes == HOMES:
                self.ended = time.monotonic()
            time.sleep(0.05)


def percentiles(sent, reader):
    times = sorted((reader.came[key] - at) * 1000 for key, at in sent.items())
    return {"p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)], "max": times[-1], "count": len(times)}


def measure(machine, installation, customers):
    rate = latency.RATE
    subscribe(machine, installation, customers)
    installation.start()
    await_folded(machine, installation, customers)
    events = latency.make_events(machine, rate * (latency.WARM_SECONDS + BEFORE_SECONDS + DURING_SECONDS_MAX))
    topic = f"{installation.name}.events"
    reader = Reader(machine, installation.triggers)
    reader.start()
    warm_end, before_end = rate * latency.WARM_SECONDS, rate * (latency.WARM_SECONDS + BEFORE_SECONDS)
    warm, _, _ = latency.send(machine, topic, events[:warm_end])
    latency.await_triggers(installation, reader, warm)
    before, _, _ = latency.send(machine, topic, events[warm_end:before_end])
    latency.await_triggers(installation, reader, before)

    cpu = cpu_seconds(installation.process.pid)
    watch = Watch(machine, customers)
    restock(machine, installation)
    watch.start()
    during, at = {}, before_end
    while watch.is_alive():  # a second at a time
        sent, _, behind = latency.send(machine, topic, events[at:at + rate])
        during.update(sent)
        at += rate
    cpu = cpu_seconds(installation.process.pid) - cpu
    if watch.ended is None or watch.sent != customers:
        raise RuntimeError(f"the fan-out has reached {watch.sent} of {customers}\n{installation.log.read_text()}")
    latency.await_triggers(installation, reader, during)
    reader.done.set()
    reader.join()
    if reader.doubled:
        raise RuntimeError(f"{reader.doubled} triggers came twice")
    seconds = watch.ended - watch.begun
    return {"customers": customers, "seconds": seconds, "rate": customers / seconds, "rss_mib":
            peak_rss_mib(installation.process.pid), "cpu": cpu / customers * 1e6, "before": percentiles(before, reader),
            "during": percentiles(during, reader)}


def report(result):
    lines = [f"A fan-out to {result['customers']:,} customers took {result['seconds']:.1f} s: "
             f"**{result['rate']:,.0f} customers/s**, {result['cpu']:.1f} CPU seconds of loyald per million (with the "
             f"other events), {result['rss_mib']:.0f} MiB at its highest.", "",
             f"| other events, {latency.RATE:,} a second, event to visible trigger | p50 ms | p99 ms | max ms | triggers |",
             "|---|--:|--:|--:|--:|"]
    for name, text in (("before", "before the fan-out"), ("during", "while it is under way")):
        one = result[name]
        lines.append(f"| {text} | {one['p50']:.1f} | {one['p99']:.1f} | {one['max']:.1f} | {one['count']:,} |")
    return lines
