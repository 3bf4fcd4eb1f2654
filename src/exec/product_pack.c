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
typedef uint32_t pack_four __attribute__((vector_size(16)));
#endif
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

void gt_product_pack_left(const gt_product_kernels *kernels, void *packed, int64_t rows,
                          int64_t inner, int64_t first_row, int64_t first_inner,
                          const gt_product_part *part)
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

void gt_product_pack_right(const gt_product_kernels *kernels, void *packed, int64_t inner,
                           int64_t columns, int64_t first_inner, int64_t first_column,
                           const gt_product_part *part)
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
