/* SPDX-License-Identifier: MIT */
/* One connection to Redis. hiredis connects and parses; sending and receiving are ours: the socket never
 * blocks, so that a long pipeline is read while it is still being written, and replies are built straight in
 * the caller's arena. Knows nothing of stores, homes or scripts. */
#include "common/store_redis_private.h"

#include "common/address.h"
#include "common/clock.h"
#include "common/mem.h"

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define RECEIVE_BYTES (32 * 1024) /* more makes hiredis' moving of the rest dearer than the calls saved */
#define SEND_BUFFER   (4 * 1024 * 1024) /* the kernel gives what its limit allows */

struct redis_link {
    redisContext *context;
    redisReader *reader;
    struct arena *arena; /* where the reply being parsed goes */
    struct buf out;
    size_t sent; /* of out */
    int timeout_ms;
    char error[160];
};

/* hiredis 1.0 counts elements in size_t. */
#if defined(HIREDIS_MAJOR) && HIREDIS_MAJOR >= 1
typedef size_t element_count;
#else
typedef int element_count;
#endif

static redisContext *connect_to(const char *address, int timeout_ms, char *error);
static bool find_place(const char *address, char *ret_host, int *ret_port);
static void drop_sent(struct redis_link *link);
static bool wait_for_socket(struct redis_link *link, bool *ret_writable);
static bool receive(struct redis_link *link);
static void *build_text(const redisReadTask *task, char *text, size_t len);
static void *build_list(const redisReadTask *task, element_count count);
static void *build_number(const redisReadTask *task, long long number);
static void *build_nil(const redisReadTask *task);
static void leave_to_arena(void *reply);

static redisReplyObjectFunctions builders = {
    .createString = build_text,
    .createArray = build_list,
    .createInteger = build_number,
    .createNil = build_nil,
    .freeObject = leave_to_arena,
};

struct redis_link *link_open(const char *address, int connect_timeout_ms, int timeout_ms, char *error)
{
    redisContext *context = connect_to(address, connect_timeout_ms, error);
    if (context == NULL) {
        return NULL;
    }
    int flags = fcntl(context->fd, F_GETFL);
    if (flags < 0 || fcntl(context->fd, F_SETFL, flags | O_NONBLOCK) < 0) {
        snprintf(error, 256, "the socket to Redis at %s cannot be set up: %s", address, strerror(errno));
        redisFree(context);
        return NULL;
    }
    if (address[0] == '/') { /* TCP's buffers grow by themselves, and would stop doing so */
        int bytes = SEND_BUFFER;
        (void)setsockopt(context->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    } else {
        (void)redisEnableKeepAlive(context);
    }
    struct redis_link *link = mem_zalloc(sizeof *link);
    link->context = context;
    link->timeout_ms = timeout_ms;
    link->reader = redisReaderCreateWithFunctions(&builders);
    if (link->reader == NULL) {
        snprintf(error, 256, "there is no memory for the connection to Redis");
        link_close(link);
        return NULL;
    }
    link->reader->maxbuf = 0; /* keep the buffer: it is used again at once */
    link->reader->privdata = link;
    return link;
}

void link_close(struct redis_link *link)
{
    if (link == NULL) {
        return;
    }
    if (link->reader != NULL) {
        redisReaderFree(link->reader);
    }
    redisFree(link->context);
    buf_done(&link->out);
    mem_free(link);
}

bool link_knows_address(const char *address)
{
    char host[ADDRESS_HOST_BYTES];
    int port = 0;
    return address[0] == '/' || find_place(address, host, &port);
}

struct buf *link_out(struct redis_link *link)
{
    return &link->out;
}

const char *link_error(const struct redis_link *link)
{
    return link->error;
}

bool link_send(struct redis_link *link, size_t keep_bytes)
{
    while (link->sent < link->out.len) {
        ssize_t n =
            send(link->context->fd, link->out.data + link->sent, link->out.len - link->sent, MSG_NOSIGNAL);
        if (n > 0) {
            link->sent += (size_t)n;
            continue;
        }
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            snprintf(link->error, sizeof link->error, "sending to Redis failed: %s", strerror(errno));
            return false;
        }
        if (link->out.len - link->sent <= keep_bytes) {
            drop_sent(link);
            return true;
        }
        /* what is taken in here waits unparsed, and hiredis moves it at every parse: only what must be */
        bool writable = false;
        if (!wait_for_socket(link, &writable) || (!writable && !receive(link))) {
            return false;
        }
    }
    buf_reset(&link->out);
    link->sent = 0;
    return true;
}

