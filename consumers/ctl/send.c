/* SPDX-License-Identifier: MIT */
/* How an event that is sent by hand gets into the log. What stands in each kind of event is in send_events.c.
 */
#include "consumers/ctl/send.h"

#include "common/clock.h"
#include "common/digest.h"
#include "consumers/ctl/json_out.h"
#include "consumers/decode.h"
#include "producers/kafka_writer.h"

#define MADE_UP_BYTES 17

static const struct header headers[] = {
    {{"content-type", 12}, {"application/cloudevents+json", 28}}
};

/* One event on its way. */
struct sending {
    enum event_type type;
    const char *subject, *id, *source, *topic;
    struct slice data;
    bool to_feeder;
    int32_t homes, home;
    bool clock_is_event;
    struct slice time; /* absent: Kafka's */
    struct buf event;
};

static bool choose_time(struct ctl *ctl, const struct args *args, struct sending *sending);
static bool ask_home(struct ctl *ctl, struct sending *sending);
static int check(struct ctl *ctl, const struct sending *sending);
static int post(struct ctl *ctl, struct kafka_writer *writer, const struct sending *sending);
static void say_where(struct ctl *ctl, const struct sending *sending, const struct written *written);

int send_one(struct ctl *ctl, const struct args *args, enum event_type type, const char *subject,
             struct slice data)
{
    struct sending sending = {.type = type,
                              .subject = subject,
                              .id = send_id(ctl, args, "id"),
                              .source = args_has(args, "source") ? args_text(args, "source") : "/loyalctl",
                              .topic = args_has(args, "to") ? args_text(args, "to")
                                                            : ctl->settings->topics_home_log,
                              .data = data};
    char why[256] = "";
    struct kafka_writer *writer = NULL;
    int result = CTL_FAILED;
    sending.to_feeder = strcmp(sending.topic, ctl->settings->topics_home_log) != 0;
    enum status status = kafka_writer_open(ctl->settings, NULL, why, &writer);
    if (status == STATUS_OK) {
        status = kafka_writer_partitions(writer, ctl->settings->topics_home_log, CTL_WAIT_MS, &sending.homes);
    }
    if (status != STATUS_OK) {
        result = ctl_fail_kafka(ctl, status, writer != NULL ? kafka_writer_error(writer) : why);
        goto done;
    }
    sending.home = partition_of(slice_of(subject), sending.homes);
    if (!choose_time(ctl, args, &sending)) {
        goto done;
    }
    send_event_text(&sending.event, type, sending.id, sending.source, subject, sending.time, data);
    result = check(ctl, &sending);
    if (result == CTL_DONE && args_has(args, "dry-run")) {
        buf_slice(&ctl->out, buf_view(&sending.event));
        buf_char(&ctl->out, '\n');
    } else if (result == CTL_DONE) {
        result = post(ctl, writer, &sending);
    }
done:
    kafka_writer_close(writer);
    buf_done(&sending.event);
    return result;
}

void send_event_text(struct buf *out, enum event_type type, const char *id, const char *source,
                     const char *subject, struct slice time, struct slice data)
{
    json_open(out, NULL, '{');
    json_text(out, "specversion", SLICE("1.0"));
    json_text(out, "id", slice_of(id));
    json_text(out, "source", slice_of(source));
    json_text(out, "type", slice_of(event_type_wire(type)));
    json_text(out, "subject", slice_of(subject));
    if (time.data != NULL) {
        json_text(out, "time", time);
    }
    json_text(out, "datacontenttype", SLICE("application/json"));
    json_raw(out, "data", data);
    json_close(out, '}');
}

const char *send_id(struct ctl *ctl, const struct args *args, const char *option)
{
    char random[MADE_UP_BYTES];
    if (args_has(args, option)) {
        return args_text(args, option);
    }
    digest_random_hex(random, sizeof random);
    return arena_printf(ctl->arena, "ctl-%s", random).data;
}

/* With the event's own time as the clock an event without one is refused, and one of today would let all the
 * time of an import pass at once: it gets the home's time, and a little more. */
