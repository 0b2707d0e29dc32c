/* SPDX-License-Identifier: MIT */
/* The verdict on each error code of Kafka and librdkafka: one table. What is not in it is UNKNOWN, which
 * costs a new client and a recovery, and loses nothing. */
#include "producers/kafka_client.h"

#define E(name) RD_KAFKA_RESP_ERR_##name

/* The leader moves, a broker is away, a request went unanswered: the same may be asked again. */
static const rd_kafka_resp_err_t away[] = {
    E(_TRANSPORT),
    E(_RESOLVE),
    E(_ALL_BROKERS_DOWN),
    E(_TIMED_OUT),
    E(_TIMED_OUT_QUEUE),
    E(_MSG_TIMED_OUT),
    E(_WAIT_COORD),
    E(_WAIT_CACHE),
    E(_NODE_UPDATE),
    E(_AUTHENTICATION),
    E(_SSL),
    E(_RETRY),
    E(LEADER_NOT_AVAILABLE),
    E(NOT_LEADER_FOR_PARTITION),
    E(REQUEST_TIMED_OUT),
    E(BROKER_NOT_AVAILABLE),
    E(REPLICA_NOT_AVAILABLE),
    E(NETWORK_EXCEPTION),
    E(COORDINATOR_NOT_AVAILABLE),
    E(NOT_COORDINATOR),
    E(NOT_ENOUGH_REPLICAS),
    E(NOT_ENOUGH_REPLICAS_AFTER_APPEND),
    E(KAFKA_STORAGE_ERROR),
    E(NOT_CONTROLLER),
    E(STALE_BROKER_EPOCH),
    E(FENCED_LEADER_EPOCH),
    E(UNKNOWN_LEADER_EPOCH),
    E(OFFSET_NOT_AVAILABLE),
    E(THROTTLING_QUOTA_EXCEEDED),
};

/* It answers, but not this, yet. */
static const rd_kafka_resp_err_t busy[] = {
    E(UNSTABLE_OFFSET_COMMIT), E(CONCURRENT_TRANSACTIONS), E(COORDINATOR_LOAD_IN_PROGRESS), E(_QUEUE_FULL),
    E(_IN_PROGRESS),           E(_PREV_IN_PROGRESS),       E(REASSIGNMENT_IN_PROGRESS),
};

static const rd_kafka_resp_err_t reassigned[] = {
    E(ILLEGAL_GENERATION), E(UNKNOWN_MEMBER_ID),  E(REBALANCE_IN_PROGRESS),
    E(_ASSIGN_PARTITIONS), E(_REVOKE_PARTITIONS), E(_ASSIGNMENT_LOST),
};

static const rd_kafka_resp_err_t fenced[] = {
    E(PRODUCER_FENCED),
    E(FENCED_INSTANCE_ID),
    E(INVALID_PRODUCER_EPOCH),
    E(_FENCED),
};

/* Asking again gets the same answer until a person has changed something. */
static const rd_kafka_resp_err_t fatal[] = {
    E(UNKNOWN_TOPIC_OR_PART),
    E(_UNKNOWN_TOPIC),
    E(_UNKNOWN_PARTITION),
    E(TOPIC_EXCEPTION),
    E(MSG_SIZE_TOO_LARGE),
    E(RECORD_LIST_TOO_LARGE),
    E(INVALID_MSG_SIZE),
    E(INVALID_RECORD),
    E(INVALID_TIMESTAMP),
    E(TOPIC_AUTHORIZATION_FAILED),
    E(GROUP_AUTHORIZATION_FAILED),
    E(CLUSTER_AUTHORIZATION_FAILED),
    E(TRANSACTIONAL_ID_AUTHORIZATION_FAILED),
    E(SASL_AUTHENTICATION_FAILED),
    E(UNSUPPORTED_SASL_MECHANISM),
    E(SECURITY_DISABLED),
    E(INVALID_CONFIG),
    E(_INVALID_ARG),
    E(UNSUPPORTED_VERSION),
    E(_UNSUPPORTED_FEATURE),
    E(INVALID_REQUIRED_ACKS),
    E(INVALID_TRANSACTION_TIMEOUT),
    E(INVALID_SESSION_TIMEOUT),
    E(INVALID_GROUP_ID),
    E(INCONSISTENT_GROUP_PROTOCOL),
    E(INVALID_PARTITIONS),
    E(INVALID_REPLICATION_FACTOR),
    E(INVALID_REPLICA_ASSIGNMENT),
    E(POLICY_VIOLATION),
    E(GROUP_MAX_SIZE_REACHED),
};

static const rd_kafka_resp_err_t gap[] = {E(OFFSET_OUT_OF_RANGE), E(_AUTO_OFFSET_RESET)};

#define CODES(list) list, sizeof list / sizeof list[0]
static const struct {
    enum status status;
    const rd_kafka_resp_err_t *codes;
    size_t count;
} verdicts[] = {
    {STATUS_AWAY,       CODES(away)      },
    {STATUS_BUSY,       CODES(busy)      },
    {STATUS_REASSIGNED, CODES(reassigned)},
    {STATUS_FENCED,     CODES(fenced)    },
    {STATUS_FATAL,      CODES(fatal)     },
    {STATUS_GAP,        CODES(gap)       },
};

enum status kafka_status(rd_kafka_resp_err_t code)
{
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return STATUS_OK;
    }
    for (size_t v = 0; v < sizeof verdicts / sizeof verdicts[0]; v++) {
        for (size_t i = 0; i < verdicts[v].count; i++) {
            if (verdicts[v].codes[i] == code) {
                return verdicts[v].status;
            }
        }
    }
    return STATUS_UNKNOWN;
}
