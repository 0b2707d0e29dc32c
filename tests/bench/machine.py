# SPDX-License-Identifier: MIT
"""The servers that the benchmark starts for itself, what /proc says of their work, and what machine this is."""
import contextlib
import datetime
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import tempfile
import time

import confluent_kafka.admin
import redis

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
BROKER = ROOT / "tests" / "broker" / "broker"
HOMES = 64
START_SECONDS = 60
WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"]  # what we start ends when we are killed


def wait_until(condition, seconds, what, interval=0.02):
    """The first true answer of condition()."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(interval)
    raise TimeoutError(f"{what}: not within {seconds} s")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_rss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def shop_options(events):
    """Events of the last year: an order is kept one by one for 400 days, so older ones would be forgotten at once."""
    yesterday = datetime.date.today() - datetime.timedelta(days=1)
    return ["--bench", events, "--progress", "off", "--from", yesterday - datetime.timedelta(days=364), "--to", yesterday]


class Machine:
    """A broker and a Redis of our own, for as long as the `with` lasts."""

    def __init__(self, build=BUILD, keep=None):
        self.build = pathlib.Path(build)
        self.stack = contextlib.ExitStack()
        self.keep = keep

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="loyald-bench-"))
        self.stack.callback(shutil.rmtree, self.directory, ignore_errors=True)
        try:
            self.start_redis()
            self.start_broker()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *about):
        self.stack.close()

    def start_redis(self):
        self.socket = self.directory / "redis.sock"
        process = subprocess.Popen(
            [*WITH_US, "redis-server", "--port", "0", "--unixsocket", self.socket, "--save", "", "--appendonly", "no",
             "--databases", "2", "--dir", self.directory], stdout=subprocess.DEVNULL)
        self.stack.callback(end_process, process, signal.SIGTERM)
        self.redis_pid = process.pid
        self.redis = redis.Redis(unix_socket_path=str(self.socket))
        self.scratch = redis.Redis(unix_socket_path=str(self.socket), db=1)

        def answers():
            try:
                return self.redis.ping()
            except redis.ConnectionError:
                return False

        wait_until(answers, START_SECONDS, "Redis")

    def start_broker(self):
        directory = self.directory / "broker"
        # The tests' broker starts quickly and stays slow; this one may be compiled as in operation. What stands in
        # this variable goes before the command line.
        environment = dict(os.environ, LOYALD_TEST_OWNER=str(os.getpid()), LOYALD_TEST_KAFKA_HEAP="1g",
                           _JAVA_OPTIONS="-XX:TieredStopAtLevel=4")
        self.stack.callback(subprocess.run, [BROKER, "drop", directory], check=False)
        self.bootstrap = subprocess.run([BROKER, "start", directory], env=environment, check=True,
                                        stdout=subprocess.PIPE, text=True).stdout.strip()
        self.broker_pid = int((directory / "pid").read_text())

    def program(self, name):
        return str(self.build / name)

    def run(self, name, *arguments):
        """One of our programs to its end; what it printed."""
        done = subprocess.run([self.program(name), *map(str, arguments)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{name} {' '.join(map(str, arguments))}: exit status {done.returncode}\n"
                               f"{done.stdout}{done.stderr}")
        return done.stdout


class Installation:
    """Topics of its own, a flushed Redis, and loyald on them."""

    def __init__(self, machine, name, policy, workers):
        self.machine = machine
        self.name = name
        self.feeder = f"{name}.feeder"
        self.triggers = f"{name}.triggers"
        self.settings = machine.directory / f"{name}.yaml"
        self.settings.write_text(
            f"process: {{name: bench, workers: {workers}}}\n"
            f"topics:\n"
            f"  home_log: {name}.events\n"
            f"  feeders: [{self.feeder}]\n"
            f"  triggers: {self.triggers}\n"
            f"  decisions: {name}.decisions\n"
            f"  dead_letters: {name}.dead-letters\n"
            f"  skips: {name}.skips\n"
            f"  homes: {HOMES}\n"
            f"redis: {{address: {machine.socket}}}\n"
            f"http: {{address: \"\"}}\n"
            f"log: {{level: warn}}\n"
            f"kafka: {{bootstrap.servers: \"{machine.bootstrap}\"}}\n")
        machine.redis.flushall()
        machine.run("loyalctl", "--config", self.settings, "topics", "create", "--policy", policy)
        self.process = None
        machine.stack.callback(self.stop)
        self.log = machine.directory / f"{name}.log"

    def fill(self, events, straight):
        """Writes the events before anything reads them."""
        self.machine.run("loyald-shop", *shop_options(events), "--config", self.settings,
                         "--to", "home-log" if straight else "feeders")

    def start(self):
        with self.log.open("w") as log:
            self.process = subprocess.Popen([*WITH_US, self.machine.program("loyald"), "--config", str(self.settings)],
                                            stdout=log, stderr=log)

    def check(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"loyald has ended with {self.process.returncode}\n{self.log.read_text()}")

    def stop(self):
        """Its last words above INFO, which a sound run lacks."""
        if self.process is not None and self.process.poll() is None:
            end_process(self.process, signal.SIGTERM)
        return self.log.read_text() if self.log.exists() else ""

    def remove(self):
        """So that the disk does not fill up."""
        self.stop()
        admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": self.machine.bootstrap})
        topics = [topic for topic in admin.list_topics(timeout=30).topics if topic.startswith(f"{self.name}.")]
        for future in admin.delete_topics(topics, operation_timeout=30).values():
            future.result()
        self.machine.redis.flushall()


def end_process(process, how, seconds=30):
    process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def describe(machine):
    """The line that says what the figures were measured on."""
    cpu = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    librdkafka = subprocess.run(["pkg-config", "--modversion", "rdkafka"], stdout=subprocess.PIPE, text=True,
                                check=False).stdout.strip() or "?"
    kafka = next((jar.stem.rsplit("-", 1)[1] for jar in
                  (ROOT / ".cache" / "kafka" / "libs").glob("kafka-clients-*.jar")), "?")
    version = machine.redis.info("server")["redis_version"]
    loyald = machine.run("loyald", "--version").strip()
    return (f"{os.cpu_count()} cores ({cpu}), {memory_gib:.0f} GiB, Linux {platform.release()}, {system}; {loyald} with "
            f"librdkafka {librdkafka}; Kafka {kafka} (one broker), Redis {version} (unix socket, no persistence); "
            f"all on this machine")
