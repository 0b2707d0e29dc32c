/* SPDX-License-Identifier: MIT */
/* What the commands of loyalctl share: the settings, the store and the cluster, opened when first asked for,
 * and the sentences for when they cannot be. Commands only read the state of homes; they write the notes that
 * are meant for operators, and records into topics. */
#ifndef CONSUMERS_CTL_CTL_H
#define CONSUMERS_CTL_CTL_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/store.h"
#include "config/policy.h"
#include "config/settings.h"
#include "consumers/installation.h"
#include "consumers/ctl/args.h"
#include "producers/kafka_admin.h"

#define CTL_SENTENCE 512
#define CTL_WAIT_MS  10000 /* for one answer of Kafka */

enum ctl_exit { CTL_DONE = 0, CTL_FAILED = 1, CTL_WRONG_USE = 2 };

struct ctl {
    struct settings *settings; /* NULL: the command needs none */
    struct arena *arena;       /* lives as long as the command */
    struct buf out;            /* what goes to standard output */
    bool colour;               /* standard output is a terminal that wants it */
    struct store *store;       /* NULL: not opened yet */
    struct kafka_admin *admin;
    struct installation installation; /* homes 0: not read yet */
};

void ctl_init(struct ctl *ctl, struct settings *settings);
void ctl_done(struct ctl *ctl); /* also writes what is left to be written */

/* Writes ctl->out to standard output and empties it. */
void ctl_flush(struct ctl *ctl);

/* "loyalctl: SENTENCE" to standard error; returns CTL_FAILED, or CTL_WRONG_USE. */
int ctl_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
int ctl_wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Fails with what Kafka said and what to do about it, by the status. */
int ctl_fail_kafka(const struct ctl *ctl, enum status status, const char *why);
int ctl_fail_redis(const struct ctl *ctl, enum status status, const char *why);

/* Opened on demand. False: the sentence has been said. */
bool ctl_store(struct ctl *ctl);
bool ctl_admin(struct ctl *ctl);

/* The same together with the installation, for what can be done without: says nothing. */
bool ctl_store_if_there(struct ctl *ctl);

/* The store, and the installation that it keeps; false also when there is none yet. */
bool ctl_installed(struct ctl *ctl);

/* A hash of a home, in the arena; its position where asked for. False: the sentence has been said. */
bool ctl_hash(struct ctl *ctl, int32_t home, const char *key, struct hash *ret_hash, int64_t *ret_position);

/* A note, in the arena. False: the sentence has been said. */
bool ctl_note(struct ctl *ctl, const char *name, struct hash *ret_hash);

/* The value of a field; absent if the hash has none. */
struct slice hash_value(const struct hash *hash, struct slice name);
int64_t hash_number(const struct hash *hash, const char *name);

/* The policy of a home as Redis has it; NULL: none (what cannot be read is said). Returns owned
 * (policy_free). */
bool ctl_policy(struct ctl *ctl, int32_t home, struct policy **ret_policy);

/* "TOPIC/PARTITION", in the arena. */
struct slice ctl_partition_name(struct ctl *ctl, const char *topic, int32_t partition);

/* A text in bold or in a colour, plain where there is no terminal. */
enum ctl_style { STYLE_PLAIN, STYLE_BOLD, STYLE_GOOD, STYLE_BAD, STYLE_FAINT };
void ctl_styled(struct ctl *ctl, enum ctl_style style, const char *text);

/* Asks on the terminal. CTL_DONE: "yes" was the answer; CTL_FAILED: it was not; CTL_WRONG_USE: there is no
 * terminal, and --yes was not given. */
int ctl_confirm(const char *question);

/* A whole number from a word of the command line. False: the sentence has been said. */
bool ctl_number(const char *word, const char *what, int64_t low, int64_t high, int64_t *ret_number);

#endif
