/* SPDX-License-Identifier: MIT */
/* loyalctl explain: why did this customer (not) get that? For each follow-up what was decided lately, what
 * the gate says if it were asked now, guard by guard, and what comes next if nothing happens. What was
 * decided is what stands in Kafka; all else is said by the code that decides. */
#include "consumers/ctl/explain.h"

#include "common/mem.h"
#include "config/yaml.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/local_time.h"
#include "consumers/ctl/reason.h"
#include "consumers/ctl/table.h"
#include "consumers/ctl/when.h"
#include "producers/gate.h"

#include <stdio.h>
#include <string.h>

#define DAYS_AHEAD   400 /* a birthday, and some days more */
#define PAST_SHOWN   5
#define FUTURE_SHOWN 3

struct explaining {
    struct ctl *ctl;
    struct customer_view view;
    struct told_list past, future;
    struct switches switches; /* what is paused */
    int64_t since_ms;         /* the past is known from here on; 0: all of it */
    bool in_short;            /* of a gate that lets pass not every guard */
};

/* What the gate is asked with. */
struct asking {
    struct explaining *explaining;
    const struct follow_up *follow_up;
    struct table table;
};

static bool read_switches(struct explaining *explaining);
static int explain_all(struct explaining *explaining, const char *name);
static void print_head(struct explaining *explaining);
static void print_follow_up(struct explaining *explaining, const struct follow_up *follow_up);
static void print_past(struct explaining *explaining, struct slice name);
static void print_gate(struct explaining *explaining, const struct follow_up *follow_up);
static void print_ways(struct explaining *explaining, const struct follow_up *follow_up,
                       const struct ruling *ruling);
static void print_future(struct explaining *explaining, const struct follow_up *follow_up);
static void print_told(struct explaining *explaining, const struct told_list *list, struct slice name,
                       size_t first, size_t most);
static void tell(void *context, const char *reason, const char *sentence, enum gate_answer answer,
                 const struct ruling *ruling);
static void write_seen(const struct asking *asking, const char *reason, const struct ruling *ruling,
                       struct buf *out);
static void write_consents(const struct asking *asking, struct buf *out);
static void write_freeze(const struct asking *asking, struct buf *out);
static const char *occasion_sentence(enum follow_up_on on);
static const char *nearest_follow_up(struct explaining *explaining, const char *name);

int explain(struct ctl *ctl, const struct args *args)
{
    struct explaining explaining = {.ctl = ctl};
    if (!customer_view_open(ctl, args->rest[0], &explaining.view)) {
        return CTL_FAILED;
    }
    int result = CTL_FAILED;
    const struct customer_view *view = &explaining.view;
    if (view->erased) {
        ctl_fail("customer %.*s was erased: nothing is sent to them", SLICE_ARG(view->id));
    } else if (!customer_exists(view->customer)) {
        ctl_fail("nothing is known of a customer %.*s", SLICE_ARG(view->id));
    } else if (view->policy == NULL) {
        ctl_fail("no policy is in force in home %d, so nothing is sent", (int)view->home);
    } else if (read_switches(&explaining) &&
               explain_past(ctl, view->id, &explaining.past, &explaining.since_ms) &&
               explain_future(ctl, view, &explaining.switches, DAYS_AHEAD, &explaining.future)) {
        result = explain_all(&explaining, args->rest_count > 1 ? args->rest[1] : NULL);
    }
    switches_done(&explaining.switches);
    mem_free(explaining.past.items);
    mem_free(explaining.future.items);
    customer_view_close(&explaining.view);
    return result;
}

static bool read_switches(struct explaining *explaining)
{
    struct hash paused = {0};
    if (!ctl_hash(explaining->ctl, explaining->view.home, "switches", &paused, NULL)) {
        return false;
    }
    for (size_t i = 0; i < paused.field_count; i++) {
        (void)switches_set(&explaining->switches, paused.fields[i].name, true, 0);
    }
    return true;
}

