/* SPDX-License-Identifier: MIT */
/* A probe strikes at the passing that was asked for, not before, and leaves its note. */
#include "common/probe.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>

#ifdef LOYALD_PROBES

static char note_path[] = "/tmp/loyald-probe-XXXXXX";

/* How a child ends that passes "commit" three times and "emit" once between. Its exit status would be 0. */
static int status_of_child(const char *probe_text)
{
    pid_t child = fork();
    if (child == 0) {
        setenv("LOYALD_PROBE", probe_text, 1);
        setenv("LOYALD_PROBE_LOG", note_path, 1);
        probe("commit");
        probe("emit");
        probe("commit");
        probe("commit");
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    if (WIFSTOPPED(status)) {
        int end;
        kill(child, SIGKILL);
        waitpid(child, &end, 0);
    }
    return status;
}

static void then_note(const char *expected)
{
    char note[64] = "";
    FILE *file = fopen(note_path, "r");
    assert_non_null(file);
    size_t len = fread(note, 1, sizeof note - 1, file);
    note[len] = '\0';
    fclose(file);
    assert_string_equal(note, expected);
    assert_int_equal(truncate(note_path, 0), 0);
}

static int given_note_file(void **state)
{
    (void)state;
    int file = mkstemp(note_path);
    return file >= 0 ? close(file) : -1;
}

static int without_note_file(void **state)
{
    (void)state;
    return unlink(note_path);
}

static void it_kills_at_the_passing_asked_for(void **state)
{
    (void)state;
    int status = status_of_child("commit:3");
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    then_note("probe commit\n");
    assert_int_equal(status_of_child("commit:4"), 0);
    assert_int_equal(status_of_child("recover:1"), 0);
    then_note("");
}

static void it_stops_when_asked_to(void **state)
{
    (void)state;
    int status = status_of_child("emit:1:stop");
    assert_true(WIFSTOPPED(status));
    then_note("probe emit\n");
}

static void a_request_with_a_mistake_ends_the_process(void **state)
{
    (void)state;
    static const char *const bad[] = {"commit", "commit:0", "commit:x", "commit:1:explode"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int status = status_of_child(bad[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_kills_at_the_passing_asked_for),
        cmocka_unit_test(it_stops_when_asked_to),
        cmocka_unit_test(a_request_with_a_mistake_ends_the_process),
    };
    return cmocka_run_group_tests(tests, given_note_file, without_note_file);
}

#else

int main(void)
{
    probe("commit");
    return 0;
}

#endif
