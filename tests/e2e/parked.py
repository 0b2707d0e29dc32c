#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What parks a home or a feeder, each with its own sentence while the others go on, and what `loyalctl home N ...` and
`loyalctl feeder TOPIC N ...` do about it.

    parked.py [--only SCENE ...]
"""

import json
import sys

import confluent_kafka

from harness import FEEDERS, HOME_LOG, OUTPUTS, POLICY
from processes import wait_until
from scenes import Place, expect, flowing, good, play, read_topic

HOMES = 4
IDLE_FEEDER = "loyalty.feedback"  # not one of the harness': nothing is sent to it until the checker has been asked
QUICK = {"session.timeout.ms": 16000, "transaction.timeout.ms": 1500}  # how long the group keeps members that have gone
LOST_OFFSET, SET_BACK, EATEN, SKIPPED = 0, 1, 2, 3  # homes


def main():
    settings = {"topics": {"feeders": [*FEEDERS, IDLE_FEEDER], "homes": HOMES}}
    return play(__doc__, lambda: Place(homes=HOMES, workers=2, settings=settings, kafka=QUICK), [
        keys_of_another_type, a_customer_that_cannot_be_read, a_home_that_cannot_be_read, a_rebuild_under_load,
        offsets_that_were_lost_or_set_back, nothing_was_lost, a_feeder_without_its_offset, events_that_retention_has_eaten,
        a_control_record_that_nobody_knows, a_home_log_that_was_made_anew,
    ])  # fmt: skip


# ---- helpers


def listed(system):
    """What `loyalctl homes` says: {(topic, partition): object}."""
    lines = json.loads(system.ctl("homes", "--feeders", "--json"))
    return {(line["topic"], line["partition"]): line for line in lines}


def parked(system):
    return {place for place, line in listed(system).items() if line["state"] == "parked"}


def home(number):
    return HOME_LOG, number


def wait_parked(system, wanted, sentence):
    """Exactly these are parked, for this reason; /readyz and the log say so; the others go on."""
    wait_until(f"{wanted} are parked", lambda: parked(system) == set(wanted), 30, 0.2)
    lines = listed(system)
    for place in wanted:
        expect(sentence in lines[place]["why"], f"{place} is parked because: {lines[place]['why']}")
        said = system.log.lines("a partition is parked until a person decides", f"topic={place[0]} partition={place[1]} ")
        expect(said and sentence in said[-1].replace('\\"', '"'), f"the log says of {place}: {said}")
    system.wait_unready("parked", sentence[:40])
    others_go_on(system, [number for topic, number in wanted if topic == HOME_LOG])


def others_go_on(system, standing):
    before = dict(enumerate(system.positions()))
    for number in set(before) - set(standing):
        system.upstream.visit(system.upstream.customer(number, "other"))
        system.wait_grown({number: before[number]})
    expect(all(system.position(number) == before[number] for number in standing), "a parked home has gone on")


def decide(system, number, *verb):
    status, text = system.loyalctl("home", number, *verb)
    expect(status == 0 and "ready" in text, f"home {number} {verb}: {status} {text}")


def decide_in_vain(system, number, sentence, *verb):
    status, text = system.loyalctl("home", number, *verb)
    expect(status == 1 and "still parked: " in text and sentence in text, f"home {number} {verb}: {status} {text}")


def decide_and_park_again(system, number, sentence):
    """A retry recovers well, and then meets the same record; loyalctl waits for that."""
    system.log.mark()
    decide_in_vain(system, number, sentence, "retry")
    wait_parked(system, [home(number)], sentence)


def key(number, name):
    return f"loyald:{{{number}}}:{name}"


def running(system):
    if not system.daemon.is_running():
        system.run()
    system.log.mark()


# ---- state that cannot be right


def keys_of_another_type(system):
    """A customer's key, found when it is read; and the totals, found when they are written."""
    running(system)
    guest = system.upstream.customer(1, "typed")
    system.redis.client.set(key(1, f"c:{guest}"), "not a hash")
    system.upstream.visit(guest)
    sentence = "a key holds another type than loyald writes: something else writes under its prefix"
    wait_parked(system, [home(1)], sentence)
    decide_and_park_again(system, 1, sentence)
    decide(system, 1, "rebuild", "--yes")
    expect(system.redis.client.hget(key(1, f"c:{guest}"), "visits") == "1", "the customer has not come back")

    system.log.mark()
    system.redis.client.set(key(3, "totals"), "not a hash")
    system.upstream.visit(system.upstream.customer(3, "typed"))
    wait_parked(system, [home(3)], "does not hold what loyald writes; nothing was changed")
    decide(system, 3, "rebuild", "--yes")
    system.wait_ready()


