/* SPDX-License-Identifier: MIT */
/* The process is started with the death signal set, so that it never outlives its test, and ended by its id.
 */
#include "tests/fakes/redis_server.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/mem.h"
#include "tests/fakes/dump.h"

#include <hiredis/hiredis.h>

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_MS 20000

struct redis_server {
    char directory[128], socket[160], config[160], address[32];
    int port;
    pid_t pid;
    struct buf answer;
};

static int free_port(void);
static void write_config(const struct redis_server *server, const char *settings);
static void run_server(struct redis_server *server);
static bool wait_until_it_answers(struct redis_server *server);
static void flatten(struct buf *text, const redisReply *reply);
static redisReply *ask(struct redis_server *server, const char *format, ...);
static struct slice text_of(const redisReply *reply);
static void give_up(const char *what, const char *why);
static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place);

struct redis_server *redis_server_start(const char *settings)
{
    struct redis_server *server = mem_zalloc(sizeof *server);
    const char *base = getenv("TMPDIR");
    snprintf(server->directory, sizeof server->directory, "%.80s/loyald-redis-XXXXXX",
             base != NULL ? base : "/tmp");
    if (mkdtemp(server->directory) == NULL) {
        give_up("making a directory for Redis", strerror(errno));
    }
    snprintf(server->socket, sizeof server->socket, "%s/redis.sock", server->directory);
    snprintf(server->config, sizeof server->config, "%s/redis.conf", server->directory);
    for (int attempt = 0; attempt < 5; attempt++) { /* another may take the port before Redis does */
        server->port = free_port();
        snprintf(server->address, sizeof server->address, "127.0.0.1:%d", server->port);
        write_config(server, settings);
        run_server(server);
        if (wait_until_it_answers(server)) {
            return server;
        }
        redis_server_kill(server);
    }
    give_up("starting redis-server", server->directory);
    return NULL;
}

void redis_server_stop(struct redis_server *server)
{
    if (server == NULL) {
        return;
    }
    redis_server_kill(server);
    (void)nftw(server->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    buf_done(&server->answer);
    mem_free(server);
}

const char *redis_server_address(const struct redis_server *server)
{
    return server->address;
}

const char *redis_server_socket(const struct redis_server *server)
{
    return server->socket;
}

const char *redis_server_ask(struct redis_server *server, const char *format, ...)
{
    redisContext *context = redisConnectUnix(server->socket);
    if (context == NULL || context->err != 0) {
        give_up("connecting to Redis", context != NULL ? context->errstr : "no memory");
    }
    va_list args;
    va_start(args, format);
    redisReply *reply = redisvCommand(context, format, args);
    va_end(args);
    if (reply == NULL) {
        give_up("asking Redis", context->errstr);
    }
    buf_reset(&server->answer);
    flatten(&server->answer, reply);
    buf_char(&server->answer, '\0');
    freeReplyObject(reply);
    redisFree(context);
    return server->answer.data;
}

void redis_server_kill(struct redis_server *server)
{
    if (server->pid > 0) {
        kill(server->pid, SIGKILL);
        while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        server->pid = 0;
    }
}

void redis_server_restart(struct redis_server *server, bool from_snapshot)
{
    char snapshot[160];
    snprintf(snapshot, sizeof snapshot, "%s/dump.rdb", server->directory);
    if (!from_snapshot) {
        (void)unlink(snapshot);
    }
    run_server(server);
    if (!wait_until_it_answers(server)) {
        give_up("starting redis-server again", server->directory);
    }
}

void redis_server_freeze(struct redis_server *server, bool frozen)
{
    kill(server->pid, frozen ? SIGSTOP : SIGCONT);
}

static void dump_key(struct redis_server *server, struct dump *dump, struct slice full, size_t before)
{
    struct slice key = {.data = full.data + before, .len = full.len - before};
    redisReply *type = ask(server, "TYPE %b", full.data, full.len);
    bool hash = strcmp(type->str, "hash") == 0;
    if (!hash && strcmp(type->str, "zset") != 0) {
        dump_field(dump, key, SLICE("?"), text_of(type));
        freeReplyObject(type);
        return;
    }
    redisReply *held = hash ? ask(server, "HGETALL %b", full.data, full.len)
                            : ask(server, "ZRANGE %b 0 -1 WITHSCORES", full.data, full.len);
    for (size_t i = 0; i + 1 < held->elements; i += 2) {
        if (hash && slice_is(key, "home") && strcmp(held->element[i + 1]->str, "0") == 0) {
            continue; /* as good as none */
        }
        if (hash) {
            dump_field(dump, key, text_of(held->element[i]), text_of(held->element[i + 1]));
        } else {
            dump_rank(dump, key, text_of(held->element[i]), (int64_t)strtod(held->element[i + 1]->str, NULL));
        }
    }
    freeReplyObject(held);
    freeReplyObject(type);
}

char *redis_server_dump(struct redis_server *server, const char *prefix, int32_t home)
{
    char begins[128];
    int before = snprintf(begins, sizeof begins, "%s:{%d}:", prefix, (int)home);
    struct dump dump = {0};
    redisReply *keys = ask(server, "KEYS %s*", begins);
    for (size_t i = 0; i < keys->elements; i++) {
        dump_key(server, &dump, text_of(keys->element[i]), (size_t)before);
    }
    freeReplyObject(keys);
    return dump_finish(&dump);
}

static int free_port(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
        give_up("finding a free port", strerror(errno));
    }
    close(fd);
    return ntohs(address.sin_port);
}

