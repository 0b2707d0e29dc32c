/* SPDX-License-Identifier: MIT */
/* loyalctl totals: the counts that each home keeps with its state, added up. */
#include "common/mem.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/json_out.h"
#include "common/money.h"
#include "consumers/ctl/table.h"

#include <stdlib.h>

const struct option_about totals_options[] = {
    {"json", OPTION_FLAG, NULL, "for programs"},
    {NULL,   OPTION_FLAG, NULL, NULL          },
};

struct total {
    struct slice name;
    int64_t value;
};

struct sums {
    struct total *items;
    size_t count, capacity;
};

/* Those of one name, and what they mean. */
static const struct {
    const char *name, *meaning;
} singles[] = {
    {"customers",          "customers of whom something is known"                                            },
    {"orders",             "orders that stand"                                                               },
    {"refunds",            "refunds folded"                                                                  },
    {"complaints_open",    "complaints that are open"                                                        },
    {"erased",             "customers erased"                                                                },
    {"forgotten",          "orders and refunds no longer kept one by one"                                    },
    {"limited",            "categories, interests, complaints and subscriptions beyond what a customer keeps"},
    {"products_forgotten", "bought products beyond what a customer keeps: a recall would miss them"          },
};

/* Those of several names: PREFIX:NAME, PREFIX:NAME:REASON. */
static const struct {
    const char *prefix, *title;
    struct column columns[3];
    size_t column_count;
} families[] = {
    {"net:",       "Net spend",                 {{"AMOUNT", true}},                                             1},
    {"events:",    "Events by outcome",         {{"OUTCOME", false}, {"EVENTS", true}},                         2},
    {"rejected:",  "Events refused, by reason", {{"REASON", false}, {"EVENTS", true}},                          2},
    {"triggers:",  "Triggers",                  {{"FOLLOW-UP", false}, {"TRIGGERS", true}},                     2},
    {"withdrawn:", "Coupons withdrawn",         {{"FOLLOW-UP", false}, {"COUPONS", true}},                      2},
    {"decisions:", "Decided against",           {{"FOLLOW-UP", false}, {"REASON", false}, {"DECISIONS", true}}, 3},
    {"told:",      "What became of messages",   {{"WHAT", false}, {"FOLLOW-UP", false}, {"EVENTS", true}},      3},
    {"braked:",    "Halted by the risk brake",  {{"FOLLOW-UP", false}, {"TIMES", true}},                        2},
    {"exposed:",   "Exposed, of a holdout",     {{"FOLLOW-UP", false}, {"CUSTOMERS", true}},                    2},
    {"held:",      "Held for a while",          {{"FOLLOW-UP", false}, {"REASON", false}, {"HELD", true}},      3},
};

static bool gather(struct ctl *ctl, struct sums *sums);
static void add(struct sums *sums, struct slice name, int64_t value);
static int64_t get(const struct sums *sums, const char *name);
static int compare(const void *a, const void *b);
static void print_family(struct ctl *ctl, const struct sums *sums, size_t family);
static void write_json(struct ctl *ctl, const struct sums *sums);

int show_totals(struct ctl *ctl, const struct args *args)
{
    static const struct column columns[] = {
        {NULL, false},
        {NULL, true },
        {NULL, false}
    };
    struct sums sums = {0};
    struct table table;
    if (!ctl_installed(ctl) || !gather(ctl, &sums)) {
        mem_free(sums.items);
        return CTL_FAILED;
    }
    if (args_has(args, "json")) {
        write_json(ctl, &sums);
        mem_free(sums.items);
        return CTL_DONE;
    }
    buf_printf(&ctl->out, "Over %d homes\n", (int)ctl->installation.homes);
    table_init(&table, columns, 3);
    table.indent = "  ";
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++) {
        table_text(&table, singles[i].name);
        table_int(&table, get(&sums, singles[i].name));
        table_text(&table, singles[i].meaning);
    }
    table_print(&table, false, &ctl->out);
    table_done(&table);
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        print_family(ctl, &sums, i);
    }
    mem_free(sums.items);
    return CTL_DONE;
}

