# SPDX-License-Identifier: MIT
"""The home of a key: Kafka's Java partitioner, murmur2 of the key modulo the number of homes."""

known = {}


def home_of(key, homes):
    number = known.get(key)
    if number is None:
        number = known[key] = murmur2(key) & 0x7FFFFFFF
    return number % homes


def murmur2(data):
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    length = len(data)
    h = 0x9747B28C ^ length
    whole = length & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    if length > whole:
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15
