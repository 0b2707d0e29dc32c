/* SPDX-License-Identifier: MIT */
/* Digests are stored, so each is held to published vectors or to a value that must never change. */
#include "common/digest.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

static void sha256_gives_the_vectors_of_fips_180(void **state)
{
    (void)state;
    char hex[65];
    digest_sha256_hex(SLICE("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256_hex((struct slice){0}, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void hmac_gives_the_vectors_of_rfc_4231(void **state)
{
    (void)state;
    char hex[65];
    digest_hmac_sha256_hex(SLICE("Jefe"), SLICE("what do ya want for nothing?"), hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    char key[131];
    memset(key, 0xaa, sizeof key);
    digest_hmac_sha256_hex((struct slice){.data = key, .len = sizeof key},
                           SLICE("Test Using Larger Than Block-Size Key - Hash Key First"), hex);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    digest_hmac_sha256_hex((struct slice){0}, (struct slice){0}, hex);
    assert_string_equal(hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void the_border_between_source_and_id_counts(void **state)
{
    (void)state;
    assert_int_not_equal(digest_id64(SLICE("ab"), SLICE("c")), digest_id64(SLICE("a"), SLICE("bc")));
    assert_int_not_equal(digest_id64(SLICE("abc"), SLICE("")), digest_id64(SLICE(""), SLICE("abc")));
    assert_int_equal(digest_id64((struct slice){0}, SLICE("a")), digest_id64(SLICE(""), SLICE("a")));
}

static void ids_never_change(void **state)
{
    (void)state;
    assert_true(digest_id64(SLICE(""), SLICE("")) == UINT64_C(0xe934a84adb052768)); /* XXH64 of one NUL */
    assert_true(digest_id64(SLICE("/shop"), SLICE("event-1")) == UINT64_C(0x88f2bc8946583e85));
    static const struct {
        size_t len;
        uint64_t id;
    } long_sources[] = {
        {248, UINT64_C(0xabe09c30a1ec5265)},
        {249, UINT64_C(0x2109c2139b87dcdc)},
        {300, UINT64_C(0x5d989173948c9534)}
    };
    char source[300];
    memset(source, 'a', sizeof source);
    for (size_t i = 0; i < sizeof long_sources / sizeof *long_sources; i++) {
        struct slice a = {.data = source, .len = long_sources[i].len};
        assert_true(digest_id64(a, SLICE("event-1")) == long_sources[i].id);
    }
}

static void an_id_as_text_is_its_low_48_bits_in_base64url(void **state)
{
    (void)state;
    char text[9];
    digest_id_text(0, text);
    assert_string_equal(text, "AAAAAAAA");
    digest_id_text(UINT64_MAX, text);
    assert_string_equal(text, "________");
    digest_id_text(UINT64_C(0xabcd000000000001), text);
    assert_string_equal(text, "AAAAAAAB");
    digest_id_text(UINT64_C(0x00108310518720), text); /* base64 of 10 83 10 51 87 20 */
    assert_string_equal(text, "EIMQUYcg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_vectors_of_fips_180),
        cmocka_unit_test(hmac_gives_the_vectors_of_rfc_4231),
        cmocka_unit_test(the_border_between_source_and_id_counts),
        cmocka_unit_test(ids_never_change),
        cmocka_unit_test(an_id_as_text_is_its_low_48_bits_in_base64url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
