/* SPDX-License-Identifier: MIT */
/* What Redis says no with, as a status and a sentence that tells a person what to do. */
#include "common/store_redis_private.h"

#include <stdarg.h>
#include <stdio.h>

struct refusal {
    const char *begins; /* how Redis' text begins */
    enum status status;
    const char *sentence;
};

/* The first that fits; those of one word are followed by a blank in Redis' text. */
static const struct refusal refusals[] = {
    {"OOM ",                              STATUS_AWAY,    "Redis has reached its maxmemory and refuses writes: give it more memory"},
    {"READONLY ",                         STATUS_AWAY,    "Redis has become a read-only replica: the primary is elsewhere"         },
    {"LOADING ",                          STATUS_AWAY,    "Redis is still loading its data"                                        },
    {"MISCONF ",                          STATUS_AWAY,
     "Redis cannot save to its disk and refuses writes: look at its disk and its log"                                              },
    {"BUSY ",                             STATUS_AWAY,    "Redis is busy with a script that does not end"                          },
    {"MASTERDOWN ",                       STATUS_AWAY,    "Redis is a replica that has lost its primary"                           },
    {"NOREPLICAS ",                       STATUS_AWAY,    "Redis has fewer replicas in touch than min-replicas-to-write asks for"  },
    {"CLUSTERDOWN ",                      STATUS_AWAY,    "the Redis cluster is down"                                              },
    {"TRYAGAIN ",                         STATUS_AWAY,    "the Redis cluster is moving this slot"                                  },
    {"ERR max number of clients",         STATUS_AWAY,    "Redis has as many clients as its maxclients allows"                     },
    {"WRONGTYPE ",                        STATUS_CORRUPT,
     "a key holds another type than loyald writes: something else writes under its prefix"                                         },
    {"NOAUTH ",                           STATUS_FATAL,   "Redis asks for a password and none is set"                              },
    {"WRONGPASS ",                        STATUS_FATAL,   "Redis does not accept the user and password"                            },
    {"ERR AUTH ",                         STATUS_FATAL,   "a password is set but Redis has none for this user"                     },
    {"NOPERM ",                           STATUS_FATAL,   "the Redis user lacks a permission"                                      },
    {"ERR The user executing the script", STATUS_FATAL,   "the Redis user lacks a permission"                                      },
    {"ERR ACL failure in script",         STATUS_FATAL,   "the Redis user lacks a permission"                                      },
    {"ERR DB index",                      STATUS_FATAL,   "Redis does not have the database that is set"                           },
    {"MOVED ",                            STATUS_FATAL,
     "this Redis is a part of a cluster and does not hold all slots: give one that does"                                           },
    {"CROSSSLOT ",                        STATUS_FATAL,   "this Redis is a cluster and the prefix breaks the hash slots"           },
    {"",                                  STATUS_FATAL,   "Redis refuses a request"                                                },
};

enum status redis_refused(struct redis_store *redis, struct slice error)
{
    const struct refusal *refusal = refusals;
    while (!slice_has_prefix(error, slice_of(refusal->begins))) {
        refusal++;
    }
    if (strcmp(refusal->begins, "READONLY ") == 0) {
        redis->demoted = true;
    }
    redis_say(redis, "%s (%.*s)", refusal->sentence, error.len < 140 ? (int)error.len : 140, error.data);
    return refusal->status;
}

bool redis_forgot_script(const struct reply *reply)
{
    return reply->kind == REPLY_ERROR && slice_has_prefix(reply->text, SLICE("NOSCRIPT"));
}

void redis_say(struct redis_store *redis, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(redis->store.error, sizeof redis->store.error, format, args);
    va_end(args);
}
