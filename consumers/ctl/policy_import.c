/* SPDX-License-Identifier: MIT */
/* loyalctl policy end-import: the end of time of an import, in which the events' own times are the clock.
 * What was planned until then fires; nothing else would let time pass behind the last event. */
#include "common/clock.h"
#include "common/cloudevent.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/policy_append.h"
#include "consumers/ctl/standing.h"
#include "consumers/ctl/when.h"

#define DAY_MS 86400000LL

const struct option_about policy_end_options[] = {
    {"at", OPTION_TEXT, "TIME", "when it ends; default: the midnight (UTC) behind the last event"},
    {NULL, OPTION_FLAG, NULL,   NULL                                                             },
};

static bool all_import(struct ctl *ctl, int64_t *ret_newest_ms);
static bool all_folded(struct ctl *ctl);
static int choose_end(const struct args *args, int64_t newest_ms, int64_t *ret_end_ms);

int policy_end_import(struct ctl *ctl, const struct args *args)
{
    int64_t newest_ms = 0, end_ms = 0;
    struct buf body = {0};
    if (!ctl_installed(ctl) || !all_import(ctl, &newest_ms) || !all_folded(ctl)) {
        return CTL_FAILED;
    }
    int result = choose_end(args, newest_ms, &end_ms);
    if (result != CTL_DONE) {
        return result;
    }
    buf_printf(&body, "{\"time\":%lld}", (long long)end_ms);
    result = policy_append_control(ctl, "end", buf_view(&body), ctl->installation.homes);
    buf_done(&body);
    if (result == CTL_DONE) {
        buf_text(&ctl->out, "the import ends at ");
        when_utc(&ctl->out, end_ms);
        buf_printf(
            &ctl->out,
            ": in the log of all %d homes; what was planned until then is decided as each folds it (see "
            "loyalctl homes). Then activate a policy with clock: append\n",
            (int)ctl->installation.homes);
    }
    return result;
}

/* Do all homes go by the events' times? *ret_newest_ms: how far the most advanced one is. */
static bool all_import(struct ctl *ctl, int64_t *ret_newest_ms)
{
    for (int32_t number = 0; number < ctl->installation.homes; number++) {
        struct policy *policy = NULL;
        struct hash home = {0};
        if (!ctl_hash(ctl, number, "home", &home, NULL) || !ctl_policy(ctl, number, &policy)) {
            return false;
        }
        bool imports = policy != NULL && policy->clock == CLOCK_EVENT;
        policy_free(policy);
        if (!imports) {
            ctl_fail("home %d imports nothing: the policy in force there does not have clock: event",
                     (int)number);
            return false;
        }
        int64_t time_ms = hash_number(&home, "time");
        *ret_newest_ms = time_ms > *ret_newest_ms ? time_ms : *ret_newest_ms;
    }
    return true;
}

/* Else the newest event may not be known yet, and a launch not be through. */
static bool all_folded(struct ctl *ctl)
{
    struct standing *standings = NULL;
    size_t count = 0;
    if (!standings_read(ctl, &standings, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (standings[i].lag != 0) {
            ctl_fail("%s/%d is not folded to its end yet: wait until loyalctl homes --feeders shows no lag",
                     settings_input_name(ctl->settings, (size_t)standings[i].place.topic),
                     (int)standings[i].place.partition);
            return false;
        }
    }
    return true;
}

static int choose_end(const struct args *args, int64_t newest_ms, int64_t *ret_end_ms)
{
    struct buf newest = {0};
    int64_t now_ms = clock_wall_ms(), end_ms = (newest_ms / DAY_MS + 1) * DAY_MS;
    int result = CTL_DONE;
    end_ms = end_ms < now_ms ? end_ms : now_ms;
    buf_instant(&newest, newest_ms);
    if (args_has(args, "at") && !instant_parse(slice_of(args_text(args, "at")), &end_ms)) {
        result = ctl_wrong("--at must be an instant such as 1998-07-01T00:00:00Z, not \"%s\"",
                           args_text(args, "at"));
    } else if (newest_ms == 0) {
        result = ctl_fail("no event has been folded yet: there is nothing to end");
    } else if (end_ms < newest_ms) {
        result = ctl_fail("the homes have come to %.*s already: an end before that ends nothing",
                          SLICE_ARG(buf_view(&newest)));
    } else if (end_ms > now_ms) {
        result = ctl_fail("an end in the future would let all time until then pass at once");
    }
    buf_done(&newest);
    *ret_end_ms = end_ms;
    return result;
}
