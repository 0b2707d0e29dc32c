/* SPDX-License-Identifier: MIT */
/* The HTTP side of the daemon, for orchestrators and Prometheus: /livez, /readyz and /metrics, nothing else.
 * It knows nothing of workers: what to answer comes from the callbacks, which are called on the server's own
 * thread at any time between http_open and the end of http_close. The only file pair that knows
 * libmicrohttpd.
 *
 * What a stranger can do is bounded: only GET and HEAD, requests of at most 8 KiB without a body,
 * HTTP_CONNECTIONS_MAX connections, each closed after its answer or after HTTP_IDLE_S without a byte; when
 * there are many, the oldest gives way to the newest. */
#ifndef CONSUMERS_HTTP_H
#define CONSUMERS_HTTP_H

#include "common/buf.h"
#include "common/status.h"

#include <stdbool.h>

#define HTTP_CONNECTIONS_MAX 64
#define HTTP_CROWD           48 /* from here on the oldest connection gives way */
#define HTTP_IDLE_S          10

/* Each adds text to *out; true is answered with 200, false with 503. Must not block. */
struct http_health {
    void *context;
    bool (*live)(void *context, struct buf *out);  /* false: the process should be restarted */
    bool (*ready)(void *context, struct buf *out); /* a line for each trouble of a worker or a home */
    void (*metrics)(void *context, struct buf *out);
};

struct http;

/* address: "host:port", "[::1]:port"; port 0: any free one. AWAY when the address cannot be had now, FATAL
 * when it is none; ret_error (256 bytes) says why. *health must live until http_close. */
MUST_CHECK enum status http_open(const char *address, const struct http_health *health, char *ret_error,
                                 struct http **ret_http);

/* Waits for answers in hand. NULL is fine. */
void http_close(struct http *http);

int http_port(const struct http *http);

#endif
