/* SPDX-License-Identifier: MIT */
/* The tree that cJSON builds, behind a struct that nobody else can look into. */
#include "common/json.h"

#include "common/json_scan.h"

#include <cjson/cJSON.h>

#include <pthread.h>
#include <stdlib.h>

/* The arena of the parsing that is under way on this thread. Without one (a test that uses cJSON by itself)
 * the hooks are malloc and free. */
static _Thread_local struct arena *parsing;
static pthread_once_t hooks_once = PTHREAD_ONCE_INIT;

static void set_hooks(void);

static inline const cJSON *node(const struct json *json)
{
    return (const cJSON *)json;
}

static inline const struct json *json_of(const cJSON *item)
{
    return (const struct json *)item;
}

enum json_fault json_parse(struct slice text, struct arena *arena, const struct json **ret_json)
{
    enum json_fault fault = json_scan(text, arena);
    if (fault != JSON_OK) {
        return fault;
    }
    pthread_once(&hooks_once, set_hooks);
    parsing = arena;
    const cJSON *item = cJSON_ParseWithLengthOpts(text.data, text.len, NULL, false);
    parsing = NULL;
    if (item == NULL) {
        return JSON_BAD_SYNTAX;
    }
    *ret_json = json_of(item);
    return JSON_OK;
}

enum json_type json_type(const struct json *json)
{
    switch (node(json)->type & 0xff) {
    case cJSON_False:
    case cJSON_True:
        return JSON_BOOL;
    case cJSON_Number:
        return JSON_NUMBER;
    case cJSON_String:
        return JSON_STRING;
    case cJSON_Array:
        return JSON_ARRAY;
    case cJSON_Object:
        return JSON_OBJECT;
    default:
        return JSON_NULL;
    }
}

const struct json *json_member(const struct json *json, const char *name)
{
    if (json == NULL || !cJSON_IsObject(node(json))) {
        return NULL;
    }
    const cJSON *child = node(json)->child;
    while (child != NULL && strcmp(child->string, name) != 0) {
        child = child->next;
    }
    return json_of(child);
}

const struct json *json_first(const struct json *json)
{
    return json != NULL ? json_of(node(json)->child) : NULL;
}

const struct json *json_next(const struct json *json)
{
    return json_of(node(json)->next);
}

struct slice json_name(const struct json *json)
{
    return slice_of(node(json)->string);
}

bool json_string(const struct json *json, struct slice *ret)
{
    if (json == NULL || (node(json)->type & 0xff) != cJSON_String) {
        return false;
    }
    *ret = slice_of(node(json)->valuestring);
    return true;
}

bool json_bool(const struct json *json, bool *ret)
{
    int type = json != NULL ? node(json)->type & 0xff : cJSON_Invalid;
    if (type != cJSON_True && type != cJSON_False) {
        return false;
    }
    *ret = type == cJSON_True;
    return true;
}

bool json_int(const struct json *json, int64_t *ret)
{
    if (json == NULL || (node(json)->type & 0xff) != cJSON_Number) {
        return false;
    }
    double value = node(json)->valuedouble; /* json_scan has seen that it fits */
    if (value != (double)(int64_t)value) {
        return false;
    }
    *ret = (int64_t)value;
    return true;
}

static void *alloc_hook(size_t bytes)
{
    return parsing != NULL ? arena_alloc(parsing, bytes) : malloc(bytes);
}

static void free_hook(void *p)
{
    if (parsing == NULL) {
        free(p);
    }
}

static void set_hooks(void)
{
    cJSON_Hooks hooks = {.malloc_fn = alloc_hook, .free_fn = free_hook};
    cJSON_InitHooks(&hooks);
}
