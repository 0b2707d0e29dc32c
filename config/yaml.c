/* SPDX-License-Identifier: MIT */
/* Builds the tree of yaml.h from libyaml's events; the checks on it that need no libyaml are in yaml_check.c.
 * The nodes that are still open stand on a stack of YAML_DEPTH_MAX, so the depth of a file never becomes the
 * depth of our calls. */
#include "config/yaml.h"

#include "common/mem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#define SENTENCE_BYTES 400
#define LINES_BYTES    16384 /* of the newest problems: among them none stands twice */

struct yaml_source {
    const char *file;
    struct buf *problems;
};

/* An open sequence or mapping. */
struct level {
    struct yaml *node, *last; /* last: its newest child */
    bool has_key;             /* a mapping's key has been read, its value has not */
    struct slice key;
    int key_line, key_column;
};

struct builder {
    struct yaml_source *source;
    struct slice text;
    struct arena *arena;
    struct yaml *root;
    struct level levels[YAML_DEPTH_MAX];
    int depth; /* open levels */
    int documents;
};

static bool add_event(struct builder *builder, const yaml_event_t *event);
static bool read_file(const char *path, struct yaml_source *source, struct buf *text);
static void report_syntax(struct builder *builder, const yaml_parser_t *parser);
static int count_characters(struct slice text);
static void report(const struct yaml_source *source, int line, int column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void report_va(const char *file, struct buf *out, int line, int column, const char *format,
                      va_list args) __attribute__((format(printf, 5, 0)));

static int mark_line(yaml_mark_t mark)
{
    return (int)mark.line + 1;
}

static int mark_column(yaml_mark_t mark)
{
    return (int)mark.column + 1;
}

static struct yaml_source *source_create(const char *file, struct arena *arena, struct buf *problems)
{
    struct yaml_source *source = arena_zalloc(arena, sizeof *source);
    source->file = arena_copy(arena, slice_of(file != NULL && *file != '\0' ? file : "(no file)")).data;
    source->problems = problems;
    return source;
}

static bool parse(struct yaml_source *source, struct slice text, struct arena *arena,
                  const struct yaml **ret_root)
{
    struct builder builder = {.source = source, .text = text, .arena = arena};
    size_t problems_before = source->problems->len;

    if (text.len > YAML_BYTES_MAX) {
        report(source, 1, 1, "the file has %zu bytes; at most %d are read", text.len, YAML_BYTES_MAX);
        return false;
    }
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        report(source, 1, 1, "there is no memory to read this file");
        return false;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.data, text.len);

    for (bool more = true; more;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            report_syntax(&builder, &parser);
            break;
        }
        more = add_event(&builder, &event) && event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (source->problems->len > problems_before) {
        return false;
    }
    if (builder.root == NULL) {
        builder.root = arena_zalloc(arena, sizeof *builder.root);
        *builder.root = (struct yaml){.kind = YAML_MAPPING, .line = 1, .column = 1, .source = source};
    }
    *ret_root = builder.root;
    return true;
}

bool yaml_parse(const char *file, struct slice text, struct arena *arena, struct buf *problems,
                const struct yaml **ret_root)
{
    return parse(source_create(file, arena, problems), text, arena, ret_root);
}

bool yaml_load(const char *path, struct arena *arena, struct buf *problems, const struct yaml **ret_root)
{
    struct yaml_source *source = source_create(path, arena, problems);
    struct buf text = {0};
    bool ok = read_file(path, source, &text) && parse(source, buf_view(&text), arena, ret_root);
    buf_done(&text);
    return ok;
}

void yaml_problem(const struct yaml *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report_va(node->source->file, node->source->problems, node->line, node->column, format, args);
    va_end(args);
}

void yaml_problem_inside(const struct yaml *node, size_t at, const char *format, ...)
{
    int line = node->line, column = node->column;
    if (node->text_column > 0) {
        column = node->text_column + count_characters((struct slice){.data = node->text.data, .len = at});
    }
    va_list args;
    va_start(args, format);
    report_va(node->source->file, node->source->problems, line, column, format, args);
    va_end(args);
}

void yaml_remark(const struct yaml *node, struct buf *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report_va(node->source->file, out, node->line, node->column, format, args);
    va_end(args);
}

void yaml_problem_at_key(const struct yaml *node, const char *format, ...)
{
    bool has_key = node->key.data != NULL;
    va_list args;
    va_start(args, format);
    report_va(node->source->file, node->source->problems, has_key ? node->key_line : node->line,
              has_key ? node->key_column : node->column, format, args);
    va_end(args);
}

