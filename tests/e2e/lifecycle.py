#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How a process of loyald begins and ends: its options, its settings, its name, its signals.

    lifecycle.py [--only SCENE ...]
"""

import json
import signal
import subprocess
import sys
import time

from harness import POLICY
from processes import environment, program, start
from scenes import Place, expect, flowing, good, play
from smoke import POLICIES

SHUTDOWN_MS = 3000
WRONG_SETTINGS = """\
process:
  wrokers: 3
topics:
  homes: -2
kafka:
  bootstrap.servers: 127.0.0.1:9
  group.id: mine
"""


def main():
    return play(__doc__, lambda: Place(homes=4, workers=2, settings={"shutdown": {"timeout": SHUTDOWN_MS}}), [
        options_that_start_nothing, wrong_settings_are_said_all_at_once, a_wrong_policy_is_said_all_at_once,
        sigterm_under_load_ends_in_order, a_second_process_of_the_name_ends, a_killed_process_is_followed_after_its_lease,
        sigterm_ends_though_kafka_hangs, a_second_sigterm_ends_at_once, another_policy_file_is_a_warning,
        an_old_policy_is_found_and_put_in_force_again, nothing_was_lost,
    ])  # fmt: skip


def loyald(*arguments):
    """(exit status, standard output, standard error)"""
    done = subprocess.run(
        [program("loyald"), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
        env=environment(),
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def options_that_start_nothing(system):
    seen = connections(system)
    config = system.daemon.config
    status, out, err = loyald("--version")
    expect(status == 0 and out.startswith("loyald ") and out.count("\n") == 1 and not err, out + err)
    status, out, err = loyald("--config", config, "--check")
    expect((status, out, err) == (0, "settings are fine\n", ""), out + err)
    status, out, err = loyald("--config", system.variant("checked", policy={"file": str(POLICY)}), "--check")
    expect((status, out, err) == (0, "settings and policy are fine\n", ""), out + err)

    secret = system.variant("secret", kafka={"sasl.password": "hush", "sasl.username": "me"})
    status, out, err = loyald("--config", secret, "--print-settings")
    expect(status == 0 and "hush" not in out + err and "sasl.password" in out, "a secret is shown, or left out: " + out)
    expect("me" in out and f"timeout: {SHUTDOWN_MS}" in out, "a setting is not shown: " + out)

    for wrong in (["--no-such-option"], ["--config"], ["superfluous"], ["--config", config, "superfluous"]):
        status, out, err = loyald(*wrong)
        expect(status == 2 and not out and err.count("\n") == 1, f"{wrong}: {status} {out}{err}")
    status, out, err = loyald("--config", system.directory / "not-there.yaml")
    expect(status == 2 and "not-there.yaml" in err and err.count("\n") == 1, err)
    expect(connections(system) == seen, "somebody has talked to Redis")


def wrong_settings_are_said_all_at_once(system):
    path = system.directory / "wrong.yaml"
    path.write_text(WRONG_SETTINGS)
    for more in ([], ["--check"], ["--print-settings"]):
        status, out, err = loyald("--config", path, *more)
        places = [line.split(": ")[0] for line in err.splitlines()]
        wanted = [f"{path}:2:3", f"{path}:4:10", f"{path}:7:13"]
        expect(status == 2 and not out and places == wanted, f"{more}: {status} {out}{err}")


def a_wrong_policy_is_said_all_at_once(system):
    policy = system.directory / "wrong-policy.yaml"
    text = POLICY.read_text().replace("mode: live", "mode: alive").replace("class: task", "class: tusk")
    policy.write_text(text)
    lines = [str(number) for number, line in enumerate(text.splitlines(), 1) if "alive" in line or "tusk" in line]
    config = system.variant("wrong-policy-settings", policy={"file": str(policy)})
    seen = connections(system)
    for more in ([], ["--check"]):
        status, out, err = loyald("--config", config, *more)
        places = {tuple(line.split(":")[:2]) for line in err.splitlines()}
        expect(status == 2 and not out and places >= {(str(policy), line) for line in lines}, f"{status} {out}{err}")
    expect(connections(system) == seen, "something was started")


def sigterm_under_load_ends_in_order(system):
    system.run()
    with flowing(system):
        for _ in range(3):
            before = sum(system.positions())
            system.wait_grown({home: system.position(home) for home in range(system.homes)})
            begun = time.monotonic()
            status = system.daemon.end()
            took = time.monotonic() - begun
            expect(status == 0 and took < 5, f"it ended with {status} after {took:.1f} s")
            folded, sent = system.positions(), system.committed("loyalty.events", system.homes)
            expect(folded == sent and sum(folded) > before, f"S {folded}, C {sent}")
            expect(not system.log.counts("ERROR"), str(system.log.counts("ERROR")))
            system.run()


def a_second_process_of_the_name_ends(system):
    twin = start([program("loyald"), "--config", system.variant(system.daemon.name + "-twin",
                 process={"name": system.daemon.name})], log=system.directory / "twin.log")  # fmt: skip
    begun = time.monotonic()
    status = twin.wait(20)
    took = time.monotonic() - begun
    text = (system.directory / "twin.log").read_text()
    wanted = f'another process runs under the name \\"{system.daemon.name}\\"; give each its own process.name'
    expect(status == 1 and took < 4, f"it ended with {status} after {took:.1f} s: {text}")
    expect(wanted in text or wanted.replace("\\", "") in text, text)
    expect(system.daemon.is_running() and system.answer()[0] == 200, "the first one does not go on")
    with flowing(system):
        system.wait_grown({home: system.position(home) for home in range(system.homes)})


def a_killed_process_is_followed_after_its_lease(system):
    with flowing(system):
        system.wait_grown({home: system.position(home) for home in range(system.homes)})
        system.daemon.kill()
        system.log.mark()
        begun = time.monotonic()
        system.daemon.start()
        system.log.wait("loyald runs")
        took = time.monotonic() - begun
        expect(1.9 < took < 5, f"it has taken the name over after {took:.1f} s")
        system.wait_ready()
        system.wait_grown({home: system.position(home) for home in range(system.homes)})


def sigterm_ends_though_kafka_hangs(system):
    with flowing(system):
        system.wait_grown({home: system.position(home) for home in range(system.homes)})
        system.broker.command("pause")
        try:
            begun = time.monotonic()
            status = system.daemon.end()
            took = time.monotonic() - begun
        finally:
            system.broker.command("resume")
        expect(status == 0 and took < SHUTDOWN_MS / 1000 + 1, f"it ended with {status} after {took:.1f} s")
        if took > SHUTDOWN_MS / 1000 - 0.5:
            expect(system.log.lines("the drain takes too long"), "it has not said that the drain takes too long")
        system.run()


def a_second_sigterm_ends_at_once(system):
    with flowing(system):
        system.wait_grown({home: system.position(home) for home in range(system.homes)})
        system.log.mark()
        system.broker.command("pause")
        try:
            system.daemon.process.send_signal(signal.SIGTERM)
            system.log.wait("draining")
            begun = time.monotonic()
            system.daemon.process.send_signal(signal.SIGTERM)
            status = system.daemon.process.wait(20)
            took = time.monotonic() - begun
        finally:
            system.broker.command("resume")
        expect(status == 0 and took < 0.5, f"it ended with {status} after {took:.1f} s")
        expect(system.log.lines("a second signal"), "it has not said so")
        system.run()


def another_policy_file_is_a_warning(system):
    sentence = "the policy in force is another than the file's"
    for file, warned in ((POLICIES / "narrow.yaml", True), (POLICY, False)):
        expect(system.daemon.end() == 0, "it did not end well")
        system.settings["policy"] = {"file": str(file)}
        system.write_config(system.daemon)
        system.run()
        found = system.log.lines("WARN", sentence)
        expect(1 <= len(found) <= system.workers if warned else not found, f"{file}: {found}")


def an_old_policy_is_found_and_put_in_force_again(system):
    """All that ever was in force stands in the log: it is listed, shown, compared, and activated again."""
    if not system.daemon.is_running():
        system.run()
    first = versions(system)[-1]
    expect("only one policy" in system.loyalctl("policy", "diff")[1], "there is something to compare")
    system.ctl("policy", "activate", "--yes", POLICIES / "narrow.yaml")
    second = versions(system)[-1]
    expect(versions(system) == [first, second] and first != second, f"{versions(system)}")
    lines = system.ctl("policy", "history").splitlines()
    expect(len(lines) == 3 and second in lines[2] and lines[2].endswith("in force"), f"{lines}")

    text = system.ctl("policy", "show", first[:6], "--text")
    expect(text == POLICY.read_text(), "it is another text")
    expect(first in system.ctl("policy", "show", first), "it is another policy")
    status, why = system.loyalctl("policy", "show", "ffffffff")
    expect(status == 1 and "policy history" in why, why)
    changed = system.ctl("policy", "diff")
    expect(changed.startswith(f"from {first} to {second}\n") and "freeze" in changed and "1h -> 20s" in changed, changed)
    expect(system.ctl("policy", "diff", second, first[:8]).count("20s -> 1h") == 1, "not the other way round")
    expect("they say the same" in system.ctl("policy", "diff", POLICIES / "narrow.yaml"), "the file is what is in force")

    old = system.directory / "old.yaml"
    old.write_text(text)
    system.ctl("policy", "activate", "--yes", old)
    expect(versions(system) == [first, second, first], f"{versions(system)}")
    system.wait_folded()


def versions(system):
    return [json.loads(line)["version"] for line in system.ctl("policy", "history", "--json").splitlines()]


def nothing_was_lost(system):
    system.drain()
    verdict = good(system)
    expect(verdict.seen["triggers"] > 100, "this was no test: too little has happened")


def connections(system):
    return system.redis.client.info("stats")["total_connections_received"]


if __name__ == "__main__":
    sys.exit(main())
