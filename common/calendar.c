/* SPDX-License-Identifier: MIT */
/* Time zones. ICU is asked once per zone for all its clock changes; from then on an instant is looked up in
 * that table, which never changes, so that any number of threads can read it without a lock. The arithmetic
 * of dates is in civil_date.c. The only file that knows ICU. */
#include "common/calendar.h"

#include "common/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unicode/ucal.h>
#include <unicode/uenum.h>

#define MINUTE_MS       60000LL
#define HOUR_MS         3600000LL
#define DAY_MS          86400000LL
#define OFFSET_MAX_MS   (16 * HOUR_MS)  /* Manila was nearly 16 hours behind before 1844; none is further */
#define LONG_AGO_MS     (-1e15)         /* before any zone's first clock change */
#define TABLE_END_MS    5680281600000.0 /* 2150-01-01: changes after it are not looked up */
#define ZONE_NAME_MAX   64
#define SLOT_COUNT      2048 /* of the hash of names; about 600 are taken */
#define COUNTRY_COUNT   (26 * 26)
#define COUNTRY_NO_ZONE (-1)

/* From here to the next span of its zone, local time is UTC plus the offset. */
struct span {
    int64_t from_ms, offset_ms;
};

struct zone_spans {
    size_t count; /* at least 1; the first begins at INT64_MIN */
    struct span *spans;
};

struct zone_entry {
    struct slice name;
    _Atomic(struct zone_spans *) spans; /* NULL until somebody needs it */
};

/* All zones, read once and kept for good. */
static struct {
    pthread_once_t once;
    struct zone_entry *entries;
    size_t count;
    uint16_t slots[SLOT_COUNT];          /* 1 + index of an entry, or 0 */
    atomic_int countries[COUNTRY_COUNT]; /* 1 + index of the only zone, or that there is none; 0: not asked */
    pthread_mutex_t building;            /* held while a zone's spans are read from ICU */
} world = {.once = PTHREAD_ONCE_INIT, .building = PTHREAD_MUTEX_INITIALIZER};

static struct zone_entry *find_zone(struct slice name);
static const struct zone_spans *spans_of(struct slice zone);
static int read_country(const char *country);
static size_t span_at(const struct zone_spans *zone, int64_t ms);

bool zone_exists(struct slice zone)
{
    return find_zone(zone) != NULL;
}

const char *zone_data_version(void)
{
    UErrorCode error = U_ZERO_ERROR;
    const char *version = ucal_getTZDataVersion(&error);
    assert(U_SUCCESS(error));
    return version;
}

struct slice zone_of_country(struct slice country)
{
    if (country.len != 2 || country.data[0] < 'A' || country.data[0] > 'Z' || country.data[1] < 'A' ||
        country.data[1] > 'Z') {
        return (struct slice){0};
    }
    atomic_int *known = &world.countries[(country.data[0] - 'A') * 26 + country.data[1] - 'A'];
    int found = atomic_load_explicit(known, memory_order_acquire);
    if (found == 0) {
        found = read_country((const char[]){country.data[0], country.data[1], '\0'});
        atomic_store_explicit(known, found, memory_order_release);
    }
    return found > 0 ? world.entries[found - 1].name : (struct slice){0};
}

void zone_local(struct slice zone, int64_t ms, struct civil_date *ret_date, int *ret_hour)
{
    const struct zone_spans *spans = spans_of(zone);
    int64_t local = ms + spans->spans[span_at(spans, ms)].offset_ms;
    int64_t day = local / DAY_MS - (local % DAY_MS < 0);
    *ret_date = civil_date_from_days(day);
    *ret_hour = (int)((local - day * DAY_MS) / HOUR_MS);
}

/* The smallest instant whose local time is not before the one asked for. That is all three rules of the
 * header in one: a span that ends before it holds no such instant, one that begins after it holds none
 * earlier. */