def a_customer_that_cannot_be_read(system):
    running(system)
    guest = system.upstream.customer(2, "scribbled")
    system.redis.client.hset(key(2, f"c:{guest}"), mapping={"visits": "many"})
    system.upstream.visit(guest)
    wait_parked(system, [home(2)], "the record of a customer in Redis holds what loyald does not write")
    system.redis.client.delete(key(2, f"c:{guest}"))
    decide(system, 2, "retry")
    wait_until("the visit is folded", lambda: system.redis.client.hget(key(2, f"c:{guest}"), "visits") == "1", 20)
    system.wait_ready()


def a_home_that_cannot_be_read(system):
    running(system)
    system.wait_folded()
    kept = system.redis.client.hget(key(3, "home"), "time")
    system.redis.client.hset(key(3, "home"), "time", "noon")
    sentence = "in Redis hold what loyald does not write"
    decide_in_vain(system, 3, sentence, "retry")
    wait_parked(system, [home(3)], sentence)
    system.redis.client.hset(key(3, "home"), "time", kept)
    decide(system, 3, "retry")
    system.wait_ready()


def a_rebuild_under_load(system):
    running(system)
    with flowing(system, 200):
        for number in (0, 2):
            before = sum(len(read_topic(system, topic)) for topic in OUTPUTS)
            decide(system, number, "rebuild", "--yes")
            system.wait_grown({number: system.position(number)})
            expect(before <= sum(len(read_topic(system, topic)) for topic in OUTPUTS), "outputs have gone")
    system.wait_ready()


# ---- positions that cannot be right


def offsets_that_were_lost_or_set_back(system):
    """While all of loyald is away somebody deletes the group, and makes it again, but not as it was."""
    running(system)
    system.wait_folded()
    expect(system.daemon.end() == 0, "it did not end well")
    topics = [HOME_LOG, *FEEDERS, IDLE_FEEDER]
    places = [(topic, number) for topic in topics for number in range(system.partitions(topic))]
    asked = [confluent_kafka.TopicPartition(*place) for place in places]
    offsets = {(each.topic, each.partition): each.offset for each in system.looker.committed(asked, timeout=10)}
    system.wait_group_empty()
    system.admin.delete_consumer_groups([system.group_name()])[system.group_name()].result(30)
    del offsets[home(LOST_OFFSET)], offsets[IDLE_FEEDER, 0]
    folded = offsets[home(SET_BACK)]
    offsets[home(SET_BACK)] = folded // 2
    system.set_offsets(offsets)

    system.log.mark()
    system.daemon.start()
    wanted = {home(LOST_OFFSET), home(SET_BACK), (IDLE_FEEDER, 0)}
    wait_until("all of them are parked", lambda: parked(system) == wanted, 30, 0.2)
    lines = listed(system)
    why = lines[home(LOST_OFFSET)]["why"]
    expect(why.startswith("the group has no offset, but Redis has folded up to here: offsets expired (S "), why)
    why = lines[home(SET_BACK)]["why"]
    expect(why.startswith(f"Redis is ahead of the group's offset: offsets were set back or lost (S {folded}, C {folded // 2}"), why)
    why = lines[IDLE_FEEDER, 0]["why"]
    expect(why.startswith("the group has no offset, but something was copied from here before"), why)
    others_go_on(system, [LOST_OFFSET, SET_BACK])

    decide_in_vain(system, SET_BACK, "Redis is ahead", "retry")
    for number in (LOST_OFFSET, SET_BACK):
        guest = system.upstream.customer(number, "behind-the-gap")
        system.upstream.visit(guest)
        decide(system, number, "accept-gap", "--yes")
        wait_until("the home goes on", lambda: system.redis.client.hget(key(number, f"c:{guest}"), "visits") == "1", 20)
    status, text = system.loyalctl("feeder", IDLE_FEEDER, 0, "accept-gap", "--yes")
    expect(status == 0 and "ready" in text, text)
    system.wait_ready()
    expect(system.daemon.end() == 0, "it did not end well")
    system.run()
    expect(not parked(system), "a gap that was accepted is not closed for the next process")


