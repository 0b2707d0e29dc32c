# SPDX-License-Identifier: MIT
"""The broker and the Redis of a test: private ones, which can be killed and brought back in several states."""

import os
import shutil

import redis

from processes import ROOT, free_port, kill, run, start, wait_until

BROKER = ROOT / "tests" / "broker" / "broker"


class Broker:
    def __init__(self, directory):
        self.directory = directory
        self.bootstrap = None

    def command(self, name):
        return run([BROKER, name, self.directory], env={"LOYALD_TEST_OWNER": str(os.getpid())}).strip()

    def start(self):
        self.bootstrap = self.command("start")

    def kill(self):
        self.command("kill")

    def drop(self):
        self.command("drop")


class RedisServer:
    """Listens at a port of its own and keeps nothing on disk but the snapshots it is asked for."""

    def __init__(self, directory):
        self.directory = directory
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"redis://{self.address}"
        self.process = None
        self.client = redis.Redis.from_url(self.url, decode_responses=True)

    def start(self):
        self.process = start(
            ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", self.directory, "--save", "",
             "--appendonly", "no", "--maxmemory-policy", "noeviction", "--daemonize", "no"],
            log=self.directory / "redis.log",
        )  # fmt: skip
        wait_until("Redis answers", self.answers, seconds=20)

    def answers(self):
        try:
            return self.client.ping()
        except redis.exceptions.RedisError:
            return False

    def kill(self):
        kill(self.process)

    def run_id(self):
        return self.client.info("server")["run_id"]

    def snapshot(self):
        """Keeps what there is now, for go_back_to_snapshot."""
        self.client.save()
        shutil.copy(self.directory / "dump.rdb", self.directory / "kept.rdb")

    def go_back_to_snapshot(self):
        self.kill()
        shutil.copy(self.directory / "kept.rdb", self.directory / "dump.rdb")
        self.start()

    def come_back_empty(self):
        self.kill()
        (self.directory / "dump.rdb").unlink(missing_ok=True)
        self.start()

    def flush(self):
        self.client.flushall()
