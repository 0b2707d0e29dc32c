/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/home_command.h"

#include "common/clock.h"
#include "consumers/ctl/standing.h"

#include <string.h>
#include <time.h>

#define ANSWER_MS  5000   /* for the owner to take the command */
#define REBUILD_MS 600000 /* a rebuild clears the home before it says so */
#define STATE_MS   10000  /* then for the state that comes of it */
#define POLL_MS    50

static bool wait_taken(struct ctl *ctl, const struct home_target *target, int64_t wait_ms, bool *ret_taken);
static bool wait_state(struct ctl *ctl, const struct home_target *target, struct standing *ret_standing);
static int withdraw(struct ctl *ctl, const struct home_target *target, struct slice old_status);
static bool read_note_field(struct ctl *ctl, const char *note, struct slice field, struct slice *ret_value);
static bool note_set(struct ctl *ctl, const char *note, struct slice field, struct slice value);
static bool note_unset(struct ctl *ctl, const char *note, struct slice field);

/* The old state is taken away first, so that the next one to stand there is the one that came of it. */
int home_command(struct ctl *ctl, const struct home_target *target, const char *word)
{
    bool taken = false;
    struct slice old_status = {0};
    struct standing before = {0}, standing = {0};
    if (!standing_read_owner(ctl, target->topic, target->partition, &before) ||
        !read_note_field(ctl, "status", target->field, &old_status) ||
        !note_unset(ctl, "status", target->field) ||
        !note_set(ctl, "commands", target->field, slice_of(word)) ||
        !wait_taken(ctl, target, ANSWER_MS, &taken)) {
        return CTL_FAILED;
    }
    bool may_last = before.owner_lives && strcmp(word, "rebuild") == 0;
    if (!taken && may_last && !wait_taken(ctl, target, REBUILD_MS, &taken)) {
        return CTL_FAILED;
    }
    if (!taken) {
        return withdraw(ctl, target, old_status);
    }
    if (!wait_state(ctl, target, &standing)) {
        return CTL_FAILED;
    }
    if (standing.state.data == NULL) {
        return ctl_fail("%s: the owner has taken it up and is not done yet; see loyalctl homes", word);
    }
    buf_printf(&ctl->out, "%s: %.*s is %.*s (%.*s)\n", word, SLICE_ARG(target->field),
               SLICE_ARG(standing.state), SLICE_ARG(standing.owner));
    if (slice_is(standing.state, "parked")) {
        return ctl_fail("still parked: %.*s", SLICE_ARG(standing.why));
    }
    return CTL_DONE;
}

/* The owner takes the field away when it has done what it says. */
static bool wait_taken(struct ctl *ctl, const struct home_target *target, int64_t wait_ms, bool *ret_taken)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    int64_t until_us = clock_monotonic_us() + 1000 * wait_ms;
    *ret_taken = false;
    while (!*ret_taken && clock_monotonic_us() < until_us) {
        struct slice value = {0};
        (void)nanosleep(&pause, NULL);
        if (!read_note_field(ctl, "commands", target->field, &value)) {
            return false;
        }
        *ret_taken = value.data == NULL;
    }
    return true;
}

/* state absent: nothing was said in time. The owner says ready when the partition has gone on, not before. */
static bool wait_state(struct ctl *ctl, const struct home_target *target, struct standing *ret_standing)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    int64_t until_us = clock_monotonic_us() + STATE_MS * 1000LL;
    struct slice value = {0};
    while (value.data == NULL && clock_monotonic_us() < until_us) {
        (void)nanosleep(&pause, NULL);
        if (!read_note_field(ctl, "status", target->field, &value)) {
            return false;
        }
    }
    return value.data == NULL || standing_read_owner(ctl, target->topic, target->partition, ret_standing);
}

/* A command that waits for an owner of some other day could surprise: it is taken back. */
static int withdraw(struct ctl *ctl, const struct home_target *target, struct slice old_status)
{
    struct slice new_status = {0};
    if (!note_unset(ctl, "commands", target->field) ||
        !read_note_field(ctl, "status", target->field, &new_status)) {
        return CTL_FAILED;
    }
    if (new_status.data == NULL && old_status.data != NULL) {
        (void)note_set(ctl, "status", target->field, old_status);
    }
    return ctl_fail(
        "nobody answers for %.*s, and the command was taken back: is loyald running? see loyalctl homes",
        SLICE_ARG(target->field));
}

/* ---- notes */

static bool read_note_field(struct ctl *ctl, const char *note, struct slice field, struct slice *ret_value)
{
    struct hash hash = {0};
    if (!ctl_note(ctl, note, &hash)) {
        return false;
    }
    *ret_value = hash_value(&hash, field);
    return true;
}

static bool note_set(struct ctl *ctl, const char *note, struct slice field, struct slice value)
{
    struct field change = {.name = field, .value = value};
    enum status status = store_note_set(ctl->store, note, &change, 1);
    if (status != STATUS_OK) {
        ctl_fail_redis(ctl, status, ctl->store->error);
    }
    return status == STATUS_OK;
}

static bool note_unset(struct ctl *ctl, const char *note, struct slice field)
{
    enum status status = store_note_unset(ctl->store, note, &field, 1);
    if (status != STATUS_OK) {
        ctl_fail_redis(ctl, status, ctl->store->error);
    }
    return status == STATUS_OK;
}
