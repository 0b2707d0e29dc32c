/* SPDX-License-Identifier: MIT */
/* What is not wrong with a policy, but probably not meant. Asked for by those who show it to its author; the
 * fold never asks. */
#include "common/money.h"
#include "config/condition_sense.h"
#include "config/policy_parts.h"

#define MINUTE_MS        60000LL
#define MINUTES_OF_A_DAY 1440

/* Somebody's offer: a follow-up's own, or a variant's. */
struct offer {
    const struct offer_value *value;
    bool is_newcomers, has_reason;
};

static void warn_of_conditions(const struct follow_up *follow_up, struct buf *out);
static void warn_of_hour(const struct policy *policy, const struct follow_up *follow_up, struct buf *out);
static int quiet_minutes(const struct policy *policy, const struct follow_up *follow_up, unsigned channel);
static void warn_of_tags(const struct policy *policy, const struct follow_up *follow_up, struct buf *out);
static bool caps_name_tag(const struct policy *policy, struct slice tag);
static bool lists_tag(const struct yaml *filter, struct slice tag);
static void warn_of_variant(const struct follow_up *follow_up, size_t number, struct buf *out);
static bool waits(const struct follow_up *follow_up);
static bool is_birthday(const struct follow_up *follow_up);
static void warn_of_offers(const struct policy *policy, struct buf *out);
static size_t gather_offers(const struct policy *policy, struct offer *offers);
static const struct offer *best_of_regulars(const struct offer *offers, size_t count,
                                            const struct offer *like);
static void add_value(struct buf *out, const struct offer_value *value);

void policy_warnings(const struct policy *policy, struct buf *out)
{
    for (size_t i = 0; i < policy->follow_up_count; i++) {
        warn_of_conditions(&policy->follow_ups[i], out);
        warn_of_hour(policy, &policy->follow_ups[i], out);
        warn_of_tags(policy, &policy->follow_ups[i], out);
    }
    warn_of_offers(policy, out);
}

static void warn_of_conditions(const struct follow_up *follow_up, struct buf *out)
{
    if (!condition_can_hold(&follow_up->condition, 1)) {
        yaml_remark(follow_up->condition->source, out,
                    "warning: %.*s is meant for nobody: this can never hold", SLICE_ARG(follow_up->name));
        return;
    }
    for (size_t i = 0; i < follow_up->variant_count; i++) {
        warn_of_variant(follow_up, i, out);
    }
}

static void warn_of_variant(const struct follow_up *follow_up, size_t number, struct buf *out)
{
    const struct condition *own = follow_up->variants[number].condition;
    const struct condition *both[] = {own, follow_up->condition};
    const char *why = NULL;
    size_t other = 0;
    if (!condition_can_hold(both, 1)) {
        why = "this can never hold";
    } else if (!condition_can_hold(both, 2)) {
        why = "this can never hold together with the 'if' of the follow-up";
    } else if (waits(follow_up) && !condition_can_hold_later(own)) {
        why = "it asks about the event, which is not at hand any more when the message goes out";
    } else {
        while (other < number && !condition_implies(both, 2, follow_up->variants[other].condition)) {
            other++;
        }
        why = other < number ? "" : NULL;
    }
    if (why != NULL && *why != '\0') {
        yaml_remark(own->source, out, "warning: variant %zu of %.*s is never taken: %s", number + 1,
                    SLICE_ARG(follow_up->name), why);
    } else if (why != NULL) {
        yaml_remark(own->source, out,
                    "warning: variant %zu of %.*s is never taken: wherever it holds, variant %zu does",
                    number + 1, SLICE_ARG(follow_up->name), other + 1);
    }
}

/* Is every occasion decided later than its event came? */
static bool waits(const struct follow_up *follow_up)
{
    bool all = true;
    for (size_t i = 0; i < SEVERITY_COUNT; i++) {
        all = all && follow_up->after_ms[i] > 0;
    }
    return all || is_birthday(follow_up);
}

static bool is_birthday(const struct follow_up *follow_up)
{
    return follow_up->on == ON_BIRTHDAY || follow_up->on == ON_HOUSEHOLD_BIRTHDAY;
}

/* ---- a greeting whose hour is quiet, and which is over before the hours are */

static void warn_of_hour(const struct policy *policy, const struct follow_up *follow_up, struct buf *out)
{
    int64_t lasts_ms = follow_up->expires_after_ms;
    if (!is_birthday(follow_up) || follow_up->channel_count == 0) {
        return;
    }
    if (lasts_ms == 0) { /* its day */
        lasts_ms = (MINUTES_OF_A_DAY - follow_up->at_minute) * MINUTE_MS;
    }
    for (size_t i = 0; i < follow_up->channel_count; i++) {
        if (quiet_minutes(policy, follow_up, (unsigned)follow_up->channels[i]) * MINUTE_MS <= lasts_ms) {
            return;
        }
    }
    const struct yaml *at = yaml_get(follow_up->node, "at");
    yaml_remark(at != NULL ? at : follow_up->node, out,
                "warning: %.*s is never sent: its hour is quiet, and it expires before the quiet hours end",
                SLICE_ARG(follow_up->name));
}