int64_t zone_instant(struct slice zone, struct civil_date date, int minute_of_day)
{
    const struct zone_spans *spans = spans_of(zone);
    int64_t local = civil_date_to_days(date) * DAY_MS + minute_of_day * MINUTE_MS;
    size_t i = span_at(spans, local - OFFSET_MAX_MS);
    for (; i + 1 < spans->count; i++) {
        if (local - spans->spans[i].offset_ms < spans->spans[i + 1].from_ms) {
            break;
        }
    }
    int64_t ms = local - spans->spans[i].offset_ms;
    return ms > spans->spans[i].from_ms ? ms : spans->spans[i].from_ms;
}

/* What the clock shows counts, so a clock change may end it, or bring it back. */
int64_t zone_outside(struct slice zone, int64_t ms, int from_minute, int to_minute)
{
    const struct zone_spans *spans = spans_of(zone);
    int64_t length = ((to_minute - from_minute) * MINUTE_MS + DAY_MS) % DAY_MS;
    for (size_t i = span_at(spans, ms);; i++) {
        int64_t local = ms + spans->spans[i].offset_ms - from_minute * MINUTE_MS;
        int64_t since = (local % DAY_MS + DAY_MS) % DAY_MS; /* since the clock last showed from_minute */
        if (since >= length) {
            return ms;
        }
        int64_t end = ms + length - since;
        if (i + 1 == spans->count || end < spans->spans[i + 1].from_ms) {
            return end;
        }
        ms = spans->spans[i + 1].from_ms;
    }
}

/* ---- the names */

/* ICU also knows names that IANA does not: SystemV/..., and three letters for whole regions, of which BST
 * would be Bangladesh and IST India. A sender who writes them means something else as often as not. */
static bool is_iana_name(struct slice name)
{
    static const char *const short_names[] = {"CET", "EET", "EST", "GMT", "HST", "MET", "MST",
                                              "PRC", "ROC", "ROK", "UCT", "UTC", "WET"};
    if (slice_has_prefix(name, SLICE("SystemV/")) || slice_is(name, "Factory") ||
        slice_is(name, "Etc/Unknown")) {
        return false;
    }
    for (size_t i = 0; i < sizeof short_names / sizeof *short_names; i++) {
        if (slice_is(name, short_names[i])) {
            return true;
        }
    }
    return name.len != 3;
}

/* FNV-1a, by Fowler, Noll and Vo. */
static size_t slot_of(struct slice name)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char)name.data[i]) * 16777619U;
    }
    return hash % SLOT_COUNT;
}

static void add_name(struct slice name)
{
    assert(world.count + 1 < SLOT_COUNT && name.len <= ZONE_NAME_MAX);
    struct zone_entry *entry = &world.entries[world.count++];
    entry->name = (struct slice){.data = mem_copy(name), .len = name.len};
    atomic_init(&entry->spans, NULL);
    size_t slot = slot_of(name);
    while (world.slots[slot] != 0) {
        slot = (slot + 1) % SLOT_COUNT;
    }
    world.slots[slot] = (uint16_t)world.count;
}

static void read_names(void)
{
    UErrorCode error = U_ZERO_ERROR;
    UEnumeration *names = ucal_openTimeZones(&error);
    int32_t count = uenum_count(names, &error);
    assert(U_SUCCESS(error) && count > 0); /* the data is part of the library */
    world.entries = mem_zalloc((size_t)count * sizeof *world.entries);
    int32_t len = 0;
    for (const char *name; (name = uenum_next(names, &len, &error)) != NULL;) {
        struct slice text = {.data = name, .len = (size_t)len};
        if (is_iana_name(text)) {
            add_name(text);
        }
    }
    uenum_close(names);
}

static struct zone_entry *find_zone(struct slice name)
{
    pthread_once(&world.once, read_names);
    if (name.len == 0 || name.len > ZONE_NAME_MAX) {
        return NULL;
    }
    for (size_t slot = slot_of(name); world.slots[slot] != 0; slot = (slot + 1) % SLOT_COUNT) {
        struct zone_entry *entry = &world.entries[world.slots[slot] - 1];
        if (slice_equal(entry->name, name)) {
            return entry;
        }
    }
    return NULL;
}

