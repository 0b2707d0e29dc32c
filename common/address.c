/* SPDX-License-Identifier: MIT */
#include "common/address.h"

#include "common/buf.h"

#include <string.h>

bool address_split(const char *address, char *ret_host, int *ret_port)
{
    const char *colon = strrchr(address, ':');
    int64_t port = 0;
    if (colon == NULL || !parse_int(slice_of(colon + 1), &port) || port < 0 || port > 65535) {
        return false;
    }
    struct slice host = {.data = address, .len = (size_t)(colon - address)};
    if (host.len >= 2 && host.data[0] == '[' && host.data[host.len - 1] == ']') {
        host = (struct slice){.data = host.data + 1, .len = host.len - 2};
    }
    if (host.len == 0 || host.len >= ADDRESS_HOST_BYTES) {
        return false;
    }
    memcpy(ret_host, host.data, host.len);
    ret_host[host.len] = '\0';
    *ret_port = (int)port;
    return true;
}
