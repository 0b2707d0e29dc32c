/* SPDX-License-Identifier: MIT */
/* The shop's customers, made up: who somebody is follows from the seed and the customer's id alone, so that
 * nobody need be kept. */
#ifndef PRODUCERS_SHOP_PEOPLE_H
#define PRODUCERS_SHOP_PEOPLE_H

#include "common/calendar.h"
#include "common/consent.h"

/* Genres of music are both what customers are interested in and the categories of the goods. A set of them is
 * a number with bit n for genre n. */
#define GENRE_COUNT 12U
const char *genre_name(unsigned genre);

struct place {
    const char *country, *region, *zone;
    const char *languages[2]; /* the second, of a minority, may be NULL */
    const char *currency;
    unsigned weight;
};

struct consent_given {
    enum contact_channel channel;
    enum consent_purpose purpose;
    enum consent_state state;
};

#define CONSENTS_MAX 4

struct person {
    struct civil_date birth; /* month 0: not known; year 0: only the day is */
    const struct place *place;
    bool tells_zone; /* the profile names the zone; else loyald has to know it from country and region */
    const char *language;
    uint32_t interests; /* one to four genres */
    struct consent_given consents[CONSENTS_MAX];
    size_t consent_count;
};

enum world { WORLD_UNITED_STATES, WORLD_WHOLE };

struct person person_make(uint64_t seed, struct slice customer, enum world world, int born_from, int born_to);

#endif
