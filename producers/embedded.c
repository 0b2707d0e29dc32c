/* SPDX-License-Identifier: MIT */
/* A private redis-server as a child process, beside the embedded Kafka. */
#include "producers/embedded.h"

#include "common/clock.h"
#include "common/mem.h"
#include "producers/kafka_embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define ERROR_SIZE    256
#define PATIENCE_US   10000000
#define EXIT_NO_REDIS 127 /* the shell's own for "command not found" */

struct embedded {
    struct kafka_embedded *kafka;
    pid_t redis;     /* 0: none */
    char *directory; /* NULL: none */
    char *socket;
};

static enum status redis_open(struct embedded *embedded, char *ret_error);
static void redis_close(struct embedded *embedded);
static void replace(char **text, const char *with);

enum status embedded_open(const struct settings *settings, char *ret_error, struct embedded **ret_embedded)
{
    struct embedded *embedded = mem_zalloc(sizeof *embedded);
    /* The child first: it is forked while this process still has one thread. */
    enum status status = redis_open(embedded, ret_error);
    if (status == STATUS_OK) {
        status = kafka_embedded_open(settings, (int32_t)settings->process_embedded_homes, ret_error,
                                     &embedded->kafka);
    }
    if (status != STATUS_OK) {
        embedded_close(embedded);
        return status;
    }
    *ret_embedded = embedded;
    return STATUS_OK;
}

void embedded_close(struct embedded *embedded)
{
    if (embedded == NULL) {
        return;
    }
    kafka_embedded_close(embedded->kafka);
    redis_close(embedded);
    mem_free(embedded);
}

const char *embedded_kafka(const struct embedded *embedded)
{
    return kafka_embedded_bootstrap(embedded->kafka);
}

const char *embedded_redis(const struct embedded *embedded)
{
    return embedded->socket;
}

void embedded_apply(const struct embedded *embedded, struct settings *settings)
{
    static const char name[] = "bootstrap.servers=";
    for (size_t i = 0; i < settings->kafka.count; i++) {
        mem_free(settings->kafka.items[i]);
    }
    settings->kafka.items = mem_realloc(settings->kafka.items, sizeof *settings->kafka.items);
    settings->kafka.count = 1;
    size_t size = sizeof name + strlen(embedded_kafka(embedded));
    settings->kafka.items[0] = mem_alloc(size);
    snprintf(settings->kafka.items[0], size, "%s%s", name, embedded_kafka(embedded));
    replace(&settings->redis_address, embedded->socket);
    replace(&settings->redis_user, "");
    replace(&settings->redis_password_file, "");
    settings->redis_database = 0;
}

static void replace(char **text, const char *with)
{
    mem_free(*text);
    *text = mem_strdup(with);
}

/* ---- the directory */

static char *join(const char *directory, const char *name)
{
    size_t size = strlen(directory) + strlen(name) + 2;
    char *path = mem_alloc(size);
    snprintf(path, size, "%s/%s", directory, name);
    return path;
}

static enum status make_directory(struct embedded *embedded, char *ret_error)
{
    const char *parent = getenv("TMPDIR");
    char *path = join(parent != NULL && parent[0] == '/' ? parent : "/tmp", "loyald-XXXXXX");
    if (mkdtemp(path) == NULL) {
        snprintf(ret_error, ERROR_SIZE, "the directory %.100s cannot be made: %s", path, strerror(errno));
        mem_free(path);
        return STATUS_FATAL;
    }
    embedded->directory = path;
    embedded->socket = join(path, "redis.sock");
    if (strlen(embedded->socket) >= sizeof(struct sockaddr_un){0}.sun_path) {
        snprintf(ret_error, ERROR_SIZE, "TMPDIR is too long for the path of a socket; name a shorter one");
        return STATUS_FATAL;
    }
    return STATUS_OK;
}

static void remove_file(const char *directory, const char *name)
{
    char *path = join(directory, name);
    (void)unlink(path);
    mem_free(path);
}

/* ---- redis-server */

/* In the child, between fork and exec: nothing here takes a lock or memory. */
static _Noreturn void become_redis(const char *directory, const char *socket_path, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(EXIT_NO_REDIS); /* the parent ended before its end could be asked for */
    }
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
        dup2(null, STDERR_FILENO) < 0) {
        _exit(EXIT_NO_REDIS);
    }
    /* A Ctrl-C at the terminal is the daemon's to answer: it needs Redis while it drains. */
    (void)setpgid(0, 0);
    execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_path, "--unixsocketperm",
           "700", "--dir", directory, "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction",
           "--daemonize", "no", "--logfile", "redis.log", (char *)NULL);
    _exit(EXIT_NO_REDIS);
}

static bool answers(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return connected;
}

/* The child has ended by itself. */
static enum status explain_end(struct embedded *embedded, int outcome, char *ret_error)
{
    embedded->redis = 0;
    if (WIFEXITED(outcome) && WEXITSTATUS(outcome) == EXIT_NO_REDIS) {
        snprintf(ret_error, ERROR_SIZE,
                 "redis-server cannot be started; install it, or name a Redis in "
                 "redis.address and do without process.embedded");
    } else {
        snprintf(ret_error, ERROR_SIZE, "redis-server has ended by itself; start it by hand to see why");
    }
    return STATUS_FATAL;
}

static enum status wait_until_it_answers(struct embedded *embedded, char *ret_error)
{
    int64_t deadline_us = clock_monotonic_us() + PATIENCE_US;
    while (!answers(embedded->socket)) {
        int outcome = 0;
        if (waitpid(embedded->redis, &outcome, WNOHANG) == embedded->redis) {
            return explain_end(embedded, outcome, ret_error);
        }
        if (clock_monotonic_us() >= deadline_us) {
            snprintf(ret_error, ERROR_SIZE, "redis-server does not answer on %.100s", embedded->socket);
            return STATUS_FATAL;
        }
        (void)poll(NULL, 0, 5);
    }
    return STATUS_OK;
}

static enum status redis_open(struct embedded *embedded, char *ret_error)
{
    enum status status = make_directory(embedded, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        become_redis(embedded->directory, embedded->socket, parent);
    }
    if (child < 0) {
        snprintf(ret_error, ERROR_SIZE, "no process can be made for redis-server: %s", strerror(errno));
        return STATUS_FATAL;
    }
    embedded->redis = child;
    return wait_until_it_answers(embedded, ret_error);
}

/* It has nothing to save, so it need not be asked. */
static void redis_close(struct embedded *embedded)
{
    if (embedded->redis > 0) {
        (void)kill(embedded->redis, SIGKILL);
        while (waitpid(embedded->redis, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (embedded->directory != NULL) {
        remove_file(embedded->directory, "redis.sock");
        remove_file(embedded->directory, "redis.log");
        (void)rmdir(embedded->directory);
    }
    mem_free(embedded->socket);
    mem_free(embedded->directory);
}