def nothing_was_lost(system):
    running(system)
    system.drain()
    good(system)


def a_feeder_without_its_offset(system):
    """One that was never used: accept-gap copies what is there."""
    running(system)
    guest = system.upstream.customer(0, "feedback")
    system.upstream.visit(guest, IDLE_FEEDER)
    wait_until("it is copied and folded", lambda: system.redis.client.hget(key(0, f"c:{guest}"), "visits") == "1", 20)


def events_that_retention_has_eaten(system):
    running(system)
    system.wait_folded()
    expect(system.daemon.end() == 0, "it did not end well")
    guest = system.upstream.customer(EATEN, "eaten")
    for _ in range(3):
        end = system.upstream.visit(guest)[1] + 1
    eaten = confluent_kafka.TopicPartition(HOME_LOG, EATEN, end)
    for future in system.admin.delete_records([eaten]).values():
        future.result(30)
    system.log.mark()
    system.daemon.start()
    sentence = "retention has removed events that were not folded"
    wait_parked(system, [home(EATEN)], sentence)
    decide_in_vain(system, EATEN, sentence, "retry")
    expect(system.loyalctl("home", EATEN, "accept-gap")[0] == 2, "it has not asked")
    decide(system, EATEN, "accept-gap", "--yes")
    system.upstream.visit(guest)
    wait_until("the home goes on", lambda: system.redis.client.hget(key(EATEN, f"c:{guest}"), "visits") == "1", 20)
    system.wait_ready()


# ---- records that cannot be folded


def a_control_record_that_nobody_knows(system):
    running(system)
    guest = system.upstream.customer(SKIPPED, "behind")
    headers = [("loyald-control", f"dance {SKIPPED} 1".encode())]
    offset = system.upstream.raw(HOME_LOG, None, b"{}", headers, partition=SKIPPED)[1]
    system.upstream.visit(guest)
    sentence = f'at offset {offset}: the header loyald-control "dance {SKIPPED} 1" is not one that loyald writes'
    wait_parked(system, [home(SKIPPED)], sentence)
    decide_and_park_again(system, SKIPPED, sentence)
    status, text = system.loyalctl("home", SKIPPED, "skip", offset + 1000, "--yes")
    expect(status == 2 and "has no record at offset" in text, text)
    status, text = system.loyalctl("home", SKIPPED, "skip", 0, "--yes")
    expect(status == 2 and "has folded offset 0 already" in text, text)
    decide(system, SKIPPED, "skip", offset, "--yes")
    visits = lambda: system.redis.client.hget(key(SKIPPED, f"c:{guest}"), "visits") == "1"  # noqa: E731
    wait_until("what stood behind it is folded", visits, 20)
    decide(system, SKIPPED, "rebuild", "--yes")
    wait_until("a rebuild passes over it, too", visits, 20)
    system.wait_ready()


def a_home_log_that_was_made_anew(system):
    """The topic is deleted and made again: the offsets of the old one mean nothing in the new one."""
    running(system)
    system.wait_folded()
    expect(system.daemon.end() == 0, "it did not end well")
    system.admin.delete_topics([HOME_LOG])[HOME_LOG].result(30)
    wait_until("the topic has gone", lambda: HOME_LOG not in system.admin.list_topics(timeout=10).topics, 30)
    system.ctl("topics", "create", "--policy", POLICY)
    system.log.mark()
    system.daemon.start()
    wait_until("all homes are parked", lambda: parked(system) == {home(number) for number in range(HOMES)}, 30, 0.2)
    for number in range(HOMES):
        why = listed(system)[home(number)]["why"]
        expect(why.startswith("the log ends before what was folded or sent: the topic was made anew or cut (S "), why)
    for number in range(HOMES):
        decide(system, number, "accept-gap", "--yes")
    guest = system.upstream.customer(3, "anew")
    system.upstream.visit(guest, FEEDERS[2])
    wait_until("all goes on", lambda: system.redis.client.hget(key(3, f"c:{guest}"), "visits") == "1", 20)
    system.wait_ready()


if __name__ == "__main__":
    sys.exit(main())
