/* What the files that compile products share. */
#ifndef GT_NATIVE_PRODUCT_WRITER_H
#define GT_NATIVE_PRODUCT_WRITER_H

#include "native/product.h"

/* Sums are in registers; a tile of that many vectors of rows and columns. Of all members, stacked. */
typedef struct gt_product_tile {
    uint32_t first, units; /* vectors of rows */
    int64_t width;         /* columns */
} gt_product_tile;

/*
 * A product while its function is written. Its rows are counted in *units*, vectors of them, of
 * which the last of a member may not be whole; those of several members stand below each other.
 */
typedef struct gt_product_writer {
    gt_encoder *e;
    const gt_compiled_product *product;
    int64_t lanes, size;   /* entries of a vector; bytes of an entry */
    uint32_t member_units; /* of one member */
    uint32_t units;        /* of all that have an output of their own */
    int64_t most_unrolled; /* instructions of a tile without a loop over inner positions */
    int mask;              /* the vector register of AVX2 that has the mask of a last unit */
} gt_product_writer;

/* So many inner positions are written behind each other in a loop over them. */
#define GT_PRODUCT_UNROLLED 4

/* General registers of the function. */
#define GT_PRODUCT_ARRAYS GT_RDI
#define GT_PRODUCT_COLUMNS GT_RSI   /* that are left to do */
#define GT_PRODUCT_OUTPUT_AT GT_RCX /* bytes from the first column to this one in output and addend */
#define GT_PRODUCT_RIGHT_AT GT_RDX  /* the same in right; at first, whether sums of rows are wanted */
#define GT_PRODUCT_TEMPORARY GT_RBX /* an output, addend or array of sums */
#define GT_PRODUCT_RIGHT GT_R14     /* right, at an inner position */
#define GT_PRODUCT_INNER_AT GT_R15  /* bytes in left from its first inner position */
#define GT_PRODUCT_FIRST_LEFT GT_R8 /* left of the members of a tile, in registers next to each other */
#define GT_PRODUCT_MOST_LEFTS 6

static inline uint32_t gt_product_member_of(const gt_product_writer *w, uint32_t unit)
{
    return unit / w->member_units;
}

/* The first row of a unit in its member, and how many rows it has. */
static inline int64_t gt_product_unit_row(const gt_product_writer *w, uint32_t unit)
{
    return (int64_t)(unit % w->member_units) * w->lanes;
}

static inline int64_t gt_product_unit_rows(const gt_product_writer *w, uint32_t unit)
{
    int64_t rest = w->product->rows - gt_product_unit_row(w, unit);
    return rest < w->lanes ? rest : w->lanes;
}

/* The tile from a unit on, of so many at most. */
gt_product_tile gt_product_tile_from(const gt_product_writer *w, uint32_t first, uint32_t most, int64_t width);
/* The first inner positions of a tile, which are a loop; those behind them are written one after the other. */
int64_t gt_product_loop_inner(const gt_product_writer *w, const gt_product_tile *tile);

/* ---- left operands ---- */

/* A unit of left at an inner position. */
typedef struct gt_left_at {
    uint32_t first, unit; /* of the tile, and this one */
    uint32_t term;        /* which of the products that are added */
    int64_t k;
    bool looping; /* k counts from where GT_PRODUCT_INNER_AT is */
} gt_left_at;

/* Bytes from where left begins to a unit at inner position k. */
int64_t gt_product_left_offset(const gt_product_writer *w, uint32_t unit, int64_t k);
/* Can a whole vector be read there, without touching what is not in left? */
bool gt_product_left_is_whole(const gt_product_writer *w, uint32_t unit, int64_t k);
/* Brings the lefts of a tile's members to their registers. */
void gt_product_bring_lefts(const gt_product_writer *w, const gt_product_tile *tile, uint32_t term);
void gt_product_load_left(const gt_product_writer *w, gt_left_at at, int to);
/* Where it is in memory. */
gt_location gt_product_left_place(const gt_product_writer *w, gt_left_at at);
/* Transposed lefts are put on the stack as they are read, before all columns. */
void gt_product_turn_lefts(const gt_product_writer *w);
size_t gt_product_stack_bytes(const gt_product_writer *w);

/* ---- pieces of the function ---- */

/* From an array, to a register. */
void gt_product_bring_array(const gt_product_writer *w, gt_general to, uint32_t array);
/* One tile at the columns where the function is. */
void gt_product_write_tile(const gt_product_writer *w, const gt_product_tile *tile);
/* The sums of left's rows, of all members that want them. */
void gt_product_write_sums(const gt_product_writer *w);

#endif
