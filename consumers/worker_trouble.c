/* SPDX-License-Identifier: MIT */
/* What a worker does when Redis says no, decided once, whatever it was asked: a load, a commit, a note, an
 * operator's command, or to be connected to. (Which words of Redis have which status: store_redis_error.c;
 * which verdict a status has: status.def.)
 *
 * - What heals from outside is waited for, and said in the log and in /readyz: Redis is away, full,
 * read-only, loading, without its replicas, in a failover. All homes recover, for what was under way may be
 * lost.
 * - A position that is another than expected makes its home recover.
 * - What is wrong with one home parks that home, with its sentence; the others go on.
 * - What waiting cannot heal ends the process, with its sentence: a wrong password, a right that lacks, a
 *   database that is not there, a server on which the promise does not hold, a request that Redis does not
 *   know. A password is read at the start only, so only a new process can have the right one; and one that
 *   ends is noticed. Nothing is lost by it: what went out is folded in silence by the next one.
 *   So does what is wrong with no one home, such as a note of another type. */
#include "consumers/worker_private.h"

#include "common/log.h"

#include <stdio.h>

static void wait_for_store(struct worker *worker);

enum status trouble_met(struct worker *worker, struct charge *charge, enum status status, const char *why)
{
    enum verdict verdict = status_verdict(status);
    switch (verdict == VERDICT_park && charge == NULL ? VERDICT_stop : verdict) {
    case VERDICT_fine:
        break;
    case VERDICT_repeat:
    case VERDICT_reopen:
        wait_for_store(worker);
        break;
    case VERDICT_recover:
        if (charge != NULL) {
            recover_charge(worker, charge);
        } else {
            wait_for_store(worker);
        }
        break;
    case VERDICT_park:
        recover_park(worker, charge, why);
        break;
    case VERDICT_stop:
        snprintf(worker->error, sizeof worker->error, "%s", why);
        return STATUS_FATAL;
    }
    return STATUS_OK;
}

/* Until it has been opened anew (worker.c). */
static void wait_for_store(struct worker *worker)
{
    if (worker->store_dead) {
        return;
    }
    log_state("Redis does not answer", " error=\"%s\"", worker->store->error);
    stats_add(worker->stats, STAT_redis_errors, 1);
    worker->store_dead = true;
    recover_all(worker);
}
