#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A long fan-out is paused, outlives its process, goes on and ends; another is cancelled; a third has places for a few
only. Then the checker's verdict: what an operator says is in the log, so that a second fold comes to the same."""

import json
import sys
import time

from harness import HOME_LOG, System
from odd_events import STRUCTURED, instant, send
from processes import wait_until

HOMES, CUSTOMERS, PLACES = 4, 1500, 100
POLICY = f"""
policy: 1
mode: live
limits: {{fan_out_chunk: 1}}
follow_ups:
  back: {{on: product.restocked, class: transactional, channels: [email]}}
  party: {{on: product.repriced, class: transactional, channels: [email], capacity: {PLACES}}}
  thank-you: {{on: purchase.completed, class: transactional, channels: [email]}}
"""


class Script:
    """Events to be sent, in order."""

    def __init__(self):
        self.made, self.number = [], 0

    def add(self, kind, subject, data):
        self.number += 1
        event_id = f"fan-out-{self.number}"
        body = {"specversion": "1.0", "id": event_id, "source": "/shop", "type": f"loyalty.{kind}.v1",
                "subject": subject, "time": instant(int(time.time() * 1000)), "data": data}  # fmt: skip
        told = {"key": subject, "source": "/shop", "id": event_id, "subject": subject}
        self.made.append((HOME_LOG, None, subject.encode(), json.dumps(body).encode(), STRUCTURED, told))

    def make(self):
        return self.made.pop(0)


def main():
    script = Script()
    with System(homes=HOMES) as system:
        policy = system.directory / "fan-outs.yaml"
        policy.write_text(POLICY)
        path = system.directory / "fan-outs.jsonl"
        system.acknowledged.append(path)
        system.ctl("policy", "activate", policy)
        system.daemons[0].start()

        def tell(kind, subject, data):
            script.add(kind, subject, data)
            send(system.broker.bootstrap, path, script, len(script.made))

        def fan_outs():
            """By id: the lines of the homes."""
            found = {}
            for line in system.ctl("fan-outs", "--json").splitlines():
                each = json.loads(line)
                found.setdefault(each["fan_out"], []).append(each)
            return found

        def newest():
            return max(fan_outs(), key=lambda each: int(each.split("-")[1]), default=None)

        def reached(name):
            return sum(each["reached"] for each in fan_outs()[name])

        def wait_state(name, state, seconds=120):
            def is_so():
                return [each["state"] for each in fan_outs().get(name, ())] == [state] * HOMES

            wait_until(f"fan-out {name} is {state} in all homes", is_so, seconds, 0.2)

        for number in range(CUSTOMERS):
            for kind in ("restocked", "repriced"):
                data = {"product_id": "P1", "kind": kind, "state": "subscribed"}
                script.add("subscription.changed", f"C{number}", data)
        tell("purchase.completed", "C0", {"order_id": "A1", "currency": "EUR", "net_minor": 5})
        wait_until("all have subscribed", lambda: system.is_drained(), 60, 0.2)

        tell("product.restocked", "P1", {})
        wait_until("the fan-out is there", lambda: len(fan_outs().get(newest(), ())) == HOMES, 30, 0.05)
        first = newest()
        system.ctl("fan-out", first, "pause")
        wait_state(first, "paused")
        wait_until("its last chunk is folded", system.is_drained, 30, 0.2)
        stood = reached(first)
        if not 0 < stood < CUSTOMERS:
            print(f"this was no test: it has reached {stood} of {CUSTOMERS}")
            return 1
        system.daemons[0].kill()
        system.daemons[0].forget_lease()
        system.daemons[0].start()
        tell("purchase.completed", "C1", {"order_id": "A2", "currency": "EUR", "net_minor": 5})
        wait_until("the next process works", system.is_drained, 60, 0.2)
        assert reached(first) == stood, "it went on though it was paused"
        print(system.ctl("fan-outs"))
        system.ctl("fan-out", first, "resume")
        wait_state(first, "done")
        assert reached(first) == CUSTOMERS, f"it has reached {reached(first)}"

        tell("product.repriced", "P1", {"currency": "EUR", "old_minor": 500, "new_minor": 400})
        wait_until("the next one is there", lambda: newest() != first, 30, 0.05)
        second = newest()
        wait_state(second, "done")
        sent = sum(
            int(system.redis.client.hget(f"loyald:{{{home}}}:totals", "triggers:party") or 0) for home in range(HOMES)
        )
        assert sent == PLACES, f"{sent} of {PLACES} places were given"

        for number in range(CUSTOMERS):  # the first restock has served them
            script.add("subscription.changed", f"C{number}", {"product_id": "P1", "kind": "restocked",
                                                               "state": "subscribed"})  # fmt: skip
        tell("product.restocked", "P1", {})
        wait_until("the last one is there", lambda: newest() not in (first, second), 60, 0.05)
        third = newest()
        wait_until("it is in all homes", lambda: len(fan_outs()[third]) == HOMES, 30, 0.05)
        system.ctl("fan-out", third, "cancel")
        wait_state(third, "cancelled")
        if reached(third) >= CUSTOMERS:
            print("this was no test: it was cancelled when it had ended")
            return 1

        system.drain(60)
        verdict = system.verdict()
        print(verdict.report())
        system.keep = not verdict.is_good
        return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
