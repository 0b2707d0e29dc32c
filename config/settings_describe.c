/* SPDX-License-Identifier: MIT */
/* The settings for people: what is in force, as YAML that can be loaded again (but for what is masked), and
 * what there is to set, as text and as a page of the manual. All of it comes from the table. */
#include "config/settings_table.h"

#include <inttypes.h>
#include <stdio.h>

#define MASK "********"

static const char page_head[] =
    "# Settings\n"
    "\n"
    "<!-- Made by docgen from config/settings.def and config/kafka_refused.def; change those instead. -->\n"
    "\n"
    "loyald reads one YAML file, named on its command line. `config/loyald.yaml` is a sample that shows "
    "every\n"
    "setting with its default. The variable of the environment named below each setting, where it is set, "
    "goes\n"
    "before the file. Every mistake is reported at start, all at once, with its line and column, and nothing "
    "is\n"
    "begun; a name that does not exist is a mistake too. `loyald --print-settings` shows what is in force.\n";

static const char page_kafka[] =
    "\n"
    "## kafka\n"
    "\n"
    "What stands under `kafka:` goes to the Kafka clients by the names of\n"
    "[librdkafka](https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md). "
    "`bootstrap.servers` is\n"
    "required, except with `process.embedded`. In the environment, `LOYALD_KAFKA_BOOTSTRAP_SERVERS` is\n"
    "`bootstrap.servers`: letters small, underscores as dots. Values whose names speak of a password, a "
    "secret, a\n"
    "token or a PEM are masked wherever settings are printed.\n"
    "\n";

static const char page_refused[] = "\n"
                                   "These cannot be set, for loyald's promise depends on them:\n"
                                   "\n"
                                   "| Property | Why |\n"
                                   "|---|---|\n";

/* "text" for YAML, which takes JSON's strings as they are. */
static void add_quoted(const char *text, struct buf *out)
{
    buf_json_string(out, slice_of(text));
}

static bool begins_section(size_t i)
{
    return i == 0 || strcmp(settings_table[i].section, settings_table[i - 1].section) != 0;
}

static void print_value(const struct setting *setting, const struct settings *settings, struct buf *out)
{
    if (setting->type == SETTING_INT || setting->type == SETTING_BOOL) {
        setting_text(setting, settings, out);
    } else if (setting->type == SETTING_LIST) {
        const struct text_list *list = (const void *)((const char *)settings + setting->offset);
        buf_char(out, '[');
        for (size_t i = 0; i < list->count; i++) {
            buf_text(out, i > 0 ? ", " : "");
            add_quoted(list->items[i], out);
        }
        buf_char(out, ']');
    } else {
        struct buf text = {0};
        setting_text(setting, settings, &text);
        buf_json_string(out, buf_view(&text));
        buf_done(&text);
    }
}

static bool is_default(const struct setting *setting, const struct settings *settings)
{
    struct buf text = {0};
    setting_text(setting, settings, &text);
    bool same = slice_is(buf_view(&text), setting->def);
    buf_done(&text);
    return same;
}

void settings_print(const struct settings *settings, struct buf *out)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &settings_table[i];
        if (begins_section(i)) {
            buf_printf(out, "%s:\n", setting->section);
        }
        buf_printf(out, "  %s: ", setting->name);
        print_value(setting, settings, out);
        buf_text(out, is_default(setting, settings) ? " # default\n" : "\n");
    }
    buf_text(out, settings->kafka.count > 0 ? "kafka:\n" : "kafka: {}\n");
    for (size_t i = 0; i < settings->kafka.count; i++) {
        const char *item = settings->kafka.items[i];
        const char *equals = strchr(item, '=');
        struct buf name = {0};
        buf_add(&name, item, (size_t)(equals - item));
        buf_char(&name, '\0');
        buf_printf(out, "  %s: ", name.data);
        add_quoted(kafka_name_is_secret(name.data) ? MASK : equals + 1, out);
        buf_char(out, '\n');
        buf_done(&name);
    }
}

/* "1 to 64 threads", "" where there is nothing to say. */
static void add_range(const struct setting *setting, struct buf *out)
{
    switch (setting->type) {
    case SETTING_INT:
        buf_printf(out, "%" PRId64 " to %" PRId64 "%s%s", setting->low, setting->high,
                   *setting->unit != '\0' ? " " : "", setting->unit);
        break;
    case SETTING_TEXT:
        buf_printf(out, "%" PRId64 " to %" PRId64 " bytes", setting->low, setting->high);
        break;
    case SETTING_LIST:
        buf_printf(out, "%" PRId64 " to %" PRId64 " items", setting->low, setting->high);
        break;
    case SETTING_BOOL:
        buf_text(out, "true or false");
        break;
    case SETTING_PATH:
        buf_text(out, "a path");
        break;
    case SETTING_SECRET_FILE:
        buf_text(out, "a path; the secret is the first line there");
        break;
    }
}

void settings_describe(struct buf *out)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &settings_table[i];
        buf_printf(out, "  %-24s %s\n%27s(", setting->path, setting->sentence, "");
        add_range(setting, out);
        buf_printf(out, "; default %s)\n", *setting->def != '\0' ? setting->def : "\"\"");
    }
    buf_printf(
        out,
        "  %-24s property NAME of the Kafka clients (librdkafka); bootstrap.servers is required\n"
        "\n"
        "In the environment: LOYALD_REDIS_TIMEOUT is redis.timeout, LOYALD_KAFKA_BOOTSTRAP_SERVERS is\n"
        "bootstrap.servers under kafka. It goes before the file.\n",
        "kafka.NAME");
}

static void describe_row(const struct setting *setting, struct buf *out)
{
    buf_printf(out, "| `%s`<br>`", setting->path);
    setting_variable(setting, out);
    buf_text(out, "` | ");
    if (setting->type == SETTING_LIST) {
        for (const char *c = setting->def; *c != '\0'; c++) {
            buf_text(out, c == setting->def ? "`" : "");
            buf_text(out, *c == ',' ? "`, `" : "");
            buf_add(out, c, *c == ',' ? 0 : 1);
        }
        buf_text(out, *setting->def != '\0' ? "`" : "none");
    } else {
        buf_printf(out, "`%s`", *setting->def != '\0' ? setting->def : "\"\"");
    }
    buf_text(out, " | ");
    add_range(setting, out);
    buf_printf(out, " | %s |\n", setting->sentence);
}

void settings_describe_markdown(struct buf *out)
{
    buf_text(out, page_head);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (begins_section(i)) {
            buf_printf(out,
                       "\n## %s\n\n"
                       "| Setting | Default | Range | What it is |\n"
                       "|---|---|---|---|\n",
                       settings_table[i].section);
        }
        describe_row(&settings_table[i], out);
    }
    buf_text(out, page_kafka);
    buf_printf(
        out,
        "Where nothing is said, `session.timeout.ms` is %d and `transaction.timeout.ms` is %d. The first "
        "must "
        "be\nlonger than the second and %d ms for the broker's sweep together: a worker must not be replaced "
        "while its\nlast transaction still holds readers back.\n",
        KAFKA_SESSION_TIMEOUT_MS, KAFKA_TRANSACTION_TIMEOUT_MS, KAFKA_SWEEP_MS);
    buf_text(out, page_refused);
    for (size_t i = 0; i < kafka_refusal_count; i++) {
        buf_printf(out, "| `%s` | %s |\n", kafka_refusals[i].name, kafka_refusals[i].reason);
    }
}
