/* SPDX-License-Identifier: MIT */
/* Headers by name, and the home of a key. */
#include "common/record.h"

#include <assert.h>
#include <strings.h>

static uint32_t murmur2(const unsigned char *data, size_t len);

struct slice record_header(const struct record *record, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = record->header_count; i-- > 0;) {
        const struct header *header = &record->headers[i];
        if (header->name.len == len && strncasecmp(header->name.data, name, len) == 0) {
            return header->value;
        }
    }
    return (struct slice){0};
}

int32_t partition_of(struct slice key, int32_t partitions)
{
    assert(partitions > 0);
    return (int32_t)(murmur2((const unsigned char *)key.data, key.len) & 0x7fffffff) % partitions;
}

/* org.apache.kafka.common.utils.Utils.murmur2: Austin Appleby's MurmurHash2 with Kafka's seed. */
static uint32_t murmur2(const unsigned char *data, size_t len)
{
    const uint32_t m = 0x5bd1e995;
    uint32_t h = 0x9747b28c ^ (uint32_t)len;
    for (; len >= 4; data += 4, len -= 4) {
        uint32_t k =
            (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
        k *= m;
        k ^= k >> 24;
        k *= m;
        h = h * m ^ k;
    }
    if (len > 0) {
        h ^= len > 2 ? (uint32_t)data[2] << 16 : 0;
        h ^= len > 1 ? (uint32_t)data[1] << 8 : 0;
        h = (h ^ data[0]) * m;
    }
    h = (h ^ h >> 13) * m;
    return h ^ h >> 15;
}
