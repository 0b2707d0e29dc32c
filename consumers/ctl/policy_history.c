/* SPDX-License-Identifier: MIT */
/* loyalctl policy history, and policy show of a version. */
#include "consumers/ctl/policy_history.h"

#include "common/json.h"
#include "common/mem.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/json_out.h"
#include "consumers/ctl/table.h"
#include "consumers/ctl/when.h"
#include "producers/kafka_reader.h"

#include <string.h>

#define HOME         0 /* all have the same */
#define READ_WAIT_MS 100
#define NAME_LEAST   4 /* characters of a version that may stand for it */

const struct option_about policy_history_options[] = {
    {"json", OPTION_FLAG, NULL, "for programs, with the texts"},
    {NULL,   OPTION_FLAG, NULL, NULL                          },
};

static enum status read_log(struct ctl *ctl, struct kafka_reader *reader, struct past_policies *policies);
static void keep(struct ctl *ctl, const struct record *record, struct past_policies *policies);
static void print_history(struct ctl *ctl, const struct past_policies *policies);
static void add_row(struct table *table, const struct past_policies *policies, size_t i);
static void print_json(struct ctl *ctl, const struct past_policies *policies);

int policy_history(struct ctl *ctl, const struct args *args)
{
    struct past_policies policies = {0};
    if (!policy_history_read(ctl, &policies)) {
        return CTL_FAILED;
    }
    if (args_has(args, "json")) {
        print_json(ctl, &policies);
    } else {
        print_history(ctl, &policies);
    }
    policy_history_done(&policies);
    return CTL_DONE;
}

int policy_show_past(struct ctl *ctl, const char *version, bool as_text)
{
    struct past_policies policies = {0};
    struct policy *policy = NULL;
    char why[256];
    if (!policy_history_read(ctl, &policies)) {
        return CTL_FAILED;
    }
    const struct past_policy *past = policy_history_find(&policies, version);
    int result = past != NULL ? CTL_DONE : CTL_FAILED;
    if (past != NULL && as_text) {
        buf_slice(&ctl->out, past->text);
    } else if (past != NULL && policy_record_read(past->body, why, &policy) == POLICY_OK) {
        policy_describe(policy, &ctl->out);
    } else if (past != NULL) {
        result = ctl_fail("this loyalctl does not know all of it: %s; --text shows it as it is", why);
    }
    policy_free(policy);
    policy_history_done(&policies);
    return result;
}

bool policy_history_read(struct ctl *ctl, struct past_policies *ret_policies)
{
    struct kafka_reader *reader = NULL;
    char why[256] = "";
    enum status status = kafka_reader_open(ctl->settings, ctl->settings->topics_home_log, NULL, why, &reader);
    if (status == STATUS_OK) {
        status = read_log(ctl, reader, ret_policies);
    }
    if (status != STATUS_OK) {
        ctl_fail_kafka(ctl, status, reader != NULL ? kafka_reader_error(reader) : why);
    } else if (ret_policies->count == 0) {
        ctl_fail("no policy stands in the home log: loyalctl policy activate FILE puts one in force");
    }
    kafka_reader_close(reader);
    return status == STATUS_OK && ret_policies->count > 0;
}

void policy_history_done(struct past_policies *policies)
{
    mem_free(policies->items);
    *policies = (struct past_policies){0};
}

const struct past_policy *policy_history_find(const struct past_policies *policies, const char *version)
{
    for (size_t i = policies->count; i-- > 0 && strlen(version) >= NAME_LEAST;) {
        if (strncmp(policies->items[i].version, version, strlen(version)) == 0) {
            if (policies->items[i].text.data == NULL) {
                ctl_fail("the policy %s cannot be read by this loyalctl", version);
                return NULL;
            }
            return &policies->items[i];
        }
    }
    ctl_fail("no policy %s stands in the home log (of a version four characters are enough); see loyalctl "
             "policy history",
             version);
    return NULL;
}

