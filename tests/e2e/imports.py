#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An import: the events' own times are the clock. A launch is through before later events follow it, and an end of time
lets happen what was planned until then, be it the shop's or an operator's.

    imports.py [--only SCENE ...]
"""

import datetime
import json
import sys
import xml.etree.ElementTree

from harness import HOME_LOG, OUTPUTS, ROOT
from processes import program, run, wait_until
from scenes import Place, expect, good, play, read_topic

HOMES = 4
DATA = ROOT / "tests" / "data"
FEBRUARY_MS, MARCH_MS = 854_755_200_000, 857_174_400_000  # 1997


def main():
    return play(__doc__, lambda: Place(homes=HOMES, workers=2, policy=DATA / "policy-import.yaml"), [
        nothing_folded_has_no_end, a_launch_is_through_before_what_follows,
        one_customers_records_are_found_among_all, why_a_customer_got_what_is_explained, an_operator_ends_an_import,
        a_backtest_of_the_policy_in_force_gives_what_was, what_is_no_import_has_no_end, nothing_was_lost,
    ])  # fmt: skip


def replay(system, first, last, *arguments):
    """The shop's customers of these days. What Kafka took is for the checker."""
    path = system.directory / f"acknowledged-{first}.jsonl"
    run([program("loyald-shop"), "--replay", DATA / "cdnow.txt.gz", "--from", first, "--to", last, "--to", "home-log",
         "--config", system.daemon.config, "--acknowledged", path, "--progress", "off", *arguments])  # fmt: skip
    system.acknowledged.append(path)


def controls(record):
    return [value.split()[0] for name, value in record[5] or () if name == "loyald-control"]


