/* ONNX models as the messages of Protocol Buffers that they are: what they consist of. */
#ifndef GT_TESTS_ONNX_MESSAGES_H
#define GT_TESTS_ONNX_MESSAGES_H

#include "base/utf8.h"

#include <criterion/criterion.h>
#include <gradtape.h>
#include <string.h>

/* ---- messages ------------------------------------------------------------------------------ */

/* The fields of a message: calls `visit` with each number and, of a message or a text, its bytes. */
typedef void visitor(void *context, uint64_t field, const uint8_t *bytes, size_t size, uint64_t number);

static inline uint64_t varint(const uint8_t **at, const uint8_t *end)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        cr_assert(*at < end && shift < 64, "a number ends behind its message");
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return value;
    }
}

static inline void walk(const void *bytes, size_t size, visitor *visit, void *context)
{
    const uint8_t *at = bytes, *end = at + size;
    while (at < end) {
        uint64_t key = varint(&at, end);
        cr_assert((key & 7) == 0 || (key & 7) == 2, "field %d of kind %d", (int)(key >> 3), (int)(key & 7));
        uint64_t value = varint(&at, end);
        if ((key & 7) == 0) {
            visit(context, key >> 3, NULL, 0, value);
            continue;
        }
        cr_assert(value <= (uint64_t)(end - at), "field %d is longer than its message", (int)(key >> 3));
        visit(context, key >> 3, at, (size_t)value, 0);
        at += value;
    }
}

/* What is told of a model. */
typedef struct told {
    char operators[4096], inputs[512], outputs[512], metadata[256];
    int64_t opset, format;
    int initializers;
    char *names; /* of what is being read: one of the texts */
} told;

static inline void add_text(char *texts, size_t room, const uint8_t *bytes, size_t size)
{
    if (bytes != NULL)
        gt_utf8_append(texts, room, "%.*s ", (int)size, (const char *)bytes);
}

static inline void visit_node(void *context, uint64_t field, const uint8_t *bytes, size_t size, uint64_t number)
{
    told *t = context;
    (void)number;
    if (field == 4)
        add_text(t->operators, sizeof t->operators, bytes, size);
}

static inline void visit_value(void *context, uint64_t field, const uint8_t *bytes, size_t size, uint64_t number)
{
    told *t = context;
    (void)number;
    if (field == 1)
        add_text(t->names, 512, bytes, size);
}

static inline void visit_graph(void *context, uint64_t field, const uint8_t *bytes, size_t size, uint64_t number)
{
    told *t = context;
    (void)number;
    if (field == 1)
        walk(bytes, size, visit_node, t);
    t->initializers += field == 5;
    t->names = field == 11 ? t->inputs : t->outputs;
    if (field == 11 || field == 12)
        walk(bytes, size, visit_value, t);
}

static inline void visit_opset(void *context, uint64_t field, const uint8_t *bytes, size_t size, uint64_t number)
{
    (void)bytes, (void)size;
    if (field == 2)
        ((told *)context)->opset = (int64_t)number;
}

static inline void visit_entry(void *context, uint64_t field, const uint8_t *bytes, size_t size, uint64_t number)
{
    told *t = context;
    (void)field, (void)number;
    add_text(t->metadata, sizeof t->metadata, bytes, size);
}

static inline void visit_model(void *context, uint64_t field, const uint8_t *bytes, size_t size, uint64_t number)
{
    told *t = context;
    if (field == 1)
        t->format = (int64_t)number;
    if (field == 7)
        walk(bytes, size, visit_graph, t);
    if (field == 8)
        walk(bytes, size, visit_opset, t);
    if (field == 14)
        walk(bytes, size, visit_entry, t);
}

/* Frees the bytes. */
static inline told read_model(char *bytes, size_t size)
{
    told t = {.opset = 0};
    walk(bytes, size, visit_model, &t);
    gt_archive_bytes_free(bytes);
    return t;
}

#endif
