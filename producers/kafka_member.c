/* SPDX-License-Identifier: MIT */
/* The names and defaults that a worker's consumer and producer share. */
#include "producers/kafka_member.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/mem.h"
#include "common/slice.h"
#include "producers/kafka_client.h"

#include <assert.h>

/* librdkafka's other names for what we have defaults for: a person may write either. */
static const struct {
    const char *name, *alias;
} aliases[] = {
    {"fetch.message.max.bytes", "max.partition.fetch.bytes"},
};

static bool is_in(const struct settings *settings, const char *name);
static char *join(const char *first, const char *second);

char *kafka_group_name(const struct settings *settings)
{
    return join(settings->topics_home_log, "loyald");
}

char *kafka_transactional_id(const struct settings *settings, const char *member)
{
    return join(settings->topics_home_log, member);
}

void kafka_conf_default(rd_kafka_conf_t *conf, const struct settings *settings, const char *name,
                        const char *value)
{
    bool is_set = is_in(settings, name);
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        is_set = is_set || (strcmp(name, aliases[i].name) == 0 && is_in(settings, aliases[i].alias));
    }
    if (!is_set) {
        kafka_conf_set(conf, name, value);
    }
}

int64_t kafka_conf_number(const rd_kafka_conf_t *conf, const char *name)
{
    char text[64];
    size_t size = sizeof text;
    int64_t number = 0;
    rd_kafka_conf_res_t result = rd_kafka_conf_get(conf, name, text, &size);
    assert(result == RD_KAFKA_CONF_OK);
    bool parsed = parse_int(slice_of(text), &number);
    assert(parsed);
    return number;
}

int64_t kafka_deadline_us(int64_t timeout_ms)
{
    return clock_monotonic_us() + timeout_ms * 1000;
}

int kafka_left_ms(int64_t deadline_us)
{
    int64_t left = (deadline_us - clock_monotonic_us() + 999) / 1000;
    return left > 0 ? (int)left : 0;
}

static bool is_in(const struct settings *settings, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < settings->kafka.count; i++) {
        const char *line = settings->kafka.items[i];
        if (strncmp(line, name, len) == 0 && line[len] == '=') {
            return true;
        }
    }
    return false;
}

static char *join(const char *first, const char *second)
{
    struct buf text = {0};
    buf_printf(&text, "%s-%s", first, second);
    char *joined = mem_copy(buf_view(&text));
    buf_done(&text);
    return joined;
}
