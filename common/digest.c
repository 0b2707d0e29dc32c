/* SPDX-License-Identifier: MIT */
/* SHA-256 by libcrypto, XXH64 by xxHash. */
#include "common/digest.h"

#include "common/mem.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <xxhash.h>

#include <assert.h>

static void to_hex(const unsigned char digest[SHA256_DIGEST_LENGTH], char ret[65]);

void digest_sha256_hex(struct slice text, char ret[65])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)text.data, text.len, digest);
    to_hex(digest, ret);
}

void digest_hmac_sha256_hex(struct slice key, struct slice text, char ret[65])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    bool done = HMAC(EVP_sha256(), key.data != NULL ? key.data : "", (int)key.len,
                     (const unsigned char *)text.data, text.len, digest, NULL) != NULL;
    assert(done); /* it fails for want of memory or of SHA-256 only */
    (void)done;
    to_hex(digest, ret);
}

void digest_random_hex(char *ret, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++) {
        unsigned char byte = 0;
        int drawn = RAND_bytes(&byte, 1);
        assert(drawn == 1); /* OpenSSL has no randomness only on a broken system */
        (void)drawn;
        ret[i] = "0123456789abcdef"[byte & 15];
    }
    ret[size - 1] = '\0';
}

uint64_t digest_id64(struct slice a, struct slice b)
{
    char small[256]; /* as long as most pairs are */
    size_t len = a.len + 1 + b.len;
    char *joined = len <= sizeof small ? small : mem_alloc(len);
    memcpy(joined, a.len > 0 ? a.data : "", a.len);
    joined[a.len] = '\0';
    memcpy(joined + a.len + 1, b.len > 0 ? b.data : "", b.len);
    uint64_t id = XXH64(joined, len, 0);
    if (joined != small) {
        mem_free(joined);
    }
    return id;
}

uint64_t digest_text64(struct slice text)
{
    return XXH64(text.len > 0 ? text.data : "", text.len, 0);
}

void digest_id_text(uint64_t id, char ret[9])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int i = 7; i >= 0; i--) {
        ret[i] = digits[id & 63];
        id >>= 6;
    }
    ret[8] = '\0';
}

static void to_hex(const unsigned char digest[SHA256_DIGEST_LENGTH], char ret[65])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++) {
        ret[2 * i] = digits[digest[i] >> 4];
        ret[2 * i + 1] = digits[digest[i] & 15];
    }
    ret[64] = '\0';
}
