/* SPDX-License-Identifier: MIT */
/* The store in Redis 7 or Valkey 8, by hiredis; the only file pair that knows it.
 *
 * Keys: PREFIX:{HOME}:KEY for what belongs to a home (one hash slot per home), PREFIX:NAME for notes. The
 * position is the field `position` of PREFIX:{HOME}:home ("clearing" while a rebuild runs). Numbers are
 * decimal text. */
#ifndef COMMON_STORE_REDIS_H
#define COMMON_STORE_REDIS_H

#include "common/store.h"

struct store_redis_options {
    const char *address;  /* "host:port", or the path of a socket when it begins with '/' */
    const char *user;     /* NULL: none */
    const char *password; /* NULL: none */
    int database;
    const char *prefix;
    int connect_timeout_ms, timeout_ms;
};

/* Connects, authenticates, selects, loads the scripts, and checks the server: version 7 or later, not a
 * replica, maxmemory-policy noeviction, hash-max-listpack-value at least 64 and -entries at least 128 (only
 * warns, in *ret_warning, a buffer of 256 bytes). Each failure has its own sentence in ret_error (256 bytes).
 * AWAY when the server cannot be reached or is loading, FATAL when a setting is wrong. */
MUST_CHECK enum status store_redis_open(const struct store_redis_options *options, char *ret_warning,
                                        char *ret_error, struct store **ret_store);

/* The lease of a process name (note "lease:NAME"): writes token and what the process says of itself if the
 * lease is free (absent) or has this token, and moves its counter; BUSY with the other's token and counter in
 * ret_other (128 bytes) when it is another's. */
MUST_CHECK enum status store_redis_lease(struct store *store, const char *process, const char *token,
                                         bool take_over, const struct field *says, size_t count,
                                         char *ret_other);
MUST_CHECK enum status store_redis_lease_release(struct store *store, const char *process, const char *token);

#endif
