/* The function of a compiled product: which tiles it has, and the columns, tile by tile. */
#include "native/product.h"

#include "native/product_writer.h"

enum {
    MOST_ROWS = 64,
    MOST_INNER_BYTES = 2048, /* the kernels add up left's rows by as many at a time */
    MOST_WORK = 1 << 18,     /* multiplications and additions: tiles take over from there */
    MOST_TURNED = 512,       /* entries of transposed lefts */
    MOST_UNROLLED = 640,
    MOST_INSTRUCTIONS = 4000, /* a plan's time is worth more */
    MOST_DISTANCE = 1 << 28,  /* bytes, in what an instruction can say */
    MOST_SUMS = 12            /* vectors of a tile: more would not be faster */
};

/* ---- what is small ----------------------------------------------------------------------------- */

static bool distances_fit(const gt_compiled_product *p)
{
    int64_t columns = p->columns > MOST_SUMS ? MOST_SUMS : p->columns;
    int64_t right = (p->inner + 1) * p->right_inner + columns * p->right_column;
    int64_t left =
        p->left_kind == GT_LEFT_PACKED ? (p->rows + MOST_ROWS) * p->inner : (p->inner + p->rows) * p->left_leading;
    return right < MOST_DISTANCE / 8 && left < MOST_DISTANCE / 8;
}

static bool wants_sums(const gt_compiled_product *p)
{
    for (uint32_t m = 0; m < p->member_count; m++)
        if (p->members[m].left_sums != GT_NO_ARRAY)
            return true;
    return false;
}

bool gt_compiled_product_is_small(const gt_compiled_product *p)
{
    bool possible = p->rows >= 1 && p->inner >= 1 && p->columns >= 1 && p->member_count >= 1 &&
                    p->member_count <= GT_MOST_COMPILED_MEMBERS && p->rows <= MOST_ROWS &&
                    p->inner * (int64_t)gt_dtype_size(p->dtype) <= MOST_INNER_BYTES && p->columns <= MOST_WORK;
    if (!possible || !distances_fit(p))
        return false;
    bool turns = p->left_kind == GT_LEFT_TRANSPOSED;
    return p->rows * p->inner * p->columns * p->member_count <= MOST_WORK &&
           (!turns || p->rows * p->inner * p->member_count <= MOST_TURNED) &&
           (p->left_kind == GT_LEFT_PLAIN || !wants_sums(p));
}

/* ---- which tiles ------------------------------------------------------------------------------- */

typedef struct tiling {
    uint32_t units;
    int64_t width;
} tiling;

static bool fits_registers(const gt_product_writer *w, tiling t)
{
    int64_t operands = (t.units < t.width ? t.units : t.width) + 1, registers = w->e->avx512 ? 32 : 16;
    uint32_t members = (t.units + w->member_units - 2) / w->member_units + 1;
    return t.units * t.width <= MOST_SUMS + (w->e->avx512 ? MOST_SUMS : 0) && members <= GT_PRODUCT_MOST_LEFTS &&
           t.units * t.width + operands + 1 <= registers;
}

/*
 * Cycles of a tile, about: a multiplication waits four for the one before it, two are begun in each, and two
 * vectors are read; and as many to start and to store sums.
 */
static double cycles_of(const gt_product_writer *w, uint32_t units, int64_t width)
{
    double sums = (double)units * (double)width, read = (double)units + (double)width;
    double most = sums > read ? sums / 2 : read / 2;
    int64_t inner = w->product->inner * (w->product->added ? w->product->member_count : 1);
    return (most > 4 ? most : 4) * (double)inner + 1.5 * sums + 4;
}

static double cycles_of_columns(const gt_product_writer *w, tiling t, int64_t width)
{
    uint32_t rest = w->units % t.units;
    return w->units / t.units * cycles_of(w, t.units, width) + (rest > 0 ? cycles_of(w, rest, width) : 0);
}

static tiling choose_tiling(const gt_product_writer *w)
{
    tiling best = {1, 1};
    double least = 0;
    int64_t columns = w->product->columns;
    for (tiling t = {1, 1}; t.units <= w->units && t.units <= MOST_SUMS; t.units++)
        for (t.width = 1; t.width <= columns && fits_registers(w, t); t.width++) {
            double cycles = (double)(columns / t.width) * cycles_of_columns(w, t, t.width);
            if (columns % t.width > 0)
                cycles += cycles_of_columns(w, t, columns % t.width);
            if (least != 0 && cycles >= least)
                continue;
            least = cycles;
            best = t;
        }
    return best;
}

/* Instructions of the code for so many columns, about. */
static int64_t instructions_of(const gt_product_writer *w, tiling t, int64_t width)
{
    int64_t count = 0, terms = w->product->added ? w->product->member_count : 1;
    gt_product_tile tile = {.units = 0};
    for (uint32_t first = 0; first < w->units; first += tile.units) {
        tile = gt_product_tile_from(w, first, t.units, width);
        int64_t looped = gt_product_loop_inner(w, &tile), sums = tile.units * width;
        int64_t written = w->product->inner - looped + (looped > 0 ? GT_PRODUCT_UNROLLED : 0);
        count += written * terms * (sums + tile.units + width) + 2 * sums + 16;
    }
    return count;
}

