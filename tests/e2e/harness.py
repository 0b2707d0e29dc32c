# SPDX-License-Identifier: MIT
"""A whole loyald of a test: broker, Redis, topics, processes of loyald, and the shop as an upstream; and the states
that a test waits for. Everything lies in one directory and ends with the test."""

import atexit
import os
import pathlib
import shutil
import signal
import tempfile
import time

import confluent_kafka
import redis
import yaml

from checker.check import check
from checker.live import Live
from checker.recording import Recording, lines_of
from processes import ROOT, kill, program, run, start, wait_until
from servers import Broker, RedisServer

POLICY = ROOT / "tests" / "data" / "policy-live.yaml"
FEEDERS = ["loyalty.purchases", "loyalty.complaints", "loyalty.visits", "loyalty.profiles", "loyalty.products"]
OUTPUTS = ["loyalty.triggers", "loyalty.decisions", "loyalty.dead-letters"]
HOME_LOG = "loyalty.events"
KAFKA = {"session.timeout.ms": 20000, "transaction.timeout.ms": 5000, "heartbeat.interval.ms": 1000}
SOON_MS = 60_000  # timers due within this time are waited for, those behind it are not


class Daemon:
    """One process of loyald, which may come and go under its name."""

    def __init__(self, system, name):
        self.system, self.name = system, name
        self.config = system.directory / f"{name}.yaml"
        self.log = system.directory / f"{name}.log"
        self.probes = system.directory / f"{name}.probes"
        self.process = None
        self.deals_before = 0

    def deals(self):
        """How often the group has dealt this process partitions, over all its lives."""
        return self.log.read_text(errors="replace").count("the group has dealt") if self.log.exists() else 0

    def start(self, probe=None):
        self.deals_before = self.deals()
        env = {"LOYALD_PROBE_LOG": str(self.probes), "LOYALD_PROBE": probe or ""}
        self.process = start([program("loyald"), "--config", self.config], log=self.log, env=env)

    def forget_lease(self):
        """Of a process that has been killed: the next one need not watch for 2 s whether it still beats."""
        self.system.redis.client.delete(f"loyald:lease:{self.name}")

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        kill(self.process)

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self, seconds=30):
        """In order; its exit status."""
        if self.process is None:
            return 0
        self.process.terminate()
        return self.process.wait(seconds)

    def hits(self):
        """How often each probe was hit, over all lives of this process."""
        found = {}
        if self.probes.exists():
            for line in self.probes.read_text().splitlines():
                name = line.removeprefix("probe ")
                found[name] = found.get(name, 0) + 1
        return found