struct reply *link_next(struct redis_link *link, struct arena *arena)
{
    if (!link_send(link, 0)) {
        return NULL;
    }
    link->arena = arena;
    for (;;) {
        void *reply = NULL;
        if (redisReaderGetReply(link->reader, &reply) != REDIS_OK) {
            snprintf(link->error, sizeof link->error, "Redis' answer cannot be read: %s",
                     link->reader->errstr);
            return NULL;
        }
        if (reply != NULL) {
            return reply;
        }
        bool writable = false;
        if (!wait_for_socket(link, &writable) || !receive(link)) {
            return NULL;
        }
    }
}

static redisContext *connect_to(const char *address, int timeout_ms, char *error)
{
    struct timeval timeout = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    redisContext *context = NULL;
    if (address[0] == '/') {
        context = redisConnectUnixWithTimeout(address, timeout);
    } else {
        char host[ADDRESS_HOST_BYTES];
        int port = 0;
        if (!find_place(address, host, &port)) {
            snprintf(error, 256, "\"%.150s\" is no address", address);
            return NULL;
        }
        context = redisConnectWithTimeout(host, port, timeout);
    }
    if (context == NULL || context->err != 0) {
        snprintf(error, 256, "Redis at %.100s cannot be reached: %.100s", address,
                 context != NULL ? context->errstr : "no memory");
        redisFree(context);
        return NULL;
    }
    return context;
}

/* Nothing listens at port 0. */
static bool find_place(const char *address, char *ret_host, int *ret_port)
{
    return address_split(address, ret_host, ret_port) && *ret_port > 0;
}

static void drop_sent(struct redis_link *link)
{
    if (link->sent > link->out.len / 2) {
        link->out.len -= link->sent;
        memmove(link->out.data, link->out.data + link->sent, link->out.len);
        link->sent = 0;
    }
}

/* Until the socket has bytes for us, or takes ours when there are any. */
static bool wait_for_socket(struct redis_link *link, bool *ret_writable)
{
    bool sending = link->sent < link->out.len;
    struct pollfd wanted = {.fd = link->context->fd, .events = (short)(sending ? POLLIN | POLLOUT : POLLIN)};
    int64_t deadline_us = clock_monotonic_us() + (int64_t)link->timeout_ms * 1000;
    for (;;) {
        int64_t left_us = deadline_us - clock_monotonic_us();
        int ready = poll(&wanted, 1, left_us > 0 ? (int)((left_us + 999) / 1000) : 0);
        if (ready > 0) {
            *ret_writable = (wanted.revents & POLLOUT) != 0;
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            snprintf(link->error, sizeof link->error, "waiting for Redis failed: %s", strerror(errno));
            return false;
        }
        if (ready == 0 && left_us <= 0) {
            snprintf(link->error, sizeof link->error, "Redis did not answer within %d ms", link->timeout_ms);
            return false;
        }
    }
}

static bool receive(struct redis_link *link)
{
    char bytes[RECEIVE_BYTES];
    ssize_t n = recv(link->context->fd, bytes, sizeof bytes, 0);
    if (n == 0) {
        snprintf(link->error, sizeof link->error, "Redis closed the connection");
        return false;
    }
    if (n < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
            return true;
        }
        snprintf(link->error, sizeof link->error, "reading from Redis failed: %s", strerror(errno));
        return false;
    }
    if (redisReaderFeed(link->reader, bytes, (size_t)n) != REDIS_OK) {
        snprintf(link->error, sizeof link->error, "Redis' answer cannot be kept: %s", link->reader->errstr);
        return false;
    }
    return true;
}

/* An element of a list lies in its list's array, anything else in the arena. */
static struct reply *reply_of(const redisReadTask *task, enum reply_kind kind)
{
    struct redis_link *link = task->privdata;
    struct reply *reply = NULL;
    if (task->parent != NULL) {
        struct reply *list = task->parent->obj;
        reply = &list->items[task->idx];
    } else {
        reply = arena_alloc(link->arena, sizeof *reply);
    }
    *reply = (struct reply){.kind = kind};
    return reply;
}

static void *build_text(const redisReadTask *task, char *text, size_t len)
{
    struct redis_link *link = task->privdata;
    struct reply *reply = reply_of(task, task->type == REDIS_REPLY_ERROR ? REPLY_ERROR : REPLY_TEXT);
    reply->text = arena_copy(link->arena, (struct slice){.data = text, .len = len});
    return reply;
}

static void *build_list(const redisReadTask *task, element_count count)
{
    struct redis_link *link = task->privdata;
    struct reply *reply = reply_of(task, REPLY_LIST);
    reply->count = (size_t)count;
    if (count > 0) {
        reply->items = arena_alloc(link->arena, reply->count * sizeof *reply->items);
    }
    return reply;
}

static void *build_number(const redisReadTask *task, long long number)
{
    struct reply *reply = reply_of(task, REPLY_NUMBER);
    reply->number = number;
    return reply;
}

static void *build_nil(const redisReadTask *task)
{
    return reply_of(task, REPLY_NIL);
}

static void leave_to_arena(void *reply)
{
    (void)reply;
}