/* From its hour on until it may go out on a channel; none of them holds a whole day. */
static int quiet_minutes(const struct policy *policy, const struct follow_up *follow_up, unsigned channel)
{
    int waits = 0;
    for (size_t i = 0; i < policy->quiet_hours_count && waits < MINUTES_OF_A_DAY; i++) {
        const struct quiet_hours *quiet = &policy->quiet_hours[i];
        int minute = (follow_up->at_minute + waits) % MINUTES_OF_A_DAY;
        int into = (minute - quiet->from_minute + MINUTES_OF_A_DAY) % MINUTES_OF_A_DAY;
        int lasts = (quiet->to_minute - quiet->from_minute + MINUTES_OF_A_DAY) % MINUTES_OF_A_DAY;
        if ((quiet->classes >> follow_up->message_class & 1) != 0 && (quiet->channels >> channel & 1) != 0 &&
            into < lasts) {
            waits += lasts - into;
            i = (size_t)-1; /* others may begin where these end */
        }
    }
    return waits;
}

/* ---- names that nothing uses */

static void warn_of_tags(const struct policy *policy, const struct follow_up *follow_up, struct buf *out)
{
    const struct yaml *tags = yaml_get(follow_up->node, "tags");
    for (size_t i = 0; tags != NULL && i < follow_up->tag_count; i++) {
        if (!caps_name_tag(policy, follow_up->tags[i])) {
            yaml_remark(tags, out, "warning: the tag '%.*s' does nothing: no cap names it",
                        SLICE_ARG(follow_up->tags[i]));
        }
    }
}

static bool caps_name_tag(const struct policy *policy, struct slice tag)
{
    const struct yaml *caps = yaml_get(policy->root, "caps");
    for (const struct yaml *cap = caps != NULL ? caps->first : NULL; cap != NULL; cap = cap->next) {
        if (lists_tag(yaml_get(cap, "limits"), tag) || lists_tag(yaml_get(cap, "counts"), tag)) {
            return true;
        }
    }
    return false;
}

static bool lists_tag(const struct yaml *filter, struct slice tag)
{
    const struct yaml *tags = yaml_get(filter, "tags");
    for (const struct yaml *each = tags != NULL ? tags->first : NULL; each != NULL; each = each->next) {
        if (slice_equal(each->text, tag)) {
            return true;
        }
    }
    return false;
}

/* ---- those who come back should not be worse off than those who come */

static void warn_of_offers(const struct policy *policy, struct buf *out)
{
    size_t most = 0;
    for (size_t i = 0; i < policy->follow_up_count; i++) {
        most += 1 + policy->follow_ups[i].variant_count;
    }
    struct arena *arena = arena_create(4096);
    struct offer *offers = arena_zalloc(arena, (most + 1) * sizeof *offers);
    size_t count = gather_offers(policy, offers);
    struct buf values = {0};
    for (size_t i = 0; i < count; i++) {
        const struct offer *best = best_of_regulars(offers, count, &offers[i]);
        if (!offers[i].is_newcomers || offers[i].has_reason || best == NULL ||
            best->value->number >= offers[i].value->number) {
            continue;
        }
        buf_reset(&values);
        add_value(&values, offers[i].value);
        buf_text(&values, " are for newcomers, and regulars get ");
        add_value(&values, best->value);
        yaml_remark(offers[i].value->node, out,
                    "warning: %.*s at most (%s); if that is meant, say why in 'reason'",
                    SLICE_ARG(buf_view(&values)), best->value->where);
    }
    buf_done(&values);
    arena_destroy(arena);
}

static size_t gather_offers(const struct policy *policy, struct offer *offers)
{
    size_t count = 0;
    for (size_t i = 0; i < policy->follow_up_count; i++) {
        const struct follow_up *follow_up = &policy->follow_ups[i];
        if (follow_up->value.where != NULL) {
            offers[count++] =
                (struct offer){.value = &follow_up->value,
                               .is_newcomers = condition_is_for_newcomers(&follow_up->condition, 1),
                               .has_reason = follow_up->has_reason};
        }
        for (size_t j = 0; j < follow_up->variant_count; j++) {
            const struct variant *variant = &follow_up->variants[j];
            const struct condition *both[] = {variant->condition, follow_up->condition};
            if (variant->value.where != NULL) {
                offers[count++] = (struct offer){.value = &variant->value,
                                                 .is_newcomers = condition_is_for_newcomers(both, 2),
                                                 .has_reason = variant->has_reason};
            }
        }
    }
    return count;
}

/* Of the same kind: per cent, or the same currency. NULL: there is none. */
static const struct offer *best_of_regulars(const struct offer *offers, size_t count,
                                            const struct offer *like)
{
    const struct offer *best = NULL;
    for (size_t i = 0; i < count; i++) {
        bool alike = strcmp(offers[i].value->currency, like->value->currency) == 0;
        if (alike && !offers[i].is_newcomers &&
            (best == NULL || offers[i].value->number > best->value->number)) {
            best = &offers[i];
        }
    }
    return best;
}

static void add_value(struct buf *out, const struct offer_value *value)
{
    if (value->currency[0] != '\0') {
        money_text(out, value->number, slice_of(value->currency));
    } else {
        buf_int(out, value->number);
        buf_char(out, '%');
    }
}
