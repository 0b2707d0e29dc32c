/* SPDX-License-Identifier: MIT */
/* Digests: SHA-256 for what must be unforgeable, XXH64 for what only must be short. All of them are stored or
 * sent, so none may ever change, but for digest_text64. The only file that knows libcrypto and xxHash. */
#ifndef COMMON_DIGEST_H
#define COMMON_DIGEST_H

#include "common/slice.h"

#include <stdint.h>

/* 64 small hexadecimal digits and a NUL. */
void digest_sha256_hex(struct slice text, char ret[65]);
void digest_hmac_sha256_hex(struct slice key, struct slice text, char ret[65]);

/* Random lower-case hexadecimal digits that fill the buffer but for its NUL: for keys and tokens. */
void digest_random_hex(char *ret, size_t size);

/* XXH64 with seed 0 over a, a NUL, and b: the same for no two pairs of texts without NULs but by chance. */
uint64_t digest_id64(struct slice a, struct slice b);

/* XXH64 of the text, seed 0: for tables in memory. */
uint64_t digest_text64(struct slice text);

/* The low 48 bits as 8 characters of base64url, the highest bits first, and a NUL. */
void digest_id_text(uint64_t id, char ret[9]);

#endif
