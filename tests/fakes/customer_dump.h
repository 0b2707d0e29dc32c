/* SPDX-License-Identifier: MIT */
/* A customer as sorted lines, and what the store is to hold of it: the same text as fake_memory_dump gives,
 * without the home's position. */
#ifndef TESTS_FAKES_CUSTOMER_DUMP_H
#define TESTS_FAKES_CUSTOMER_DUMP_H

#include "common/customer.h"

/* Fields, its rank in `timers`, its ranks in `i:INTEREST`. Returns owned (free). */
char *customer_dump(const struct customer *customer);

#endif
