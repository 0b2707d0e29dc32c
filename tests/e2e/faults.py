# SPDX-License-Identifier: MIT
"""What can go wrong with a running system, on purpose. Each fault proves that it has happened, or raises; each can be
followed by the time it takes until events flow again, in every home."""

import pathlib
import re
import signal
import time

import confluent_kafka
import redis

from harness import HOME_LOG, ROOT
from processes import wait_until

FLOW_SECONDS = 120
PROGRESS_SECONDS = 400  # after two ends in a row what was in hand is folded record by record, in all partitions


def probe_names():
    """The named points in loyald's sources."""
    names = set()
    for folder in ("consumers", "producers", "common", "config"):
        for path in (ROOT / folder).glob("*.c"):
            if path.name != "probe.c":
                names.update(re.findall(r'\bprobe\("(\w+)"\)', path.read_text()))
    return sorted(names)


class NoFault(Exception):
    """What should have been broken was not: the run is invalid."""


def must(happened, sentence):
    if not happened:
        raise NoFault(sentence)


class Faults:
    def __init__(self, system, chance):
        self.system, self.chance = system, chance
        self.counts = {}

    def note(self, kind):
        self.counts[kind] = self.counts.get(kind, 0) + 1

    # ---- how long until events flow again

    def log_ends(self):
        """Of each home; None while the broker does not answer."""
        try:
            return [
                self.system.looker.get_watermark_offsets(confluent_kafka.TopicPartition(HOME_LOG, home), timeout=5)[1]
                for home in range(self.system.homes)
            ]
        except confluent_kafka.KafkaException:
            return None

    def flows_behind(self, ends):
        try:
            positions = self.system.positions()
        except redis.exceptions.RedisError:
            return False
        return all(position > end for position, end in zip(positions, ends))

    def wait_for_flow(self, seconds=FLOW_SECONDS):
        """Seconds until every home has folded something that came behind what is in the log now."""
        begun = time.monotonic()
        ends = wait_until("the broker answers", self.log_ends, seconds)
        wait_until("events flow in all homes", lambda: self.flows_behind(ends), seconds)
        return time.monotonic() - begun

    # ---- processes of loyald

    def wait_for_progress(self, daemon, seconds=PROGRESS_SECONDS):
        """Until all has gone well since the start of the process: then it no longer counts the ends before (and its
        start is the one that is counted). What becomes of ends in a row without that is another test: poison.py."""

        def has_moved():
            must(daemon.is_running(), f"{daemon.name} ended by itself")
            if daemon.deals() == daemon.deals_before:
                return False
            try:
                return self.system.redis.client.hget(f"loyald:worker:{daemon.name}-0", "starts") in ("1", None)
            except redis.exceptions.RedisError:
                return False

        wait_until(f"{daemon.name} has done something", has_moved, seconds)

    def kill(self, daemon, pause=0):
        """kill -9 at a random moment, and a quick restart."""
        self.wait_for_progress(daemon)
        time.sleep(pause)  # the moment is random: that is the test, not a wait for a state
        must(daemon.is_running(), f"{daemon.name} was not running when it was to be killed")
        daemon.kill()
        must(daemon.process.returncode == -signal.SIGKILL, f"{daemon.name} ended by {daemon.process.returncode}")
        daemon.start()
        self.note("kill -9")

    def kill_twice(self, daemon, pause):
        """The second time while it starts."""
        self.kill(daemon)
        time.sleep(pause)
        daemon.kill()
        must(daemon.process.returncode == -signal.SIGKILL, f"{daemon.name} ended by {daemon.process.returncode}")
        daemon.start()
        self.note("kill -9")

    def kill_at(self, daemon, probe, passing, seconds=60):
        """Restarts a process so that it kills itself at a named point; then it comes back once more."""
        self.wait_for_progress(daemon)
        before = daemon.hits().get(probe, 0)
        daemon.kill()
        daemon.start(probe=f"{probe}:{passing}:kill")
        self.note("kill -9")
        wait_until(f"{daemon.name} passes {probe} {passing} times", lambda: not daemon.is_running(), seconds)
        must(daemon.process.returncode == -signal.SIGKILL, f"{daemon.name} ended by {daemon.process.returncode}")
        must(daemon.hits().get(probe, 0) == before + 1, f"{daemon.name} was killed, but not at {probe}")
        daemon.start()
        self.note("kill -9")
        self.note("probe " + probe)

    def freeze(self, daemon, others, seconds=90):
        """SIGSTOP until the group has given its homes to the others and these fold them; then SIGCONT."""
        dealt = {other: other.deals() for other in others}
        daemon.stop()
        return self.while_frozen(daemon, dealt, seconds)

    def freeze_at(self, daemon, others, probe, passing, seconds=90):
        """The same, with a process that stops itself at a named point, holding what it has there."""
        self.wait_for_progress(daemon)
        before = daemon.hits().get(probe, 0)
        daemon.kill()
        daemon.start(probe=f"{probe}:{passing}:stop")
        self.note("kill -9")
        dealt = {other: other.deals() for other in others}
        wait_until(f"{daemon.name} stops at {probe}", lambda: state_of(daemon.process.pid) == "T", seconds)
        must(daemon.hits().get(probe, 0) == before + 1, f"{daemon.name} was stopped, but not at {probe}")
        moved = self.while_frozen(daemon, dealt, seconds)
        self.note("stopped at " + probe)
        return moved

    def while_frozen(self, daemon, dealt, seconds):
        wait_until("the process stands still", lambda: state_of(daemon.process.pid) == "T", 5)
        wait_until("the group deals again", lambda: any(other.deals() > deals for other, deals in dealt.items()), seconds)
        moved = self.wait_for_flow(seconds)
        must(state_of(daemon.process.pid) == "T", f"{daemon.name} did not stay stopped")
        before = daemon.deals()
        daemon.go_on()
        self.note("SIGSTOP beyond the session")

        def is_a_member_again():
            must(daemon.is_running(), f"{daemon.name} ended by itself after it was stopped")
            return daemon.deals() > before

        wait_until(f"{daemon.name} is a member again", is_a_member_again, seconds)
        return moved

    # ---- Redis

    def redis_goes_back(self):
        """Killed, and restarted from an older snapshot: acknowledged commits are gone."""
        self.system.redis.snapshot()
        kept = self.system.positions()
        self.wait_for_flow()
        before, run_id = self.system.positions(), self.system.redis.run_id()
        must(any(b > k for b, k in zip(before, kept)), "nothing was written to Redis behind the snapshot")
        self.system.redis.go_back_to_snapshot()
        must(self.system.redis.run_id() != run_id, "Redis was not restarted")
        self.note("Redis from an older snapshot")

    def redis_comes_back_empty(self):
        run_id = self.system.redis.run_id()
        must(sum(self.system.positions()) > 0, "Redis was empty before")
        self.system.redis.come_back_empty()
        must(self.system.redis.run_id() != run_id, "Redis was not restarted")
        self.note("Redis empty")

    def redis_is_flushed(self):
        must(sum(self.system.positions()) > 0, "Redis was empty before")
        flushed = self.system.redis.client.info("commandstats").get("cmdstat_flushall", {}).get("calls", 0)
        self.system.redis.flush()
        calls = self.system.redis.client.info("commandstats")["cmdstat_flushall"]["calls"]
        must(calls == flushed + 1, "Redis was not flushed")
        self.note("FLUSHALL")

    # ---- the broker

    def broker_restarts(self):
        pid = pathlib.Path(self.system.broker.directory / "pid").read_text()
        self.system.broker.kill()
        must(self.log_ends() is None, "the broker answers after it was killed")
        self.system.broker.start()
        must(pathlib.Path(self.system.broker.directory / "pid").read_text() != pid, "the broker was not restarted")
        self.note("broker killed")


def state_of(pid):
    """R, S, T (stopped) ... as the kernel says."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
