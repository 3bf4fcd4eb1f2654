#include "exec/product_kernels.h"

#include <string.h>

/*
 * Both operands are packed alike: "across" runs over the rows of left or the
 * columns of right, in panels as wide as a tile; within a panel, position (across,
 * inner) is at inner * stride + across. Bits are copied, whatever number they mean.
 */
typedef struct packing {
    int64_t panel;         /* across of a full panel */
    int64_t unit;          /* the last panel is as wide as needed, rounded up to this */
    int64_t across, inner; /* of the whole packed operand */
    int64_t first_across, first_inner;
    int64_t part_across, part_inner;
    int64_t leading;
    bool contiguous_across; /* in memory; otherwise inner is contiguous */
} packing;

/* A rectangle inside one panel. */
typedef struct rectangle {
    int64_t across, inner;
    int64_t from_leading, to_stride;
} rectangle;

#ifdef __has_builtin
#if __has_builtin(__builtin_shufflevector)
#define GT_PACK_SHUFFLES 1
#endif
#endif

#ifdef GT_PACK_SHUFFLES
/* Transposing squares of four by four in registers of 16 bytes. */
typedef uint32_t four __attribute__((vector_size(16)));
typedef uint64_t two __attribute__((vector_size(16)));

static inline four load_four(const uint32_t *from)
{
    four value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline void shuffle_square_32(const uint32_t *from, int64_t from_leading, uint32_t *to, int64_t to_stride)
{
    four a = load_four(from), b = load_four(from + from_leading);
    four c = load_four(from + 2 * from_leading), d = load_four(from + 3 * from_leading);
    four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    four ba = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    four dc = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    a = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    b = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    c = __builtin_shufflevector(ba, dc, 0, 1, 4, 5);
    d = __builtin_shufflevector(ba, dc, 2, 3, 6, 7);
    memcpy(to, &a, sizeof a);
    memcpy(to + to_stride, &b, sizeof b);
    memcpy(to + 2 * to_stride, &c, sizeof c);
    memcpy(to + 3 * to_stride, &d, sizeof d);
}

static inline void shuffle_pair(const uint64_t *from, int64_t from_leading, uint64_t *to, int64_t to_stride)
{
    two a, b;
    memcpy(&a, from, sizeof a);
    memcpy(&b, from + from_leading, sizeof b);
    two first = __builtin_shufflevector(a, b, 0, 2), second = __builtin_shufflevector(a, b, 1, 3);
    memcpy(to, &first, sizeof first);
    memcpy(to + to_stride, &second, sizeof second);
}

static inline void shuffle_square_64(const uint64_t *from, int64_t from_leading, uint64_t *to, int64_t to_stride)
{
    for (int64_t i = 0; i < 4; i += 2) {
        shuffle_pair(from + i * from_leading, from_leading, to + i, to_stride);
        shuffle_pair(from + i * from_leading + 2, from_leading, to + i + 2 * to_stride, to_stride);
    }
}
#endif

#define PACK_BITS 32
#define PACK_TYPE uint32_t
#include "exec/product_pack_type.h"

#define PACK_BITS 64
#define PACK_TYPE uint64_t
#include "exec/product_pack_type.h"

static void pack(const gt_product_kernels *kernels, const packing *p, const void *from, void *packed)
{
    if (kernels->element_size == 8)
        pack_64(p, from, packed);
    else
        pack_32(p, from, packed);
}

void gt_product_pack_left(const gt_product_kernels *kernels, void *packed, int64_t rows, int64_t inner,
                          int64_t first_row, int64_t first_inner, const gt_product_part *part)
{
    packing p = {.panel = kernels->height,
                 .unit = kernels->lanes,
                 .across = rows,
                 .inner = inner,
                 .first_across = first_row,
                 .first_inner = first_inner,
                 .part_across = part->rows,
                 .part_inner = part->columns,
                 .leading = part->leading,
                 .contiguous_across = !part->transposed};
    pack(kernels, &p, part->data, packed);
}

void gt_product_pack_right(const gt_product_kernels *kernels, void *packed, int64_t inner, int64_t columns,
                           int64_t first_inner, int64_t first_column, const gt_product_part *part)
{
    packing p = {.panel = kernels->width,
                 .unit = 1,
                 .across = columns,
                 .inner = inner,
                 .first_across = first_column,
                 .first_inner = first_inner,
                 .part_across = part->columns,
                 .part_inner = part->rows,
                 .leading = part->leading,
                 .contiguous_across = part->transposed};
    pack(kernels, &p, part->data, packed);
}

size_t gt_product_left_size(const gt_product_kernels *kernels, int64_t rows, int64_t inner)
{
    int64_t padded = gt_product_round_up(rows, kernels->lanes);
    return (size_t)padded * (size_t)inner * (size_t)kernels->element_size;
}

size_t gt_product_right_size(const gt_product_kernels *kernels, int64_t inner, int64_t columns)
{
    return (size_t)inner * (size_t)columns * (size_t)kernels->element_size;
}
