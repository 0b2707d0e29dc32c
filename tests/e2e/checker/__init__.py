# SPDX-License-Identifier: MIT
"""An independent model of docs/contract.md, to check loyald by.

The checker knows the contract and nothing else: it reads what stands in Kafka and in Redis (or a recording of both),
folds the home log by itself, and says what is lost, doubled, different or unexplained. It shares no code with loyald,
so that one misreading is not made twice.

    PYTHONPATH=tests/e2e python3 -m checker --bootstrap 127.0.0.1:9092 --redis redis://127.0.0.1:6379

The parts, from the outside in: __main__ (command line), check (the order of things), live and recording (where the
records come from), fold (a home), orders, complaints, profiles, news, shares, followups, yearly_dates (what events do), decode,
payload and strictjson (from bytes to events), policy, yearly, lunar, hours and zones (the rules), expected, outputs, compare and verdict (what must
be and what is found).
"""
