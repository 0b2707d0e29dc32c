/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/ctl.h"

#include "common/mem.h"
#include "common/store_redis.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARENA_BLOCK_BYTES 65536
#define ANSWER_BYTES      64

static enum status open_store(struct ctl *ctl, char *ret_why);
static bool wants_colour(void);
static void say(const char *format, va_list values) __attribute__((format(printf, 1, 0)));

void ctl_init(struct ctl *ctl, struct settings *settings)
{
    *ctl = (struct ctl){
        .settings = settings, .arena = arena_create(ARENA_BLOCK_BYTES), .colour = wants_colour()};
}

void ctl_done(struct ctl *ctl)
{
    ctl_flush(ctl);
    store_close(ctl->store);
    kafka_admin_close(ctl->admin);
    arena_destroy(ctl->arena);
    buf_done(&ctl->out);
}

void ctl_flush(struct ctl *ctl)
{
    struct slice text = buf_view(&ctl->out);
    (void)fwrite(text.data, 1, text.len, stdout);
    (void)fflush(stdout);
    buf_reset(&ctl->out);
}

int ctl_fail(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    say(format, values);
    va_end(values);
    return CTL_FAILED;
}

int ctl_wrong(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    say(format, values);
    va_end(values);
    return CTL_WRONG_USE;
}

int ctl_fail_kafka(const struct ctl *ctl, enum status status, const char *why)
{
    if (status == STATUS_AWAY) {
        return ctl_fail(
            "Kafka at %s cannot be reached: %s; is it running? see kafka: bootstrap.servers in loyald.yaml",
            settings_kafka_servers(ctl->settings), why);
    }
    return ctl_fail("Kafka at %s: %s", settings_kafka_servers(ctl->settings), why);
}

/* The store names the server itself where it could not be reached. */
int ctl_fail_redis(const struct ctl *ctl, enum status status, const char *why)
{
    const char *address = ctl->settings->redis_address;
    bool named = strncmp(why, "Redis at ", strlen("Redis at ")) == 0;
    return ctl_fail("%s%s%s%s%s", named ? "" : "Redis at ", named ? "" : address, named ? "" : ": ", why,
                    status == STATUS_AWAY ? "; is it running? see redis: address in loyald.yaml" : "");
}

bool ctl_store(struct ctl *ctl)
{
    char why[256] = "";
    enum status status = open_store(ctl, why);
    if (status != STATUS_OK) {
        ctl_fail_redis(ctl, status, why);
    }
    return status == STATUS_OK;
}

bool ctl_store_if_there(struct ctl *ctl)
{
    char why[256] = "";
    return open_store(ctl, why) == STATUS_OK &&
           installation_read(ctl->store, ctl->settings, &ctl->installation) == STATUS_OK &&
           ctl->installation.homes > 0;
}

bool ctl_admin(struct ctl *ctl)
{
    char why[256] = "";
    if (ctl->admin != NULL) {
        return true;
    }
    enum status status = kafka_admin_open(ctl->settings, why, &ctl->admin);
    if (status != STATUS_OK) {
        ctl_fail("%s; see kafka: in loyald.yaml", why);
    }
    return status == STATUS_OK;
}

bool ctl_installed(struct ctl *ctl)
{
    if (ctl->installation.homes > 0) {
        return true;
    }
    if (!ctl_store(ctl)) {
        return false;
    }
    enum status status = installation_read(ctl->store, ctl->settings, &ctl->installation);
    if (status != STATUS_OK) {
        ctl_fail_redis(ctl, status, ctl->store->error);
        return false;
    }
    if (ctl->installation.homes <= 0) {
        ctl_fail(
            "Redis at %s keeps no installation under the prefix \"%s\" yet: start loyald, which makes it, or "
            "see redis: address, database and prefix in loyald.yaml",
            ctl->settings->redis_address, ctl->settings->redis_prefix);
        return false;
    }
    return true;
}

bool ctl_hash(struct ctl *ctl, int32_t home, const char *key, struct hash *ret_hash, int64_t *ret_position)
{
    struct read read = {.kind = READ_HASH, .key = slice_of(key)};
    int64_t position = 0;
    if (!ctl_store(ctl)) {
        return false;
    }
    enum status status = store_read(ctl->store, home, &read, 1, ctl->arena, &position);
    if (status != STATUS_OK) {
        ctl_fail_redis(ctl, status, ctl->store->error);
        return false;
    }
    *ret_hash = read.ret_hash;
    if (ret_position != NULL) {
        *ret_position = position;
    }
    return true;
}

