#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The benchmark: loyald on a real broker and a real Redis on this machine, beside the floor of what its libraries allow.
`./run bench` builds what it needs and starts it. Nothing here fails for being slow."""
import argparse
import datetime
import os
import pathlib
import statistics
import subprocess
import sys
import time

import drain
import fan_out
import latency
from machine import BUILD, HOMES, ROOT, Installation, Machine, describe

BENCH_POLICY = pathlib.Path(__file__).resolve().parent / "policy.yaml"
FAN_OUT_POLICY = BENCH_POLICY.with_name("fan_out.yaml")
SHIPPED_POLICY = ROOT / "config" / "follow-ups.yaml"
MARK = "<!-- bench -->"
QUIET_LOAD = 0.5
NOT_QUIET = ("**The machine was not quiet:** other work took a good part of it all the time. Rates and latencies are worse "
             "than what it can do, and differ much from run to run; CPU seconds are too high by a quarter to a half.")


def say(text):
    print(text, file=sys.stderr, flush=True)


def read_options():
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="events of a drain (1,000,000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each kind, of which the median counts (3)")
    parser.add_argument("--seconds", type=int, default=20, help="length of a latency run (20)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="worker threads (one a core)")
    parser.add_argument("--quick", action="store_true", help="100,000 events and one run, to see that it works")
    parser.add_argument("--only", choices=["straight", "feeder", "shipped", "latency"], help="one kind alone")
    parser.add_argument("--fan-out", type=int, nargs="?", const=1_000_000, metavar="CUSTOMERS",
                        help="a fan-out to so many customers (1,000,000), and nothing else; takes minutes")
    parser.add_argument("--build", type=pathlib.Path, default=BUILD, help="where the programs are (build/release)")
    parser.add_argument("--perf", type=pathlib.Path, help="record profiles of the first drain's processes here")
    parser.add_argument("--out", type=pathlib.Path, help="write the report here too; in a file with two lines "
                        f"{MARK} between these")
    options = parser.parse_args()
    if options.quick:
        options.events, options.runs, options.seconds = min(options.events, 100_000), 1, min(options.seconds, 5)
    return options


def policies(machine):
    """The shipped policy, but live: as shipped it is in shadow."""
    live = machine.directory / "shipped-live.yaml"
    live.write_text(SHIPPED_POLICY.read_text().replace("mode: shadow", "mode: live", 1))
    return {"straight": BENCH_POLICY, "feeder": BENCH_POLICY, "shipped": live}


def run_drains(machine, options, kind, policy):
    """All runs of one kind, and the bytes in Redis after the last."""
    found, sizes = [], None
    for number in range(options.runs):
        installation = Installation(machine, f"{kind}-{number}", policy, options.workers)
        try:
            installation.fill(options.events, straight=kind != "feeder")
            floor = drain.floor(machine, installation) if kind != "feeder" else (0.0, 0.0)
            result = drain.measure(machine, installation, options.events,
                                   perf=options.perf if number == 0 and kind == "straight" else None)
            result.floor_rate, result.floor_cpu = floor
            found.append(result)
            text = f"{kind} {number + 1}/{options.runs}: {result.rate:,.0f} events/s in {result.seconds:.1f} s"
            say(text + (f", the floor {floor[0]:,.0f}" if floor[0] else "") + f"; load {os.getloadavg()[0]:.1f}")
            if number == options.runs - 1:
                sizes = drain.bytes_by_group(machine)
            warn(installation)
        finally:
            installation.remove()
    return found, sizes


def run_latencies(machine, options, kind):
    found = []
    for number in range(options.runs):
        installation = Installation(machine, f"latency-{kind}-{number}", BENCH_POLICY, options.workers)
        try:
            result = latency.measure(machine, installation, kind == "straight", options.seconds)
            found.append(result)
            say(f"latency {kind} {number + 1}/{options.runs}: p50 {result['p50']:.1f} ms, p99 {result['p99']:.1f} ms, "
                f"max {result['max']:.1f} ms of {result['count']} triggers; Kafka had half of the events after "
                f"{result['acknowledged']:.1f} ms; sender at most {result['behind']:.1f} ms late; load "
                f"{os.getloadavg()[0]:.1f}")
            warn(installation)
        finally:
            installation.remove()
    return found


def run_fan_out(machine, options):
    installation = Installation(machine, "fan-out", FAN_OUT_POLICY, options.workers)
    try:
        result = fan_out.measure(machine, installation, options.fan_out)
        warn(installation)
        return result
    finally:
        installation.remove()


def warn(installation):
    words = installation.stop()
    if words.strip():
        say(f"loyald said:\n{words}")


def median(found, name):
    return statistics.median(getattr(one, name) if hasattr(one, name) else one[name] for one in found)


# ---- the report
def report_drains(drains, floors):
    floor_rate, floor_cpu = floors
    lines = ["| | events/s | of the floor | loyald CPU s/million | Redis | broker | loyald RSS MiB | Redis MiB | triggers ‰ "
             "| decisions ‰ |", "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    names = {"straight": "straight from the home log", "feeder": "through a feeder",
             "shipped": "straight, the shipped policy (live)"}
    for kind, (found, _) in drains.items():
        rate = median(found, "rate")
        lines.append(f"| {names[kind]} | {rate:,.0f} | {share(rate, floor_rate)} | {median(found, 'loyald_cpu'):.2f} | "
                     f"{median(found, 'redis_cpu'):.2f} | {median(found, 'broker_cpu'):.2f} | "
                     f"{median(found, 'rss_mib'):.0f} | {median(found, 'redis_mib'):.0f} | "
                     f"{median(found, 'triggers'):.0f} | {median(found, 'decisions'):.0f} |")
    if floor_rate:
        lines.append(f"| the floor: librdkafka and cJSON alone | {floor_rate:,.0f} | 100 % | {floor_cpu:.2f} | | | | | | |")
    return lines


def share(rate, floor_rate):
    return f"{rate / floor_rate * 100:.0f} %" if floor_rate else ""


def spread(drains):
    parts = [f"{kind} {', '.join(f'{one.rate:,.0f}' for one in found)}" for kind, (found, _) in drains.items()]
    return f"Single runs, events/s: {'; '.join(parts)}."


def report_latencies(latencies):
    lines = ["| event to visible trigger, 2,000 events/s | p50 ms | p99 ms | max ms | of p50: until Kafka has the event | triggers |",
             "|---|--:|--:|--:|--:|--:|"]
    names = {"straight": "straight", "feeder": "through a feeder"}
    for kind, found in latencies.items():
        lines.append(f"| {names[kind]} | {median(found, 'p50'):.1f} | {median(found, 'p99'):.1f} | "
                     f"{median(found, 'max'):.1f} | {median(found, 'acknowledged'):.1f} | "
                     f"{median(found, 'count'):,.0f} |")
    return lines


def report_sizes(kind, sizes):
    lines = [f"| bytes per customer ({kind}; {sizes['fields']:.1f} fields, {sizes['tables'] * 100:.1f} % not compact) | |",
             "|---|--:|"]
    lines += [f"| {group} | {size:,.0f} |" for group, size in sizes["groups"].items()]
    return lines + [f"| **all** | **{sum(sizes['groups'].values()):,.0f}** |"]


def write_report(path, text):
    old = path.read_text().split(MARK) if path.exists() else []
    path.write_text(f"{old[0]}{MARK}\n{text}{MARK}{old[2]}" if len(old) == 3 else text)


def main():
    options = read_options()
    load = os.getloadavg()
    began = time.monotonic()
    if options.perf:
        options.perf.mkdir(parents=True, exist_ok=True)
    drains, latencies = {}, {}
    with Machine(options.build) as machine:
        about = describe(machine)
        say(about)
        if options.fan_out:
            lines = [f"{datetime.date.today()}: {about}. {options.workers} workers, {HOMES} homes, load before the start "
                     f"{load[0]:.2f}.", "", *([NOT_QUIET, ""] if load[0] > QUIET_LOAD else []),
                     *fan_out.report(run_fan_out(machine, options))]
            print("\n".join(lines))
            return
        warm = Installation(machine, "warm", BENCH_POLICY, options.workers)
        warm.fill(options.events, straight=True)
        drain.measure(machine, warm, options.events)
        warm.remove()  # most of the broker's code is compiled by now
        for kind, policy in policies(machine).items():
            if options.only in (None, kind):
                drains[kind] = run_drains(machine, options, kind, policy)
        for kind in ("straight", "feeder"):
            if options.only in (None, "latency"):
                latencies[kind] = run_latencies(machine, options, kind)
    measured = [one for found, _ in drains.values() for one in found if one.floor_rate]
    floors = (median(measured, "floor_rate"), median(measured, "floor_cpu")) if measured else (0.0, 0.0)
    lines = [f"{datetime.date.today()}: {about}. {options.workers} workers, {HOMES} homes, load before the start "
             f"{load[0]:.2f}.", "",
             *([NOT_QUIET, ""] if load[0] > QUIET_LOAD else []),
             f"Medians of {options.runs} run(s) with {options.events:,} events each."]
    if drains:
        lines += ["", *report_drains(drains, floors), "", spread(drains)]
    if latencies:
        lines += ["", *report_latencies(latencies)]
    for kind, (_, sizes) in drains.items():
        if kind != "feeder":
            lines += ["", *report_sizes(kind, sizes)]
    if options.only is None:
        asked = subprocess.run([options.build / "bench_policy"], check=True, capture_output=True, text=True)
        lines += ["", *asked.stdout.splitlines()]
    text = "\n".join(lines) + "\n"
    print(text)
    if options.out:
        write_report(options.out, text)
    say(f"done in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
