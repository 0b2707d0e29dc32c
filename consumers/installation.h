/* SPDX-License-Identifier: MIT */
/* An installation is one Redis prefix, one home log, one Kafka cluster, one number of homes, for good. Redis
 * keeps them (note `installation`); any difference stops everything with a sentence. */
#ifndef CONSUMERS_INSTALLATION_H
#define CONSUMERS_INSTALLATION_H

#include "common/store.h"
#include "config/settings.h"

struct installation {
    int32_t homes;
    /* Keys the hashes of erased ids: SHA-256, in hex, of "PREFIX/HOME_LOG". Not random: a Redis that
     * was emptied must come back to the same hashes, and whoever can read a key kept in Redis can read all
     * the rest there. */
    char erasure_key[65];
    char cluster_id[64];
};

/* What Redis says: homes 0 if nothing was installed under this prefix yet. */
MUST_CHECK enum status installation_read(struct store *store, const struct settings *settings,
                                         struct installation *ret_installation);

/* Compares Redis' note with what Kafka shows, or writes it the first time. FATAL: ret_why (256 bytes) says
 * what differs and what to do. */
MUST_CHECK enum status installation_settle(struct store *store, const struct settings *settings,
                                           int32_t homes, const char *cluster_id, char *ret_why,
                                           struct installation *ret_installation);

/* Writes the note again if a Redis that came back empty has lost it: without it loyalctl finds no
 * installation, and another one could take the prefix. */
MUST_CHECK enum status installation_keep(struct store *store, const struct settings *settings,
                                         const struct installation *installation);

#endif
