/* SPDX-License-Identifier: MIT */
/* The HTTP side, by raw sockets: what it answers, and what it does not let strangers do. */
#include "consumers/http.h"

#include "common/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE_S 5 /* less than HTTP_IDLE_S: nobody here is answered only because others went idle */
_Static_assert(DEADLINE_S < HTTP_IDLE_S, "see above");

struct world {
    bool live, ready;
    struct http_health health;
    struct http *http;
    struct buf answer;
};

static bool live(void *context, struct buf *out)
{
    struct world *world = context;
    buf_text(out, world->live ? "alive\n" : "worker 1 has not moved for 60 s\n");
    return world->live;
}

static bool ready(void *context, struct buf *out)
{
    struct world *world = context;
    buf_text(out, world->ready ? "ready\n" : "worker 0: Redis cannot be reached\nhome 7 is parked\n");
    return world->ready;
}

static void metrics(void *context, struct buf *out)
{
    (void)context;
    buf_text(out, "loyald_batches_total 1\n");
}

static int set_up(void **state)
{
    char error[256] = "";
    struct world *world = mem_zalloc(sizeof *world);
    world->live = world->ready = true;
    world->health = (struct http_health){.context = world, .live = live, .ready = ready, .metrics = metrics};
    assert_int_equal(http_open("127.0.0.1:0", &world->health, error, &world->http), STATUS_OK);
    assert_true(http_port(world->http) > 0);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    http_close(world->http);
    buf_done(&world->answer);
    mem_free(world);
    return 0;
}

