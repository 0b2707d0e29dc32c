/* SPDX-License-Identifier: MIT */
/* What the rest of loyald asks of loaded settings beyond their members: secrets, the topics in order, a
 * property of the Kafka clients; and their end. */
#include "config/settings_table.h"

#include "common/mem.h"
#include "common/record.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#define SECRET_BYTES_MAX 4096
#define PROBLEM_BYTES    256

void settings_free(struct settings *settings)
{
    if (settings == NULL) {
        return;
    }
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        setting_done(&settings_table[i], settings);
    }
    text_list_done(&settings->kafka);
    mem_free(settings);
}

const char *settings_kafka_value(const struct settings *settings, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < settings->kafka.count; i++) {
        const char *item = settings->kafka.items[i];
        if (strncmp(item, name, len) == 0 && item[len] == '=') {
            return item + len + 1;
        }
    }
    return NULL;
}

const char *settings_kafka_servers(const struct settings *settings)
{
    const char *servers = settings_kafka_value(settings, "bootstrap.servers");
    return servers != NULL ? servers : "127.0.0.1:9092"; /* as kafka_client.c has it */
}

bool settings_secret(const char *path, char *problem, char **ret_secret)
{
    char line[SECRET_BYTES_MAX + 2];
    if (*path == '\0') {
        *ret_secret = NULL;
        return true;
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        (void)snprintf(problem, PROBLEM_BYTES, "the file of a secret, %.150s, cannot be opened: %s", path,
                       strerror(errno));
        return false;
    }
    setvbuf(file, NULL, _IONBF, 0); /* no copy of it in a buffer of the library */
    errno = 0;
    bool got = fgets(line, sizeof line, file) != NULL;
    int error = errno;
    (void)fclose(file);
    size_t len = got ? strcspn(line, "\r\n") : 0;
    bool ok = len > 0 && len <= SECRET_BYTES_MAX;
    if (ok) {
        *ret_secret = mem_copy((struct slice){line, len});
    } else if (!got && error != 0) {
        (void)snprintf(problem, PROBLEM_BYTES, "the file of a secret, %.150s, cannot be read: %s", path,
                       strerror(error));
    } else {
        (void)snprintf(problem, PROBLEM_BYTES,
                       "the file of a secret, %.150s, must have a first line of 1 to %d bytes", path,
                       SECRET_BYTES_MAX);
    }
    explicit_bzero(line, sizeof line);
    return ok;
}

size_t settings_input_count(const struct settings *settings)
{
    return 1 + settings->topics_feeders.count;
}

const char *settings_input_name(const struct settings *settings, size_t topic)
{
    assert(topic < settings_input_count(settings));
    return topic == 0 ? settings->topics_home_log : settings->topics_feeders.items[topic - 1];
}

const char *settings_output_name(const struct settings *settings, int out_topic)
{
    switch ((enum out_topic)out_topic) {
    case OUT_HOME_LOG:
        return settings->topics_home_log;
    case OUT_TRIGGERS:
        return settings->topics_triggers;
    case OUT_DECISIONS:
        return settings->topics_decisions;
    case OUT_DEAD_LETTERS:
        return settings->topics_dead_letters;
    case OUT_TOPIC_COUNT:
        break;
    }
    assert(!"no such output topic");
    return "";
}
