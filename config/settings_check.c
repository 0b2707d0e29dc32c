/* SPDX-License-Identifier: MIT */
/* What a single value's limits cannot say: the form of names and addresses, and the rules between settings.
 */
#include "config/settings_load.h"

#include "common/log.h"

#include <ctype.h>
#include <inttypes.h>

#define TOPIC_BYTES_MAX 249 /* Kafka's own limit */

static void check_forms(struct loader *loader);
static void check_topics(struct loader *loader);
static void check_kafka(struct loader *loader);

void settings_check(struct loader *loader)
{
    check_forms(loader);
    check_topics(loader);
    check_kafka(loader);
}

/* Letters, digits, '.', '_' and '-': what Kafka allows in a topic, and what is safe in a Redis key. */
static bool is_plain_name(const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && strchr("._-", *c) == NULL) {
            return false;
        }
    }
    return true;
}

/* "host:port", the host not empty; an IPv6 address stands in brackets. */
static bool is_host_and_port(const char *address)
{
    const char *colon = strrchr(address, ':');
    int64_t port = 0;
    if (colon == NULL || colon == address || !parse_int(slice_of(colon + 1), &port) || port < 0 ||
        port > 65535) {
        return false;
    }
    bool bracketed = address[0] == '[' && colon[-1] == ']';
    return bracketed || (size_t)(colon - address) == strcspn(address, ":[] ");
}

static void check_forms(struct loader *loader)
{
    const struct settings *settings = loader->settings;
    enum log_level level = LOG_LEVEL_INFO;
    if (!log_level_parse(settings->log_level, &level)) {
        loader_problem(loader, &loader->origins[SETTING_AT_log_level],
                       "log.level must be debug, info, warn or error, not '%s'", settings->log_level);
    }
    if (!is_plain_name(settings->process_name)) {
        loader_problem(loader, &loader->origins[SETTING_AT_process_name],
                       "process.name must be made of letters, digits, '.', '_' and '-'");
    }
    if (!is_plain_name(settings->redis_prefix)) {
        loader_problem(
            loader, &loader->origins[SETTING_AT_redis_prefix],
            "redis.prefix must be made of letters, digits, '.', '_' and '-'; other characters could "
            "change the slot of a key");
    }
    if (settings->redis_address[0] != '/' && !is_host_and_port(settings->redis_address)) {
        loader_problem(loader, &loader->origins[SETTING_AT_redis_address],
                       "redis.address must be host:port, or the path of a socket that begins with '/'");
    }
    if (settings->http_address[0] != '\0' && !is_host_and_port(settings->http_address)) {
        loader_problem(loader, &loader->origins[SETTING_AT_http_address],
                       "http.address must be host:port, or \"\" for none");
    }
}

struct topic {
    const char *name;
    struct origin origin;
    const char *setting;
};

/* Where a feeder's name stands: its item, if the list is written as one. */
static struct origin feeder_origin(const struct loader *loader, size_t feeder)
{
    struct origin origin = loader->origins[SETTING_AT_topics_feeders];
    if (origin.node != NULL && origin.node->kind == YAML_SEQUENCE && feeder < origin.node->count) {
        origin.node = origin.node->first;
        for (size_t i = 0; i < feeder; i++) {
            origin.node = origin.node->next;
        }
    }
    return origin;
}

static void check_topics(struct loader *loader)
{
    const struct settings *settings = loader->settings;
    struct topic topics[5 + 32]; /* topics.feeders has at most 32 items */
    size_t count = 0;
#define TOPIC(name_)                                                                                         \
    topics[count++] = (struct topic){settings->topics_##name_, loader->origins[SETTING_AT_topics_##name_],   \
                                     "topics." #name_}
    TOPIC(home_log);
    TOPIC(triggers);
    TOPIC(decisions);
    TOPIC(dead_letters);
    TOPIC(skips);
#undef TOPIC
    for (size_t i = 0; i < settings->topics_feeders.count; i++) {
        topics[count++] =
            (struct topic){settings->topics_feeders.items[i], feeder_origin(loader, i), "topics.feeders"};
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_plain_name(topics[i].name) || strlen(topics[i].name) > TOPIC_BYTES_MAX ||
            strcmp(topics[i].name, ".") == 0 || strcmp(topics[i].name, "..") == 0) {
            loader_problem(loader, &topics[i].origin,
                           "%s: '%s' is no topic's name: letters, digits, '.', '_' and '-'",
                           topics[i].setting, topics[i].name);
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(topics[i].name, topics[j].name) == 0) {
                loader_problem(loader, &topics[i].origin,
                               "%s: '%s' is the topic of %s already; each needs its own", topics[i].setting,
                               topics[i].name, topics[j].setting);
                break;
            }
        }
    }
}

/* The property's number, or what it is when not given. False: a problem was reported. */
static bool property_ms(struct loader *loader, const char *name, int64_t otherwise, int64_t low,
                        int64_t *ret_ms)
{
    const struct property *property = loader_property(loader, name);
    int64_t ms = otherwise;
    if (property != NULL && (!parse_int(property->value, &ms) || ms < low || ms > 3600000)) {
        loader_problem(loader, &property->origin,
                       "kafka: %s must be a whole number of ms between %" PRId64 " and 3600000", name, low);
        return false;
    }
    *ret_ms = ms;
    return true;
}

static void check_kafka(struct loader *loader)
{
    const struct settings *settings = loader->settings;
    if (settings->process_embedded) {
        return; /* the embedded Kafka brings its own address and time-outs */
    }
    const struct property *servers = loader_property(loader, "bootstrap.servers");
    bool could_see = loader->file == NULL || loader->file_was_read;
    if ((servers == NULL && could_see) || (servers != NULL && servers->value.len == 0)) {
        struct origin here = servers != NULL ? servers->origin : (struct origin){.node = loader->kafka};
        loader_problem(
            loader, &here,
            "kafka: bootstrap.servers must name at least one broker as host:port; for a look without "
            "a Kafka set process.embedded to true");
    }
    int64_t session_ms = 0, transaction_ms = 0;
    bool readable = property_ms(loader, "session.timeout.ms", KAFKA_SESSION_TIMEOUT_MS, 1000, &session_ms);
    readable =
        property_ms(loader, "transaction.timeout.ms", KAFKA_TRANSACTION_TIMEOUT_MS, 1000, &transaction_ms) &&
        readable;
    if (readable && session_ms <= transaction_ms + KAFKA_SWEEP_MS) {
        const struct property *session = loader_property(loader, "session.timeout.ms");
        const struct property *transaction = loader_property(loader, "transaction.timeout.ms");
        struct origin here = session != NULL       ? session->origin
                             : transaction != NULL ? transaction->origin
                                                   : (struct origin){0};
        loader_problem(loader, &here,
                       "kafka: session.timeout.ms (%" PRId64
                       ") must be longer than transaction.timeout.ms (%" PRId64
                       ") and %d for the broker's sweep together, else a worker is replaced while its last "
                       "transaction still holds readers back",
                       session_ms, transaction_ms, KAFKA_SWEEP_MS);
    }
}