static int dial(struct world *world)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)http_port(world->http)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval deadline = {.tv_sec = DEADLINE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* Reads until the server closes; what it said is in world->answer. */
static void hear(struct world *world, int fd)
{
    char block[4096];
    ssize_t got = 0;
    buf_reset(&world->answer);
    while ((got = recv(fd, block, sizeof block, 0)) > 0) {
        buf_add(&world->answer, block, (size_t)got);
    }
    close(fd);
    buf_add(&world->answer, "", 1);
}

static void ask(struct world *world, const char *request)
{
    int fd = dial(world);
    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    hear(world, fd);
}

static void then_answer(struct world *world, int status, const char *contained)
{
    char first[32];
    (void)snprintf(first, sizeof first, "HTTP/1.1 %d ", status);
    if (strncmp(world->answer.data, first, strlen(first)) != 0 ||
        strstr(world->answer.data, contained) == NULL) {
        fail_msg("wanted %d with '%s', got:\n%s", status, contained, world->answer.data);
    }
}

#define REQUEST(line) line " HTTP/1.1\r\nHost: x\r\n\r\n"

static void the_three_pages_are_answered_as_text(void **state)
{
    struct world *world = *state;
    ask(world, REQUEST("GET /livez"));
    then_answer(world, 200, "\r\n\r\nalive\n");
    then_answer(world, 200, "Content-Type: text/plain; charset=utf-8\r\n");
    ask(world, REQUEST("GET /readyz"));
    then_answer(world, 200, "\r\n\r\nready\n");
    ask(world, REQUEST("GET /metrics?x=1"));
    then_answer(world, 200, "\r\n\r\nloyald_batches_total 1\n");
    then_answer(world, 200, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
}

static void trouble_is_503_with_a_line_each(void **state)
{
    struct world *world = *state;
    world->live = world->ready = false; /* the server's thread reads them only when asked */
    ask(world, REQUEST("GET /readyz"));
    then_answer(world, 503, "\r\n\r\nworker 0: Redis cannot be reached\nhome 7 is parked\n");
    ask(world, REQUEST("GET /livez"));
    then_answer(world, 503, "worker 1 has not moved for 60 s\n");
}

static void head_has_no_body(void **state)
{
    struct world *world = *state;
    ask(world, REQUEST("HEAD /livez"));
    then_answer(world, 200, "Content-Length: 6\r\n");
    assert_null(strstr(world->answer.data, "alive"));
}

static void other_paths_and_methods_are_refused(void **state)
{
    struct world *world = *state;
    ask(world, REQUEST("GET /"));
    then_answer(world, 404, "there are /livez, /readyz and /metrics\n");
    ask(world, REQUEST("GET /livez/../metrics"));
    then_answer(world, 404, "");
    ask(world, REQUEST("DELETE /livez"));
    then_answer(world, 405, "Allow: GET, HEAD\r\n");
    ask(world, "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
    then_answer(world, 405, "");
}

static void a_body_is_never_waited_for(void **state)
{
    struct world *world = *state;
    ask(world, "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
    then_answer(world, 413, "a request has no body here\n");
    ask(world, "GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    then_answer(world, 413, "a request has no body here\n");
}

static void a_huge_request_is_refused_and_the_next_is_answered(void **state)
{
    struct world *world = *state;
    struct buf request = {0};
    buf_text(&request, "GET /livez HTTP/1.1\r\nHost: x\r\nX: ");
    for (int i = 0; i < 100000; i++) {
        buf_char(&request, 'a');
    }
    int fd = dial(world);
    (void)send(fd, request.data, request.len, MSG_NOSIGNAL); /* may be cut off by the refusal */
    hear(world, fd);
    assert_null(strstr(world->answer.data, "alive"));
    buf_done(&request);
    ask(world, REQUEST("GET /livez"));
    then_answer(world, 200, "alive");
}

static void nonsense_is_refused(void **state)
{
    struct world *world = *state;
    ask(world, "\x16\x03\x01\x02 hello\r\n\r\n");
    assert_null(strstr(world->answer.data, "alive"));
    ask(world, "GET /livez\r\n\r\n");
    assert_null(strstr(world->answer.data, "alive"));
}

static void a_crowd_of_slow_clients_does_not_keep_the_next_question_out(void **state)
{
    struct world *world = *state;
    int slow[3 * HTTP_CONNECTIONS_MAX];
    size_t count = sizeof slow / sizeof *slow;
    for (size_t i = 0; i < count; i++) {
        slow[i] = dial(world);
        (void)send(slow[i], "GET /livez HT", 13, MSG_NOSIGNAL);
    }
    ask(world, REQUEST("GET /livez"));
    then_answer(world, 200, "alive");
    char byte = 0;
    ssize_t got = recv(slow[0], &byte, 1, 0);
    assert_true(got == 0 || (got < 0 && errno == ECONNRESET)); /* the oldest gave way */
    for (size_t i = 0; i < count; i++) {
        close(slow[i]);
    }
}

static void an_address_that_cannot_be_had_is_said(void **state)
{
    struct world *world = *state;
    struct http *other = NULL;
    char address[32], expected[96], error[256] = "";
    (void)snprintf(address, sizeof address, "127.0.0.1:%d", http_port(world->http));
    assert_int_equal(http_open(address, &world->health, error, &other), STATUS_AWAY);
    (void)snprintf(expected, sizeof expected, "cannot listen at %s: Address already in use", address);
    assert_string_equal(error, expected);
    assert_int_equal(http_open("localhost", &world->health, error, &other), STATUS_FATAL);
    assert_string_equal(error, "'localhost' is no address; write host:port");
    assert_int_equal(http_open("127.0.0.1:99999", &world->health, error, &other), STATUS_FATAL);
    assert_null(other);
    http_close(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_three_pages_are_answered_as_text),
        TEST(trouble_is_503_with_a_line_each),
        TEST(head_has_no_body),
        TEST(other_paths_and_methods_are_refused),
        TEST(a_body_is_never_waited_for),
        TEST(a_huge_request_is_refused_and_the_next_is_answered),
        TEST(nonsense_is_refused),
        TEST(a_crowd_of_slow_clients_does_not_keep_the_next_question_out),
        TEST(an_address_that_cannot_be_had_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