class System:
    def __init__(self, homes=8, processes=1, workers=1, policy=POLICY, kafka=None, settings=None, directory=None):
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="loyald-e2e-"))
        self.directory.mkdir(parents=True, exist_ok=True)
        self.homes, self.workers, self.policy = homes, workers, policy
        self.kafka = {**KAFKA, **(kafka or {})}
        self.settings = settings or {}
        self.broker = Broker(self.directory / "broker")
        self.redis = RedisServer(self.directory / "redis")
        self.daemons = [Daemon(self, f"loyald-{number}") for number in range(processes)]
        self.shops = []
        self.acknowledged = []
        self.group = None
        self.looker = None
        self.keep = bool(os.environ.get("LOYALD_E2E_KEEP"))
        atexit.register(self.close)

    def __enter__(self):
        self.begin()
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            self.keep = True
            for daemon in self.daemons:
                state = (
                    "is running" if daemon.is_running() else f"ended by {daemon.process and daemon.process.returncode}"
                )
                print(f"{daemon.name} {state}; at last it said:\n{tail(daemon.log, 1000)}")
        self.close()

    def begin(self):
        self.redis.start()
        self.broker.start()
        for daemon in self.daemons:
            self.write_config(daemon)
        self.ctl("topics", "create", "--policy", self.policy)
        self.looker = confluent_kafka.Consumer(
            {"bootstrap.servers": self.broker.bootstrap, "group.id": self.group_name(), "enable.auto.commit": False,
             "isolation.level": "read_committed", "enable.partition.eof": True, "fetch.wait.max.ms": 10,
             "log_level": 0}
        )  # fmt: skip

    def close(self):
        atexit.unregister(self.close)
        for process in [daemon.process for daemon in self.daemons] + self.shops:
            kill(process)
        self.redis.kill()
        if self.broker.bootstrap is not None:
            self.broker.kill()
        if self.keep:
            print(f"everything is left in {self.directory}")
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def group_name(self):
        return f"{HOME_LOG}-loyald"

    def write_config(self, daemon):
        settings = {
            "process": {"name": daemon.name, "workers": self.workers},
            "topics": {"feeders": FEEDERS, "homes": self.homes},
            "redis": {"address": self.redis.address},
            "http": {"address": ""},
            "kafka": {"bootstrap.servers": self.broker.bootstrap, **self.kafka},
        }
        for section, values in self.settings.items():
            settings.setdefault(section, {}).update(values)
        daemon.config.write_text(yaml.safe_dump(settings))

    def ctl(self, *arguments):
        return run([program("loyalctl"), "--config", self.daemons[0].config, *arguments])

    # ---- events

    def shop(self, count, *arguments, wait=True):
        """The shop makes up `count` events; what Kafka took stands in a file that the checker reads."""
        path = self.directory / f"acknowledged-{len(self.acknowledged)}.jsonl"
        self.acknowledged.append(path)
        process = start(
            [program("loyald-shop"), "--made-up", count, "--config", self.daemons[0].config, "--acknowledged", path,
             "--progress", "off", *arguments],
            log=self.directory / "shop.log",
        )  # fmt: skip
        self.shops.append(process)
        if wait and process.wait() != 0:
            raise RuntimeError(f"the shop failed: {(self.directory / 'shop.log').read_text()[-2000:]}")
        return process

    # ---- states

    def position(self, home):
        return int(self.redis.client.hget(f"loyald:{{{home}}}:home", "position") or 0)

    def positions(self):
        return [self.position(home) for home in range(self.homes)]

    def committed(self, topic, partitions):
        asked = [confluent_kafka.TopicPartition(topic, p) for p in range(partitions)]
        return [max(each.offset, 0) for each in self.looker.committed(asked, timeout=10)]

    def partitions(self, topic):
        return len(self.looker.list_topics(topic, timeout=10).topics[topic].partitions)

    def is_read_up_to(self, topic, offsets):
        """Is there no committed record from these offsets on? (The last offsets may be markers of transactions.)"""
        places = []
        for partition, offset in enumerate(offsets):
            low, high = self.looker.get_watermark_offsets(confluent_kafka.TopicPartition(topic, partition), timeout=10)
            if offset < high:
                places.append(confluent_kafka.TopicPartition(topic, partition, max(offset, low)))
        open_partitions = {place.partition for place in places}
        if open_partitions:
            self.looker.assign(places)
        deadline = time.monotonic() + 5
        try:
            while open_partitions and time.monotonic() < deadline:
                message = self.looker.poll(0.5)
                if message is None:
                    continue
                if message.error() is None:
                    return False
                open_partitions.discard(message.partition())
        finally:
            self.looker.unassign()
        return not open_partitions

    def is_drained(self):
        """Nothing is left to be read of any feeder or home, and Redis has all of it."""
        try:
            for feeder in FEEDERS:
                if not self.is_read_up_to(feeder, self.committed(feeder, self.partitions(feeder))):
                    return False
            committed = self.committed(HOME_LOG, self.homes)
            return self.positions() == committed and self.is_read_up_to(HOME_LOG, committed)
        except (confluent_kafka.KafkaException, redis.exceptions.RedisError):
            return False

    def no_timer_is_due_soon(self):
        soon = time.time() * 1000 + SOON_MS
        return not any(
            self.redis.client.zcount(f"loyald:{{{home}}}:timers", "-inf", soon) for home in range(self.homes)
        )

    def drain(self, seconds=120):
        """Waits until all is done that can be done, ends the processes, and looks again."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            wait_until("no timer is due soon", lambda: self.is_drained() and self.no_timer_is_due_soon(), left, 0.2)
            for daemon in self.daemons:
                status = daemon.end()
                if status != 0:
                    raise RuntimeError(f"{daemon.name} ended with status {status}: {tail(daemon.log)}")
            if self.is_drained():
                return
            for daemon in self.daemons:
                daemon.start()

    # ---- the verdict

    def source(self):
        topics = {"home_log": HOME_LOG, "feeders": FEEDERS}
        return Live(self.broker.bootstrap, self.redis.url, "loyald", topics, self.acknowledged)

    def verdict(self, recording=None):
        source = self.source()
        if recording is not None:
            source = Recording(lines_of(source))
            source.save(recording)
        return check(source)


def tail(path, count=2000):
    return path.read_text(errors="replace")[-count:] if path.exists() else ""
