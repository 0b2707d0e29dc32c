/* SPDX-License-Identifier: MIT */
/* Reads one line of a condition, FIELD OP VALUE, and names what is wrong with it where it stands. */
#include "config/condition_parts.h"

/* A line while it is read. */
struct line {
    const struct condition_reader *reader;
    const struct yaml *node;
    struct slice text;
    size_t at;
    struct condition_node *leaf;
};

static const char *const type_names[CONDITION_TYPES] = {
    [CONDITION_TYPE_COUNT] = "a number",       [CONDITION_TYPE_MONEY] = "an amount of money",
    [CONDITION_TYPE_TIME] = "a time",          [CONDITION_TYPE_TEXT] = "a text",
    [CONDITION_TYPE_SET] = "a set of several", [CONDITION_TYPE_SEVERITY] = "a severity"};

static bool read_field(struct line *line, const struct condition_word *word, enum condition_field *ret_field);
static bool read_op(struct line *line);
static bool find_op(const struct line *line, const struct condition_word *word, enum condition_op *ret_op);
static bool read_value(struct line *line);
static bool read_other(struct line *line, const struct condition_word *word);
static bool read_list(struct line *line);
static bool next_word(struct line *line, struct condition_word *ret_word);
static bool next_name(struct line *line, const char *stops, struct condition_word *ret_word);
static void skip_blanks(struct line *line);
static bool is_blank(char c);
static bool is_field(struct slice text, enum condition_field *ret_field);
static const char *nearest_field(const struct line *line, struct slice text);
static void list_ops(enum condition_type type, struct buf *out);

bool condition_leaf_read(const struct condition_reader *reader, const struct yaml *node,
                         struct condition_node *ret_leaf)
{
    struct line line = {.reader = reader, .node = node, .leaf = ret_leaf};
    struct condition_word word;
    if (!yaml_text(node, reader->what, &line.text)) {
        return false;
    }
    ret_leaf->text = line.text;
    if (!next_name(&line, "=!<>,\"", &word)) {
        yaml_problem(node, "%s must be a line such as 'orders >= 3': what, a comparison, a value",
                     reader->what);
        return false;
    }
    if (!read_field(&line, &word, &ret_leaf->field) || !read_op(&line) ||
        (ret_leaf->op != CONDITION_KNOWN && !read_value(&line))) {
        return false;
    }
    skip_blanks(&line);
    if (line.at < line.text.len) {
        yaml_problem_inside(node, line.at, "'%.*s' is too much here", (int)(line.text.len - line.at),
                            line.text.data + line.at);
        return false;
    }
    return true;
}

static bool read_field(struct line *line, const struct condition_word *word, enum condition_field *ret_field)
{
    if (!is_field(word->text, ret_field)) {
        const char *nearest = nearest_field(line, word->text);
        bool alone = nearest == NULL && word->text.len == line->text.len && !line->node->quoted;
        yaml_problem_inside(line->node, word->at, "unknown field '%.*s'%s%s%s%s", SLICE_ARG(word->text),
                            nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                            nearest != NULL ? "'?" : "",
                            alone ? "; if a list of values goes on here, put the whole line in quotes" : "");
        return false;
    }
    unsigned on = condition_field_table[*ret_field].on;
    if (on == 0 || (on >> line->reader->on & 1) != 0) {
        return true;
    }
    struct buf kinds = {0};
    for (unsigned i = 0; i < ON_COUNT; i++) {
        if ((on >> i & 1) != 0) {
            buf_text(&kinds, kinds.len > 0 ? " or " : "");
            buf_text(&kinds, follow_up_on_name((enum follow_up_on)i));
        }
    }
    yaml_problem_inside(line->node, word->at, "there is no %.*s with 'on: %s'; it goes with %.*s",
                        SLICE_ARG(word->text), follow_up_on_name(line->reader->on),
                        SLICE_ARG(buf_view(&kinds)));
    buf_done(&kinds);
    return false;
}

