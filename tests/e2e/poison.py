#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A record that ends every process that touches it: its partition is parked in front of it, and the others go on. And
processes that are killed by chance, in a row: nothing is parked. The deaths at a record are those of LOYALD_PROBE, so
this needs a build with LOYALD_PROBES.

    poison.py [--only SCENE ...]
"""

import sys

from harness import FEEDERS
from parked import decide, home, key, others_go_on, parked
from processes import wait_until
from scenes import Place, expect, flowing, good, play

HOMES = 4
DEATHS = 5  # one unnoticed, one in whose batch it was, three alone with it
KILLS = 6


def main():
    return play(__doc__, lambda: Place(homes=HOMES, workers=1), [
        a_home_is_parked_at_the_record, a_feeder_is_parked_at_the_record, a_death_less_is_forgiven,
        kills_by_chance_park_nothing, nothing_was_lost, a_poisonous_record_is_skipped,
    ])  # fmt: skip


def settled(system):
    """Every partition has its offset, and nothing is left to do: the next record is the only one that is worked on."""
    if not system.daemon.is_running():
        system.run()
    system.upstream.visit_all()
    system.wait_folded()
    wait_until("no timer is due soon", system.no_timer_is_due_soon, 20)
    expect(system.daemon.end() == 0, "it did not end well")


def die(system, probe, times=DEATHS):
    for _ in range(times):
        system.daemon.start(probe)
        status = system.daemon.process.wait(40)
        expect(status == -9, f"it ended with {status}, not at {probe}")
        system.daemon.forget_lease()
    hits = system.daemon.hits().get(probe.split(":")[0], 0)
    expect(hits >= times, f"{probe} was met {hits} times")


def poisoned(system, place, offset):
    """Starts once more: this place is parked, and nothing else."""
    system.log.mark()
    system.daemon.start()
    wait_until(f"{place} is parked", lambda: parked(system) == {place}, 40, 0.2)
    sentence = f"three processes in a row have ended while they folded the record at offset {offset}; look at it, then retry"
    system.wait_unready("1 partitions are parked", sentence)
    system.log.wait("WARN", "three processes in a row ended at the same record", f"partition={place[0]}/{place[1]} offset={offset}")
    expect(any("folding one record at a time" in line for line in system.daemon.log.read_text().splitlines()), "it was not careful")


def a_home_is_parked_at_the_record(system):
    settled(system)
    guest = system.upstream.customer(2, "poison")
    offset = system.upstream.visit(guest)[1]
    die(system, "before_fold:1:kill")
    for _ in range(3):
        system.upstream.visit(guest)
    poisoned(system, home(2), offset)
    others_go_on(system, [2])
    decide(system, 2, "retry")
    visits = lambda: system.redis.client.hget(key(2, f"c:{guest}"), "visits") == "4"  # noqa: E731
    wait_until("all of the home is folded", visits, 20)
    system.wait_ready()


def a_feeder_is_parked_at_the_record(system):
    settled(system)
    guest = system.upstream.customer(1, "poison")
    number, offset = system.upstream.visit(guest, FEEDERS[0])
    die(system, "before_copy:1:kill")
    poisoned(system, (FEEDERS[0], number), offset)
    others_go_on(system, [])
    status, text = system.loyalctl("feeder", FEEDERS[0], number, "retry")
    expect(status == 0 and "ready" in text, text)
    wait_until("it is copied and folded", lambda: system.redis.client.hget(key(1, f"c:{guest}"), "visits") == "1", 20)
    system.wait_ready()


def a_death_less_is_forgiven(system):
    """The last process gets over it."""
    settled(system)
    guest = system.upstream.customer(3, "antidote")
    system.upstream.visit(guest)
    die(system, "before_fold:1:kill", DEATHS - 1)
    system.run()
    wait_until("it is folded", lambda: system.redis.client.hget(key(3, f"c:{guest}"), "visits") == "1", 20)
    expect(system.log.lines("WARN", "folding one record at a time"), "it was not careful")
    system.upstream.visit_all("careful")
    system.wait_folded()
    expect(not parked(system), "something is parked")


def kills_by_chance_park_nothing(system):
    """Each process is killed as soon as it has folded something, with records in hand and more before it."""
    with flowing(system, 300):
        for _ in range(KILLS):
            before = sum(system.positions())
            wait_until("it has folded something", lambda: sum(system.positions()) > before, 40)
            system.daemon.kill()
            system.daemon.forget_lease()
            system.daemon.start()
        system.wait_ready()
        system.wait_grown(dict(enumerate(system.positions())))
    system.wait_folded()
    expect(system.log.lines("WARN", "folding one record at a time"), "this was no test: it was never careful")
    expect(not parked(system), "something is parked")


def nothing_was_lost(system):
    system.drain()
    good(system)


def a_poisonous_record_is_skipped(system):
    settled(system)
    guest = system.upstream.customer(0, "poison")
    offset = system.upstream.visit(guest)[1]
    die(system, "before_fold:1:kill")
    system.upstream.visit(guest)
    poisoned(system, home(0), offset)
    decide(system, 0, "skip", offset, "--yes")
    wait_until("what stands behind it is folded", lambda: system.redis.client.hget(key(0, f"c:{guest}"), "visits") == "1", 20)
    system.wait_ready()
    system.wait_folded()
    expect(system.daemon.end() == 0, "it did not end well")
    system.run()
    expect(not parked(system) and system.redis.client.hget(key(0, f"c:{guest}"), "visits") == "1", "it has come again")


if __name__ == "__main__":
    sys.exit(main())
