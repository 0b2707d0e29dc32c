/* SPDX-License-Identifier: MIT */
#include "producers/switches.h"

#include "common/mem.h"

#define CLASS_PREFIX     SLICE("class:")
#define FOLLOW_UP_PREFIX SLICE("follow_up:")
#define RISK_PREFIX      SLICE("risk:")

static bool is_about(struct slice name, const struct follow_up *follow_up);
static struct slice behind(struct slice text, struct slice prefix);

void switches_done(struct switches *switches)
{
    for (size_t i = 0; i < switches->count; i++) {
        mem_free((char *)switches->items[i].name.data);
    }
    mem_free(switches->items);
    *switches = (struct switches){0};
}

bool switches_set(struct switches *switches, struct slice name, bool paused, int64_t now_ms)
{
    size_t i = 0;
    while (i < switches->count && !slice_equal(switches->items[i].name, name)) {
        i++;
    }
    if ((i < switches->count) == paused) {
        return false;
    }
    if (paused) {
        MEM_GROW(switches->items, switches->count, switches->capacity);
        switches->items[switches->count++] = (struct kill_switch){
            .name = {.data = mem_copy(name), .len = name.len},
              .since_ms = now_ms
        };
    } else {
        mem_free((char *)switches->items[i].name.data);
        switches->items[i] = switches->items[--switches->count];
    }
    return true;
}

bool switches_pause(const struct switches *switches, const struct follow_up *follow_up)
{
    for (size_t i = 0; i < switches->count; i++) {
        if (is_about(switches->items[i].name, follow_up)) {
            return true;
        }
    }
    return false;
}

bool switches_brake(const struct switches *switches, const struct follow_up *follow_up)
{
    for (size_t i = 0; i < switches->count; i++) {
        struct slice name = switches->items[i].name;
        if (slice_has_prefix(name, RISK_PREFIX) && slice_equal(behind(name, RISK_PREFIX), follow_up->name)) {
            return true;
        }
    }
    return false;
}

static bool is_about(struct slice name, const struct follow_up *follow_up)
{
    if (slice_has_prefix(name, CLASS_PREFIX)) {
        return slice_is(behind(name, CLASS_PREFIX), message_class_name(follow_up->message_class));
    }
    if (slice_has_prefix(name, FOLLOW_UP_PREFIX)) {
        struct slice one = behind(name, FOLLOW_UP_PREFIX), own = follow_up->name;
        return slice_equal(one, own) || (slice_has_prefix(own, one) && own.data[one.len] == '.');
    }
    return slice_is(name, "all");
}

static struct slice behind(struct slice text, struct slice prefix)
{
    return (struct slice){.data = text.data + prefix.len, .len = text.len - prefix.len};
}
