# SPDX-License-Identifier: MIT
"""Holds docs/schemas and docs/asyncapi.yaml against what there is: the events that loyald-shop writes, judged by an
independent validator, and the tables of the program.

    check_schemas.py LOYALD_SHOP SOURCE_DIR
"""

import copy
import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import referencing
import yaml

STREAMS = {
    "replay": ["--replay", "tests/data/cdnow.txt.gz", "--to", "1997-01-05", "--refunds", "5"],
    "made up": ["--made-up", "7000", "--customers", "200", "--refunds", "10", "--news", "5"],
    "bench": ["--bench", "500"],
}
MESSAGES = {f"loyalty.message.{each}.v1" for each in (
    "sent", "delivered", "opened", "clicked", "bounced", "spam_reported", "unsubscribed", "redeemed")}  # fmt: skip
TOLD = MESSAGES | {"loyalty.task.done.v1"}  # by the sending system, which the shop is not
NOT_MADE_UP = {"loyalty.customer.erased.v1"} | TOLD
OUT = {"loyalty.follow_up.triggered.v1", "loyalty.coupon.withdrawn.v1", "loyalty.follow_up.decided.v1"}

# A good event of each type that loyald writes, and changes that the schema must refuse.
OUT_EVENT = {"specversion": "1.0", "source": "/loyald", "subject": "C1", "time": "2026-01-02T03:04:05.678Z",
             "datacontenttype": "application/json"}
OUT_DATA = {"follow_up": "thank-you", "class": "marketing", "occurrence": "O1", "customer": "C1", "home": 3,
            "offset": 12, "policy": "0123456789abcdef"}
OUT_SAMPLES = {
    "loyalty.follow_up.triggered.v1": {
        "contact_channels": ["email", "push"], "language": None, "content": "thank-you", "offer": None, "variant": None,
        "variables": {"order_id": "O1", "net_minor": 1200, "currency": "USD"}, "reason": "purchase.completed",
        "not_before": "2026-01-02T03:04:05.678Z", "expires_at": None},
    "loyalty.coupon.withdrawn.v1": {"offer": "next-purchase", "reason": "order_cancelled"},
    "loyalty.follow_up.decided.v1": {"outcome": "suppressed", "reason": "no_consent"},
}

# Where a good event is spoilt, and with what; None takes the field away.
SPOILT = {
    "loyalty.purchase.completed.v1": [("order_id", None), ("order_id", "with blank"), ("order_id", "x" * 65),
                                      ("currency", "usd"), ("net_minor", -1), ("net_minor", 1.5),
                                      ("net_minor", 2**53 + 1), ("net_minor", "12"), ("lines", {})],
    "loyalty.purchase.refunded.v1": [("refund_id", None), ("currency", "EURO")],
    "loyalty.complaint.opened.v1": [("complaint_id", None), ("severity", "huge"), ("reason", "two words")],
    "loyalty.profile.changed.v1": [("country", "us"), ("birth_date", {"month": 1, "day": 2}), ("interests", "jazz"),
                                   ("language", "e"), ("region", "Bayern")],
    "loyalty.consent.changed.v1": [("contact_channel", "fax"), ("purpose", "all"), ("state", None)],
    "loyalty.product.repriced.v1": [("currency", None), ("old_minor", -1), ("new_minor", "5")],
    "loyalty.product.recalled.v1": [("severity", "huge"), ("reference", None)],
    "loyalty.subscription.changed.v1": [("product_id", "a b"), ("kind", "recalled"), ("state", "maybe")],
    "loyalty.product.launched.v1": [("interests", []), ("name", None)],
    "loyalty.follow_up.triggered.v1": [("contact_channels", ["fax"]), ("not_before", None), ("home", -1), ("more", 1)],
    "loyalty.coupon.withdrawn.v1": [("reason", "other"), ("policy", None)],
    "loyalty.follow_up.decided.v1": [("outcome", "sent"), ("reason", "whim")],
}
SPOILT_ENVELOPES = [("specversion", "0.3"), ("id", None), ("source", ""), ("time", "yesterday"),
                    ("subject", "x" * 129), ("subject", "a\nb"), ("data_base64", "AAAA")]

problems = []


def problem(sentence):
    problems.append(sentence)
    if len(problems) < 20:
        print(sentence, file=sys.stderr)


def read_schemas(folder):
    schemas = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
    registry = referencing.Registry()
    for name, schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        resource = referencing.Resource.from_contents(schema)
        registry = registry.with_resource(f"{name}.json", resource)
    return schemas, {name: jsonschema.Draft202012Validator(schema, registry=registry)
                     for name, schema in schemas.items() if name != "common"}