bool ctl_note(struct ctl *ctl, const char *name, struct hash *ret_hash)
{
    if (!ctl_store(ctl)) {
        return false;
    }
    enum status status = store_note_get(ctl->store, name, ctl->arena, ret_hash);
    if (status != STATUS_OK) {
        ctl_fail_redis(ctl, status, ctl->store->error);
    }
    return status == STATUS_OK;
}

struct slice hash_value(const struct hash *hash, struct slice name)
{
    for (size_t i = 0; i < hash->field_count; i++) {
        if (slice_equal(hash->fields[i].name, name)) {
            return hash->fields[i].value;
        }
    }
    return (struct slice){.data = NULL};
}

int64_t hash_number(const struct hash *hash, const char *name)
{
    int64_t number = 0;
    struct slice value = hash_value(hash, slice_of(name));
    (void)(value.data != NULL && parse_int(value, &number));
    return number;
}

bool ctl_policy(struct ctl *ctl, int32_t home, struct policy **ret_policy)
{
    struct hash hash = {0};
    char why[256] = "";
    if (!ctl_hash(ctl, home, "policy", &hash, NULL)) {
        return false;
    }
    struct slice body = hash_value(&hash, SLICE("text"));
    *ret_policy = NULL;
    if (body.data != NULL && policy_record_read(body, why, ret_policy) != POLICY_OK) {
        ctl_fail(
            "the policy that home %d has in Redis cannot be read by this loyalctl: %s; use the loyalctl that "
            "belongs to your loyald",
            (int)home, why);
        return false;
    }
    return true;
}

struct slice ctl_partition_name(struct ctl *ctl, const char *topic, int32_t partition)
{
    return arena_printf(ctl->arena, "%s/%d", topic, (int)partition);
}

void ctl_styled(struct ctl *ctl, enum ctl_style style, const char *text)
{
    static const char *const codes[] = {[STYLE_PLAIN] = "",
                                        [STYLE_BOLD] = "\033[1m",
                                        [STYLE_GOOD] = "\033[32m",
                                        [STYLE_BAD] = "\033[31m",
                                        [STYLE_FAINT] = "\033[2m"};
    bool styled = ctl->colour && style != STYLE_PLAIN;
    buf_printf(&ctl->out, "%s%s%s", styled ? codes[style] : "", text, styled ? "\033[0m" : "");
}

int ctl_confirm(const char *question)
{
    char answer[ANSWER_BYTES] = "";
    if (!isatty(STDIN_FILENO)) {
        return ctl_wrong("%s There is no terminal to ask on: give --yes", question);
    }
    fprintf(stderr, "%s Type yes: ", question);
    bool sure = fgets(answer, sizeof answer, stdin) != NULL && strcmp(answer, "yes\n") == 0;
    if (!sure) {
        fprintf(stderr, "Nothing was done.\n");
    }
    return sure ? CTL_DONE : CTL_FAILED;
}

bool ctl_number(const char *word, const char *what, int64_t low, int64_t high, int64_t *ret_number)
{
    int64_t number = 0;
    if (!parse_int(slice_of(word), &number) || number < low || number > high) {
        ctl_wrong("%s must be a whole number from %lld to %lld, not \"%s\"", what, (long long)low,
                  (long long)high, word);
        return false;
    }
    *ret_number = number;
    return true;
}

static enum status open_store(struct ctl *ctl, char *ret_why)
{
    char warning[256] = "";
    char *password = NULL;
    const struct settings *settings = ctl->settings;
    if (ctl->store != NULL) {
        return STATUS_OK;
    }
    if (!settings_secret(settings->redis_password_file, ret_why, &password)) {
        return STATUS_FATAL;
    }
    struct store_redis_options options = {.address = settings->redis_address,
                                          .user =
                                              settings->redis_user[0] != '\0' ? settings->redis_user : NULL,
                                          .password = password,
                                          .database = (int)settings->redis_database,
                                          .prefix = settings->redis_prefix,
                                          .connect_timeout_ms = (int)settings->redis_connect_timeout,
                                          .timeout_ms = (int)settings->redis_timeout};
    enum status status = store_redis_open(&options, warning, ret_why, &ctl->store);
    mem_free(password);
    return status;
}

/* See no-color.org. */
static bool wants_colour(void)
{
    const char *off = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(STDOUT_FILENO) && (off == NULL || off[0] == '\0') &&
           !(terminal != NULL && strcmp(terminal, "dumb") == 0);
}

static void say(const char *format, va_list values)
{
    (void)fflush(stdout);
    fputs("loyalctl: ", stderr);
    (void)vfprintf(stderr, format, values);
    fputc('\n', stderr);
}