static int64_t instructions_of_all(const gt_product_writer *w, tiling t)
{
    int64_t rest = w->product->columns % t.width;
    return instructions_of(w, t, t.width) + (rest > 1 ? instructions_of(w, t, rest) : 0) +
           (t.width > 1 ? instructions_of(w, t, 1) : 0);
}

/* ---- the function ------------------------------------------------------------------------------ */

static const gt_general saved[] = {GT_RBX, GT_R12, GT_R13, GT_R14, GT_R15};
enum { SAVED = sizeof saved / sizeof *saved };

static void enter(const gt_product_writer *w)
{
    gt_encode_push(w->e, GT_RBP);
    gt_encode_copy(w->e, GT_RBP, GT_RSP);
    for (int i = 0; i < SAVED; i++)
        gt_encode_push(w->e, saved[i]);
    size_t bytes = gt_product_stack_bytes(w);
    if (bytes == 0)
        return;
    gt_encode_add_number(w->e, GT_RSP, -(int32_t)bytes);
    gt_encode_and_number(w->e, GT_RSP, -64);
}

static void leave(const gt_product_writer *w)
{
    gt_encode_copy(w->e, GT_RSP, GT_RBP);
    gt_encode_add_number(w->e, GT_RSP, -SAVED * 8);
    for (int i = SAVED; i-- > 0;)
        gt_encode_pop(w->e, saved[i]);
    gt_encode_pop(w->e, GT_RBP);
    gt_encode_clear_upper(w->e);
    gt_encode_return(w->e);
}

/* All units at `width` columns, and on to those behind them. */
static void write_width(const gt_product_writer *w, tiling t, int64_t width)
{
    gt_product_tile tile = {.units = 0};
    for (uint32_t first = 0; first < w->units; first += tile.units) {
        tile = gt_product_tile_from(w, first, t.units, width);
        gt_product_write_tile(w, &tile);
    }
    gt_encode_add_number(w->e, GT_PRODUCT_OUTPUT_AT, (int32_t)(width * w->product->rows * w->size));
    gt_encode_add_number(w->e, GT_PRODUCT_RIGHT_AT, (int32_t)(width * w->product->right_column * w->size));
    gt_encode_add_number(w->e, GT_PRODUCT_COLUMNS, (int32_t)-width);
}

/* As often as there are so many columns left. */
static void write_repeated(const gt_product_writer *w, tiling t, int64_t width)
{
    gt_encode_compare_number(w->e, GT_PRODUCT_COLUMNS, (int32_t)width);
    size_t none = gt_encode_jump_ahead(w->e, GT_IF_LESS), again = w->e->count;
    write_width(w, t, width);
    gt_encode_compare_number(w->e, GT_PRODUCT_COLUMNS, (int32_t)width);
    gt_encode_jump_back(w->e, GT_IF_NOT_LESS, again);
    gt_encode_land(w->e, none);
}

/* The columns that are expected to be left behind those of whole tiles. */
static void write_rest(const gt_product_writer *w, tiling t)
{
    int64_t rest = w->product->columns % t.width;
    if (rest < 2)
        return;
    gt_encode_compare_number(w->e, GT_PRODUCT_COLUMNS, (int32_t)rest);
    size_t other = gt_encode_jump_ahead(w->e, GT_IF_NOT_EQUAL);
    write_width(w, t, rest);
    gt_encode_land(w->e, other);
}

static void write_function(const gt_product_writer *w, tiling t)
{
    enter(w);
    if (w->product->rows % w->lanes != 0)
        gt_encode_set_mask(w->e, w->mask, (uint32_t)(w->product->rows % w->lanes));
    if (wants_sums(w->product)) {
        gt_encode_compare_number(w->e, GT_PRODUCT_RIGHT_AT, 0);
        size_t unwanted = gt_encode_jump_ahead(w->e, GT_IF_EQUAL);
        gt_product_write_sums(w);
        gt_encode_land(w->e, unwanted);
    }
    gt_product_turn_lefts(w);
    gt_encode_number(w->e, GT_PRODUCT_OUTPUT_AT, 0);
    gt_encode_number(w->e, GT_PRODUCT_RIGHT_AT, 0);
    write_repeated(w, t, t.width);
    write_rest(w, t);
    if (t.width > 1)
        write_repeated(w, t, 1);
    leave(w);
}

size_t gt_compile_product(gt_encoder *e, const gt_compiled_product *product)
{
    if (!gt_compiled_product_is_small(product))
        return (size_t)-1;
    gt_product_writer w = {.e = e, .product = product, .size = (int64_t)gt_dtype_size(product->dtype)};
    w.lanes = gt_vector_bytes(e->avx512) / w.size;
    w.member_units = (uint32_t)((product->rows + w.lanes - 1) / w.lanes);
    w.units = w.member_units * (product->added ? 1 : product->member_count);
    w.mask = e->avx512 ? 0 : 15;
    w.most_unrolled = MOST_UNROLLED;
    tiling t = choose_tiling(&w);
    if (instructions_of_all(&w, t) > MOST_INSTRUCTIONS)
        w.most_unrolled = 4 * GT_PRODUCT_UNROLLED; /* a loop wherever there can be one */
    if (instructions_of_all(&w, t) > MOST_INSTRUCTIONS)
        return (size_t)-1;
    size_t begin = gt_encode_begin(e, product->dtype);
    write_function(&w, t);
    gt_encode_end(e);
    return e->failed ? (size_t)-1 : begin;
}
