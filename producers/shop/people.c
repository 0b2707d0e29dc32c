/* SPDX-License-Identifier: MIT */
#include "producers/shop/people.h"

#include "producers/shop/random.h"

#include <assert.h>

#define PERCENT (PPM / 100)

static const char *const genres[GENRE_COUNT] = {"rock",    "pop",        "jazz",       "classical",
                                                "country", "blues",      "folk",       "hip_hop",
                                                "soul",    "electronic", "soundtrack", "world"};

/* Weights are about the inhabitants in millions. The states of the United States come first. */
static const struct place places[] = {
    {"US", "CA",  "America/Los_Angeles", {"en-US", "es-US"}, "USD", 33},
    {"US", "TX",  "America/Chicago",     {"en-US", "es-US"}, "USD", 20},
    {"US", "NY",  "America/New_York",    {"en-US", "es-US"}, "USD", 19},
    {"US", "FL",  "America/New_York",    {"en-US", "es-US"}, "USD", 15},
    {"US", "IL",  "America/Chicago",     {"en-US", NULL},    "USD", 12},
    {"US", "PA",  "America/New_York",    {"en-US", NULL},    "USD", 12},
    {"US", "OH",  "America/New_York",    {"en-US", NULL},    "USD", 11},
    {"US", "MI",  "America/Detroit",     {"en-US", NULL},    "USD", 10},
    {"US", "NJ",  "America/New_York",    {"en-US", "es-US"}, "USD", 8 },
    {"US", "GA",  "America/New_York",    {"en-US", NULL},    "USD", 8 },
    {"US", "MA",  "America/New_York",    {"en-US", NULL},    "USD", 6 },
    {"US", "WA",  "America/Los_Angeles", {"en-US", NULL},    "USD", 6 },
    {"US", "AZ",  "America/Phoenix",     {"en-US", "es-US"}, "USD", 5 },
    {"US", "CO",  "America/Denver",      {"en-US", NULL},    "USD", 4 },
    {"US", "AK",  "America/Anchorage",   {"en-US", NULL},    "USD", 1 },
    {"US", "HI",  "Pacific/Honolulu",    {"en-US", NULL},    "USD", 1 },
#define PLACES_US 16
    {"DE", "BE",  "Europe/Berlin",       {"de-DE", "tr-DE"}, "EUR", 20},
    {"DE", "BY",  "Europe/Berlin",       {"de-DE", NULL},    "EUR", 20},
    {"FR", "IDF", "Europe/Paris",        {"fr-FR", NULL},    "EUR", 30},
    {"ES", "MD",  "Europe/Madrid",       {"es-ES", NULL},    "EUR", 20},
    {"ES", "CN",  "Atlantic/Canary",     {"es-ES", NULL},    "EUR", 2 },
    {"GB", "ENG", "Europe/London",       {"en-GB", NULL},    "GBP", 30},
    {"CN", "SH",  "Asia/Shanghai",       {"zh-CN", NULL},    "CNY", 40},
    {"JP", "13",  "Asia/Tokyo",          {"ja-JP", NULL},    "JPY", 30},
    {"IN", "MH",  "Asia/Kolkata",        {"en-IN", "hi-IN"}, "INR", 30},
    {"BR", "SP",  "America/Sao_Paulo",   {"pt-BR", NULL},    "BRL", 20},
    {"NP", "P3",  "Asia/Kathmandu",      {"ne-NP", NULL},    "NPR", 2 },
};
#define PLACES_ALL (sizeof places / sizeof places[0])

static const struct place *choose_place(struct random *random, enum world world);
static struct civil_date choose_birth(struct random *random, int from, int to);
static uint32_t choose_interests(struct random *random);
static void choose_consents(struct random *random, struct person *person);
static uint64_t hash(struct slice text);

const char *genre_name(unsigned genre)
{
    assert(genre < GENRE_COUNT);
    return genres[genre];
}

struct person person_make(uint64_t seed, struct slice customer, enum world world, int born_from, int born_to)
{
    struct random random = random_of(seed, 'P', hash(customer));
    struct person person = {.place = choose_place(&random, world)};
    person.tells_zone = random_chance(&random, 40 * PERCENT);
    bool of_minority = random_chance(&random, 15 * PERCENT) && person.place->languages[1] != NULL;
    person.language = person.place->languages[of_minority];
    person.birth = choose_birth(&random, born_from, born_to);
    person.interests = choose_interests(&random);
    choose_consents(&random, &person);
    return person;
}

static const struct place *choose_place(struct random *random, enum world world)
{
    size_t count = world == WORLD_UNITED_STATES ? PLACES_US : PLACES_ALL;
    unsigned total = 0;
    for (size_t i = 0; i < count; i++) {
        total += places[i].weight;
    }
    unsigned at = random_below(random, total);
    const struct place *place = places;
    for (; at >= place->weight; place++) {
        at -= place->weight;
    }
    return place;
}

/* One in ten says nothing, one in ten no year; and one in 200 is born on 29 February, which is seven times as
 * many as in life, so that the rule for it is seen at work. */
static struct civil_date choose_birth(struct random *random, int from, int to)
{
    struct civil_date birth = {.year = (int)random_between(random, from, to)};
    struct civil_date first = {.year = birth.year, .month = 1, .day = 1};
    birth = civil_date_from_days(civil_date_to_days(first) + random_below(random, 365));
    bool on_leap_day = random_chance(random, PERCENT / 2);
    uint32_t manner = random_below(random, 10);
    if (on_leap_day) {
        birth = (struct civil_date){.year = birth.year / 4 * 4, .month = 2, .day = 29};
    }
    if (manner == 0) {
        return (struct civil_date){0};
    }
    birth.year = manner == 1 ? 0 : birth.year;
    return birth;
}

static uint32_t choose_interests(struct random *random)
{
    uint32_t interests = 0;
    for (int64_t left = random_between(random, 1, 4); left > 0; left--) {
        /* the smaller of two: genres that stand first are the more popular */
        uint32_t a = random_below(random, GENRE_COUNT), b = random_below(random, GENRE_COUNT);
        interests |= 1U << (a < b ? a : b);
    }
    return interests;
}

static void choose_consents(struct random *random, struct person *person)
{
    static const struct {
        struct consent_given consent;
        uint32_t percent;
    } chances[CONSENTS_MAX] = {
        {{CONTACT_email, PURPOSE_MARKETING, CONSENT_GRANTED}, 65},
        {{CONTACT_email, PURPOSE_CONTENT, CONSENT_GRANTED},   40},
        {{CONTACT_push, PURPOSE_MARKETING, CONSENT_GRANTED},  30},
        {{CONTACT_sms, PURPOSE_MARKETING, CONSENT_GRANTED},   15},
    };
    for (size_t i = 0; i < CONSENTS_MAX; i++) {
        struct consent_given consent = chances[i].consent;
        uint32_t at = random_below(random, 100);
        if (at >= chances[i].percent) { /* of who does not agree one in five says so */
            consent.state = at % 5 == 0 ? CONSENT_WITHDRAWN : CONSENT_UNKNOWN;
        }
        if (consent.state != CONSENT_UNKNOWN) {
            person->consents[person->consent_count++] = consent;
        }
    }
}

/* FNV-1a, by Fowler, Noll and Vo. */
static uint64_t hash(struct slice text)
{
    uint64_t value = 14695981039346656037ULL;
    for (size_t i = 0; i < text.len; i++) {
        value = (value ^ (unsigned char)text.data[i]) * 1099511628211ULL;
    }
    return value;
}