static enum status read_log(struct ctl *ctl, struct kafka_reader *reader, struct past_policies *policies)
{
    struct log_bounds *bounds = NULL;
    size_t count = 0;
    enum status status = kafka_reader_bounds(reader, CTL_WAIT_MS, &bounds, &count);
    if (status != STATUS_OK) {
        return status;
    }
    int64_t *starts = mem_alloc(count * sizeof *starts);
    for (size_t i = 0; i < count; i++) {
        starts[i] = i == HOME && bounds[i].end > bounds[i].start ? bounds[i].start : -1;
    }
    policies->cut = bounds[HOME].start > 0;
    status = kafka_reader_start(reader, starts, count);
    while (status == STATUS_OK && !kafka_reader_at_end(reader)) {
        const struct record *record = NULL;
        status = kafka_reader_next(reader, READ_WAIT_MS, &record);
        if (record != NULL && slice_has_prefix(record_header(record, "loyald-control"), SLICE("policy "))) {
            keep(ctl, record, policies);
        }
    }
    mem_free(starts);
    mem_free(bounds);
    return status;
}

static void keep(struct ctl *ctl, const struct record *record, struct past_policies *policies)
{
    const struct json *body = NULL;
    MEM_GROW(policies->items, policies->count, policies->capacity);
    struct past_policy *past = &policies->items[policies->count++];
    *past = (struct past_policy){.offset = record->offset,
                                 .time_ms = record->append_ms,
                                 .body = arena_copy(ctl->arena, record->value)};
    policy_version_of(past->body, past->version);
    if (json_parse(past->body, ctl->arena, &body) == JSON_OK) {
        (void)json_string(json_member(body, "policy"), &past->text);
    }
}

static void print_history(struct ctl *ctl, const struct past_policies *policies)
{
    static const struct column columns[] = {
        {"ACTIVATED",  false},
        {"VERSION",    false},
        {"MODE",       false},
        {"FOLLOW-UPS", true },
        {"OFFSET",     true },
        {"",           false}
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < policies->count; i++) {
        add_row(&table, policies, i);
    }
    if (policies->cut) {
        buf_text(&ctl->out,
                 "(retention has removed the log's beginning; what was activated then is not known)\n");
    }
    table_print(&table, ctl->colour, &ctl->out);
    table_done(&table);
}

static void add_row(struct table *table, const struct past_policies *policies, size_t i)
{
    static const char *const modes[] = {[MODE_OFF] = "off", [MODE_SHADOW] = "shadow", [MODE_LIVE] = "live"};
    const struct past_policy *past = &policies->items[i];
    struct policy *policy = NULL;
    struct buf time = {0};
    char why[256];
    bool readable = policy_record_read(past->body, why, &policy) == POLICY_OK;
    when_utc(&time, past->time_ms);
    table_buf(table, &time);
    table_text(table, past->version);
    table_text(table, readable ? modes[policy->mode] : "?");
    if (readable) {
        table_int(table, (int64_t)policy->follow_up_count);
    } else {
        table_text(table, "?");
    }
    table_int(table, past->offset);
    table_text(table, i + 1 == policies->count ? "in force" : "");
    policy_free(policy);
    buf_done(&time);
}

static void print_json(struct ctl *ctl, const struct past_policies *policies)
{
    for (size_t i = 0; i < policies->count; i++) {
        const struct past_policy *past = &policies->items[i];
        json_open(&ctl->out, NULL, '{');
        json_time(&ctl->out, "activated", past->time_ms);
        json_text(&ctl->out, "version", slice_of(past->version));
        json_number(&ctl->out, "offset", past->offset);
        if (past->text.data != NULL) {
            json_text(&ctl->out, "policy", past->text);
        } else {
            json_null(&ctl->out, "policy");
        }
        json_close(&ctl->out, '}');
        buf_char(&ctl->out, '\n');
    }
}