/* The canonical zones of CLDR that lie in the country: 1 + the index if it is one, else COUNTRY_NO_ZONE. */
static int read_country(const char *country)
{
    UErrorCode error = U_ZERO_ERROR;
    UEnumeration *names =
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, country, NULL, &error);
    int found = COUNTRY_NO_ZONE;
    if (U_SUCCESS(error) && uenum_count(names, &error) == 1) {
        int32_t len = 0;
        const char *name = uenum_next(names, &len, &error);
        struct zone_entry *entry =
            name != NULL ? find_zone((struct slice){.data = name, .len = (size_t)len}) : NULL;
        found = entry != NULL ? (int)(entry - world.entries) + 1 : COUNTRY_NO_ZONE;
    }
    uenum_close(names);
    return found;
}

/* ---- the clock changes of a zone */

static UCalendar *open_calendar(struct slice zone)
{
    UChar name[ZONE_NAME_MAX];
    for (size_t i = 0; i < zone.len; i++) {
        name[i] = (UChar)zone.data[i]; /* names of zones are ASCII */
    }
    UErrorCode error = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(name, (int32_t)zone.len, "en_US", UCAL_GREGORIAN, &error);
    assert(U_SUCCESS(error));
    return calendar;
}

static int64_t read_offset(UCalendar *calendar, UDate at)
{
    UErrorCode error = U_ZERO_ERROR;
    ucal_setMillis(calendar, at, &error);
    int64_t offset =
        ucal_get(calendar, UCAL_ZONE_OFFSET, &error) + ucal_get(calendar, UCAL_DST_OFFSET, &error);
    assert(U_SUCCESS(error));
    return offset;
}

static struct zone_spans *read_spans(struct slice name)
{
    UCalendar *calendar = open_calendar(name);
    struct zone_spans *zone = mem_zalloc(sizeof *zone);
    size_t capacity = 0;
    MEM_GROW(zone->spans, zone->count, capacity);
    zone->spans[zone->count++] =
        (struct span){.from_ms = INT64_MIN, .offset_ms = read_offset(calendar, LONG_AGO_MS)};

    UErrorCode error = U_ZERO_ERROR;
    UDate at = 0;
    while (ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &at, &error) &&
           at < TABLE_END_MS) {
        int64_t offset = read_offset(calendar, at);
        if (offset != zone->spans[zone->count - 1].offset_ms) { /* else only its name changed */
            MEM_GROW(zone->spans, zone->count, capacity);
            zone->spans[zone->count++] = (struct span){.from_ms = (int64_t)at, .offset_ms = offset};
        }
    }
    assert(U_SUCCESS(error));
    ucal_close(calendar);
    return zone;
}

static const struct zone_spans *spans_of(struct slice zone)
{
    struct zone_entry *entry = find_zone(zone);
    assert(entry != NULL); /* the caller has asked zone_exists */
    struct zone_spans *spans = atomic_load_explicit(&entry->spans, memory_order_acquire);
    if (spans == NULL) {
        pthread_mutex_lock(&world.building);
        spans = atomic_load_explicit(&entry->spans, memory_order_acquire);
        if (spans == NULL) {
            spans = read_spans(entry->name);
            atomic_store_explicit(&entry->spans, spans, memory_order_release);
        }
        pthread_mutex_unlock(&world.building);
    }
    return spans;
}

/* Binary search without a branch to mispredict: this runs for every purchase. */
static size_t span_at(const struct zone_spans *zone, int64_t ms)
{
    size_t at = 0;
    for (size_t left = zone->count; left > 1;) {
        size_t half = left / 2;
        at += zone->spans[at + half].from_ms <= ms ? half : 0;
        left -= half;
    }
    return at;
}
