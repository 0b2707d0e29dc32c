/* SPDX-License-Identifier: MIT */
/* Sends dead letters again, each once. How far one has come is kept as the offsets of a group without
 * members, in the transaction that sends: HOME_LOG-dead-letters-retry for all reasons, the same with -REASON
 * for one. A letter has been sent again when either has passed it. */
#include "consumers/ctl/dead_letters.h"

#include "common/mem.h"
#include "consumers/ctl/letter.h"
#include "producers/kafka_reader.h"
#include "producers/kafka_writer.h"

#include <stdio.h>

#define READ_WAIT_MS 100
#define BATCH_MOST   500 /* records in one transaction */
#define MEMBER       "dead-letters-retry"

/* How far one group has come, by partition. */
struct cursor {
    char *reason; /* NULL: all reasons */
    int64_t *offsets;
};

struct retry {
    struct ctl *ctl;
    const char *reason, *to;
    char *group; /* whose offsets move */
    struct kafka_writer *writer;
    struct kafka_reader *reader;
    size_t partition_count;
    struct cursor *cursors; /* the first: of all reasons */
    size_t cursor_count, cursor_capacity;
    int64_t *next;   /* where the group stands when the open transaction commits */
    size_t in_batch; /* sent in it */
    int64_t sent, cut, homeless;
    bool begun;
};

static char *group_of(const struct ctl *ctl, const char *reason);
static enum status open_both(struct retry *retry, char *ret_why);
static enum status run(struct retry *retry);
static enum status take(struct retry *retry, const struct record *record);
static enum status send_again(struct retry *retry, const struct record *record, const struct letter *letter);
static enum status commit(struct retry *retry);
static enum status was_sent(struct retry *retry, const struct record *record, struct slice reason,
                            bool *ret_sent);
static enum status find_cursor(struct retry *retry, const char *reason, struct cursor **ret_cursor);
static void done(struct retry *retry);
static int tell(struct retry *retry, enum status status, const char *why);

int dead_letters_retry(struct ctl *ctl, const char *reason, const char *to)
{
    char why[256] = "";
    struct retry retry = {.ctl = ctl, .reason = reason, .to = to, .group = group_of(ctl, reason)};
    enum status status = open_both(&retry, why);
    if (status == STATUS_OK) {
        status = run(&retry);
        snprintf(why, sizeof why, "%s",
                 kafka_writer_error(retry.writer)[0] != '\0' ? kafka_writer_error(retry.writer)
                                                             : kafka_reader_error(retry.reader));
    }
    int result = tell(&retry, status, why);
    done(&retry);
    return result;
}

/* The writer takes its place before anything is read: from then on no other retry can commit. */
static enum status open_both(struct retry *retry, char *ret_why)
{
    const struct settings *settings = retry->ctl->settings;
    enum status status = kafka_writer_open(settings, MEMBER, ret_why, &retry->writer);
    if (status == STATUS_OK) {
        status = kafka_writer_take_place(retry->writer, CTL_WAIT_MS);
        snprintf(ret_why, 256, "%s", kafka_writer_error(retry->writer));
    }
    if (status == STATUS_OK) {
        status =
            kafka_reader_open(settings, settings->topics_dead_letters, retry->group, ret_why, &retry->reader);
    }
    int32_t partitions = 0;
    if (status == STATUS_OK && retry->to != NULL) {
        status = kafka_writer_partitions(retry->writer, retry->to, CTL_WAIT_MS, &partitions);
        snprintf(ret_why, 256, "%s", kafka_writer_error(retry->writer));
    }
    return status;
}

static enum status run(struct retry *retry)
{
    struct log_bounds *bounds = NULL;
    struct cursor *all = NULL, *own = NULL;
    enum status status = kafka_reader_bounds(retry->reader, CTL_WAIT_MS, &bounds, &retry->partition_count);
    if (status != STATUS_OK) {
        return status;
    }
    status = find_cursor(retry, NULL, &all);
    if (status == STATUS_OK && retry->reason != NULL) {
        status = find_cursor(retry, retry->reason, &own);
    }
    int64_t *starts = mem_alloc((retry->partition_count + 1) * sizeof *starts);
    retry->next = mem_alloc((retry->partition_count + 1) * sizeof *retry->next);
    for (size_t i = 0; i < retry->partition_count && status == STATUS_OK; i++) {
        int64_t at = retry->cursors[0].offsets[i];
        if (own != NULL && retry->cursors[1].offsets[i] > at) {
            at = retry->cursors[1].offsets[i];
        }
        at = at > bounds[i].start ? at : bounds[i].start;
        starts[i] = at < bounds[i].end ? at : -1;
        retry->next[i] = -1;
    }
    if (status == STATUS_OK) {
        status = kafka_reader_start(retry->reader, starts, retry->partition_count);
    }
    while (status == STATUS_OK && !kafka_reader_at_end(retry->reader)) {
        const struct record *record = NULL;
        status = kafka_reader_next(retry->reader, READ_WAIT_MS, &record);
        /* What a retry itself makes again is for the next one, or there would be no end. */
        if (record != NULL && record->offset < bounds[record->partition].end) {
            status = take(retry, record);
        } else if (record != NULL) {
            break;
        }
    }
    if (status == STATUS_OK) {
        status = commit(retry);
    }
    mem_free(starts);
    mem_free(bounds);
    return status;
}

static enum status take(struct retry *retry, const struct record *record)
{
    struct letter letter = letter_read(record);
    bool sent = false;
    bool wanted = retry->reason == NULL || slice_is(letter.reason, retry->reason);
    enum status status = wanted ? was_sent(retry, record, letter.reason, &sent) : STATUS_OK;
    if (status == STATUS_OK && !retry->begun) {
        status = kafka_writer_begin(retry->writer);
        retry->begun = status == STATUS_OK;
    }
    if (status == STATUS_OK && wanted && !sent) {
        status = send_again(retry, record, &letter);
    }
    if (status != STATUS_OK) {
        return status;
    }
    retry->next[record->partition] = record->offset + 1;
    return retry->in_batch >= BATCH_MOST ? commit(retry) : STATUS_OK;
}

