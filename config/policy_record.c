/* SPDX-License-Identifier: MIT */
/* The policy as a record of the home log carries it: the YAML text, and which fold and which zone data it was
 * made for. What cannot be folded as the record's author meant is not folded at all. */
#include "config/policy.h"

#include "common/digest.h"
#include "common/json.h"
#include "config/policy_parts.h"

#include <inttypes.h>
#include <stdio.h>

#define PROBLEM_BYTES     256
#define ARENA_BLOCK_BYTES 65536

/* The members of the body. */
struct record_text {
    struct policy_versions needed;
    struct slice yaml;
};

static bool read_body(struct slice body, struct arena *arena, char *problem, struct record_text *ret_text);
static enum policy_fault read_policy(const struct record_text *text, char *problem,
                                     struct policy **ret_policy);

void policy_record_body(struct slice yaml, struct buf *out)
{
    buf_text(out, "{\"fold\": ");
    buf_int(out, FOLD_VERSION);
    buf_text(out, ", \"zones\": ");
    buf_json_string(out, slice_of(zone_data_version()));
    buf_text(out, ", \"policy\": ");
    buf_json_string(out, yaml);
    buf_char(out, '}');
}

void policy_version_of(struct slice body, char ret[17])
{
    char digest[65];
    digest_sha256_hex(body, digest);
    memcpy(ret, digest, 16);
    ret[16] = '\0';
}

struct policy_versions policy_versions_here(void)
{
    return (struct policy_versions){.fold = FOLD_VERSION, .zones = slice_of(zone_data_version())};
}

enum policy_gap policy_gap(struct policy_versions needed, struct policy_versions known)
{
    if (needed.fold != known.fold) {
        return POLICY_FOLD_GAP;
    }
    return slice_compare(needed.zones, known.zones) > 0 ? POLICY_ZONE_GAP : POLICY_NO_GAP;
}

enum policy_fault policy_record_read(struct slice body, char *problem, struct policy **ret_policy)
{
    struct arena *arena = arena_create(ARENA_BLOCK_BYTES);
    struct record_text text = {0};
    struct policy *policy = NULL;
    enum policy_fault fault = POLICY_UNREADABLE;
    if (read_body(body, arena, problem, &text)) {
        fault = read_policy(&text, problem, &policy);
    }
    arena_destroy(arena);
    if (fault == POLICY_OK) {
        policy_version_of(body, policy->version);
        *ret_policy = policy;
    }
    return fault;
}

static bool read_body(struct slice body, struct arena *arena, char *problem, struct record_text *ret_text)
{
    const struct json *json = NULL;
    struct record_text text = {0};
    if (json_parse(body, arena, &json) != JSON_OK) {
        (void)snprintf(problem, PROBLEM_BYTES, "the body of the policy record is no JSON");
        return false;
    }
    const struct json *fold = json_member(json, "fold"), *zones = json_member(json, "zones");
    const struct json *policy = json_member(json, "policy");
    if (fold == NULL || zones == NULL || policy == NULL || !json_int(fold, &text.needed.fold) ||
        !json_string(zones, &text.needed.zones) || !json_string(policy, &text.yaml)) {
        (void)snprintf(
            problem, PROBLEM_BYTES,
            "the body of a policy record must have fold, a whole number, and zones and policy, texts");
        return false;
    }
    *ret_text = text;
    return true;
}

static enum policy_fault read_policy(const struct record_text *text, char *problem,
                                     struct policy **ret_policy)
{
    const struct slice zones = text->needed.zones;
    switch (policy_gap(text->needed, policy_versions_here())) {
    case POLICY_NO_GAP:
        break;
    case POLICY_FOLD_GAP:
        (void)snprintf(problem, PROBLEM_BYTES,
                       "the policy is for fold version %" PRId64
                       ", this program has version %d; start a loyald "
                       "that knows it",
                       text->needed.fold, FOLD_VERSION);
        return POLICY_UNKNOWN_VERSION;
    case POLICY_ZONE_GAP:
        (void)snprintf(problem, PROBLEM_BYTES,
                       "the policy is for the zone data %.*s, this program has %s; update its ICU library",
                       (int)(zones.len < 32 ? zones.len : 32), zones.data, zone_data_version());
        return POLICY_UNKNOWN_VERSION;
    }
    struct buf problems = {0};
    bool ok = policy_parse("policy", text->yaml, &problems, ret_policy);
    if (!ok) {
        struct slice all = buf_view(&problems);
        const char *end = memchr(all.data, '\n', all.len);
        (void)snprintf(problem, PROBLEM_BYTES, "%.*s",
                       (int)(end != NULL ? end - all.data : (ptrdiff_t)all.len), all.data);
    }
    buf_done(&problems);
    return ok ? POLICY_OK : POLICY_UNREADABLE;
}
