# SPDX-License-Identifier: MIT
"""What the scenes of lifecycle.py, refusals.py, parked.py, outages.py and poison.py share: a system whose processes answer
over HTTP, an upstream that sends single events to chosen homes, a process's log from a moment on, and the play itself,
which tells what came of each scene."""

import argparse
import contextlib
import copy
import json
import os
import re
import subprocess
import time
import traceback
import urllib.error
import urllib.request

import confluent_kafka
import confluent_kafka.admin
import yaml

from checker.homes import home_of
from harness import HOME_LOG, Daemon, System, tail
from processes import environment, free_port, program, wait_until

WORD = re.compile(r"^\S+ (\S+) +msg=\"((?:[^\"\\]|\\.)*)\"")


class Log:
    """What a process has logged since the mark."""

    def __init__(self, path):
        self.path = path
        self.mark()

    def mark(self):
        self.begin = self.path.stat().st_size if self.path.exists() else 0

    def text(self):
        if not self.path.exists():
            return ""
        with open(self.path, "rb") as file:
            file.seek(self.begin)
            return file.read().decode(errors="replace")

    def lines(self, *parts):
        return [line for line in self.text().splitlines() if all(part in line for part in parts)]

    def wait(self, *parts, seconds=30):
        return wait_until(f"the log says {parts}", lambda: self.lines(*parts), seconds)

    def counts(self, level="WARN"):
        """How often each message of a level was written."""
        found = {}
        for line in self.text().splitlines():
            match = WORD.match(line)
            if match is not None and match[1] == level:
                found[match[2]] = found.get(match[2], 0) + 1
        return found


