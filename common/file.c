/* SPDX-License-Identifier: MIT */
#include "common/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool file_read(const char *path, struct buf *ret_text, char *ret_why)
{
    char part[4096];
    size_t len = 0;
    bool fine = true;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        snprintf(ret_why, 256, "%s: cannot be opened: %s", path, strerror(errno));
        return false;
    }
    buf_reset(ret_text);
    while ((len = fread(part, 1, sizeof part, file)) > 0 && ret_text->len <= FILE_BYTES_MAX) {
        buf_add(ret_text, part, len);
    }
    if (ferror(file) != 0 || ret_text->len > FILE_BYTES_MAX) {
        snprintf(ret_why, 256, "%s: cannot be read: %s", path,
                 ret_text->len > FILE_BYTES_MAX ? "it is larger than 1 MiB" : strerror(errno));
        fine = false;
    }
    (void)fclose(file);
    return fine;
}