def instant_ms(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def ends(system):
    """The times of all ends, ascending: a reader meets the homes in any order."""
    return sorted(json.loads(record[4])["time"] for record in read_topic(system, HOME_LOG)
                  if controls(record) == [b"end"])


def due_until(system, ms):
    return sum(system.redis.client.zcount(f"loyald:{{{home}}}:timers", "-inf", ms) for home in range(HOMES))


def refused(system, sentence, *arguments):
    before = ends(system)
    status, text = system.loyalctl("policy", "end-import", *arguments)
    expect(status != 0 and sentence in text, text)
    expect(ends(system) == before, "it was appended all the same")


def nothing_folded_has_no_end(system):
    system.run()
    system.wait_folded()
    refused(system, "no event has been folded yet")


def a_launch_is_through_before_what_follows(system):
    replay(system, "1997-01-01", "1997-01-10", "--end-of-time")
    system.wait_folded()
    logs = {home: [] for home in range(HOMES)}
    for record in read_topic(system, HOME_LOG):
        logs[record[0]].append((controls(record), json.loads(record[4])))
    for home, log in logs.items():
        newest_ms, heard, chunks = 0, 0, 0
        for kinds, body in log:
            if kinds in ([b"broadcast"], [b"chunk"]):
                heard += kinds == [b"broadcast"]
                chunks += kinds == [b"chunk"]
                expect(newest_ms <= body["time"], f"home {home}: {body['product']} comes behind later events")
            elif not kinds:
                newest_ms = max(newest_ms, instant_ms(body["time"]))
        expect(heard == 10 and chunks > 10, f"home {home}: {heard} launches, {chunks} chunks: this is no test")


def one_customers_records_are_found_among_all(system):
    """However far back, in whatever mode they are read; and nobody else's."""
    for command in "triggers", "decisions":
        by_customer = {}
        for record in read_topic(system, f"loyalty.{command}"):
            body = json.loads(record[4])
            by_customer.setdefault(body["subject"], []).append(body["id"])
        expect(len(by_customer) > 100, f"{len(by_customer)} customers in {command}: this is no test")
        customer, ids = min(by_customer.items(), key=lambda each: (-len(each[1]), each[0]))
        for mode in ("--from-beginning",), ("-n", "100"):
            lines = system.ctl(command, "--customer", customer, "--json", *mode).splitlines()
            expect([json.loads(line)["id"] for line in lines] == ids, f"{command} of {customer} {mode}: {lines}")
        newest = system.ctl(command, "--customer", customer, "--json", "-n", "1").splitlines()
        expect([json.loads(line)["id"] for line in newest] == ids[-1:], f"{command} of {customer}: {newest}")
        expect(system.ctl(command, "--customer", "nobody") == "none yet\n", "somebody else's")


def why_a_customer_got_what_is_explained(system):
    """What was decided, what the gate says now and which guard, and what comes next."""
    records = [json.loads(record[4]) for topic in ("loyalty.triggers", "loyalty.decisions")
               for record in read_topic(system, topic)]
    refused = [record for record in records if record["data"]["reason"] == "no_consent"
               and record["data"]["follow_up"] == "new-product-alert"]
    expect(len(refused) > 10, f"{len(refused)} were refused: this is no test")
    customer = refused[0]["subject"]
    own = [record for record in records if record["subject"] == customer]
    text = system.ctl("explain", customer)
    for name in {record["data"]["follow_up"] for record in own}:
        count = sum(record["data"]["follow_up"] == name for record in own)
        part = text.split(f"\n{name}  (")[1].split("\n\n")[0]
        expect(f"decided ({min(count, 5)} of {count})" in part, f"{count} of {name}: {part}")
    alert = text.split("\nnew-product-alert  (")[1].split("\n\n")[0]
    expect("refuses  no_consent" in alert and "(for marketing)" in alert and "ok       not_before" in alert, alert)
    expect("frozen" not in alert, f"a guard is asked behind one that refuses: {alert}")
    thanks = system.ctl("explain", customer, "thank-you")
    expect("new-product-alert" not in thanks and "it would go out by email, push, sms" in thanks
           and "next: with the next purchase" in thanks, thanks)
    status, why = system.loyalctl("explain", customer, "thank-yu")
    expect(status == 1 and "did you mean thank-you?" in why, why)
    status, why = system.loyalctl("explain", "nobody")
    expect(status == 1 and "nothing is known" in why, why)
    granted = next(record for record in records if record["data"]["follow_up"] == "new-product-alert"
                   and record["type"] == "loyalty.follow_up.triggered.v1")["subject"]
    greeting = system.ctl("explain", granted, "birthday-greeting")
    expect("next, if nothing happens meanwhile" in greeting and " 09:00 (in " in greeting and " sent " in greeting, greeting)


def an_operator_ends_an_import(system):
    replay(system, "1997-02-01", "1997-02-03")
    system.wait_folded()
    refused(system, "an end before that ends nothing", "--at", "1997-01-31T00:00:00Z")
    refused(system, "an end in the future", "--at", "2099-01-01T00:00:00Z")
    refused(system, "--at must be an instant", "--at", "yesterday")
    expect(due_until(system, FEBRUARY_MS + 4 * 86_400_000) > 0, "nothing is planned: this is no test")
    before = ends(system)
    text = system.ctl("policy", "end-import")
    expect("the import ends at 1997-02-" in text and f"all {HOMES} homes" in text, text)
    found = ends(system)
    expect(len(found) == len(before) + HOMES, f"{found}")
    end = max(found)
    system.wait_folded()
    wait_until("all that was planned until then is decided", lambda: due_until(system, end) == 0, 30)
    system.ctl("policy", "end-import", "--at", "1997-03-01T00:00:00Z")
    system.wait_folded()
    wait_until("and until March", lambda: due_until(system, MARCH_MS) == 0, 30)


def a_backtest_of_the_policy_in_force_gives_what_was(system):
    """By week, follow-up and reason; and another policy something else. Nothing is written anywhere."""
    before = system.positions(), [len(read_topic(system, topic)) for topic in (HOME_LOG, *OUTPUTS)]
    csv, svg = system.directory / "backtest.csv", system.directory / "backtest.svg"
    until = "--to", "1997-03-01T00:00:00Z"
    text = system.ctl("backtest", "--policy", DATA / "policy-import.yaml", *until, "--csv", csv, "--svg", svg, "--weeks")
    head, *rows = [line.split(",") for line in csv.read_text().splitlines()]
    expect(head == ["week", "follow_up", "outcome", "reason", "would", "was"], f"{head}")
    wrong = [row for row in rows if row[4] != row[5]]
    expect(not wrong, f"it would not be what was: {wrong}")
    kinds = {(row[1], row[3]) for row in rows}
    expect(len(rows) > 40 and ("birthday-greeting", "no_consent") in kinds and ("new-product-alert", "") in kinds, f"{rows}")
    expect("WAS WITHHELD" in text and " events of " in text, text)
    picture = xml.etree.ElementTree.parse(svg).getroot()
    expect(picture.tag.endswith("svg") and "was sent, all together" in "".join(picture.itertext()), "no picture")

    other = system.ctl("backtest", "--policy", DATA / "policy-live.yaml", *until)
    sent = next(line.split() for line in other.splitlines() if line.startswith("complaint-sla-breached"))
    expect(int(sent[2]) > int(sent[3]) > 0, f"another policy would do the same: {other}")
    after = system.positions(), [len(read_topic(system, topic)) for topic in (HOME_LOG, *OUTPUTS)]
    expect(before == after, f"{before} became {after}")


def what_is_no_import_has_no_end(system):
    expect(system.daemon.end() == 0, "it did not end well")
    good(system)
    system.run()
    system.ctl("policy", "activate", "--yes", ROOT / "tests" / "data" / "policy-live.yaml")
    system.wait_folded()
    refused(system, "imports nothing: the policy in force there does not have clock: event")


def nothing_was_lost(system):
    system.drain()
    good(system)


if __name__ == "__main__":
    sys.exit(main())