static bool read_op(struct line *line)
{
    enum condition_type type = condition_field_table[line->leaf->field].type;
    const char *name = condition_field_table[line->leaf->field].name;
    struct condition_word word = {0};
    struct buf ops = {0};
    list_ops(type, &ops);
    skip_blanks(line);
    size_t from = line->at;
    while (line->at < line->text.len && memchr("=!<>", line->text.data[line->at], 4) != NULL) {
        line->at++;
    }
    word = (struct condition_word){
        .text = {.data = line->text.data + from, .len = line->at - from},
          .at = from
    };
    bool ok = false;
    if (word.text.len == 0 && !next_name(line, "=!<>,\"", &word)) {
        yaml_problem_inside(line->node, line->at, "%s needs a comparison and a value: %.*s", name,
                            SLICE_ARG(buf_view(&ops)));
    } else if (!find_op(line, &word, &line->leaf->op)) {
        const char *nearest = yaml_nearest(condition_op_names, CONDITION_HAS + 1, word.text);
        yaml_problem_inside(line->node, word.at, "'%.*s' is no comparison; %s takes %.*s%s%s%s",
                            SLICE_ARG(word.text), name, SLICE_ARG(buf_view(&ops)),
                            nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                            nearest != NULL ? "'?" : "");
    } else if (!condition_op_fits(line->leaf->op, type)) {
        yaml_problem_inside(line->node, word.at, "'%s' does not go with %s, %s, which takes %.*s",
                            condition_op_names[line->leaf->op], name, type_names[type],
                            SLICE_ARG(buf_view(&ops)));
    } else {
        ok = true;
    }
    buf_done(&ops);
    return ok;
}

/* `is known` and `within last` have two words; one that begins so and goes on otherwise is none. */
static bool find_op(const struct line *line, const struct condition_word *word, enum condition_op *ret_op)
{
    for (size_t i = 0; i < CONDITION_OPS; i++) {
        struct slice name = slice_of(condition_op_names[i]);
        const char *blank = memchr(name.data, ' ', name.len);
        struct slice first = {.data = name.data,
                              .len = blank != NULL ? (size_t)(blank - name.data) : name.len};
        if (!slice_equal(word->text, first)) {
            continue;
        }
        struct condition_word second;
        if (blank != NULL &&
            (!next_name((struct line *)line, "=!<>,\"", &second) || !slice_is(second.text, blank + 1))) {
            return false;
        }
        *ret_op = (enum condition_op)i;
        return true;
    }
    return false;
}

static bool read_value(struct line *line)
{
    struct condition_node *leaf = line->leaf;
    enum condition_type type = condition_field_table[leaf->field].type;
    struct condition_word word, second = {0};
    if (leaf->op == CONDITION_IN) {
        return read_list(line);
    }
    if (!next_word(line, &word)) {
        yaml_problem_inside(line->node, line->at, "%s %s needs a value behind it",
                            condition_field_table[leaf->field].name, condition_op_names[leaf->op]);
        return false;
    }
    if (!word.quoted && is_field(word.text, &leaf->other) && leaf->op != CONDITION_WITHIN) {
        return read_other(line, &word);
    }
    struct condition_value *value = arena_zalloc(line->reader->arena, sizeof *value);
    leaf->values = value;
    leaf->value_count = 1;
    if (leaf->op == CONDITION_WITHIN) {
        return condition_period_read(line->node, &word, value);
    }
    bool has_second = type == CONDITION_TYPE_MONEY && next_word(line, &second);
    return condition_constant_read(line->reader, line->node, leaf->field, &word, has_second ? &second : NULL,
                                   value);
}

/* Two amounts need a currency, and only the event's has one. */
static bool read_other(struct line *line, const struct condition_word *word)
{
    struct condition_node *leaf = line->leaf;
    const struct condition_field_about *field = &condition_field_table[leaf->field];
    const struct condition_field_about *other = &condition_field_table[leaf->other];
    if (!read_field(line, word, &leaf->other)) {
        return false;
    }
    bool fits =
        field->form == other->form &&
        (field->type == CONDITION_TYPE_SET ? other->type == CONDITION_TYPE_TEXT : field->type == other->type);
    if (!fits) {
        yaml_problem_inside(line->node, word->at, "%s cannot be compared with %s, which is something else",
                            field->name, other->name);
        return false;
    }
    if (field->type == CONDITION_TYPE_MONEY &&
        (leaf->field == CONDITION_EVENT_NET) == (leaf->other == CONDITION_EVENT_NET)) {
        yaml_problem_inside(line->node, word->at,
                            "%s and %s cannot be compared, for no currency is named; one of them must be "
                            "event.net",
                            field->name, other->name);
        return false;
    }
    leaf->has_other = true;
    return true;
}

