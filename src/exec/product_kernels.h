/* What the parts of the matrix product share; users include exec/product.h. */
#ifndef GT_EXEC_PRODUCT_KERNELS_H
#define GT_EXEC_PRODUCT_KERNELS_H

#include "exec/product.h"

/*
 * Sanitizers would take a minute to compile the tiles, and find less than the test does,
 * whose operands end where memory that may not be touched begins.
 */
#define TILE_UNSANITIZED __attribute__((no_sanitize("address", "undefined")))

enum {
    GT_TILE_UNITS = 8,    /* the tallest tile, in units */
    GT_TILE_COLUMNS = 12, /* the widest tile */
    GT_TILE_LINES = 64,   /* that a tile fetches singly */
};

/*
 * One tile of the output that stays in registers while `inner` runs. Strides are
 * in elements. Left columns are contiguous; right elements are anywhere.
 */
typedef struct gt_tile {
    int64_t inner;
    const void *left;
    int64_t left_stride;
    const void *right;
    int64_t right_inner_stride, right_column_stride;
    void *output;
    int64_t output_stride;
    const void *addend; /* where the sums start, perhaps the output; NULL: at zero */
    int64_t addend_stride;
    void *copy; /* for copying tiles: where left goes, packed */
    /* Lines that are fetched to be read or written soon, the first for the first inner position. */
    const char *lines[GT_TILE_LINES];
    int64_t line_count;
    const char *fetched;    /* then into a near cache, one line for each inner position */
    int64_t fetched_stride; /* bytes */
    int64_t rows;
    bool padded; /* whole vectors of left may be read, past `rows` */
} gt_tile;

typedef void gt_tile_function(const gt_tile *tile);

/* Of left, whose columns are contiguous: sums[i] += the sum of row i, at most a panel of rows. */
typedef void gt_row_sums_function(const void *left, int64_t left_stride, int64_t rows, int64_t inner, void *sums);

/* A matrix times one column. Strides are in elements; those of left between its columns or, transposed, rows. */
typedef struct gt_matrix_column {
    const void *left;
    int64_t left_leading; /* unless it is packed */
    const void *right;
    int64_t right_stride;
    void *output;
    const void *addend; /* where the sums start, perhaps the output; NULL: at zero */
    int64_t rows, inner;
} gt_matrix_column;

/* Multiplies, and returns the rows that are done: the first ones, of a packed matrix perhaps not all. */
typedef int64_t gt_times_column_function(const gt_matrix_column *run);

struct gt_product_kernels {
    const char *name;
    int element_size;          /* bytes */
    int lanes;                 /* elements of a vector: rows of packed left operands are padded to this */
    int unit;                  /* tiles have multiples of this many rows, but for the last: half the lanes */
    int height;                /* rows of a panel of a packed left operand: of the tallest tile */
    int width;                 /* columns of a slab of a packed right operand: of the tallest tile */
    int widest[GT_TILE_UNITS]; /* columns of the widest tile, by units - 1 */
    gt_row_sums_function *add_row_sums;
    gt_tile_function *copying_tile;                          /* of `height` rows and `width` columns */
    gt_tile_function *tiles[GT_TILE_UNITS][GT_TILE_COLUMNS]; /* by units - 1 and columns - 1 */
    gt_times_column_function *times_column[3];               /* by the layout of left; NULL: by tiles */
};

#if defined(__x86_64__) && defined(__GNUC__)
#define GT_PRODUCT_X86 1
extern const gt_product_kernels gt_product_avx512_f32, gt_product_avx512_f64;
extern const gt_product_kernels gt_product_avx2_f32, gt_product_avx2_f64;
/* Of a matrix that is transposed; processors with AVX-512 take these, too: longer vectors have more rows in one set. */
gt_times_column_function gt_transposed_times_column_avx2_f32, gt_transposed_times_column_avx2_f64;
#endif
extern const gt_product_kernels gt_product_portable_f32, gt_product_portable_f64;

