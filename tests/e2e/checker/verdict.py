# SPDX-License-Identifier: MIT
"""What the checker has found: four counts, the first sentences of each, and one line that sums them up."""

KINDS = ("lost", "doubled", "different", "unexplained")


class Verdict:
    def __init__(self, sentences_per_kind=5):
        self.counts = dict.fromkeys(KINDS, 0)
        self.sentences = {kind: [] for kind in KINDS}
        self.limit = sentences_per_kind
        self.seen = {}  # what was looked at: events, customers, triggers, decisions

    def add(self, kind, sentence):
        self.counts[kind] += 1
        if len(self.sentences[kind]) < self.limit:
            self.sentences[kind].append(sentence)

    @property
    def is_good(self):
        return not any(self.counts.values())

    def line(self):
        found = ", ".join(f"{self.counts[kind]:,} {kind}" for kind in KINDS)
        seen = ", ".join(f"{count:,} {what}" for what, count in self.seen.items())
        return f"{found} ({seen})"

    def report(self):
        """The line, and below it the first findings of each kind."""
        lines = [self.line()]
        for kind in KINDS:
            for sentence in self.sentences[kind]:
                lines.append(f"  {kind}: {sentence}")
            more = self.counts[kind] - len(self.sentences[kind])
            if more > 0:
                lines.append(f"  {kind}: ... and {more:,} more")
        return "\n".join(lines)


def short(value, limit=300):
    """A value for a sentence: readable and not endless."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
