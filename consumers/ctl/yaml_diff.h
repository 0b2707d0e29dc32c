/* SPDX-License-Identifier: MIT */
/* What differs between two YAML texts in what they say: order of keys, comments and form do not count. */
#ifndef CONSUMERS_CTL_YAML_DIFF_H
#define CONSUMERS_CTL_YAML_DIFF_H

#include "config/yaml.h"

/* A line for each key that was added ("+ PATH  VALUE"), removed ("- PATH  VALUE") or changed ("  PATH  OLD ->
 * NEW"), in the order of `from`, then of `to`. Returns how many. */
size_t yaml_diff(const struct yaml *from, const struct yaml *to, struct buf *out);

#endif
