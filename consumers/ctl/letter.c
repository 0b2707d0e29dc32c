/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/letter.h"

#include "common/buf.h"

static struct slice text_of(const struct record *record, const char *name)
{
    struct slice value = record_header(record, name);
    return value.data != NULL ? value : SLICE("");
}

struct letter letter_read(const struct record *record)
{
    struct letter letter = {.reason = text_of(record, "loyald-reason"),
                            .sentence = text_of(record, "loyald-sentence"),
                            .topic = text_of(record, "loyald-topic"),
                            .partition = text_of(record, "loyald-partition"),
                            .offset = text_of(record, "loyald-offset"),
                            .cut = record_header(record, "loyald-length").data != NULL ||
                                   record_header(record, "loyald-headers").data != NULL};
    (void)!parse_int(text_of(record, "loyald-time"), &letter.time_ms);
    return letter;
}

bool letter_header_is_ours(struct slice name)
{
    static const char *const ours[] = {
        "loyald-reason", "loyald-sentence", "loyald-topic",  "loyald-partition", "loyald-offset",
        "loyald-time",   "loyald-length",   "loyald-sha256", "loyald-headers",   "loyald-origin"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (slice_is(name, ours[i])) {
            return true;
        }
    }
    return false;
}
