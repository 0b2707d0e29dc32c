/* SPDX-License-Identifier: MIT */
/* The floor under the benchmark: what a program costs that only takes the records of the home log from
 * librdkafka and parses them with cJSON, with as many threads as loyald has workers. Nothing that reads this
 * log with these two libraries can be faster, so loyald is measured as a share of it.
 *
 *   bench_floor SETTINGS    loyald's settings: broker, home log, workers and all under kafka:
 *
 * Prints one line of JSON: records, seconds from the first record to the last, CPU seconds between them. The
 * local queue is larger than loyald's, so that librdkafka never waits for room; cJSON's memory is given out
 * by moving a pointer, which is faster than malloc. */
#include "common/mem.h"
#include "producers/kafka_client.h"
#include "producers/kafka_member.h"

#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define POLL_MS     100
#define QUIET_MOST  600 /* polls in vain: a minute */
#define METADATA_MS 10000
#define HEAP_BYTES  (256 * 1024)

extern char **environ;

struct reader {
    pthread_t thread;
    struct kafka_client client;
    int partitions; /* that are not yet at their end */
    int64_t records, bad, first_us, last_us;
};

static _Thread_local struct {
    _Alignas(max_align_t) char bytes[HEAP_BYTES];
    size_t used;
} heap;
static atomic_llong cpu_first_us; /* when the first record came, whichever thread had it */

static void open_reader(struct reader *reader, const struct settings *settings, int number, int count);
static void *read_all(void *argument);
static void *take_bytes(size_t bytes);
static void give_back(void *p);
static int64_t cpu_us(void);
static void end(const char *what, const char *why);

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
    struct buf problems = {0};
    struct settings *settings = NULL;
    if (argc != 2 || !settings_load(argv[1], environ, &problems, &settings)) {
        fprintf(stderr, "usage: bench_floor SETTINGS\n%.*s", SLICE_ARG(buf_view(&problems)));
        return 2;
    }
    cJSON_Hooks hooks = {.malloc_fn = take_bytes, .free_fn = give_back};
    cJSON_InitHooks(&hooks);
    int count = (int)settings->process_workers;
    struct reader *readers = mem_zalloc((size_t)count * sizeof *readers);
    for (int i = 0; i < count; i++) {
        open_reader(&readers[i], settings, i, count);
    }
    for (int i = 0; i < count; i++) {
        if (pthread_create(&readers[i].thread, NULL, read_all, &readers[i]) != 0) {
            end("pthread_create", "no thread could be started");
        }
    }
    struct reader sum = {.first_us = INT64_MAX};
    for (int i = 0; i < count; i++) {
        pthread_join(readers[i].thread, NULL);
        sum.records += readers[i].records;
        sum.bad += readers[i].bad;
        sum.first_us =
            readers[i].records > 0 && readers[i].first_us < sum.first_us ? readers[i].first_us : sum.first_us;
        sum.last_us = readers[i].last_us > sum.last_us ? readers[i].last_us : sum.last_us;
    }
    double cpu = (double)(cpu_us() - atomic_load(&cpu_first_us)) / 1e6;
    double seconds = (double)(sum.last_us - sum.first_us) / 1e6;
    printf("{\"records\": %lld, \"bad\": %lld, \"seconds\": %.6f, \"cpu\": %.6f}\n", (long long)sum.records,
           (long long)sum.bad, seconds, cpu);
    for (int i = 0; i < count; i++) {
        rd_kafka_consumer_close(readers[i].client.rk);
        kafka_client_close(&readers[i].client);
    }
    mem_free(readers);
    settings_free(settings);
    buf_done(&problems);
    return 0;
}

static void configure(rd_kafka_conf_t *conf, const struct settings *settings)
{
    static const char *const values[][2] = {
        {"group.id",                 "bench-floor"   },
        {"isolation.level",          "read_committed"},
        {"enable.auto.commit",       "false"         },
        {"enable.auto.offset.store", "false"         },
        {"enable.partition.eof",     "true"          },
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        kafka_conf_set(conf, values[i][0], values[i][1]);
    }
    kafka_conf_default(conf, settings, "fetch.wait.max.ms", "100");
    kafka_conf_default(conf, settings, "fetch.max.bytes", "8388608");
    kafka_conf_default(conf, settings, "queued.min.messages", "1000000");
    kafka_conf_default(conf, settings, "queued.max.messages.kbytes", "1048576");
}

/* Every count-th partition, from the beginning. */
static void open_reader(struct reader *reader, const struct settings *settings, int number, int count)
{
    char error[KAFKA_ERROR_SIZE];
    rd_kafka_conf_t *conf = NULL;
    if (kafka_client_begin(&reader->client, "floor", settings, error, &conf) != STATUS_OK) {
        end("the settings", error);
    }
    configure(conf, settings);
    if (kafka_client_open(&reader->client, RD_KAFKA_CONSUMER, conf, error) != STATUS_OK) {
        end("the consumer", error);
    }
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(reader->client.rk, 1, NULL, &metadata, METADATA_MS);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        end("the list of topics", rd_kafka_err2str(code));
    }
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(64);
    for (int i = 0; i < metadata->topic_cnt; i++) {
        bool is_home_log = strcmp(metadata->topics[i].topic, settings->topics_home_log) == 0;
        for (int p = number; is_home_log && p < metadata->topics[i].partition_cnt; p += count) {
            rd_kafka_topic_partition_list_add(list, settings->topics_home_log, p)->offset =
                RD_KAFKA_OFFSET_BEGINNING;
        }
    }
    rd_kafka_metadata_destroy(metadata);
    reader->partitions = list->cnt;
    code = rd_kafka_assign(reader->client.rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR || reader->partitions == 0) {
        end(settings->topics_home_log,
            code != RD_KAFKA_RESP_ERR_NO_ERROR ? rd_kafka_err2str(code) : "no such topic");
    }
}

/* What is measured. */
static void *read_all(void *argument)
{
    struct reader *reader = argument;
    int quiet = 0;
    while (reader->partitions > 0) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->client.rk, POLL_MS);
        if (message == NULL) {
            if (++quiet == QUIET_MOST) {
                end("the home log", "nothing has come for a minute");
            }
            continue;
        }
        quiet = 0;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (reader->records++ == 0) {
                long long none = 0;
                reader->first_us = now_us();
                atomic_compare_exchange_strong(&cpu_first_us, &none, cpu_us());
            }
            heap.used = 0;
            cJSON *json = cJSON_ParseWithLength(message->payload, message->len);
            reader->bad += json == NULL;
            cJSON_Delete(json);
        } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            reader->partitions--;
        } else {
            end("the home log", rd_kafka_message_errstr(message));
        }
        rd_kafka_message_destroy(message);
    }
    reader->last_us = now_us();
    return NULL;
}

static void *take_bytes(size_t bytes)
{
    size_t size = (bytes + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (size > HEAP_BYTES - heap.used) {
        return NULL; /* counted as bad */
    }
    void *p = heap.bytes + heap.used;
    heap.used += size;
    return p;
}

static void give_back(void *p)
{
    (void)p;
}

static int64_t cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}

static void end(const char *what, const char *why)
{
    fprintf(stderr, "bench_floor: %s: %s\n", what, why);
    exit(1);
}