static int explain_all(struct explaining *explaining, const char *name)
{
    const struct policy *policy = explaining->view.policy;
    if (name != NULL && policy_follow_up(policy, slice_of(name)) == NULL) {
        const char *nearest = nearest_follow_up(explaining, name);
        return ctl_fail("the policy in force has no follow-up \"%s\"%s%s%s", name,
                        nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
                        nearest != NULL ? "?" : "");
    }
    explaining->in_short = name == NULL;
    print_head(explaining);
    for (size_t i = 0; i < policy->follow_up_count; i++) {
        if (name == NULL || slice_is(policy->follow_ups[i].name, name)) {
            print_follow_up(explaining, &policy->follow_ups[i]);
        }
    }
    return CTL_DONE;
}

static void print_head(struct explaining *explaining)
{
    struct buf *out = &explaining->ctl->out;
    const struct customer_view *view = &explaining->view;
    buf_printf(out, "customer %.*s, policy %s, ", SLICE_ARG(view->id), view->policy->version);
    local_time_text(out, view->now_ms, view->zone);
    buf_printf(out, " %.*s\n", SLICE_ARG(view->zone));
    if (explaining->since_ms > 0) {
        buf_text(out, "what was decided is looked for as far back as ");
        local_time_text(out, explaining->since_ms, view->zone);
        buf_text(out, "; loyalctl triggers and decisions look further\n");
    }
}

static void print_follow_up(struct explaining *explaining, const struct follow_up *follow_up)
{
    struct ctl *ctl = explaining->ctl;
    buf_char(&ctl->out, '\n');
    ctl_styled(ctl, STYLE_BOLD, arena_copy(ctl->arena, follow_up->name).data);
    buf_printf(&ctl->out, "  (%s, %s)\n", follow_up_on_name(follow_up->on),
               message_class_name(follow_up->message_class));
    print_past(explaining, follow_up->name);
    explain_meant(ctl, &explaining->view, follow_up);
    print_gate(explaining, follow_up);
    print_future(explaining, follow_up);
}

static void print_past(struct explaining *explaining, struct slice name)
{
    size_t count = 0;
    for (size_t i = 0; i < explaining->past.count; i++) {
        count += slice_equal(explaining->past.items[i].follow_up, name);
    }
    if (count == 0) {
        buf_text(&explaining->ctl->out, "  nothing has been decided\n");
        return;
    }
    buf_printf(&explaining->ctl->out, "  decided (%zu of %zu)\n", count < PAST_SHOWN ? count : PAST_SHOWN,
               count);
    print_told(explaining, &explaining->past, name, count > PAST_SHOWN ? count - PAST_SHOWN : 0, PAST_SHOWN);
}

/* As if an occasion arose at this moment. What comes before the gate (an order that is cancelled by then) is
 * its own occasion's, and told by what is planned. */
static void print_gate(struct explaining *explaining, const struct follow_up *follow_up)
{
    static const struct column columns[] = {
        {NULL, false},
        {NULL, false},
        {NULL, false}
    };
    const struct customer_view *view = &explaining->view;
    struct asking asking = {.explaining = explaining, .follow_up = follow_up};
    struct civil_date today = {0};
    int hour = 0;
    struct buf scratch = {0};
    struct outbox silent = {.arena = explaining->ctl->arena, .silent = true};
    zone_local(view->zone, view->now_ms, &today, &hour);
    struct occasion occasion = {
        .follow_up = follow_up,
        .occurrence = arena_printf(explaining->ctl->arena, "%d", today.year), /* of a birthday */
        .event_ms = view->now_ms,
        .due_ms = view->now_ms,
        .reason = follow_up_on_name(follow_up->on)};
    struct moment moment = {.policy = view->policy,
                            .switches = &explaining->switches,
                            .outbox = &silent,
                            .arena = explaining->ctl->arena,
                            .scratch = &scratch,
                            .now_ms = view->now_ms,
                            .home = view->home};
    struct ruling ruling;
    table_init(&asking.table, columns, 3);
    asking.table.indent = "    ";
    gate_tell(&moment, view->customer, &occasion, tell, &asking, &ruling);
    buf_text(&explaining->ctl->out, "  the gate, asked now");
    if (ruling.answer != GATE_PASSES || !explaining->in_short) {
        buf_char(&explaining->ctl->out, '\n');
        table_print(&asking.table, explaining->ctl->colour, &explaining->ctl->out);
    }
    if (ruling.answer == GATE_PASSES) {
        print_ways(explaining, follow_up, &ruling);
    }
    table_done(&asking.table);
    buf_done(&scratch);
}

