#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What loyald does not start with, each with its own sentence; what it waits out when Redis goes wrong under it; and
dead letters that are sent again. (Homes that park: parked.py.)

    refusals.py [--only SCENE ...]
"""

import sys

from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions

from harness import FEEDERS, HOME_LOG, POLICY
from processes import kill, program, run, start, wait_until
from scenes import Log, Place, cpu_share, expect, flowing, good, play, read_topic
from servers import Broker

HOMES = 4
OTHER_LOG = "other.events"
OTHER = {"topics": {"home_log": OTHER_LOG, "homes": 3, "feeders": []}, "redis": {"prefix": "other"}}


def main():
    return play(__doc__, lambda: Place(homes=HOMES, workers=2), [
        topics_that_are_missing, redis_is_full_at_start, scripts_are_flushed_under_load, redis_is_full_for_a_while, redis_is_a_replica_for_a_while,
        nothing_was_lost, dead_letters_are_sent_again_once, another_installation, homes_that_have_become_more,
        a_home_log_without_its_own_time, a_redis_that_drops_customers, a_redis_that_is_a_replica, another_kafka_cluster,
    ])  # fmt: skip


def refused(system, name, *sentences, **changes):
    """A process by these settings ends with status 1 and says this; it has started nothing."""
    log = system.directory / f"{name}.log"
    process = start([program("loyald"), "--config", system.variant(name, **changes)], log=log)
    try:
        status = process.wait(30)
    finally:
        kill(process)
    text = log.read_text()
    expect(status == 1, f"it ended with {status}: {text}")
    for sentence in sentences:
        expect(text.count(sentence) == 1, f"it has not said once: {sentence}\n{text}")
    expect("loyald cannot start" in text and "loyald runs" not in text, text)
    expect("left_out" not in text and len(text.splitlines()) <= 4 + len(sentences), "it says too much:\n" + text)


def redis_is_full_at_start(system):
    client = system.redis.client
    client.config_set("maxmemory", "1mb")
    try:
        system.log.mark()
        system.daemon.start()
        system.wait_unready("starting: ", "maxmemory")
    finally:
        client.config_set("maxmemory", 0)
    system.wait_ready()
    expect(system.log.lines("WARN", "waiting for what loyald needs", "maxmemory"), "it has not said why it waits")


# ---- while it runs


def scripts_are_flushed_under_load(system):
    system.log.mark()
    with flowing(system, 400):
        for _ in range(5):
            before = {home: system.position(home) for home in range(HOMES)}
            system.redis.client.script_flush()
            system.wait_grown(before, 20)
    expect(not system.log.counts("WARN"), f"that was worth a warning: {system.log.counts('WARN')}")


def redis_is_full_for_a_while(system):
    client = system.redis.client
    with flowing(system, 300):
        system.log.mark()
        client.config_set("maxmemory", "1mb")
        try:
            system.wait_unready("maxmemory")
            at = system.positions()
            used = cpu_share(system.daemon.process, 3)
            folded, (status, text) = system.positions(), system.answer()
        finally:
            client.config_set("maxmemory", 0)
        expect(folded == at, f"it has gone on folding: {at} {folded}")
        expect(status == 503, f"it says that it is ready: {text}")
        expect(used < 0.2, f"it uses {used:.2f} of a processor while it waits")
        system.wait_ready()
        system.wait_grown(dict(enumerate(folded)))
    expect(system.log.lines("WARN", "maxmemory"), "it has not said why it waits")
    few(system.log)


def redis_is_a_replica_for_a_while(system):
    with flowing(system, 300):
        system.log.mark()
        system.redis.client.replicaof("127.0.0.1", 9)
        try:
            system.wait_unready("replica")
            at = system.positions()
        finally:
            system.redis.client.replicaof("NO", "ONE")
        system.wait_ready()
        system.wait_grown(dict(enumerate(at)))
    expect(system.log.lines("WARN", "replica"), "it has not said why it waits")
    few(system.log)


def few(log, most=10):
    counts = log.counts("WARN")
    expect(all(count <= most for count in counts.values()), f"it says too much: {counts}")
    expect(not log.counts("ERROR"), f"{log.counts('ERROR')}")


def nothing_was_lost(system):
    system.wait_ready()
    system.drain()
    good(system)


# ---- dead letters


def dead_letters_are_sent_again_once(system):
    """The process is away meanwhile, so that nothing new comes of what is sent again."""
    guest = system.upstream.customer(2)
    body = b'{"oops": "\xfe\xff"}'
    headers = [("content-type", b"application/cloudevents+json"), ("trace", b"\x00\x01"), ("trace", b"")]
    system.run()
    before = len(read_topic(system, "loyalty.dead-letters"))
    system.upstream.raw(FEEDERS[0], guest, body, headers)
    system.upstream.raw(HOME_LOG, guest, body + b"\n", headers)
    wait_until("both have become dead letters",
               lambda: len(read_topic(system, "loyalty.dead-letters")) == before + 2, 20, 0.2)  # fmt: skip
    system.wait_folded()
    expect(system.daemon.end() == 0, "it did not end well")
    status, text = system.loyalctl("dead-letters", "--retry", "--reason", "bad_utf8")
    expect(status == 0 and "sent again" in text and not text.startswith("0 "), text)
    for more in (["--reason", "bad_utf8"], []):
        status, text = system.loyalctl("dead-letters", "--retry", *more)
        expect(status == 0 and (more == [] or text.startswith("0 sent again")), text)
    for topic, value in ((FEEDERS[0], body), (HOME_LOG, body + b"\n")):
        found = [record[3:] for record in read_topic(system, topic) if record[4] == value and not is_copy(record)]
        wanted = (guest.encode(), value, headers)
        expect(found == [wanted, wanted], f"{topic}: {found}")


def is_copy(record):
    return any(name == "loyald-origin" for name, _ in record[5] or ())


# ---- what it does not start with


def topics_that_are_missing(system):
    refused(
        system, "missing", "topics do not exist: loyalty.nowhere (a feeder), loyalty.gone (an output); make them with `loyalctl topics create`, "
        "or take feeders that you do not have out of topics.feeders",
        topics={"feeders": [*FEEDERS, "loyalty.nowhere"], "triggers": "loyalty.gone"},
    )  # fmt: skip


def another_installation(system):
    config = system.variant("other", **OTHER)
    run([program("loyalctl"), "--config", config, "topics", "create", "--policy", POLICY])
    other = system.other("other", config)
    log = Log(other.log)
    other.start()
    log.wait("loyald runs")
    expect(other.end() == 0, "the other one did not end well")
    refused(
        system, "wrong-prefix",
        f"under this prefix Redis keeps another installation: it has the home log {HOME_LOG}, here it is {OTHER_LOG}; set "
        "redis.prefix to one of its own, or connect to what belongs together",
        topics=OTHER["topics"],
    )  # fmt: skip


def homes_that_have_become_more(system):
    system.admin.create_partitions([NewPartitions(OTHER_LOG, 4)])[OTHER_LOG].result(30)
    refused(system, "more-homes", f"the home log {OTHER_LOG} has 4 partitions, but had 3 when Redis was first used with it", **OTHER)


def a_home_log_without_its_own_time(system):
    resource = ConfigResource("TOPIC", OTHER_LOG)
    for name, value in (("message.timestamp.type", "CreateTime"), ("cleanup.policy", "compact"), ("max.message.bytes", "1000")):
        resource.add_incremental_config(ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET))
    system.admin.incremental_alter_configs([resource])[resource].result(30)
    refused(
        system, "no-append-time",
        f"topic {OTHER_LOG} (the home log) has message.timestamp.type=CreateTime, but loyald's clock is the log's; set it",
        f"topic {OTHER_LOG} (the home log) has cleanup.policy=compact, which removes records; set it to delete",
        f"topic {OTHER_LOG} has max.message.bytes=1000, but loyald may send ", **OTHER,
    )  # fmt: skip


def a_redis_that_drops_customers(system):
    system.redis.client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        refused(system, "evicting", "would drop customers when memory is short: set its maxmemory-policy to noeviction (it is allkeys-lru)")
    finally:
        system.redis.client.config_set("maxmemory-policy", "noeviction")


def a_redis_that_is_a_replica(system):
    system.redis.client.replicaof("127.0.0.1", 9)
    try:
        refused(system, "replica", "is a replica and takes no writes: give the address of the primary")
    finally:
        system.redis.client.replicaof("NO", "ONE")


def another_kafka_cluster(system):
    broker = Broker(system.directory / "broker-2")
    broker.start()
    try:
        servers = {"kafka": {"bootstrap.servers": broker.bootstrap}}
        config = system.variant("other-cluster", **servers)
        run([program("loyalctl"), "--config", config, "topics", "create", "--policy", POLICY])
        refused(system, "wrong-cluster", "under this prefix Redis keeps another installation: it has the Kafka cluster", **servers)
    finally:
        broker.drop()


if __name__ == "__main__":
    sys.exit(main())
