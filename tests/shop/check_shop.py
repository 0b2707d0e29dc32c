# SPDX-License-Identifier: MIT
"""Holds what loyald-shop writes against the published figures of its data set, and against itself.

    check_shop.py LOYALD_SHOP SOURCE_DIR
"""

import collections
import datetime
import gzip
import hashlib
import json
import pathlib
import subprocess
import sys
import unittest
import zoneinfo

SHOP, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
CDNOW = str(SOURCE / "tests/data/cdnow.txt.gz")
PURCHASE = "loyalty.purchase.completed.v1"


def shop(*arguments, good=True):
    done = subprocess.run([SHOP, *arguments], capture_output=True, timeout=100)
    if good and done.returncode != 0:
        raise AssertionError(f"{arguments} ended with {done.returncode}: {done.stderr.decode()}")
    return done


def printed(*arguments):
    return shop(*arguments, "--print", "--progress", "off").stdout


def records(*arguments):
    return [json.loads(line) for line in printed(*arguments).splitlines()]


def digest(*arguments):
    return hashlib.sha256(printed(*arguments)).hexdigest()


def names(events):
    return {(event["source"], event["id"]) for event in events}


class Replay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.records = records("--replay", CDNOW, "--to", "home-log")
        cls.events = [record["event"] for record in cls.records]
        cls.purchases = [event for event in cls.events if event["type"] == PURCHASE]

    def test_it_gives_the_published_totals_to_the_cent(self):
        self.assertEqual(69659, len(self.purchases))
        self.assertEqual(23570, len({event["subject"] for event in self.purchases}))
        self.assertEqual(250031563, sum(event["data"]["net_minor"] for event in self.purchases))
        self.assertEqual(167881, sum(int(event["data"]["lines"][0]["quantity"]) for event in self.purchases))
        self.assertEqual(80, sum(event["data"]["net_minor"] == 0 for event in self.purchases))
        self.assertEqual(69659, len({event["data"]["order_id"] for event in self.purchases}))

    def test_nothing_is_taken_back_unless_it_is_asked_for(self):
        types = collections.Counter(event["type"] for event in self.events)
        self.assertEqual(0, types["loyalty.purchase.cancelled.v1"] + types["loyalty.purchase.refunded.v1"])
        self.assertEqual(10, types["loyalty.product.launched.v1"])
        asked = collections.Counter(record["event"]["type"] for record in records(
            "--replay", CDNOW, "--refunds", "5", "--to", "1997-03-31"))
        self.assertGreater(asked["loyalty.purchase.cancelled.v1"], 100)
        self.assertGreater(asked["loyalty.purchase.refunded.v1"], 100)

    def test_time_ascends_strictly(self):
        times = [event["time"] for event in self.events]
        self.assertTrue(all(one < next for one, next in zip(times, times[1:])))

    def test_every_event_has_a_name_of_its_own(self):
        self.assertEqual(len(self.events), len(names(self.events)))

    def test_a_profile_comes_before_anything_else_of_its_customer(self):
        known = set()
        for event in self.events:
            if event["type"] == "loyalty.product.launched.v1":
                continue
            if event["subject"] not in known:
                self.assertEqual("loyalty.profile.changed.v1", event["type"])
                known.add(event["subject"])

    def test_the_customers_local_day_is_the_files(self):
        zones = {event["subject"]: zoneinfo.ZoneInfo(event["data"]["zone"]) for event in self.events
                 if event["type"] == "loyalty.profile.changed.v1" and "zone" in event["data"]}
        self.assertGreater(len(zones), 5000)
        wanted = collections.Counter()
        with gzip.open(CDNOW, "rt") as file:
            for line in file:
                customer, day = line.split()[:2]
                if customer in zones:
                    wanted[customer, day] += 1
        seen = collections.Counter()
        for event in self.purchases:
            if event["subject"] in zones:
                time = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
                seen[event["subject"], time.astimezone(zones[event["subject"]]).strftime("%Y%m%d")] += 1
        self.assertEqual(wanted, seen)

    def test_a_complaint_opens_before_it_goes_on(self):
        opened, stages = set(), 0
        for event in self.events:
            if event["type"] == "loyalty.complaint.opened.v1":
                opened.add(event["data"]["complaint_id"])
            elif ".complaint." in event["type"]:
                self.assertIn(event["data"]["complaint_id"], opened)
                stages += 1
        self.assertGreater(len(opened), 69659 * 2 // 100)
        self.assertGreater(stages, len(opened))

    def test_some_were_born_on_a_leap_day(self):
        births = [event["data"].get("birth_date") for event in self.events
                  if event["type"] == "loyalty.profile.changed.v1"]
        self.assertGreater(sum(1 for birth in births if birth and (birth["month"], birth["day"]) == (2, 29)), 50)
        self.assertGreater(sum(1 for birth in births if birth and "year" not in birth), 1000)
        self.assertGreater(births.count(None), 1000)

    def test_days_bound_it(self):
        some = [record["event"] for record in records("--replay", CDNOW, "--from", "1997-06-01", "--to", "1997-06-02")]
        with gzip.open(CDNOW, "rt") as file:
            wanted = sum(line.split()[1] in ("19970601", "19970602") for line in file)
        self.assertEqual(wanted, sum(event["type"] == PURCHASE for event in some))


class Bytes(unittest.TestCase):
    def test_the_same_seed_gives_the_same_bytes_and_another_does_not(self):
        for arguments in (["--replay", CDNOW, "--to", "1997-04-30"],
                          ["--made-up", "20000", "--duplicates", "3", "--late", "2", "--malformed", "1"],
                          ["--bench", "20000"]):
            with self.subTest(arguments[0]):
                self.assertEqual(digest(*arguments, "--seed", "7"), digest(*arguments, "--seed", "7"))
                self.assertNotEqual(digest(*arguments, "--seed", "7"), digest(*arguments, "--seed", "8"))

    def test_the_benchmarks_events_are_alike(self):
        types = collections.Counter()
        for line in printed("--bench", "20000").splitlines():
            body = line[line.index(b'"event":') + len(b'"event":'):-1]
            self.assertEqual(430, len(body))
            types[json.loads(body)["type"].split(".")[1]] += 1
        self.assertAlmostEqual(0.80, types["purchase"] / 20000, delta=0.02)
        self.assertAlmostEqual(0.15, types["visit"] / 20000, delta=0.02)
        self.assertAlmostEqual(0.05, types["complaint"] / 20000, delta=0.02)


class Faults(unittest.TestCase):
    def test_faults_lose_no_event(self):
        made_up = ["--made-up", "20000", "--customers", "500"]
        good = [record["event"] for record in records(*made_up)]
        faulty = records(*made_up, "--duplicates", "5", "--late", "3", "--malformed", "2")
        events = [record["event"] for record in faulty if "event" in record]
        self.assertEqual(20000, len(good))
        self.assertEqual(names(good), names(events))
        self.assertAlmostEqual(0.05, (len(events) - 20000) / 20000, delta=0.01)
        self.assertAlmostEqual(0.02, (len(faulty) - len(events)) / 20000, delta=0.01)
        latest, late = "", 0
        for event in events:
            late += event["time"] < latest
            latest = max(latest, event["time"])
        self.assertGreater(late, 20000 * 2 // 100)

    def test_broken_events_are_broken(self):
        for record in records("--made-up", "5000", "--malformed", "50"):
            if "hex" not in record:
                continue
            try:
                event = json.loads(bytes.fromhex(record["hex"]).decode("utf-8"))
                whole = event["specversion"] == "1.0" and "type" in event and event["time"][0] == "2"
            except (ValueError, KeyError):
                whole = False
            self.assertFalse(whole, record)

    def test_feeders_get_their_own_events(self):
        topics = collections.defaultdict(set)
        for record in records("--made-up", "5000"):
            topics[record["topic"]].add(record["event"]["type"].split(".")[1])
        self.assertEqual({"loyalty.purchases": {"purchase"}, "loyalty.visits": {"visit"},
                          "loyalty.complaints": {"complaint"}, "loyalty.profiles": {"profile", "consent"},
                          "loyalty.products": {"product"}}, dict(topics))


class CommandLine(unittest.TestCase):
    def test_a_mistake_is_one_line_and_exit_status_2(self):
        for arguments in ([], ["--made-up", "x"], ["--made-up", "0"], ["--nothing"], ["--made-up"], ["more"],
                          ["--replay", "/nowhere"], ["--replay", CDNOW, "--to", "1996-01-01"],
                          ["--made-up", "5", "--from", "1997-02-29"], ["--made-up", "5", "--to", "nowhere"],
                          ["--made-up", "5", "--late", "101"], ["--made-up", "5", "--late", "1.23456"],
                          ["--made-up", "5", "--bench"], ["--made-up", "5", "--print", "--end-of-time"],
                          ["--made-up", "5", "--end-of-time"], ["--replay", str(SOURCE / "LICENSE")],
                          ["--made-up", "5", "--progress", "maybe"]):
            with self.subTest(arguments):
                done = shop(*arguments, good=False)
                self.assertEqual(2, done.returncode)
                self.assertEqual(b"", done.stdout)
                self.assertEqual(1, done.stderr.count(b"\n"), done.stderr)
                self.assertTrue(done.stderr.startswith(b"loyald-shop: "), done.stderr)

    def test_help_and_version_go_to_standard_output(self):
        self.assertIn(b"--hold-back", shop("--help").stdout)
        self.assertTrue(shop("--version").stdout.startswith(b"loyald-shop "))

    def test_a_reader_that_goes_away_ends_it_with_status_1(self):
        with subprocess.Popen([SHOP, "--made-up", "1000000", "--print", "--progress", "off"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdout.readline()
            process.stdout.close()
            self.assertIn(b"standard output cannot be written", process.stderr.read())
        self.assertEqual(1, process.returncode)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