def events_of(shop, arguments):
    command = [shop, *arguments, "--print", "--progress", "off"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode != 0:
        problem(f"{' '.join(command)} ended with {process.returncode}")


def check_streams(shop, validators):
    samples = {}
    count = 0
    for name, arguments in STREAMS.items():
        for record in events_of(shop, arguments):
            event = record["event"]
            count += 1
            samples.setdefault(event["type"], event)
            for error in validators[event["type"]].iter_errors(event):
                problem(f"{name}: {event['type']} {event['id']}: {error.message} at {error.json_path}")
            if record["key"] != event["subject"]:
                problem(f"{name}: {event['id']}: the key is not the subject")
    print(f"{count} events of {len(samples)} types are as their schemas say")
    return samples


def check_outputs(validators):
    samples = {}
    for name, data in OUT_SAMPLES.items():
        samples[name] = {**OUT_EVENT, "type": name, "id": "thank-you/C1/O1", "data": {**OUT_DATA, **data}}
        for error in validators[name].iter_errors(samples[name]):
            problem(f"{name}: {error.message} at {error.json_path}")
    return samples


def check_told(validators):
    """Good ones must pass, and spoilt ones must not."""
    data = {"follow_up": "thank-you", "occurrence": "O1", "contact_channel": "email"}
    samples = {}
    for name in TOLD:
        samples[name] = {**OUT_EVENT, "source": "/mailer", "type": name, "id": "1", "data": data}
        for error in validators[name].iter_errors(samples[name]):
            problem(f"{name}: {error.message} at {error.json_path}")
        SPOILT[name] = [("follow_up", None), ("follow_up", "a:b"), ("occurrence", "a b"), ("contact_channel", "fax")]
    check_refusals(validators, samples)


def check_refusals(validators, samples):
    """A schema that takes anything would pass all of the above."""
    for name, sample in samples.items():
        cases = [(None, field, value) for field, value in SPOILT_ENVELOPES]
        cases += [("data", field, value) for field, value in SPOILT.get(name, [])]
        cases.append((None, "type", "loyalty.other.v1"))
        for inside, field, value in cases:
            spoilt = copy.deepcopy(sample)
            target = spoilt[inside] if inside else spoilt
            target.pop(field, None) if value is None else target.update({field: value})
            if validators[name].is_valid(spoilt):
                problem(f"{name}: the schema takes {field} = {value!r}")


def names_in(path, macro):
    return set(re.findall(rf'^{macro}\("?([\w.]+)', path.read_text("utf-8"), re.MULTILINE))


def check_tables(source, schemas, samples):
    text = (source / "common/event.def").read_text("utf-8")
    types = set(re.findall(r'^EVENT\(\w+, "([^"]+)"', text, re.MULTILINE))
    if set(schemas) != types | OUT | {"common"}:
        problem(f"docs/schemas and common/event.def differ: {set(schemas) ^ (types | OUT | {'common'})}")
    if set(samples) != (types - NOT_MADE_UP) | OUT:
        problem(f"not seen in any stream: {types - set(samples) - NOT_MADE_UP}")
    for name, file in (("contact_channel", "contact_channel.def"),):
        in_schema = set(schemas["common"]["$defs"][name]["enum"])
        if in_schema != names_in(source / "common" / file, "CONTACT_CHANNEL"):
            problem(f"docs/schemas/common.json and common/{file} differ")
    reasons = names_in(source / "producers/gate.def", "GATE") | names_in(source / "producers/cause.def", "CAUSE")
    decided = schemas["loyalty.follow_up.decided.v1"]["properties"]["data"]["properties"]["reason"]["enum"]
    if set(decided) != reasons:
        problem(f"the reasons of decisions differ from gate.def and cause.def: {set(decided) ^ reasons}")


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def check_asyncapi(source, schemas):
    document = yaml.safe_load((source / "docs/asyncapi.yaml").read_text("utf-8"))
    named = set()
    for reference in references(document):
        file, _, pointer = reference.partition("#")
        if file:
            named.add(pathlib.PurePosixPath(file).stem)
            if not (source / "docs" / file).is_file():
                problem(f"asyncapi.yaml names {file}, which is not there")
            continue
        node = document
        for step in pointer.strip("/").split("/"):
            node = node.get(step) if isinstance(node, dict) else None
        if node is None:
            problem(f"asyncapi.yaml names {reference}, which is not there")
    if named != set(schemas) - {"common"}:
        problem(f"asyncapi.yaml and docs/schemas differ: {named ^ (set(schemas) - {'common'})}")
    topics = yaml.safe_load((source / "config/loyald.yaml").read_text("utf-8"))["topics"]
    wanted = set(topics["feeders"]) | {topics[key] for key in ("home_log", "triggers", "decisions", "dead_letters",
                                                               "skips")}
    addresses = {channel["address"] for channel in document["channels"].values()}
    if addresses != wanted:
        problem(f"the topics of asyncapi.yaml and config/loyald.yaml differ: {addresses ^ wanted}")


def main():
    shop, source = sys.argv[1], pathlib.Path(sys.argv[2])
    schemas, validators = read_schemas(source / "docs/schemas")
    for arguments in STREAMS.values():
        arguments[:] = [str(source / each) if each.startswith("tests/") else each for each in arguments]
    samples = check_streams(shop, validators)
    samples.update(check_outputs(validators))
    check_refusals(validators, samples)
    check_told(validators)
    check_tables(source, schemas, samples)
    check_asyncapi(source, schemas)
    if problems:
        sys.exit(f"{len(problems)} problems")


if __name__ == "__main__":
    main()
