/* The encoder's memory, and its pool of constants. */
#include "native/encode_form.h"

#include "base/memory.h"

#include <string.h>

#define ALIGNMENT 64
#define TRAP 0xcc /* int3: between functions */

void gt_encoder_init(gt_encoder *e, bool avx512)
{
    *e = (gt_encoder){.dtype = GT_F32, .avx512 = avx512};
}

void gt_encoder_free(gt_encoder *e)
{
    gt_memory_free(e->bytes);
    gt_memory_free(e->constants);
    gt_memory_free(e->uses);
    *e = (gt_encoder){.dtype = GT_F32, .avx512 = e->avx512};
}

/* Room for so many bytes more; places in the code are distances of 32 bits. */
static bool has_room(gt_encoder *e, size_t count)
{
    if (e->failed)
        return false;
    e->failed = count > INT32_MAX - e->count || !GT_RESERVE(e->bytes, e->capacity, e->count + count);
    return !e->failed;
}

void gt_encode_bytes(gt_encoder *e, const uint8_t *bytes, size_t count)
{
    if (!has_room(e, count))
        return;
    memcpy(e->bytes + e->count, bytes, count);
    e->count += count;
}

static void align(gt_encoder *e)
{
    size_t gap = (ALIGNMENT - e->count % ALIGNMENT) % ALIGNMENT;
    if (!has_room(e, gap))
        return;
    if (gap > 0)
        memset(e->bytes + e->count, TRAP, gap);
    e->count += gap;
}

size_t gt_encode_begin(gt_encoder *e, gt_dtype dtype)
{
    e->dtype = dtype;
    e->constant_count = 0;
    e->use_count = 0;
    /* Sanitizers look at the bytes in front of a function that is called: there always are some. */
    gt_encode_bytes(e, &(uint8_t){TRAP}, 1);
    align(e);
    return e->count;
}

void gt_encode_instruction(gt_encoder *e, const gt_encoding *i)
{
    size_t start = e->count;
    gt_encode_bytes(e, i->bytes, i->count);
    if (e->failed || !i->has_use)
        return;
    if (!GT_RESERVE(e->uses, e->use_capacity, e->use_count + 1)) {
        e->failed = true;
        return;
    }
    e->uses[e->use_count++] = (gt_pool_use){start + i->use, start + i->count, i->constant};
}

/* ---- constants ----------------------------------------------------------------------------- */

gt_location gt_encode_pool(gt_encoder *e, gt_pool_kind kind, uint64_t bits)
{
    gt_location place = {.kind = GT_LOCATION_CONSTANT, .base = GT_NO_GENERAL, .index = GT_NO_GENERAL};
    if (e->failed)
        return place;
    size_t found = 0;
    while (found < e->constant_count && (e->constants[found].kind != kind || e->constants[found].bits != bits))
        found++;
    if (found == e->constant_count) {
        if (!GT_RESERVE(e->constants, e->constant_capacity, found + 1)) {
            e->failed = true;
            return place;
        }
        e->constants[e->constant_count++] = (gt_pool_constant){kind, bits};
    }
    place.number = (int)found;
    return place;
}

gt_location gt_encode_constant(gt_encoder *e, uint64_t bits)
{
    return gt_encode_pool(e, GT_POOL_ENTRY, gt_encode_is_wide(e) ? bits : (uint32_t)bits);
}

static uint64_t lane_of(const gt_pool_constant *constant, uint64_t lane)
{
    switch (constant->kind) {
    case GT_POOL_MASK:
        return lane < constant->bits ? UINT64_MAX : 0;
    case GT_POOL_LANES:
        return lane;
    default:
        return constant->bits;
    }
}

static void write_constant(gt_encoder *e, const gt_pool_constant *constant)
{
    size_t size = gt_dtype_size(e->dtype), bytes = e->avx512 ? 64 : 32;
    uint8_t vector[64];
    for (size_t i = 0; i < bytes; i++)
        vector[i] = (uint8_t)(lane_of(constant, i / size) >> 8 * (i % size));
    gt_encode_bytes(e, vector, bytes);
}

void gt_encode_end(gt_encoder *e)
{
    if (e->constant_count > 0)
        align(e);
    size_t pool = e->count, bytes = e->avx512 ? 64 : 32;
    for (size_t i = 0; i < e->constant_count; i++)
        write_constant(e, &e->constants[i]);
    if (e->failed)
        return;
    for (size_t i = 0; i < e->use_count; i++) {
        const gt_pool_use *use = &e->uses[i];
        uint32_t distance = (uint32_t)(pool + use->constant * bytes - use->end);
        for (int b = 0; b < 4; b++)
            e->bytes[use->position + (size_t)b] = (uint8_t)(distance >> 8 * b);
    }
}

gt_location gt_location_register(int number)
{
    return (gt_location){.kind = GT_LOCATION_REGISTER, .number = number, .base = GT_NO_GENERAL, .index = GT_NO_GENERAL};
}

gt_location gt_location_memory(gt_general base, gt_general index, int32_t offset)
{
    return (gt_location){.kind = GT_LOCATION_MEMORY, .base = base, .index = index, .offset = offset};
}