/* ---- from events to nodes */

/* Puts a new node where the newest open level wants it. */
static struct yaml *add_node(struct builder *builder, enum yaml_kind kind, yaml_mark_t mark)
{
    struct yaml *node = arena_zalloc(builder->arena, sizeof *node);
    node->kind = kind;
    node->line = mark_line(mark);
    node->column = mark_column(mark);
    node->source = builder->source;
    if (builder->depth == 0) {
        builder->root = node;
        return node;
    }
    struct level *level = &builder->levels[builder->depth - 1];
    if (level->node->kind == YAML_MAPPING) {
        node->key = level->key;
        node->key_line = level->key_line;
        node->key_column = level->key_column;
        level->has_key = false;
    }
    if (level->last != NULL) {
        level->last->next = node;
    } else {
        level->node->first = node;
    }
    level->last = node;
    level->node->count++;
    return node;
}

static bool awaits_key(const struct builder *builder)
{
    if (builder->depth == 0) {
        return false;
    }
    const struct level *level = &builder->levels[builder->depth - 1];
    return level->node->kind == YAML_MAPPING && !level->has_key;
}

/* False: the rest of the file cannot be given a meaning. */
static bool open_level(struct builder *builder, enum yaml_kind kind, yaml_mark_t mark)
{
    if (awaits_key(builder)) {
        report(builder->source, mark_line(mark), mark_column(mark),
               "a key must be a text, not a list or a mapping");
        return false;
    }
    if (builder->depth == YAML_DEPTH_MAX) {
        report(builder->source, mark_line(mark), mark_column(mark), "this is nested more than %d deep",
               YAML_DEPTH_MAX);
        return false;
    }
    struct yaml *node = add_node(builder, kind, mark);
    builder->levels[builder->depth++] = (struct level){.node = node};
    return true;
}

/* By key, equal keys by where they stand. */
static int compare_keys(const void *a, const void *b)
{
    const struct yaml *one = *(const struct yaml *const *)a, *other = *(const struct yaml *const *)b;
    int order = slice_compare(one->key, other->key);
    if (order == 0) {
        order = one->key_line != other->key_line ? one->key_line - other->key_line
                                                 : one->key_column - other->key_column;
    }
    return order;
}

/* Sorts a copy, so that a file of a hundred thousand keys takes no quadratic time. */
static void report_duplicates(const struct yaml *mapping)
{
    if (mapping->count < 2) {
        return;
    }
    const struct yaml **children = mem_alloc(mapping->count * sizeof *children);
    size_t count = 0;
    YAML_EACH(child, mapping)
    {
        children[count++] = child;
    }
    qsort(children, count, sizeof *children, compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (slice_equal(children[i - 1]->key, children[i]->key)) {
            yaml_problem_at_key(children[i], "the key '%.*s' stands here twice; the other is in line %d",
                                SLICE_ARG(children[i]->key), children[i - 1]->key_line);
        }
    }
    mem_free(children);
}

static void close_level(struct builder *builder)
{
    const struct yaml *node = builder->levels[--builder->depth].node;
    if (node->kind == YAML_MAPPING) {
        report_duplicates(node);
    }
}

static void add_scalar(struct builder *builder, const yaml_event_t *event)
{
    struct slice text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    if (memchr(text.data, '\0', text.len) != NULL) {
        report(builder->source, mark_line(event->start_mark), mark_column(event->start_mark),
               "a text must not contain a NUL character");
    }
    text = arena_copy(builder->arena, text);
    if (awaits_key(builder)) {
        struct level *level = &builder->levels[builder->depth - 1];
        level->has_key = true;
        level->key = text;
        level->key_line = mark_line(event->start_mark);
        level->key_column = mark_column(event->start_mark);
        return;
    }
    struct yaml *node = add_node(builder, YAML_SCALAR, event->start_mark);
    node->text = text;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    int quotes = node->quoted ? 1 : 0;
    if (event->start_mark.line == event->end_mark.line &&
        mark_column(event->end_mark) - node->column == count_characters(text) + 2 * quotes) {
        node->text_column = node->column + quotes;
    }
}

static int count_characters(struct slice text)
{
    int count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    }
    return count;
}