static void write_config(const struct redis_server *server, const char *settings)
{
    FILE *file = fopen(server->config, "w");
    if (file == NULL) {
        give_up("writing redis.conf", strerror(errno));
    }
    fprintf(file,
            "bind 127.0.0.1\nport %d\nunixsocket %s\ndir %s\nlogfile %s/redis.log\n"
            "save \"\"\nappendonly no\nenable-debug-command yes\n%s\n",
            server->port, server->socket, server->directory, server->directory,
            settings != NULL ? settings : "");
    if (fclose(file) != 0) {
        give_up("writing redis.conf", strerror(errno));
    }
}

static void run_server(struct redis_server *server)
{
    pid_t parent = getpid();
    server->pid = fork();
    if (server->pid < 0) {
        give_up("starting a process", strerror(errno));
    }
    if (server->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(1);
        }
        execlp("redis-server", "redis-server", server->config, (char *)NULL);
        _exit(127);
    }
}

/* False: the process has ended, or does not answer. */
static bool wait_until_it_answers(struct redis_server *server)
{
    int64_t deadline_us = clock_monotonic_us() + START_MS * 1000LL;
    while (clock_monotonic_us() < deadline_us) {
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid) {
            server->pid = 0;
            return false;
        }
        redisContext *context = redisConnectUnix(server->socket);
        redisReply *reply = context != NULL && context->err == 0 ? redisCommand(context, "PING") : NULL;
        /* NOAUTH answers, too */
        bool up =
            reply != NULL && (reply->type == REDIS_REPLY_STATUS || strncmp(reply->str, "LOADING", 7) != 0);
        if (reply != NULL) {
            freeReplyObject(reply);
        }
        if (context != NULL) {
            redisFree(context);
        }
        if (up) {
            return true;
        }
        (void)poll(NULL, 0, 5);
    }
    return false;
}

static void flatten(struct buf *text, const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_INTEGER) {
        buf_int(text, reply->integer);
    } else if (reply->type == REDIS_REPLY_ARRAY) {
        for (size_t i = 0; i < reply->elements; i++) {
            if (i > 0) {
                buf_char(text, '\n');
            }
            flatten(text, reply->element[i]);
        }
    } else if (reply->type != REDIS_REPLY_NIL) {
        buf_add(text, reply->str, (size_t)reply->len);
    }
}

static redisReply *ask(struct redis_server *server, const char *format, ...)
{
    redisContext *context = redisConnectUnix(server->socket);
    va_list args;
    va_start(args, format);
    redisReply *reply = context != NULL && context->err == 0 ? redisvCommand(context, format, args) : NULL;
    va_end(args);
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        give_up("asking Redis", reply != NULL ? reply->str : "no answer");
    }
    redisFree(context);
    return reply;
}

static struct slice text_of(const redisReply *reply)
{
    return (struct slice){.data = reply->str, .len = (size_t)reply->len};
}

static void give_up(const char *what, const char *why)
{
    fprintf(stderr, "redis_server: %s failed: %s\n", what, why);
    abort();
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}
