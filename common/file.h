/* SPDX-License-Identifier: MIT */
/* Whole small files. */
#ifndef COMMON_FILE_H
#define COMMON_FILE_H

#include "common/buf.h"

#define FILE_BYTES_MAX (1024 * 1024)

/* Replaces what is in *ret_text. False: ret_why (256 bytes) names the file and says why. */
bool file_read(const char *path, struct buf *ret_text, char *ret_why);

#endif