static bool read_list(struct line *line)
{
    struct condition_value values[CONDITION_VALUES_MAX];
    struct condition_word word;
    size_t count = 0;
    bool more = true, ok = true;
    while (more) {
        if (!next_word(line, &word)) {
            yaml_problem_inside(line->node, line->at,
                                "%s in needs a value here, then perhaps a comma and more",
                                condition_field_table[line->leaf->field].name);
            return false;
        }
        if (count == CONDITION_VALUES_MAX) {
            yaml_problem_inside(line->node, word.at, "this list has more than %d values",
                                CONDITION_VALUES_MAX);
            return false;
        }
        values[count] = (struct condition_value){0};
        ok &=
            condition_constant_read(line->reader, line->node, line->leaf->field, &word, NULL, &values[count]);
        count++;
        skip_blanks(line);
        more = line->at < line->text.len && line->text.data[line->at] == ',';
        line->at += more;
    }
    struct condition_value *kept = arena_zalloc(line->reader->arena, count * sizeof *kept);
    memcpy(kept, values, count * sizeof *kept);
    line->leaf->values = kept;
    line->leaf->value_count = (uint16_t)count;
    return ok;
}

/* A value: in quotes whatever it is, else up to a blank or a comma. */
static bool next_word(struct line *line, struct condition_word *ret_word)
{
    skip_blanks(line);
    if (line->at >= line->text.len || line->text.data[line->at] != '"') {
        return next_name(line, ",\"", ret_word);
    }
    const char *from = line->text.data + line->at + 1;
    const char *end = memchr(from, '"', line->text.len - line->at - 1);
    size_t len = end != NULL ? (size_t)(end - from) : line->text.len - line->at - 1;
    *ret_word = (struct condition_word){
        .text = {.data = from, .len = len},
          .at = line->at, .quoted = true
    };
    line->at += len + 1 + (end != NULL);
    return true;
}

/* False: nothing but a stop or the end stands there. */
static bool next_name(struct line *line, const char *stops, struct condition_word *ret_word)
{
    skip_blanks(line);
    size_t from = line->at;
    while (line->at < line->text.len && !is_blank(line->text.data[line->at]) &&
           strchr(stops, line->text.data[line->at]) == NULL) {
        line->at++;
    }
    *ret_word = (struct condition_word){
        .text = {.data = line->text.data + from, .len = line->at - from},
          .at = from
    };
    return line->at > from;
}

static void skip_blanks(struct line *line)
{
    while (line->at < line->text.len && is_blank(line->text.data[line->at])) {
        line->at++;
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static bool is_field(struct slice text, enum condition_field *ret_field)
{
    for (size_t i = 0; i < CONDITION_FIELD_COUNT; i++) {
        if (slice_is(text, condition_field_table[i].name)) {
            *ret_field = (enum condition_field)i;
            return true;
        }
    }
    return false;
}

/* Among those that this follow-up can ask about. */
static const char *nearest_field(const struct line *line, struct slice text)
{
    const char *names[CONDITION_FIELD_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < CONDITION_FIELD_COUNT; i++) {
        unsigned on = condition_field_table[i].on;
        if (on == 0 || (on >> line->reader->on & 1) != 0) {
            names[count++] = condition_field_table[i].name;
        }
    }
    return yaml_nearest(names, count, text);
}

static void list_ops(enum condition_type type, struct buf *out)
{
    unsigned left = 0;
    for (size_t i = 0; i < CONDITION_OPS; i++) {
        left += condition_op_fits((enum condition_op)i, type);
    }
    for (size_t i = 0; i < CONDITION_OPS; i++) {
        if (condition_op_fits((enum condition_op)i, type)) {
            buf_text(out, condition_op_names[i]);
            left--;
            buf_text(out, left > 1 ? ", " : left == 1 ? " or " : "");
        }
    }
}
