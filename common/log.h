/* SPDX-License-Identifier: MIT */
/* The daemon's log: one line of key=value on stderr per message.
 *   2026-11-22T10:00:00.000Z WARN  msg="Redis cannot be reached" worker=0 error="Connection refused"
 * WARN: a person should look. INFO: life cycle. DEBUG: per event. No payloads, secrets or customer ids above
 * DEBUG. Repetitions are left out, by thread, and the next line that is written says how many: the same
 * message is written at most 5 times in 10 s, one of log_state with the same values once in 30 s. Of errors
 * nothing is left out: they end something, so they do not go on. */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

void log_level_set(enum log_level level);
bool log_level_parse(const char *name, enum log_level *ret_level); /* debug, info, warn, error */

/* A name that every line of this thread carries, such as "0" for the first worker; NULL for none. Borrowed.
 */
void log_thread_name(const char *worker);

/* msg is a plain sentence. fields is a printf format that makes ` key=value` pairs, or "" for none. What each
 * conversion prints is a value of its own, of which 2048 bytes are written. Values are escaped as in JSON
 * strings; those that may hold blanks are to be written as key=\"%s\". */
#pragma GCC diagnostic ignored "-Wformat-zero-length" /* "" is how a line without fields is asked for */
void log_write(enum log_level level, const char *msg, const char *fields, ...)
    __attribute__((format(printf, 3, 4)));

/* What goes on until it is mended, such as an outage: a WARN each time that it is met, of which a person
 * needs few. Values that differ, such as another cause, are news and are written at once. */
void log_state(const char *msg, const char *fields, ...) __attribute__((format(printf, 2, 3)));

#define log_debug(msg, ...) log_write(LOG_LEVEL_DEBUG, msg, __VA_ARGS__)
#define log_info(msg, ...)  log_write(LOG_LEVEL_INFO, msg, __VA_ARGS__)
#define log_warn(msg, ...)  log_write(LOG_LEVEL_WARN, msg, __VA_ARGS__)
#define log_error(msg, ...) log_write(LOG_LEVEL_ERROR, msg, __VA_ARGS__)

/* For tests: lines go to sink instead of stderr; NULL restores. What this thread has written before no longer
 * limits it. */
void log_redirect(void (*sink)(enum log_level level, const char *line));

#endif
