/* SPDX-License-Identifier: MIT */
#include "consumers/installation.h"

#include "common/digest.h"

#include <stdio.h>

#define INSTALLATION_FORMAT "1"

static struct slice value_of(const struct hash *hash, const char *name);
static enum status write_first(struct store *store, const struct settings *settings, int32_t homes,
                               const char *cluster_id, struct installation *ret_installation);
static enum status write_note(struct store *store, const struct settings *settings,
                              const struct installation *installation);
static void make_erasure_key(const struct settings *settings, char ret[65]);
static enum status differs(char *ret_why, const char *what, struct slice kept, const char *found);

enum status installation_read(struct store *store, const struct settings *settings,
                              struct installation *ret_installation)
{
    struct arena *arena = arena_create(4096);
    struct hash note = {0};
    enum status status = store_note_get(store, "installation", arena, &note);
    if (status == STATUS_OK) {
        int64_t homes = 0;
        (void)parse_int(value_of(&note, "homes"), &homes);
        *ret_installation = (struct installation){.homes = (int32_t)homes};
        make_erasure_key(settings, ret_installation->erasure_key);
        snprintf(ret_installation->cluster_id, sizeof ret_installation->cluster_id, "%.*s",
                 SLICE_ARG(value_of(&note, "cluster")));
    }
    arena_destroy(arena);
    return status;
}

enum status installation_settle(struct store *store, const struct settings *settings, int32_t homes,
                                const char *cluster_id, char *ret_why, struct installation *ret_installation)
{
    struct arena *arena = arena_create(4096);
    struct hash note = {0};
    char found[32];
    snprintf(found, sizeof found, "%d", homes);
    enum status status = store_note_get(store, "installation", arena, &note);
    if (status != STATUS_OK) {
        snprintf(ret_why, 256, "%s", store->error);
    } else if (note.field_count == 0) {
        status = write_first(store, settings, homes, cluster_id, ret_installation);
        snprintf(ret_why, 256, "%s", store->error);
    } else if (!slice_is(value_of(&note, "format"), INSTALLATION_FORMAT)) {
        status = differs(ret_why, "a format", value_of(&note, "format"), INSTALLATION_FORMAT);
    } else if (!slice_is(value_of(&note, "topic"), settings->topics_home_log)) {
        status = differs(ret_why, "the home log", value_of(&note, "topic"), settings->topics_home_log);
    } else if (!slice_is(value_of(&note, "homes"), found)) {
        snprintf(ret_why, 256,
                 "the home log %.60s has %s partitions, but had %.*s when Redis was first used with it: the "
                 "number is for good; begin anew, with a redis.prefix of its own",
                 settings->topics_home_log, found, SLICE_ARG(value_of(&note, "homes")));
        status = STATUS_FATAL;
    } else if (!slice_is(value_of(&note, "cluster"), cluster_id)) {
        status = differs(ret_why, "the Kafka cluster", value_of(&note, "cluster"), cluster_id);
    } else {
        status = installation_read(store, settings, ret_installation);
    }
    arena_destroy(arena);
    return status;
}

enum status installation_keep(struct store *store, const struct settings *settings,
                              const struct installation *installation)
{
    struct arena *arena = arena_create(4096);
    struct hash note = {0};
    enum status status = store_note_get(store, "installation", arena, &note);
    if (status == STATUS_OK && note.field_count == 0) {
        status = write_note(store, settings, installation);
    }
    arena_destroy(arena);
    return status;
}

static enum status write_first(struct store *store, const struct settings *settings, int32_t homes,
                               const char *cluster_id, struct installation *ret_installation)
{
    *ret_installation = (struct installation){.homes = homes};
    make_erasure_key(settings, ret_installation->erasure_key);
    snprintf(ret_installation->cluster_id, sizeof ret_installation->cluster_id, "%s", cluster_id);
    return write_note(store, settings, ret_installation);
}

static enum status write_note(struct store *store, const struct settings *settings,
                              const struct installation *installation)
{
    char number[32];
    snprintf(number, sizeof number, "%d", installation->homes);
    struct field fields[] = {
        {SLICE("format"),  SLICE(INSTALLATION_FORMAT)         },
        {SLICE("topic"),   slice_of(settings->topics_home_log)},
        {SLICE("homes"),   slice_of(number)                   },
        {SLICE("cluster"), slice_of(installation->cluster_id) }
    };
    return store_note_set(store, "installation", fields, sizeof fields / sizeof *fields);
}

static struct slice value_of(const struct hash *hash, const char *name)
{
    for (size_t i = 0; i < hash->field_count; i++) {
        if (slice_is(hash->fields[i].name, name)) {
            return hash->fields[i].value;
        }
    }
    return SLICE("");
}

static enum status differs(char *ret_why, const char *what, struct slice kept, const char *found)
{
    snprintf(ret_why, 256,
             "under this prefix Redis keeps another installation: it has %s %.*s, here it is %s; set "
             "redis.prefix to one of its own, or connect to what belongs together",
             what, SLICE_ARG(kept), found);
    return STATUS_FATAL;
}

static void make_erasure_key(const struct settings *settings, char ret[65])
{
    struct buf identity = {0};
    buf_printf(&identity, "%s/%s", settings->redis_prefix, settings->topics_home_log);
    digest_sha256_hex(buf_view(&identity), ret);
    buf_done(&identity);
}
