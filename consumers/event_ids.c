/* SPDX-License-Identifier: MIT */
/* The event ids that a customer remembers: a list of up to 8 that grows, and the full one before it. So at
 * least the last 8 are known, and most of the time more, at the price of one short text a change. */
#include "consumers/handlers.h"

#include "common/digest.h"

#define ID_CHARS 8
#define IDS      8

static bool list_has(struct slice list, const char *id);

bool event_id_is_known(const struct customer *customer, uint64_t id)
{
    char text[ID_CHARS + 1];
    digest_id_text(id, text);
    return list_has(customer_text(customer, CUSTOMER_ids), text) ||
           list_has(customer_text(customer, CUSTOMER_ids_before), text);
}

void event_id_remember(struct customer *customer, uint64_t id)
{
    char list[ID_CHARS * IDS + 1];
    struct slice ids = customer_text(customer, CUSTOMER_ids);
    if (ids.len == ID_CHARS * IDS) {
        customer_text_set(customer, CUSTOMER_ids_before, ids);
        ids.len = 0;
    }
    memcpy(list, ids.data, ids.len);
    digest_id_text(id, list + ids.len);
    customer_text_set(customer, CUSTOMER_ids, (struct slice){.data = list, .len = ids.len + ID_CHARS});
}

static bool list_has(struct slice list, const char *id)
{
    for (size_t at = 0; at + ID_CHARS <= list.len; at += ID_CHARS) {
        if (memcmp(list.data + at, id, ID_CHARS) == 0) {
            return true;
        }
    }
    return false;
}
