/* SPDX-License-Identifier: MIT */
/* The strict look over a JSON document before cJSON gets it. Used by json.c only. */
#ifndef COMMON_JSON_SCAN_H
#define COMMON_JSON_SCAN_H

#include "common/json.h"

/* JSON_OK, or the first fault in the order of the text (duplicate keys of a big object: at its end). The
 * arena is for scratch. A number of more than JSON_NUMBER_BYTES_MAX characters, the most that cJSON reads, is
 * JSON_BIG_NUMBER. */
#define JSON_NUMBER_BYTES_MAX 63
enum json_fault json_scan(struct slice text, struct arena *arena);

#endif
