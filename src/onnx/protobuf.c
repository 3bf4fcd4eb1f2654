#include "onnx/protobuf.h"

#include "base/memory.h"

#include <string.h>

enum { KIND_VARINT = 0, KIND_LENGTH = 2, KIND_FIXED32 = 5, MOST_VARINT = 10 };

void gt_protobuf_free(gt_protobuf *out)
{
    gt_memory_free(out->bytes);
    *out = (gt_protobuf){.bytes = NULL};
}

/* `size` more bytes, or NULL. */
static uint8_t *grow(gt_protobuf *out, size_t size)
{
    if (!out->failed && !GT_RESERVE(out->bytes, out->capacity, gt_size_add(out->size, size)))
        out->failed = true;
    if (out->failed)
        return NULL;
    out->size += size;
    return out->bytes + out->size - size;
}

/* Seven bits a byte, the lowest first; the eighth says that more follow. */
static size_t encode(uint64_t value, uint8_t bytes[MOST_VARINT])
{
    size_t count = 0;
    do {
        bytes[count] = (uint8_t)(value & 0x7f);
        value >>= 7;
        bytes[count++] |= value > 0 ? 0x80 : 0;
    } while (value > 0);
    return count;
}

static void put_varint(gt_protobuf *out, uint64_t value)
{
    uint8_t bytes[MOST_VARINT], *to;
    size_t count = encode(value, bytes);
    to = grow(out, count);
    if (to != NULL)
        memcpy(to, bytes, count);
}

static void put_key(gt_protobuf *out, uint32_t field, uint32_t kind)
{
    put_varint(out, (uint64_t)field << 3 | kind);
}

void gt_protobuf_integer(gt_protobuf *out, uint32_t field, int64_t value)
{
    put_key(out, field, KIND_VARINT);
    put_varint(out, (uint64_t)value);
}

void gt_protobuf_float(gt_protobuf *out, uint32_t field, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(out, field, KIND_FIXED32);
    uint8_t *to = grow(out, sizeof bits);
    for (size_t i = 0; to != NULL && i < sizeof bits; i++)
        to[i] = (uint8_t)(bits >> (8 * i));
}

uint8_t *gt_protobuf_room(gt_protobuf *out, uint32_t field, size_t size)
{
    put_key(out, field, KIND_LENGTH);
    put_varint(out, size);
    return grow(out, size);
}

void gt_protobuf_bytes(gt_protobuf *out, uint32_t field, const void *bytes, size_t size)
{
    uint8_t *to = gt_protobuf_room(out, field, size);
    if (to != NULL && size > 0)
        memcpy(to, bytes, size);
}

void gt_protobuf_text(gt_protobuf *out, uint32_t field, const char *text)
{
    gt_protobuf_bytes(out, field, text, strlen(text));
}

void gt_protobuf_append(gt_protobuf *out, const gt_protobuf *other)
{
    uint8_t *to = other->size > 0 ? grow(out, other->size) : NULL;
    if (to != NULL)
        memcpy(to, other->bytes, other->size);
    out->failed = out->failed || other->failed;
}

size_t gt_protobuf_open(gt_protobuf *out, uint32_t field)
{
    put_key(out, field, KIND_LENGTH);
    return out->size;
}

/* The length is known now: room for it is made before what was written. */
void gt_protobuf_close(gt_protobuf *out, size_t start)
{
    uint8_t bytes[MOST_VARINT];
    size_t size = out->size - start, count = encode(size, bytes);
    if (grow(out, count) == NULL)
        return;
    memmove(out->bytes + start + count, out->bytes + start, size);
    memcpy(out->bytes + start, bytes, count);
}
