# SPDX-License-Identifier: MIT
"""A recording: everything that the checker looks at, as JSON lines, so that a run can be judged again, and tampered
with. Bytes that are no UTF-8 stand as {"b64": ...}.

    {"meta": {"home_log": ..., "feeders": [...], "homes": 8, "prefix": "loyald", "erasure_key": ...}}
    {"topic": ..., "p": 0, "o": 17, "t": 1700000000000, "k": key, "v": value, "h": [[name, value], ...]}
    {"redis": key, "hash": {...}} or {"redis": key, "ranks": {member: score}}
    {"acknowledged": {"topic": ..., "partition": 0, "offset": 17, "key": ..., "source": ..., "id": ..., "subject": ...}}
"""

import base64
import json


def to_text(raw):
    if raw is None:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(raw).decode()}


def to_bytes(text):
    if text is None:
        return None
    return base64.b64decode(text["b64"]) if isinstance(text, dict) else text.encode()


def lines_of(source):
    """Every line of a recording of a source (live.Live, or a Recording)."""
    yield {"meta": source.meta}
    meta = source.meta
    for topic in (*meta["feeders"], meta["home_log"], meta["triggers"], meta["decisions"], meta["dead_letters"]):
        for partition, offset, time, key, value, headers in source.records(topic):
            yield {
                "topic": topic, "p": partition, "o": offset, "t": time, "k": to_text(key), "v": to_text(value),
                "h": [[name, to_text(each)] for name, each in headers or ()],
            }  # fmt: skip
    for key, kind, content in source.redis():
        yield {"redis": key, kind: content}
    for each in source.acknowledged():
        yield {"acknowledged": each}


class Recording:
    """A source made of such lines."""

    def __init__(self, lines):
        self.lines = list(lines)
        self.meta = next(line["meta"] for line in self.lines if "meta" in line)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls(json.loads(line) for line in file)

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            for line in self.lines:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def records(self, topic):
        for line in self.lines:
            if line.get("topic") == topic:
                headers = [(name, to_bytes(value)) for name, value in line["h"]] or None
                yield line["p"], line["o"], line["t"], to_bytes(line["k"]), to_bytes(line["v"]), headers

    def redis(self):
        for line in self.lines:
            if "redis" in line:
                kind = "hash" if "hash" in line else "ranks"
                yield line["redis"], kind, line[kind]

    def acknowledged(self):
        for line in self.lines:
            if "acknowledged" in line:
                yield line["acknowledged"]
