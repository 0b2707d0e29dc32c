/* SPDX-License-Identifier: MIT */
/* Addresses as settings write them. */
#ifndef COMMON_ADDRESS_H
#define COMMON_ADDRESS_H

#include <stdbool.h>

#define ADDRESS_HOST_BYTES 256

/* "host:port" or "[address]:port" in two, the brackets taken off; ret_host is ADDRESS_HOST_BYTES long. False
 * if it is neither. The port may be 0, which only a listener can mean. */
bool address_split(const char *address, char *ret_host, int *ret_port);

#endif