class Place(System):
    """A system whose processes have HTTP ports, and whose settings may be varied."""

    def __init__(self, **options):
        self.ports = {}
        super().__init__(**options)
        self.logs = [Log(daemon.log) for daemon in self.daemons]
        self.upstream = None

    @property
    def daemon(self):
        return self.daemons[0]

    @property
    def log(self):
        return self.logs[0]

    def begin(self):
        super().begin()
        self.upstream = Upstream(self)
        self.admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": self.broker.bootstrap, "log_level": 0})

    def write_config(self, daemon):
        port = self.ports.setdefault(daemon.name, free_port())
        self.settings["http"] = {"address": f"127.0.0.1:{port}"}
        super().write_config(daemon)

    def variant(self, name, **changes):
        """The path of a copy of the settings, under a process name of its own, with changes."""
        settings = yaml.safe_load(self.daemon.config.read_text())
        settings["process"]["name"] = name
        settings["http"] = {"address": ""}
        for section, values in copy.deepcopy(changes).items():
            settings.setdefault(section, {}).update(values)
        path = self.directory / f"{name}.yaml"
        path.write_text(yaml.safe_dump(settings))
        return path

    def other(self, name, config):
        """One more process, by settings of its own."""
        daemon = Daemon(self, name)
        daemon.config = config
        self.daemons.append(daemon)
        return daemon

    def answer(self, page="readyz", daemon=None):
        """(status, body) over HTTP; (0, why) when nobody answers."""
        port = self.ports[(daemon or self.daemon).name]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def wait_ready(self, seconds=40):
        wait_until("/readyz says ready", lambda: self.answer()[0] == 200, seconds)

    def wait_unready(self, *parts, seconds=30):
        def says():
            status, text = self.answer()
            return status == 503 and all(part in text for part in parts)

        wait_until(f"/readyz says 503 and {parts}", says, seconds)

    def run(self, seconds=40):
        """Starts the first process and waits until it is ready."""
        self.log.mark()
        self.daemon.start()
        self.wait_ready(seconds)

    def wait_folded(self, seconds=40):
        wait_until("all is folded", self.is_drained, seconds, 0.2)

    def wait_grown(self, topic_home_positions, seconds=40):
        """Waits until each of these homes has folded more than it had: {home: position}."""
        for home, old in topic_home_positions.items():
            wait_until(f"home {home} goes on behind {old}", lambda: self.position(home) > old, seconds)

    def loyalctl(self, *arguments):
        """(exit status, what it said), whatever that is."""
        done = subprocess.run(
            [program("loyalctl"), "--config", str(self.daemon.config), *map(str, arguments)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, env=environment(),
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def group_state(self):
        future = self.admin.describe_consumer_groups([self.group_name()])[self.group_name()]
        return future.result(10).state

    def wait_group_empty(self, seconds=60):
        """Static members send no leave: the group keeps them for a session."""
        gone = (confluent_kafka.ConsumerGroupState.EMPTY, confluent_kafka.ConsumerGroupState.DEAD)
        wait_until("the group has no members", lambda: self.group_state() in gone, seconds, 0.2)

    def set_offsets(self, offsets):
        """{(topic, partition): offset} of the group, which must have no members."""
        wanted = [confluent_kafka.TopicPartition(topic, number, at) for (topic, number), at in offsets.items()]
        request = confluent_kafka.ConsumerGroupTopicPartitions(self.group_name(), wanted)
        for future in self.admin.alter_consumer_group_offsets([request]).values():
            for each in future.result(30).topic_partitions:
                if each.error is not None:
                    raise RuntimeError(f"the offset of {each.topic}/{each.partition} cannot be set: {each.error}")


class Upstream:
    """Sends single events, and writes what Kafka took to a file that the checker reads."""

    def __init__(self, system):
        self.system, self.number = system, 0
        self.path = system.directory / "upstream.jsonl"
        self.path.touch()
        system.acknowledged.append(self.path)
        self.producer = confluent_kafka.Producer(
            {"bootstrap.servers": system.broker.bootstrap, "enable.idempotence": True, "linger.ms": 0,
             "partitioner": "murmur2_random", "message.timeout.ms": 300000, "log_level": 0}
        )  # fmt: skip

    def customer(self, home, name="guest"):
        """The first customer of this name who lives there."""
        number = 0
        while home_of(f"{name}-{number}".encode(), self.system.homes) != home:
            number += 1
        return f"{name}-{number}"

    def visit(self, customer, topic=HOME_LOG):
        return self.send(topic, "loyalty.visit.made.v1", customer, {"sales_channel": "web"})

    def purchase(self, customer, topic=HOME_LOG):
        data = {"order_id": f"up-{self.number}", "currency": "EUR", "net_minor": 100 + self.number}
        return self.send(topic, "loyalty.purchase.completed.v1", customer, data)

    def send(self, topic, kind, customer, data):
        """(partition, offset) at which it stands."""
        self.number += 1
        event = {"specversion": "1.0", "id": f"up-{self.number}", "source": "/upstream", "type": kind,
                 "subject": customer, "data": data}  # fmt: skip
        headers = [("content-type", b"application/cloudevents+json")]
        return self.raw(topic, customer, json.dumps(event).encode(), headers, event)

    def raw(self, topic, key, value, headers=None, event=None, partition=None):
        placed = []
        more = {} if partition is None else {"partition": partition}
        self.producer.produce(
            topic, value, key, headers=headers, on_delivery=lambda error, message: placed.append((error, message)), **more
        )

        def is_placed():
            self.producer.poll(0.05)
            return placed

        wait_until("Kafka has the event", is_placed, 120, 0)
        error, message = placed[0]
        if error is not None:
            raise RuntimeError(f"Kafka did not take an event: {error}")
        told = {"topic": topic, "partition": message.partition(), "offset": message.offset(), "key": key,
                "source": event and event["source"], "id": event and event["id"], "subject": event and event["subject"]}
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
        return message.partition(), message.offset()

    def visit_all(self, name="guest"):
        """One visit in every home."""
        for home in range(self.system.homes):
            self.visit(self.customer(home, name))


def read_topic(system, topic):
    """All committed records, as the checker's source gives them."""
    return list(system.source().records(topic))


@contextlib.contextmanager
def flowing(system, rate=200, *arguments):
    """Events without a pause while the block runs; all acknowledged after it."""
    shop = system.shop(10_000_000, "--customers", 500, "--from", "now", "--rate", rate, "--seed",
                       len(system.acknowledged) + 1, *arguments, wait=False)  # fmt: skip
    try:
        wait_until("events flow", lambda: os.path.getsize(system.acknowledged[-1]) if
                   system.acknowledged[-1].exists() else 0, 30)
        yield shop
    finally:
        shop.terminate()
        shop.wait(120)


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_share(process, seconds=5):
    """Of one processor, over so many seconds."""
    begun, used = time.monotonic(), cpu_seconds(process)
    wait_until("the time has passed in which it is measured", lambda: time.monotonic() >= begun + seconds, seconds + 5)
    return (cpu_seconds(process) - used) / (time.monotonic() - begun)


def expect(is_so, sentence):
    if not is_so:
        raise AssertionError(sentence)


def good(system):
    """The checker's verdict must be good, of a run in which something has happened."""
    verdict = system.verdict()
    print("  " + verdict.report().replace("\n", "\n  "), flush=True)
    expect(verdict.is_good, "the checker has found something")
    return verdict


def play(description, make_system, scenes):
    """Plays the scenes one after another, those that were asked for; the exit status."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--only", action="append", help="a scene's name; may come again")
    parser.add_argument("--go-on", action="store_true", help="after a scene that failed, too")
    options = parser.parse_args()
    failed = []
    with make_system() as system:
        for scene in scenes:
            if options.only and scene.__name__ not in options.only or failed and not options.go_on:
                continue
            begun = time.monotonic()
            try:
                scene(system)
                print(f"ok      {scene.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
            except Exception:
                failed.append(scene.__name__)
                system.keep = True
                print(f"FAILED  {scene.__name__} ({time.monotonic() - begun:.1f} s)\n{traceback.format_exc()}", flush=True)
                print("".join(f"--- {each.name}\n{tail(each.log, 4000)}" for each in system.daemons), flush=True)
    return 1 if failed else 0
