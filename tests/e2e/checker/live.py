# SPDX-License-Identifier: MIT
"""A source that reads a running system: all partitions from their beginning to their end, as readers see them that
want committed records only, and the homes' keys in Redis."""

import hashlib
import json
import uuid

import confluent_kafka
import redis

PIPELINE = 1000
QUIET_SECONDS = 60


def erasure_key(meta):
    """The key of the hashes of erased ids, as the contract says."""
    return hashlib.sha256(f"{meta['prefix']}/{meta['home_log']}".encode()).hexdigest()


class Live:
    def __init__(self, bootstrap, redis_url, prefix="loyald", topics=None, acknowledged=()):
        self.bootstrap = bootstrap
        self.store = redis.Redis.from_url(redis_url, decode_responses=True, encoding_errors="surrogateescape")
        self.acknowledged_files = acknowledged
        self.meta = {
            "home_log": "loyalty.events",
            "feeders": [],
            "triggers": "loyalty.triggers",
            "decisions": "loyalty.decisions",
            "dead_letters": "loyalty.dead-letters",
            "prefix": prefix,
            **(topics or {}),
        }
        self.meta["erasure_key"] = erasure_key(self.meta)
        self.meta["homes"] = len(self.partitions(self.consumer(), self.meta["home_log"]))

    def consumer(self):
        return confluent_kafka.Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": f"checker-{uuid.uuid4()}",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 20,
            }
        )

    def partitions(self, consumer, topic):
        found = consumer.list_topics(topic, timeout=30).topics[topic]
        if found.error is not None:
            raise SystemExit(f"the checker cannot read the topic {topic}: {found.error}")
        return sorted(found.partitions)

    def records(self, topic):
        consumer = self.consumer()
        beginning = confluent_kafka.OFFSET_BEGINNING
        open_partitions = set(self.partitions(consumer, topic))
        consumer.assign([confluent_kafka.TopicPartition(topic, p, beginning) for p in sorted(open_partitions)])
        while open_partitions:
            messages = consumer.consume(10000, timeout=0.2) or consumer.consume(1, timeout=QUIET_SECONDS)
            if not messages:
                raise SystemExit(f"the checker waited {QUIET_SECONDS} s for the end of {topic}; is a transaction open?")
            for message in messages:
                error = message.error()
                if error is None:
                    yield (
                        message.partition(), message.offset(), message.timestamp()[1], message.key(), message.value(),
                        message.headers(),
                    )  # fmt: skip
                elif error.code() == confluent_kafka.KafkaError._PARTITION_EOF:
                    open_partitions.discard(message.partition())
                elif not error.retriable() and error.code() != confluent_kafka.KafkaError._ALL_BROKERS_DOWN:
                    raise SystemExit(f"the checker cannot read {topic}: {error}")
        consumer.close()

    def redis(self):
        prefix = self.meta["prefix"] + ":{"
        keys = []
        for key in self.store.scan_iter(match=prefix + "*", count=5000):
            keys.append(key)
            if len(keys) == PIPELINE:
                yield from self.read_keys(keys)
                keys = []
        yield from self.read_keys(keys)

    def read_keys(self, keys):
        pipeline = self.store.pipeline(transaction=False)
        ranked = [is_ranking(key.partition("}:")[2]) for key in keys]
        for key, is_ranked in zip(keys, ranked):
            pipeline.zrange(key, 0, -1, withscores=True) if is_ranked else pipeline.hgetall(key)
        for key, is_ranked, content in zip(keys, ranked, pipeline.execute()):
            yield key, "ranks" if is_ranked else "hash", dict(content)

    def acknowledged(self):
        for path in self.acknowledged_files:
            with open(path, encoding="utf-8") as file:
                for line in file:
                    if line.endswith("\n"):
                        yield json.loads(line)


def is_ranking(name):
    return name in ("timers", "erased") or name.startswith(("i:", "w:", "g:"))
