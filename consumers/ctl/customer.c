/* SPDX-License-Identifier: MIT */
/* loyalctl customer, export and erase. */
#include "common/clock.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/customer_view.h"
#include "consumers/ctl/json_out.h"
#include "consumers/ctl/send.h"

const struct option_about customer_options[] = {
    {"json", OPTION_FLAG, NULL, "for programs"},
    {NULL,   OPTION_FLAG, NULL, NULL          },
};

const struct option_about erase_options[] = {
    {"yes", OPTION_FLAG, NULL, "do not ask"},
    SEND_COMMON,
};

static const struct {
    const char *prefix, *meaning;
} item_meanings[] = {
#define ITEM_KIND(name, prefix, meaning) {prefix, meaning},
#include "common/item.def"
#undef ITEM_KIND
};

static int say_unknown(const struct customer_view *view);
static const char *meaning_of(struct slice field);
static void write_kept(struct ctl *ctl, const struct customer_view *view);

int show_customer(struct ctl *ctl, const struct args *args)
{
    struct customer_view view;
    if (!customer_view_open(ctl, args->rest[0], &view)) {
        return CTL_FAILED;
    }
    int result = CTL_DONE;
    if (!customer_exists(view.customer)) {
        result = say_unknown(&view);
    } else if (args_has(args, "json")) {
        json_open(&ctl->out, NULL, '{');
        customer_view_json(&view, &ctl->out);
        json_close(&ctl->out, '}');
        buf_char(&ctl->out, '\n');
    } else {
        customer_view_print(ctl, &view);
    }
    customer_view_close(&view);
    return result;
}

int export_customer(struct ctl *ctl, const struct args *args)
{
    struct customer_view view;
    if (!customer_view_open(ctl, args->rest[0], &view)) {
        return CTL_FAILED;
    }
    int result = customer_exists(view.customer) ? CTL_DONE : say_unknown(&view);
    if (result == CTL_DONE) {
        json_open(&ctl->out, NULL, '{');
        json_time(&ctl->out, "exported_at", clock_wall_ms());
        customer_view_json(&view, &ctl->out);
        write_kept(ctl, &view);
        json_text(
            &ctl->out, "besides",
            SLICE("The events themselves, triggers and decisions are in Kafka until the retention of their "
                  "topics has passed."));
        json_close(&ctl->out, '}');
        buf_char(&ctl->out, '\n');
    }
    customer_view_close(&view);
    return result;
}

/* Also one of whom nothing is known: from then on its events are refused. */
int erase_customer(struct ctl *ctl, const struct args *args)
{
    struct buf question = {0};
    buf_printf(&question, "Customer %s will be forgotten for good, and later events refused.", args->rest[0]);
    buf_char(&question, '\0');
    bool ask = !args_has(args, "yes") && !args_has(args, "dry-run");
    int result = ask ? ctl_confirm(question.data) : CTL_DONE;
    buf_done(&question);
    return result == CTL_DONE ? send_one(ctl, args, EVENT_CUSTOMER_ERASED, args->rest[0], SLICE("{}"))
                              : result;
}

static int say_unknown(const struct customer_view *view)
{
    if (view->erased) {
        return ctl_fail("customer %.*s was erased: only a keyed hash of the id is kept", SLICE_ARG(view->id));
    }
    return ctl_fail(
        "nothing is known of a customer %.*s (home %d, as of offset %lld; see loyalctl home %d for what is "
        "not folded yet)",
        SLICE_ARG(view->id), (int)view->home, (long long)view->position, (int)view->home);
}

/* Every field as it is kept, with what it means. */
static void write_kept(struct ctl *ctl, const struct customer_view *view)
{
    json_open(&ctl->out, "kept", '[');
    for (size_t i = 0; i < view->hash.field_count; i++) {
        const struct field *field = &view->hash.fields[i];
        json_open(&ctl->out, NULL, '{');
        json_text(&ctl->out, "field", field->name);
        json_text(&ctl->out, "value", field->value);
        json_text(&ctl->out, "meaning", slice_of(meaning_of(field->name)));
        json_close(&ctl->out, '}');
    }
    json_close(&ctl->out, ']');
}

static const char *meaning_of(struct slice field)
{
    for (size_t i = 0; i < CUSTOMER_FIELD_COUNT; i++) {
        if (slice_is(field, customer_field_table[i].name)) {
            return customer_field_table[i].meaning;
        }
    }
    for (size_t i = 0; i < sizeof item_meanings / sizeof *item_meanings; i++) {
        if (slice_has_prefix(field, slice_of(item_meanings[i].prefix))) {
            return item_meanings[i].meaning;
        }
    }
    return "";
}
