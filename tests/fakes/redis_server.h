/* SPDX-License-Identifier: MIT */
/* A redis-server of one's own for a test: in a fresh directory, on a free loopback port and a socket, ended
 * with the test however that ends. A call that cannot do its work ends the test with a sentence. */
#ifndef TESTS_FAKES_REDIS_SERVER_H
#define TESTS_FAKES_REDIS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

struct redis_server;

/* settings: lines for redis.conf, or NULL. Returns when the server answers. */
struct redis_server *redis_server_start(const char *settings);
void redis_server_stop(struct redis_server *server);

const char *redis_server_address(const struct redis_server *server); /* "127.0.0.1:PORT" */
const char *redis_server_socket(const struct redis_server *server);  /* a path */

/* Asks as redis-cli would, on a connection of its own: "SET %s %b". The answer as text (lists with a newline
 * between their items, nothing for nil), valid until the next one; errors come as text, too. */
const char *redis_server_ask(struct redis_server *server, const char *format, ...);

/* The power fails: no goodbye, nothing saved. */
void redis_server_kill(struct redis_server *server);

/* Starts a killed server again on the same port and directory: from the last SAVE, or with nothing. */
void redis_server_restart(struct redis_server *server, bool from_snapshot);

/* Holds the process still, or lets it go on: connections stay, answers do not come. */
void redis_server_freeze(struct redis_server *server, bool frozen);

/* All that a home holds, as sorted lines (see dump.h). Returns owned (free). */
char *redis_server_dump(struct redis_server *server, const char *prefix, int32_t home);

#endif
