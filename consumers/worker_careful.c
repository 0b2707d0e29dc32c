/* SPDX-License-Identifier: MIT */
/* Against a record that ends every process that folds it. Each start is noted in Redis (note `worker:NAME`),
 * and the first progress takes the note back. After two starts without progress a worker takes one record at
 * a time and stores its offset first (note `suspect:NAME`): a third end leaves it there, and the next start
 * names that offset in the note `poison`, at which every owner parks. */
#include "consumers/worker_private.h"

#include "common/log.h"

#include <stdio.h>

#define UNCLEAN_MAX 2

static enum status note_start(struct worker *worker, int64_t starts);
static const char *note_name(struct worker *worker, const char *kind);
static enum status accuse(struct worker *worker, const struct hash *suspects);

enum status careful_start(struct worker *worker)
{
    struct arena *arena = arena_create(4096);
    struct hash hash = {0}, suspects = {0};
    int64_t starts = 0;
    enum status status = store_note_get(worker->store, note_name(worker, "worker"), arena, &hash);
    for (size_t i = 0; status == STATUS_OK && i < hash.field_count; i++) {
        if (slice_is(hash.fields[i].name, "starts")) {
            (void)parse_int(hash.fields[i].value, &starts);
        }
    }
    if (status == STATUS_OK) {
        status = store_note_get(worker->store, note_name(worker, "suspect"), arena, &suspects);
    }
    if (status == STATUS_OK && suspects.field_count > 0) {
        status = accuse(worker, &suspects);
        starts = 0;
    }
    if (status == STATUS_OK) {
        status = note_start(worker, starts + 1);
    }
    if (status == STATUS_OK && starts >= UNCLEAN_MAX) {
        worker->careful = true;
        worker->careful_left = (size_t)worker->options.settings->batch_events;
        log_warn("the last two processes ended without progress: folding one record at a time", "%s", "");
    }
    worker->start_noted = status == STATUS_OK;
    arena_destroy(arena);
    return status;
}

enum status careful_before(struct worker *worker, const struct record *record)
{
    if (!worker->careful) {
        return STATUS_OK;
    }
    char name[300], value[32];
    snprintf(name, sizeof name, "%s/%d", settings_input_name(worker->options.settings, (size_t)record->topic),
             record->partition);
    snprintf(value, sizeof value, "%lld", (long long)record->offset);
    struct field field = {.name = slice_of(name), .value = slice_of(value)};
    return store_note_set(worker->store, note_name(worker, "suspect"), &field, 1);
}

void careful_progress(struct worker *worker, size_t records)
{
    if (worker->careful) {
        for (size_t i = 0; i < records; i++) {
            char name[300];
            const struct record *record = &worker->records[i];
            snprintf(name, sizeof name, "%s/%d",
                     settings_input_name(worker->options.settings, (size_t)record->topic), record->partition);
            struct slice field = slice_of(name);
            (void)!store_note_unset(worker->store, note_name(worker, "suspect"), &field, 1);
        }
        worker->careful_left -= records < worker->careful_left ? records : worker->careful_left;
        worker->careful = worker->careful_left > 0;
    }
    if (!worker->progress_noted && !worker->careful) {
        worker->progress_noted = note_start(worker, 0) == STATUS_OK;
    }
}

void careful_clean_end(struct worker *worker)
{
    (void)!note_start(worker, 0);
}

/* The operator has looked: the record may be tried again. */
void careful_forgive(struct worker *worker, struct charge *charge)
{
    char name[300];
    snprintf(name, sizeof name, "%s/%d",
             settings_input_name(worker->options.settings, (size_t)charge->partition.topic),
             charge->partition.number);
    struct slice field = slice_of(name);
    charge->poison = OFFSET_NONE;
    (void)!store_note_unset(worker->store, "poison", &field, 1);
}

static enum status note_start(struct worker *worker, int64_t starts)
{
    char value[32];
    snprintf(value, sizeof value, "%lld", (long long)starts);
    struct field field = {.name = SLICE("starts"), .value = slice_of(value)};
    return store_note_set(worker->store, note_name(worker, "worker"), &field, 1);
}

static const char *note_name(struct worker *worker, const char *kind)
{
    buf_reset(&worker->scratch);
    buf_printf(&worker->scratch, "%s:%s", kind, worker->options.name);
    buf_char(&worker->scratch, '\0');
    return worker->scratch.data;
}

/* Whatever was being folded when the careful process ended. */
static enum status accuse(struct worker *worker, const struct hash *suspects)
{
    enum status status = store_note_set(worker->store, "poison", suspects->fields, suspects->field_count);
    for (size_t i = 0; status == STATUS_OK && i < suspects->field_count; i++) {
        log_warn("three processes in a row ended at the same record; its partition will be parked there",
                 " partition=%.*s offset=%.*s", SLICE_ARG(suspects->fields[i].name),
                 SLICE_ARG(suspects->fields[i].value));
        status = store_note_unset(worker->store, note_name(worker, "suspect"), &suspects->fields[i].name, 1);
    }
    return status;
}