/* Bytes, key and the sender's headers. */
static enum status send_again(struct retry *retry, const struct record *record, const struct letter *letter)
{
    struct output output = {.partition = -1, .key = record->key, .value = record->value};
    if (letter->cut) {
        retry->cut++;
        return STATUS_OK;
    }
    if (letter->topic.len == 0 && retry->to == NULL) {
        retry->homeless++;
        return STATUS_OK;
    }
    struct header *headers = mem_alloc((record->header_count + 1) * sizeof *headers);
    for (size_t i = 0; i < record->header_count; i++) {
        if (!letter_header_is_ours(record->headers[i].name)) {
            headers[output.header_count++] = record->headers[i];
        }
    }
    output.headers = headers;
    char *topic = retry->to != NULL ? mem_strdup(retry->to) : mem_copy(letter->topic);
    enum status status = kafka_writer_add(retry->writer, topic, &output);
    mem_free(topic);
    mem_free(headers);
    retry->in_batch += status == STATUS_OK;
    return status;
}

static enum status commit(struct retry *retry)
{
    if (!retry->begun) {
        return STATUS_OK;
    }
    enum status status =
        kafka_writer_commit(retry->writer, retry->group, retry->ctl->settings->topics_dead_letters,
                            retry->next, retry->partition_count, CTL_WAIT_MS);
    if (status == STATUS_OK) {
        retry->sent += (int64_t)retry->in_batch;
        retry->begun = false;
        retry->in_batch = 0;
    }
    return status;
}

/* By a retry of all reasons, or of this one. */
static enum status was_sent(struct retry *retry, const struct record *record, struct slice reason,
                            bool *ret_sent)
{
    struct cursor *cursor = NULL;
    *ret_sent = record->offset < retry->cursors[0].offsets[record->partition];
    if (*ret_sent || reason.len == 0) {
        return STATUS_OK;
    }
    char *name = mem_copy(reason);
    enum status status = find_cursor(retry, name, &cursor);
    mem_free(name);
    *ret_sent = status == STATUS_OK && record->offset < cursor->offsets[record->partition];
    return status;
}

/* Asks Kafka once for each group. */
static enum status find_cursor(struct retry *retry, const char *reason, struct cursor **ret_cursor)
{
    for (size_t i = 0; i < retry->cursor_count; i++) {
        const char *name = retry->cursors[i].reason;
        if (name == reason || (name != NULL && reason != NULL && strcmp(name, reason) == 0)) {
            *ret_cursor = &retry->cursors[i];
            return STATUS_OK;
        }
    }
    char why[256];
    const struct settings *settings = retry->ctl->settings;
    struct kafka_reader *reader = NULL;
    struct cursor cursor = {.reason = reason != NULL ? mem_strdup(reason) : NULL,
                            .offsets = mem_zalloc((retry->partition_count + 1) * sizeof *cursor.offsets)};
    char *group = group_of(retry->ctl, reason);
    enum status status = kafka_reader_open(settings, settings->topics_dead_letters, group, why, &reader);
    if (status == STATUS_OK) {
        status = kafka_reader_committed(reader, cursor.offsets, retry->partition_count, CTL_WAIT_MS);
    }
    kafka_reader_close(reader);
    mem_free(group);
    MEM_GROW(retry->cursors, retry->cursor_count, retry->cursor_capacity);
    retry->cursors[retry->cursor_count] = cursor;
    *ret_cursor = &retry->cursors[retry->cursor_count++];
    return status;
}

static char *group_of(const struct ctl *ctl, const char *reason)
{
    struct buf name = {0};
    buf_printf(&name, "%s-" MEMBER "%s%s", ctl->settings->topics_home_log, reason != NULL ? "-" : "",
               reason != NULL ? reason : "");
    char *group = mem_copy(buf_view(&name));
    buf_done(&name);
    return group;
}

static void done(struct retry *retry)
{
    kafka_writer_close(retry->writer);
    kafka_reader_close(retry->reader);
    for (size_t i = 0; i < retry->cursor_count; i++) {
        mem_free(retry->cursors[i].reason);
        mem_free(retry->cursors[i].offsets);
    }
    mem_free(retry->cursors);
    mem_free(retry->next);
    mem_free(retry->group);
}

static int tell(struct retry *retry, enum status status, const char *why)
{
    struct buf *out = &retry->ctl->out;
    if (retry->sent > 0 || status == STATUS_OK) {
        buf_printf(out, "%lld sent again%s%s\n", (long long)retry->sent, retry->to != NULL ? " to " : "",
                   retry->to != NULL ? retry->to : "");
    }
    if (retry->cut > 0) {
        buf_printf(out, "%lld not, for only their beginning is kept: see loyalctl dead-letters --each\n",
                   (long long)retry->cut);
    }
    if (retry->homeless > 0) {
        buf_printf(out, "%lld not, for they do not say where they came from: give --to TOPIC\n",
                   (long long)retry->homeless);
    }
    if (status == STATUS_OK) {
        return CTL_DONE;
    }
    if (status == STATUS_FENCED) {
        return ctl_fail("another retry has begun and goes on where this one was");
    }
    if (status == STATUS_UNKNOWN) {
        return ctl_fail(
            "whether the last of them went out is not known: %s; a further retry goes on where this one "
            "ended, and sends nothing twice",
            why);
    }
    return ctl_fail_kafka(retry->ctl, status, why);
}
