/* SPDX-License-Identifier: MIT */
#include "common/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void then_splits(const char *address, const char *host, int port)
{
    char got[ADDRESS_HOST_BYTES] = "";
    int got_port = -1;
    assert_true(address_split(address, got, &got_port));
    assert_string_equal(got, host);
    assert_int_equal(got_port, port);
}

static void then_is_none(const char *address)
{
    char got[ADDRESS_HOST_BYTES] = "";
    int got_port = -1;
    if (address_split(address, got, &got_port)) {
        fail_msg("\"%s\" was taken for \"%s\" and %d", address, got, got_port);
    }
    assert_int_equal(got_port, -1);
}

static void a_host_and_a_port_are_told_apart(void **state)
{
    (void)state;
    then_splits("localhost:6379", "localhost", 6379);
    then_splits("10.0.0.1:65535", "10.0.0.1", 65535);
    then_splits("[::1]:0", "::1", 0);
    then_splits("::1:80", "::1", 80); /* as people write it */
}

static void what_is_no_address_is_none(void **state)
{
    (void)state;
    then_is_none("");
    then_is_none("localhost");
    then_is_none(":80");
    then_is_none("[]:80");
    then_is_none("localhost:");
    then_is_none("localhost:http");
    then_is_none("localhost:-1");
    then_is_none("localhost:65536");
}

static void a_host_as_long_as_there_is_room_for_is_taken_and_a_longer_one_is_not(void **state)
{
    (void)state;
    char address[ADDRESS_HOST_BYTES + 8], host[ADDRESS_HOST_BYTES];
    memset(address, 'h', sizeof address);
    memset(host, 'h', sizeof host);
    host[ADDRESS_HOST_BYTES - 1] = '\0';
    strcpy(address + ADDRESS_HOST_BYTES - 1, ":80");
    then_splits(address, host, 80);
    memset(address, 'h', ADDRESS_HOST_BYTES);
    strcpy(address + ADDRESS_HOST_BYTES, ":80");
    then_is_none(address);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_and_a_port_are_told_apart),
        cmocka_unit_test(what_is_no_address_is_none),
        cmocka_unit_test(a_host_as_long_as_there_is_room_for_is_taken_and_a_longer_one_is_not),
    };
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
