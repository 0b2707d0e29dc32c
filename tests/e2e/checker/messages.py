# SPDX-License-Identifier: MIT
"""What became of messages and tasks."""

from .outcome import FOLDED
from .payload import CONTACT_CHANNELS

ANSWERS = {"message.redeemed": "redeemed", "task.done": "done"}
WITHDRAWALS = {"message.unsubscribed": "unsubscribed", "message.spam_reported": "spam_reported"}


def told(kind):
    def handle(home, customer, event):
        name, occurrence, channel = event.data
        follow_up = home.policy.follow_ups.get(name)
        if kind in ANSWERS:
            answers = customer.answers
            answers[f"{name.partition('.')[0]}:{occurrence}"] = (ANSWERS[kind], event.time)
            while len(answers) > home.policy.limits["answers"]:
                del answers[min(answers, key=lambda each: (answers[each][1], each.encode()))]
        elif kind in WITHDRAWALS:
            risk = home.policy.risk
            if follow_up is not None and risk is not None and risk.note_report(home, customer, follow_up):
                home.follow_ups.halt(home, customer, follow_up)
            needs = follow_up is not None and follow_up.needs_consent
            for each in [channel] if channel is not None else CONTACT_CHANNELS:
                for purpose in [follow_up.purpose] if needs else ("marketing", "content"):
                    withdraw(customer, each, purpose, event.time, WITHDRAWALS[kind])
        home.count(f"told:{kind}:{name if follow_up is not None else '-'}")
        return FOLDED

    return handle


def withdraw(customer, channel, purpose, time, source):
    kept = customer.consents.get((channel, purpose), ("unknown", 0))
    if time > kept[1] or (time == kept[1] and kept[0] != "withdrawn"):
        customer.consents[channel, purpose] = ("withdrawn", time, source, "-", False)


def has_answered(customer, follow_up, occurrence):
    """What keeps a follow-up with `unless: redeemed` or `unless: task.done` from the gate, or None."""
    wanted = {"redeemed": "redeemed", "task.done": "done"}.get(follow_up.unless)
    answer = customer.answers.get(f"{follow_up.name.partition('.')[0]}:{occurrence}", ("",))[0]
    if wanted is None or answer != wanted:
        return None
    return "redeemed" if wanted == "redeemed" else "task_done"