static bool gather(struct ctl *ctl, struct sums *sums)
{
    for (int32_t home = 0; home < ctl->installation.homes; home++) {
        struct hash hash = {0};
        if (!ctl_hash(ctl, home, "totals", &hash, NULL)) {
            return false;
        }
        for (size_t i = 0; i < hash.field_count; i++) {
            int64_t value = 0;
            if (parse_int(hash.fields[i].value, &value)) {
                add(sums, hash.fields[i].name, value);
            }
        }
    }
    if (sums->count > 0) {
        qsort(sums->items, sums->count, sizeof *sums->items, compare);
    }
    return true;
}

static void add(struct sums *sums, struct slice name, int64_t value)
{
    size_t i = 0;
    while (i < sums->count && !slice_equal(sums->items[i].name, name)) {
        i++;
    }
    if (i == sums->count) {
        MEM_GROW(sums->items, sums->count, sums->capacity);
        sums->items[sums->count++] = (struct total){.name = name};
    }
    sums->items[i].value += value;
}

static int64_t get(const struct sums *sums, const char *name)
{
    for (size_t i = 0; i < sums->count; i++) {
        if (slice_is(sums->items[i].name, name)) {
            return sums->items[i].value;
        }
    }
    return 0;
}

static int compare(const void *a, const void *b)
{
    return slice_compare(((const struct total *)a)->name, ((const struct total *)b)->name);
}

/* What follows the family's prefix, in the parts between colons. */
static void add_row(struct table *table, size_t family, struct slice rest, int64_t value)
{
    struct buf cell = {0};
    if (strcmp(families[family].prefix, "net:") == 0) {
        money_text(&cell, value, rest);
        table_buf(table, &cell);
        buf_done(&cell);
        return;
    }
    if (families[family].column_count == 3) {
        const char *colon = memchr(rest.data, ':', rest.len);
        size_t len = colon != NULL ? (size_t)(colon - rest.data) : rest.len;
        table_cell(table, (struct slice){.data = rest.data, .len = len});
        rest = colon != NULL ? (struct slice){.data = colon + 1, .len = rest.len - len - 1} : SLICE("");
    }
    table_cell(table, rest);
    table_int(table, value);
}

static void print_family(struct ctl *ctl, const struct sums *sums, size_t family)
{
    struct table table;
    struct slice prefix = slice_of(families[family].prefix);
    table_init(&table, families[family].columns, families[family].column_count);
    table.indent = "  ";
    for (size_t i = 0; i < sums->count; i++) {
        struct slice name = sums->items[i].name;
        if (slice_has_prefix(name, prefix)) {
            struct slice rest = {.data = name.data + prefix.len, .len = name.len - prefix.len};
            add_row(&table, family, rest, sums->items[i].value);
        }
    }
    if (table.cell_count > 0) {
        buf_char(&ctl->out, '\n');
        ctl_styled(ctl, STYLE_BOLD, families[family].title);
        buf_char(&ctl->out, '\n');
        table_print(&table, ctl->colour, &ctl->out);
    }
    table_done(&table);
}

static void write_json(struct ctl *ctl, const struct sums *sums)
{
    struct buf name = {0};
    json_open(&ctl->out, NULL, '{');
    json_number(&ctl->out, "homes", ctl->installation.homes);
    json_open(&ctl->out, "totals", '{');
    for (size_t i = 0; i < sums->count; i++) {
        buf_reset(&name);
        buf_slice(&name, sums->items[i].name);
        buf_char(&name, '\0');
        json_number(&ctl->out, name.data, sums->items[i].value);
    }
    json_close(&ctl->out, '}');
    json_close(&ctl->out, '}');
    buf_char(&ctl->out, '\n');
    buf_done(&name);
}