static void print_ways(struct explaining *explaining, const struct follow_up *follow_up,
                       const struct ruling *ruling)
{
    struct buf *out = &explaining->ctl->out;
    buf_printf(out, "%s%sit would go out by", explaining->in_short ? ": " : "    ",
               follow_up->mode == MODE_LIVE ? "" : "in shadow; ");
    for (size_t i = 0; i < ruling->channel_count; i++) {
        buf_printf(out, "%s %s", i > 0 ? "," : "", contact_channel_name(ruling->channels[i]));
    }
    buf_char(out, '\n');
}

static void print_future(struct explaining *explaining, const struct follow_up *follow_up)
{
    size_t count = 0;
    for (size_t i = 0; i < explaining->future.count; i++) {
        count += slice_equal(explaining->future.items[i].follow_up, follow_up->name);
    }
    if (count == 0) {
        buf_printf(&explaining->ctl->out, "  next: %s\n", occasion_sentence(follow_up->on));
        return;
    }
    buf_text(&explaining->ctl->out, "  next, if nothing happens meanwhile\n");
    print_told(explaining, &explaining->future, follow_up->name, 0, FUTURE_SHOWN);
}

static void print_told(struct explaining *explaining, const struct told_list *list, struct slice name,
                       size_t first, size_t most)
{
    static const struct column columns[] = {
        {NULL, false},
        {NULL, false},
        {NULL, false},
        {NULL, false}
    };
    struct table table;
    struct buf text = {0};
    size_t seen = 0;
    table_init(&table, columns, 4);
    table.indent = "    ";
    for (size_t i = 0; i < list->count && seen < first + most; i++) {
        const struct told *told = &list->items[i];
        if (!slice_equal(told->follow_up, name) || seen++ < first) {
            continue;
        }
        bool is_sent = slice_is(told->outcome, "sent");
        local_time_text(&text, told->time_ms, explaining->view.zone);
        buf_text(&text, " (");
        when_relative(&text, told->time_ms, explaining->view.now_ms);
        buf_char(&text, ')');
        table_buf(&table, &text);
        table_cell(&table, told->outcome);
        table_cell(&table, told->occurrence);
        if (!is_sent) {
            const char *sentence = reason_sentence(told->reason);
            buf_printf(&text, "%.*s%s%s", SLICE_ARG(told->reason), *sentence != '\0' ? ": " : "", sentence);
        }
        table_buf(&table, &text);
    }
    table_print(&table, explaining->ctl->colour, &explaining->ctl->out);
    table_done(&table);
    buf_done(&text);
}

static void tell(void *context, const char *reason, const char *sentence, enum gate_answer answer,
                 const struct ruling *ruling)
{
    static const char *const answers[] = {
        [GATE_PASSES] = "ok", [GATE_REFUSES] = "refuses", [GATE_HOLDS] = "holds"};
    struct asking *asking = context;
    struct buf seen = {0};
    table_text(&asking->table, answers[answer]);
    table_text(&asking->table, reason);
    write_seen(asking, reason, ruling, &seen);
    if (answer != GATE_PASSES && seen.len == 0) {
        buf_text(&seen, sentence);
    }
    table_buf(&asking->table, &seen);
    buf_done(&seen);
}

