# SPDX-License-Identifier: MIT
"""How fast a log that lies ready is folded, what that costs, and what a customer takes in Redis."""
import dataclasses
import json
import random
import subprocess
import time

from machine import HOMES, cpu_seconds, peak_rss_mib

POLL_SECONDS = 0.05
STALL_SECONDS = 120
SAMPLE = 1000

# One call that sums the totals of all homes. It is asked twenty times a second and costs Redis about 0.1 ms.
TOTALS = """
local sums = {0, 0, 0, 0}
for home = 0, ARGV[1] - 1 do
  local found = redis.call('HMGET', 'loyald:{' .. home .. '}:totals', 'events:folded', 'events:duplicate',
                           'events:ignored', 'events:dead_lettered')
  for i = 1, 4 do sums[i] = sums[i] + (found[i] or 0) end
end
return sums
"""


@dataclasses.dataclass
class Drain:
    rate: float          # events/s
    seconds: float
    loyald_cpu: float    # CPU seconds per million events
    redis_cpu: float
    broker_cpu: float
    rss_mib: float       # of loyald, at its highest
    redis_mib: float     # memory of the data set at the end
    triggers: float      # per thousand events
    decisions: float
    floor_rate: float = 0.0
    floor_cpu: float = 0.0


def measure(machine, installation, events, perf=None):
    """Starts loyald on a log that holds the events, and waits until all are folded."""
    pids = None
    script = machine.redis.register_script(TOTALS)
    installation.start()
    first = last = None
    moved = time.monotonic()
    while last is None or last[1] < events:
        time.sleep(POLL_SECONDS)
        installation.check()
        counts = script(args=[HOMES])
        now = time.monotonic()
        if sum(counts) == 0:
            if now - moved > STALL_SECONDS:
                raise TimeoutError(f"nothing is folded\n{installation.log.read_text()}")
            continue
        if first is None:
            pids = (installation.process.pid, machine.redis_pid, machine.broker_pid)
            recording = start_perf(perf, pids)
        sample = (now, sum(counts), [cpu_seconds(pid) for pid in pids])
        first = first or sample
        moved = now if last is None or sample[1] > last[1] else moved
        last = sample
        if now - moved > STALL_SECONDS:
            raise TimeoutError(f"stuck at {counts} of {events}\n{installation.log.read_text()}")
    stop_perf(recording)
    if counts[0] != events:
        raise RuntimeError(f"of {events} events {counts[0]} were folded; duplicate, ignored, dead: {counts[1:]}")
    folded = last[1] - first[1]
    cpu = [(after - before) / folded * 1e6 for before, after in zip(first[2], last[2])]
    triggers, decisions = outcomes(machine)
    return Drain(rate=folded / (last[0] - first[0]), seconds=last[0] - first[0], loyald_cpu=cpu[0], redis_cpu=cpu[1],
                 broker_cpu=cpu[2], rss_mib=peak_rss_mib(pids[0]),
                 redis_mib=machine.redis.info("memory")["used_memory_dataset"] / 2**20,
                 triggers=triggers / events * 1000, decisions=decisions / events * 1000)


def outcomes(machine):
    sums = {b"triggers": 0, b"decisions": 0}
    for home in range(HOMES):
        for name, value in machine.redis.hgetall(f"loyald:{{{home}}}:totals").items():
            kind = name.split(b":")[0]
            if kind in sums:
                sums[kind] += int(value)
    return sums[b"triggers"], sums[b"decisions"]


def floor(machine, installation):
    """The bare loop over the same log."""
    found = json.loads(machine.run("bench_floor", installation.settings))
    if found["bad"]:
        raise RuntimeError(f"the floor could not parse {found['bad']} records")
    return found["records"] / found["seconds"], found["cpu"] / found["records"] * 1e6


# ---- what a customer takes
def group_of(field):
    name = field.decode()
    if name in ("ids", "ids_before"):
        return "event ids"
    if ":" not in name:
        return "fixed fields"
    return {"o": "orders", "net": "net, channels, categories", "at": "net, channels, categories",
            "k": "net, channels, categories", "q": "complaints", "t": "timers"}.get(name.split(":")[0], "other")


def bytes_by_group(machine, seed=1):
    """Bytes per customer: what a hash shrinks by when a group's fields are left out; the sets by their entries."""
    customers = machine.redis.scan_iter(match="loyald:{*}:c:*", count=10000)
    keys = sorted(customers)
    sums, fields, tables = {}, 0, 0
    for key in random.Random(seed).sample(keys, min(SAMPLE, len(keys))):
        customer = machine.redis.hgetall(key)
        fields += len(customer)
        tables += machine.redis.object("encoding", key) != b"listpack"
        whole = memory(machine, key, customer)
        groups = {group_of(field) for field in customer}
        parts = {group: whole - memory(machine, key, {field: value for field, value in customer.items()
                                                      if group_of(field) != group}) for group in groups}
        parts["key, hash and rounding"] = whole - sum(parts.values())
        for group, size in parts.items():
            sums[group] = sums.get(group, 0) + size
    count = min(SAMPLE, len(keys))
    result = {group: size / count for group, size in sorted(sums.items(), key=lambda item: -item[1])}
    result["timers of the home (sorted set)"] = of_all(machine, "timers") / len(keys)
    result["totals, home, policy"] = sum(of_all(machine, what) for what in ("totals", "home", "policy")) / len(keys)
    return {"groups": result, "fields": fields / count, "tables": tables / count, "customers": len(keys)}


def memory(machine, key, fields):
    if not fields:
        return 0
    machine.scratch.delete(key)
    machine.scratch.hset(key, mapping=fields)
    size = machine.scratch.memory_usage(key, samples=0)
    machine.scratch.delete(key)
    return size


def of_all(machine, what):
    return sum(machine.redis.memory_usage(f"loyald:{{{home}}}:{what}", samples=0) or 0 for home in range(HOMES))


# ---- profiles
def start_perf(directory, pids):
    if directory is None:
        return []
    names = ("loyald", "redis", "broker")
    return [subprocess.Popen(["perf", "record", "-q", "-F", "999", "-g", "-p", str(pid), "-o",
                              f"{directory}/{name}.perf"], stderr=subprocess.DEVNULL)
            for name, pid in list(zip(names, pids))[:2]]


def stop_perf(recording):
    for process in recording:
        process.send_signal(2)
        process.wait()