static inline int64_t gt_product_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* `unit` is a power of two. */
static inline int64_t gt_product_round_up(int64_t value, int64_t unit)
{
    return (value + unit - 1) & -unit;
}

/* Elements from one inner position to the next in the panel that has `rows` rows or more. */
static inline int64_t gt_product_panel_stride(const gt_product_kernels *kernels, int64_t rows)
{
    return rows >= kernels->height ? kernels->height : gt_product_round_up(rows, kernels->lanes);
}

/* The units of a tile of `rows` rows, at least one; a division would take longer. */
static inline int gt_product_units(const gt_product_kernels *kernels, int64_t rows)
{
    int units = 0;
    for (; rows > 0; rows -= kernels->unit)
        units++;
    return units;
}

/* How many of `rest` columns the next tile takes: the last two are about equally wide. */
static inline int64_t gt_product_next_width(int64_t rest, int64_t widest)
{
    if (rest <= widest)
        return rest;
    return rest >= 2 * widest ? widest : (rest + 1) >> 1;
}

/* The output and the addend, which may be NULL, of the tile from `column` on. */
static inline void gt_product_place_output(gt_tile *tile, void *output, const void *addend, int64_t column,
                                           int64_t size)
{
    tile->output = (char *)output + column * tile->output_stride * size;
    tile->addend = NULL;
    if (addend != NULL)
        tile->addend = (const char *)addend + column * tile->addend_stride * size;
}

static inline int64_t gt_product_bytes(const gt_product *product, int64_t count)
{
    return count * product->kernels->element_size;
}

/*
 * A product, or a block of one, whose operands are read where they lie, packed or
 * not. `left` and `right` are the first elements of the block if not packed; if
 * packed, of the panels or slabs of which the block takes the inner positions from
 * `first_..._inner` on.
 */
typedef struct gt_product_block {
    const gt_product_kernels *kernels;
    const char *left, *right;
    char *output;
    int64_t rows, inner, columns;
    int64_t output_leading;
    const char *addend; /* as of a tile */
    int64_t addend_leading;
    bool left_packed, right_packed;
    bool output_is_far;    /* not in a near cache: fetch it ahead */
    bool right_is_far;     /* the same, when the first panel reads it */
    char *left_sums;       /* as of a member, from the first row of the block on; NULL: not wanted of this
                              block */
    const char *next_left; /* what left goes on with after this block, or NULL */
    int64_t left_leading;  /* if not packed */
    int64_t right_inner_stride, right_column_stride; /* if not packed */
    int64_t packed_left_inner, packed_right_inner;   /* inner of the whole packed operand */
    int64_t first_left_inner, first_right_inner;
    gt_product_soon *soon;
    void *copy; /* room for a panel of left, which is packed when first read; or NULL */
} gt_product_block;

/* Lets a tile fetch what is wanted soon, or nothing. Fetching touches no memory, so any address
 * will do. */
static inline void gt_product_fetch(gt_product_soon *soon, gt_tile *tile)
{
    tile->fetched = tile->right;
    tile->fetched_stride = 0;
    if (soon == NULL || soon->count == 0)
        return;
    soon->wait -= tile->inner;
    if (soon->early == 0 && soon->wait > 0)
        return;
    const gt_product_range *range = soon->ranges;
    int64_t rest = (int64_t)(range->bytes - soon->done);
    tile->fetched = (const char *)((uintptr_t)range->data + soon->done); /* it may point to nothing */
    tile->fetched_stride = rest >= 64 * tile->inner ? 64 : rest / tile->inner;
    soon->done += 64 * (size_t)tile->inner;
    if (soon->done < range->bytes)
        return;
    soon->ranges++;
    soon->count--;
    soon->early -= soon->early > 0;
    soon->done = 0;
}

void gt_product_multiply_block(const gt_product_block *block);

#endif