static bool choose_time(struct ctl *ctl, const struct args *args, struct sending *sending)
{
    if (args_has(args, "time")) {
        sending->time = slice_of(args_text(args, "time"));
        return true;
    }
    if (!ctl_store(ctl)) {
        ctl_fail("Redis knows by which clock the homes go; with --time nobody needs to ask it");
        return false;
    }
    return ask_home(ctl, sending);
}

static bool ask_home(struct ctl *ctl, struct sending *sending)
{
    struct hash hash = {0};
    struct policy *policy = NULL;
    if (!ctl_policy(ctl, sending->home, &policy) || !ctl_hash(ctl, sending->home, "home", &hash, NULL)) {
        return false;
    }
    int64_t time_ms = hash_number(&hash, "time");
    sending->clock_is_event = policy != NULL && policy->clock == CLOCK_EVENT;
    policy_free(policy);
    if (!sending->clock_is_event) {
        return true;
    }
    if (time_ms == 0) {
        ctl_fail("home %d goes by the events' own time and has none yet: give --time", (int)sending->home);
        return false;
    }
    struct buf text = {0};
    buf_instant(&text, time_ms + 1);
    sending->time = arena_copy(ctl->arena, buf_view(&text));
    buf_done(&text);
    return true;
}

/* As the home will: what it would refuse is not sent. */
static int check(struct ctl *ctl, const struct sending *sending)
{
    struct event event;
    struct record record = {.append_ms = clock_wall_ms(),
                            .key = slice_of(sending->subject),
                            .value = buf_view(&sending->event),
                            .headers = headers,
                            .header_count = sizeof headers / sizeof *headers};
    enum reject reject = event_decode(&record, sending->clock_is_event, ctl->arena, ctl->arena, &event);
    if (reject != REJECT_NONE) {
        return ctl_wrong("not sent, for loyald would refuse it: %s (%s)", reject_sentence(reject),
                         reject_name(reject));
    }
    return CTL_DONE;
}

static int post(struct ctl *ctl, struct kafka_writer *writer, const struct sending *sending)
{
    struct written written = {0};
    struct output record = {.key = slice_of(sending->subject),
                            .value = buf_view(&sending->event),
                            .headers = headers,
                            .header_count = sizeof headers / sizeof *headers};
    if (sending->to_feeder) {
        int32_t partitions = 0;
        enum status status = kafka_writer_partitions(writer, sending->topic, CTL_WAIT_MS, &partitions);
        if (status != STATUS_OK) {
            return ctl_fail_kafka(ctl, status, kafka_writer_error(writer));
        }
    }
    enum status status = kafka_writer_send(writer, sending->topic, -1, &record, CTL_WAIT_MS, &written);
    if (status == STATUS_AWAY) {
        return ctl_fail(
            "whether Kafka has the event is not known: %s; to send it again with --id %s does no harm",
            kafka_writer_error(writer), sending->id);
    }
    if (status != STATUS_OK) {
        return ctl_fail_kafka(ctl, status, kafka_writer_error(writer));
    }
    say_where(ctl, sending, &written);
    return CTL_DONE;
}

static void say_where(struct ctl *ctl, const struct sending *sending, const struct written *written)
{
    struct buf *out = &ctl->out;
    buf_printf(out, "sent %s, id %s\n", event_type_wire(sending->type), sending->id);
    if (sending->to_feeder) {
        buf_printf(out, "to %s, partition %d, offset %lld; loyald copies it to %s, home %d\n", sending->topic,
                   (int)written->partition, (long long)written->offset, ctl->settings->topics_home_log,
                   (int)sending->home);
    } else {
        buf_printf(out, "to %s, home %d, offset %lld\n", sending->topic, (int)written->partition,
                   (long long)written->offset);
    }
    if (sending->time.data != NULL) {
        buf_printf(out, "time %.*s\n", SLICE_ARG(sending->time));
    }
    if (event_type_about(sending->type) == ABOUT_PRODUCT) {
        buf_text(out, "what comes of it: loyalctl triggers, loyalctl decisions\n");
    } else {
        buf_printf(out, "what comes of it: loyalctl customer %s\n", sending->subject);
    }
}
