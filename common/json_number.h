/* SPDX-License-Identifier: MIT */
/* The numbers of json_scan.c. */
#ifndef COMMON_JSON_NUMBER_H
#define COMMON_JSON_NUMBER_H

#include "common/json.h"

/* Moves *at behind the number that begins there; end is the end of the text. JSON_BAD_SYNTAX: no number of
 * JSON. */
enum json_fault json_scan_number(const unsigned char **at, const unsigned char *end);

#endif