/* What a guard looked at, where there is something to show. What it says of it is its own word alone. */
static void write_seen(const struct asking *asking, const char *reason, const struct ruling *ruling,
                       struct buf *out)
{
    const struct customer_view *view = &asking->explaining->view;
    struct slice last;
    if (strcmp(reason, "no_consent") == 0) {
        write_consents(asking, out);
    } else if (strcmp(reason, "frozen") == 0) {
        write_freeze(asking, out);
    } else if (strcmp(reason, "already_sent") == 0) {
        if (customer_item(view->customer, ITEM_LAST, asking->follow_up->name, &last)) {
            buf_printf(out, "decided last for %.*s", SLICE_ARG(last));
        }
    } else if (strcmp(reason, "not_before") == 0) {
        if (view->policy->not_before_ms > 0) {
            local_time_text(out, view->policy->not_before_ms, view->zone);
        }
    } else if (strcmp(reason, "quiet_hours") == 0) {
        if (ruling->until_ms > 0) {
            buf_text(out, "until ");
            local_time_text(out, ruling->until_ms, view->zone);
        }
    } else if (strcmp(reason, "capped") == 0) {
        buf_printf(out, "%zu message%s remembered that count", customer_item_count(view->customer, ITEM_SENT),
                   customer_item_count(view->customer, ITEM_SENT) == 1 ? "" : "s");
    }
}

static void write_consents(const struct asking *asking, struct buf *out)
{
    const struct customer_view *view = &asking->explaining->view;
    const struct class_rules *rules = &view->policy->classes[asking->follow_up->message_class];
    if (!rules->needs_consent) {
        buf_text(out, "needs none");
        return;
    }
    for (size_t i = 0; i < asking->follow_up->channel_count; i++) {
        enum contact_channel channel = asking->follow_up->channels[i];
        struct consent consent = consent_get(view->customer, channel, rules->purpose);
        buf_printf(out, "%s%s: %s%s", i > 0 ? ", " : "", contact_channel_name(channel),
                   consent_state_name(consent.state), consent.once ? " once" : "");
    }
    buf_printf(out, " (for %s)", consent_purpose_name(rules->purpose));
}

static void write_freeze(const struct asking *asking, struct buf *out)
{
    const struct customer_view *view = &asking->explaining->view;
    struct view_freeze freeze = customer_view_freeze(view, asking->explaining->ctl->arena);
    if (!customer_view_freezes(view, asking->follow_up->message_class)) {
        buf_text(out, "complaints do not withhold this class");
        return;
    }
    for (size_t i = 0; i < freeze.count; i++) {
        buf_printf(out, "%s%.*s", i > 0 ? ", " : "complaint ", SLICE_ARG(freeze.complaints[i]));
    }
    if (freeze.count > 0) {
        buf_text(out, " is open; until ");
        local_time_text(out, freeze.until_ms, view->zone);
        buf_text(out, " at the latest");
    }
}

static const char *occasion_sentence(enum follow_up_on on)
{
    static const char *const sentences[ON_COUNT] = {
        [ON_PURCHASE_COMPLETED] = "with the next purchase",
        [ON_COMPLAINT_OPENED] = "with the next complaint",
        [ON_COMPLAINT_RESOLVED] = "when a complaint is next resolved",
        [ON_BIRTHDAY] =
            "never as things stand: no birth date is known, or it has no birthday within the year",
        [ON_HOUSEHOLD_BIRTHDAY] =
            "never as things stand: no member of the household is known that it is for, or none has a "
            "birthday within the year",
        [ON_PRODUCT_LAUNCHED] = "when a product is launched that one of their interests names",
        [ON_PRODUCT_RESTOCKED] = "when a product is restocked that they wait for",
        [ON_PRODUCT_REPRICED] = "when a product gets cheaper for which they wait for that",
        [ON_PRODUCT_RECALLED] = "when a product is recalled that they have bought",
        [ON_VISIT_MADE] = "with the next visit",
        [ON_SILENCE] = "when they have bought something and then nothing for long enough",
    };
    return sentences[on];
}

static const char *nearest_follow_up(struct explaining *explaining, const char *name)
{
    const struct policy *policy = explaining->view.policy;
    struct arena *arena = explaining->ctl->arena;
    const char **names = arena_alloc(arena, (policy->follow_up_count + 1) * sizeof *names);
    for (size_t i = 0; i < policy->follow_up_count; i++) {
        names[i] = arena_copy(arena, policy->follow_ups[i].name).data;
    }
    return yaml_nearest(names, policy->follow_up_count, slice_of(name));
}
