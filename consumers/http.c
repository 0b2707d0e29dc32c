/* SPDX-License-Identifier: MIT */
/* /livez, /readyz and /metrics by libmicrohttpd, on one thread of its own. */
#include "consumers/http.h"

#include "common/address.h"
#include "common/mem.h"
#include "common/stats.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define ERROR_BYTES   256
#define REQUEST_BYTES 8192
#define PLAIN_TEXT    "text/plain; charset=utf-8"

struct http {
    const struct http_health *health;
    struct MHD_Daemon *daemon;
    int port;
    /* The open connections' sockets, the oldest first. Touched on the server's thread only. */
    int sockets[HTTP_CONNECTIONS_MAX];
    int socket_count;
};

static enum status listen_at(const char *address, char *ret_error, int *ret_socket, int *ret_port);
static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state);
static void watch_connection(void *context, struct MHD_Connection *connection, void **state,
                             enum MHD_ConnectionNotificationCode code);

enum status http_open(const char *address, const struct http_health *health, char *ret_error,
                      struct http **ret_http)
{
    int listener = -1, port = 0;
    enum status status = listen_at(address, ret_error, &listener, &port);
    if (status != STATUS_OK) {
        return status;
    }
    struct http *http = mem_zalloc(sizeof *http);
    http->health = health;
    http->port = port;
    http->daemon = MHD_start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer, http, /* takes the listener */
        MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)REQUEST_BYTES, MHD_OPTION_NOTIFY_CONNECTION, watch_connection, http, MHD_OPTION_END);
    if (http->daemon == NULL) {
        (void)snprintf(ret_error, ERROR_BYTES, "the HTTP server at %.200s cannot be started", address);
        mem_free(http);
        return STATUS_AWAY;
    }
    *ret_http = http;
    return STATUS_OK;
}

void http_close(struct http *http)
{
    if (http != NULL) {
        MHD_stop_daemon(http->daemon); /* ends its thread */
        mem_free(http);
    }
}

int http_port(const struct http *http)
{
    return http->port;
}

/* ---- answering */

static enum MHD_Result send_text(struct MHD_Connection *connection, unsigned status, const char *content_type,
                                 struct slice text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(text.len, (void *)text.data, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO; /* closes the connection */
    }
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    }
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_health(struct MHD_Connection *connection, bool good, struct buf *text)
{
    enum MHD_Result result =
        send_text(connection, good ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, PLAIN_TEXT, buf_view(text));
    buf_done(text);
    return result;
}

static bool has_body(struct MHD_Connection *connection)
{
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return (length != NULL && strcmp(length, "0") != 0) ||
           MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING) !=
               NULL;
}

/* Called by the server as soon as the headers are read, and answered at once: a body is never waited for. */
static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    const struct http_health *health = ((struct http *)context)->health;
    struct buf text = {0};
    (void)version, (void)upload, (void)upload_size, (void)state;

    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        return send_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, PLAIN_TEXT, SLICE("only GET and HEAD\n"));
    }
    if (has_body(connection)) {
        return send_text(connection, MHD_HTTP_CONTENT_TOO_LARGE, PLAIN_TEXT,
                         SLICE("a request has no body here\n"));
    }
    if (strcmp(url, "/livez") == 0) {
        bool live = health->live(health->context, &text);
        return send_health(connection, live, &text);
    }
    if (strcmp(url, "/readyz") == 0) {
        bool ready = health->ready(health->context, &text);
        return send_health(connection, ready, &text);
    }
    if (strcmp(url, "/metrics") == 0) {
        health->metrics(health->context, &text);
        enum MHD_Result result = send_text(connection, MHD_HTTP_OK, STATS_CONTENT_TYPE, buf_view(&text));
        buf_done(&text);
        return result;
    }
    return send_text(connection, MHD_HTTP_NOT_FOUND, PLAIN_TEXT,
                     SLICE("there are /livez, /readyz and /metrics\n"));
}

/* A client that sends a byte now and then never idles. So when there is a crowd the oldest is shut down, and
 * the orchestrator's next question is always heard. The server sees the end of that socket and closes it. */
static void watch_connection(void *context, struct MHD_Connection *connection, void **state,
                             enum MHD_ConnectionNotificationCode code)
{
    struct http *http = context;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    (void)state;
    if (info == NULL) {
        return;
    }
    if (code == MHD_CONNECTION_NOTIFY_STARTED && http->socket_count < HTTP_CONNECTIONS_MAX) {
        http->sockets[http->socket_count++] = info->connect_fd;
        if (http->socket_count > HTTP_CROWD) {
            (void)shutdown(http->sockets[http->socket_count - HTTP_CROWD - 1], SHUT_RDWR);
        }
    } else if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        for (int i = 0; i < http->socket_count; i++) {
            if (http->sockets[i] == info->connect_fd) {
                memmove(&http->sockets[i], &http->sockets[i + 1],
                        (size_t)(http->socket_count - i - 1) * sizeof *http->sockets);
                http->socket_count--;
                break;
            }
        }
    }
}

/* ---- listening */

static int port_of(int fd)
{
    struct sockaddr_storage name = {0};
    socklen_t len = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &len) != 0) {
        return 0;
    }
    return ntohs(name.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&name)->sin6_port
                                            : ((struct sockaddr_in *)&name)->sin_port);
}

static enum status listen_at(const char *address, char *ret_error, int *ret_socket, int *ret_port)
{
    char host[ADDRESS_HOST_BYTES], port[8];
    int number = 0;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    if (!address_split(address, host, &number)) {
        (void)snprintf(ret_error, ERROR_BYTES, "'%.150s' is no address; write host:port", address);
        return STATUS_FATAL;
    }
    (void)snprintf(port, sizeof port, "%d", number);
    int failure = getaddrinfo(host, port, &hints, &found);
    if (failure != 0) {
        (void)snprintf(ret_error, ERROR_BYTES, "the address %.150s cannot be found: %s", address,
                       gai_strerror(failure));
        return STATUS_AWAY;
    }
    int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, found->ai_protocol);
    int reuse = 1;
    bool ok = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) == 0 &&
              bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0;
    int error = errno;
    freeaddrinfo(found);
    if (!ok) {
        (void)snprintf(ret_error, ERROR_BYTES, "cannot listen at %.150s: %s", address, strerror(error));
        if (fd >= 0) {
            close(fd);
        }
        return STATUS_AWAY;
    }
    *ret_socket = fd;
    *ret_port = port_of(fd);
    return STATUS_OK;
}