static void refuse_marks(struct builder *builder, const yaml_event_t *event, const yaml_char_t *anchor,
                         const yaml_char_t *tag)
{
    int line = mark_line(event->start_mark), column = mark_column(event->start_mark);
    if (anchor != NULL) {
        report(builder->source, line, column, "the anchor '&%s' is not understood here; write it out",
               (const char *)anchor);
    }
    if (tag != NULL) {
        report(builder->source, line, column, "the tag '%s' is not understood here; leave it out",
               (const char *)tag);
    }
}

/* False: a problem after which the rest of the file cannot be given a meaning. */
static bool add_event(struct builder *builder, const yaml_event_t *event)
{
    int line = mark_line(event->start_mark), column = mark_column(event->start_mark);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++builder->documents > 1) {
            report(builder->source, line, column, "a second document begins here; only one is read");
            return false;
        }
        return true;
    case YAML_ALIAS_EVENT:
        report(builder->source, line, column, "the alias '*%s' is not understood here; write it out",
               (const char *)event->data.alias.anchor);
        return false;
    case YAML_SCALAR_EVENT:
        refuse_marks(builder, event, event->data.scalar.anchor, event->data.scalar.tag);
        add_scalar(builder, event);
        return true;
    case YAML_SEQUENCE_START_EVENT:
        refuse_marks(builder, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        return open_level(builder, YAML_SEQUENCE, event->start_mark);
    case YAML_MAPPING_START_EVENT:
        refuse_marks(builder, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        return open_level(builder, YAML_MAPPING, event->start_mark);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_level(builder);
        return true;
    default:
        return true;
    }
}

/* ---- reading and reporting */

static bool read_file(const char *path, struct yaml_source *source, struct buf *text)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        report(source, 1, 1, "the file cannot be opened: %s", strerror(errno));
        return false;
    }
    char block[8192];
    size_t got = 0;
    errno = 0;
    while (text->len <= YAML_BYTES_MAX && (got = fread(block, 1, sizeof block, file)) > 0) {
        buf_add(text, block, got);
    }
    int error = ferror(file) ? errno : 0;
    (void)fclose(file);
    if (error != 0) {
        report(source, 1, 1, "the file cannot be read: %s", strerror(error));
        return false;
    }
    if (text->len > YAML_BYTES_MAX) {
        report(source, 1, 1, "the file is larger than %d bytes, the most that is read", YAML_BYTES_MAX);
        return false;
    }
    return true;
}

/* Line and column of a byte, for the reader's errors, which know only that. */
static void locate(struct slice text, size_t offset, int *ret_line, int *ret_column)
{
    *ret_line = *ret_column = 1;
    for (size_t i = 0; i < offset && i < text.len; i++) {
        if (text.data[i] == '\n') {
            ++*ret_line;
            *ret_column = 1;
        } else if (((unsigned char)text.data[i] & 0xc0) != 0x80) {
            ++*ret_column;
        }
    }
}

static void report_syntax(struct builder *builder, const yaml_parser_t *parser)
{
    const char *problem = parser->problem != NULL ? parser->problem : "it cannot be read";
    if (parser->error == YAML_READER_ERROR) {
        int line = 1, column = 1;
        locate(builder->text, parser->problem_offset, &line, &column);
        report(builder->source, line, column, "the text must be UTF-8 without control characters (%s)",
               problem);
        return;
    }
    report(builder->source, mark_line(parser->problem_mark), mark_column(parser->problem_mark),
           "this is not YAML: %s%s%s", problem, parser->context != NULL ? " " : "",
           parser->context != NULL ? parser->context : "");
}

static void report(const struct yaml_source *source, int line, int column, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report_va(source->file, source->problems, line, column, format, args);
    va_end(args);
}

/* Sentences quote what stands in the file: one is always one line of bounded length, whatever that is. */
static void report_va(const char *file, struct buf *out, int line, int column, const char *format,
                      va_list args)
{
    char sentence[SENTENCE_BYTES];
    int written = vsnprintf(sentence, sizeof sentence, format, args);
    size_t len = strlen(sentence);
    if (written >= (int)sizeof sentence) {
        while (len > 0 && ((unsigned char)sentence[len - 1] & 0x80) != 0) {
            len--;
        }
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)sentence[i] < 0x20 || sentence[i] == 0x7f) {
            sentence[i] = ' ';
        }
    }
    size_t before = out->len;
    buf_printf(out, "%s:%d:%d: %.*s\n", file, line, column, (int)len, sentence);
    size_t from = before > LINES_BYTES ? before - LINES_BYTES : 0, added = out->len - before;
    if (memmem(out->data + from, before - from, out->data + before, added) != NULL) {
        out->len = before; /* what several share is read several times */
    }
}
