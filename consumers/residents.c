/* SPDX-License-Identifier: MIT */
#include "consumers/residents.h"

#include "common/digest.h"
#include "common/mem.h"

#include <assert.h>

static size_t slot_of(const struct residents *residents, uint64_t hash, struct slice id);
static void grow(struct residents *residents);
static void remove_slot(struct residents *residents, size_t slot);

void residents_done(struct residents *residents)
{
    for (size_t i = 0; i < residents->capacity; i++) {
        if (residents->slots[i] != NULL) {
            customer_destroy(residents->slots[i]->customer);
            mem_free(residents->slots[i]);
        }
    }
    mem_free(residents->slots);
    *residents = (struct residents){0};
}

struct resident *residents_find(struct residents *residents, struct slice id)
{
    if (residents->count == 0) {
        return NULL;
    }
    struct resident *resident = residents->slots[slot_of(residents, digest_text64(id), id)];
    if (resident != NULL) {
        resident->recent = true;
    }
    return resident;
}

struct resident *residents_add(struct residents *residents, struct slice id)
{
    if (4 * (residents->count + 1) > 3 * residents->capacity) {
        grow(residents);
    }
    struct resident *resident = mem_zalloc(sizeof *resident);
    resident->customer = customer_create(id);
    resident->hash = digest_text64(id);
    resident->recent = true;
    size_t slot = slot_of(residents, resident->hash, id);
    assert(residents->slots[slot] == NULL);
    residents->slots[slot] = resident;
    residents->count++;
    return resident;
}

/* The second-chance clock: who was used since the hand last passed stays one round more. */
size_t residents_sweep(struct residents *residents, size_t wanted)
{
    size_t gone = 0;
    for (size_t moved = 0; moved < 2 * residents->capacity && gone < wanted;) {
        if (residents->hand >= residents->capacity) {
            residents->hand = 0;
        }
        struct resident *resident = residents->slots[residents->hand];
        if (resident == NULL || resident->touched || resident->firing) {
            residents->hand++;
            moved++;
        } else if (resident->recent) {
            resident->recent = false;
            residents->hand++;
            moved++;
        } else {
            remove_slot(residents, residents->hand); /* may move another one here: look again */
            gone++;
        }
    }
    return gone;
}

/* Where this id is, or the free slot where it would go. */
static size_t slot_of(const struct residents *residents, uint64_t hash, struct slice id)
{
    size_t mask = residents->capacity - 1;
    size_t slot = hash & mask;
    while (residents->slots[slot] != NULL &&
           (residents->slots[slot]->hash != hash ||
            !slice_equal(customer_id(residents->slots[slot]->customer), id))) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void grow(struct residents *residents)
{
    struct residents old = *residents;
    residents->capacity = old.capacity > 0 ? 2 * old.capacity : 64;
    residents->slots = mem_zalloc(residents->capacity * sizeof *residents->slots);
    residents->hand = 0;
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.slots[i] != NULL) {
            residents->slots[slot_of(residents, old.slots[i]->hash, customer_id(old.slots[i]->customer))] =
                old.slots[i];
        }
    }
    mem_free(old.slots);
}

/* Closes the gap as linear probing asks: whoever would no longer be found moves up. */
static void remove_slot(struct residents *residents, size_t slot)
{
    size_t mask = residents->capacity - 1;
    customer_destroy(residents->slots[slot]->customer);
    mem_free(residents->slots[slot]);
    residents->slots[slot] = NULL;
    residents->count--;
    size_t gap = slot;
    for (size_t i = (slot + 1) & mask; residents->slots[i] != NULL; i = (i + 1) & mask) {
        size_t ideal = residents->slots[i]->hash & mask;
        if (((i - ideal) & mask) >= ((i - gap) & mask)) {
            residents->slots[gap] = residents->slots[i];
            residents->slots[i] = NULL;
            gap = i;
        }
    }
}
