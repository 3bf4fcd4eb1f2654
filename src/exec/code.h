/*
 * Code: what a plan makes of a tape, and what the machine in run_code.c
 * executes. Every array has an address that is known beforehand but for the
 * memory of the workspace, the user's inputs and the time steps of the loops
 * around it; running it takes no memory.
 */
#ifndef GT_EXEC_CODE_H
#define GT_EXEC_CODE_H

#include "exec/operand.h"
#include "exec/product.h"
#include "gradtape/op.h"
#include "native/compile.h"
#include "native/executable.h"
#include "native/steps.h"

/* How a group walks over an operand. */
typedef enum gt_walk {
    GT_WALK_FLAT,   /* the shape of the group */
    GT_WALK_SCALAR, /* one number */
    GT_WALK_COLUMN, /* (rows, 1, ...): the same for every column */
    GT_WALK_ROW     /* (1, columns...): one number for each column */
} gt_walk;

/*
 * Registers of a group hold one tile each: first the sources, then one for
 * each step. The register of a step that is written to memory is that memory;
 * the others, and sources that are spread over a tile, share the machine's tiles.
 */
typedef struct gt_source {
    gt_operand operand;
    gt_walk walk;
    bool spread; /* over tile number `tile` */
    uint32_t tile;
    int64_t ahead;  /* of a compiled loop: bytes to what a later step of the loop reads, to fetch it early; or 0 */
    size_t advance; /* of a group in strips: bytes from one column to the next */
    bool folds;     /* of a compiled loop: all columns are read from its first one, and added to that */
} gt_source;

/* A step of a group has so many inputs at most; one that computes entry by entry has four. */
#define GT_MOST_STEP_INPUTS 8

/* What a step does; all but the first there are in groups in strips alone. */
typedef enum gt_step_kind {
    GT_STEP_ENTRIES, /* an element-by-element op */
    GT_STEP_SUM,     /* (rows, columns) becomes (1, columns), divided by `divisor` */
    GT_STEP_SLICE,   /* rows of its input, from `first_row` on */
    GT_STEP_CONCAT   /* its inputs below each other */
} gt_step_kind;

typedef struct gt_group_step {
    gt_step_kind kind;
    const gt_op *op;
    const int64_t *attributes;
    uint32_t inputs[GT_MOST_STEP_INPUTS]; /* registers */
    size_t strides[4];                    /* of each input: 0 if one number serves a whole tile, or 1 */
    uint32_t input_count;
    bool written; /* to `output`; otherwise it lives in tile number `tile` only */
    uint32_t tile;
    gt_operand output;
    int64_t ahead;                      /* as of a source */
    bool past;                          /* of a compiled loop: written past the caches */
    gt_elementwise_f64_kernel *run_f64; /* what the processor runs */
    gt_elementwise_f32_kernel *run_f32;
    /* In a group in strips: */
    int64_t rows;
    int64_t input_rows[GT_MOST_STEP_INPUTS]; /* from one column of an input to the next: 0 if it has but one */
    bool each_column; /* some input has one number for each column, or is the same for all: a column at a time */
    size_t advance;   /* as of a source */
    bool folds;       /* as of a source */
    double divisor;
    int64_t first_row;
    /* Of a group with spans: */
    bool views[GT_MOST_STEP_INPUTS]; /* of an input: some rows of it are read, from first_rows[n] on */
    int64_t first_rows[GT_MOST_STEP_INPUTS];
    int64_t summed;  /* rows that a sum adds up */
    uint32_t joined; /* 1 + the concat into whose rows, from joined_row on, the step writes; 0: none */
    int64_t joined_row;
    bool inside; /* no other span reads it, and it is not written: it never leaves the registers */
} gt_group_step;

/* What a compiled loop reads or writes: a register of the group, from `offset` bytes on. */
typedef struct gt_loop_array {
    uint32_t reg;
    size_t offset;
} gt_loop_array;

/* A compiled loop reads and writes so many arrays at most. */
#define GT_MOST_LOOP_ARRAYS 64

/* Steps of a group that are one compiled loop over `rows` rows; or one step that is not compiled. */
typedef struct gt_span {
    uint32_t first, count; /* steps */
    gt_loop_function *run; /* NULL: not compiled */
    size_t begin;          /* of the loop in the code's machine code */
    const gt_loop_array *arrays;
    uint32_t array_count;
    int64_t rows, vector_bytes;
    bool flat;
    struct gt_span *next; /* of all compiled ones of a code */
} gt_span;

/* An array that begins where an entry of the machine's table points, which changes from step to step. */
typedef struct gt_turning {
    uint32_t array, pointer;
} gt_turning;

/* Where the arrays of what is compiled are, and, in a loop, from step to step of that. */
typedef struct gt_cursor {
    uint32_t count;
    const gt_address *begins; /* of each array, at the first column */
    const size_t *columns;    /* bytes of each from one column of the result to the next */
    bool moves;               /* in a loop; what follows is of that alone */
    size_t first;             /* of its places among the machine's */
    const int64_t *advance;   /* bytes from one step to the next */
    const gt_turning *turning;
    uint32_t turning_count;
} gt_cursor;

/*
 * A group of element-by-element ops over arrays of one shape, tile by tile. A tile
 * is a whole number of columns where a column is short, and a part of one column
 * where it is long. In the first case what is the same for all columns is spread
 * over a tile once, and what belongs to a column once a tile.
 */
typedef struct gt_group {
    int64_t rows, columns;
    int64_t tile_rows, tile_columns; /* the last may be smaller */
    bool flat;                       /* no source is a column or a row: a tile is any part of the whole */
    /*
     * A group in strips: its arrays differ in their rows, `rows` being the most, since some steps sum
     * columns, or cut or join them. A tile holds `tile_columns` whole columns; see run_strips.c.
     */
    bool strips;
    uint32_t tile_count;  /* that hold values of the group, of the machine's */
    size_t tile_distance; /* in strips: from one tile to the next */
    gt_dtype dtype;
    gt_source *sources;
    uint32_t source_count;
    gt_group_step *steps;
    uint32_t step_count;
    gt_group_step *ops; /* for descriptions: the steps before they were cut into spans */
    uint32_t op_count;
    int64_t columns_each; /* in a loop whose batch is divided: its columns for each of that; 0: it is done as a whole */
    /*
     * Its arrays are one column, which threads divide by rows: here `columns` pieces of it, each of `rows` rows, as if
     * they were columns.
     */
    bool turned;
    /* All steps in order, where at least some are compiled; a group that is not in strips is one span then. */
    gt_span *spans;
    uint32_t span_count;
    const gt_cursor *cursor; /* of a group that is one compiled loop; NULL: it is none */
} gt_group;

/* The step in whose memory or tile the result of step k is: a concat that it is written into, or itself. */
static inline uint32_t gt_group_holder(const gt_group *group, uint32_t k)
{
    return group->steps[k].joined == 0 ? k : group->steps[k].joined - 1;
}

/* So many products at most are done as one. */
#define GT_MOST_TOGETHER 16
/* What a product fetches for others, at most. */
#define GT_MOST_SOON 32

/* A value that is wanted soon. A product fetches `share` of its `shares` equal parts, from part `first` on. */
typedef struct gt_fetching {
    gt_operand operand;
    uint32_t first, share, shares;
} gt_fetching;

/* A product, with those that are done together with it, as a function of the processor's own. */
typedef struct gt_product_code {
    gt_loop_function *run; /* as gt_compile_product says */
    size_t begin;          /* in the code's machine code */
    const gt_cursor *cursor;
    struct gt_product_code *next; /* of all of a code */
} gt_product_code;

/* One matrix product; operands and output are contiguous but for packed ones. */
typedef struct gt_multiplication {
    gt_product product;
    gt_operand left, right, output;
    gt_operand addend; /* if it has one */
    bool has_addend;
    gt_product_layout left_layout, right_layout;
    int64_t left_leading, right_leading, addend_leading; /* of an addend that is one column: 0 */
    gt_operand left_sums;                                /* if wanted: where the sums of left's rows go */
    bool has_left_sums;
    int64_t columns_each; /* as of a group */
    /* The products of the instructions that follow, done together with this one; see gt_product_run_together. */
    const struct gt_multiplication **also;
    uint32_t also_count;
    bool added;
    gt_fetching
        *soon; /* what the groups and the products behind it will read: it is fetched meanwhile, in this order */
    uint32_t soon_count, soon_early; /* early: so many are for the products that are done together with this one */
    gt_product_code *compiled;       /* NULL: by the kernels */
    gt_var var;                      /* the product itself, for descriptions; `output` may be a sum of several */
} gt_multiplication;

/* Packing a left operand, once for all products of a loop. */
typedef struct gt_packing {
    const gt_product_kernels *kernels;
    gt_operand from;
    gt_address to;
    int64_t rows, inner; /* after transposition */
    int64_t leading;
    bool transposed;
} gt_packing;

typedef struct gt_instruction gt_instruction;

typedef struct gt_block {
    gt_instruction *list;
    uint32_t count;
} gt_block;

/* How the new value of a state becomes the old one. */
typedef enum gt_carrying {
    GT_CARRY_STACKED, /* it stays where it is, in its slot of a stack */
    GT_CARRY_TURNED,  /* it was written to where table[new_pointer] points, which is the two of `kept` by turns */
    GT_CARRY_COPIED,  /* it is copied to the two of `kept` by turns */
    GT_CARRY_ADDED    /* a sum over steps: it is in kept[0] always, with the initial value at first */
} gt_carrying;

/* A state that a loop carries. */
typedef struct gt_carried {
    uint32_t old_pointer; /* of the old value in the machine's table */
    uint32_t new_pointer; /* of the new value, if it is turned */
    gt_operand initial;
    gt_operand after; /* the new value, in the body */
    gt_carrying carrying;
    gt_address kept[2];
} gt_carried;

/* A sequence that is in several pieces: from step first[k] on it is at pieces[k]. */
typedef struct gt_pieced {
    uint32_t pointer; /* in the machine's table */
    uint32_t count;
    int64_t *first; /* first[0] is 0 */
    gt_operand *pieces;
} gt_pieced;

typedef struct gt_copying {
    gt_operand from, to;
} gt_copying;

/* Values within 8 lines of a cache are counted, by powers of two. */
#define GT_NARROW_LEVELS 4

/*
 * All steps of a loop, of which each is nothing but compiled groups and products, as a function of the
 * processor's own. It keeps where the arrays are in places of the machine; those of the body's cursors are not used.
 */
typedef struct gt_steps_code {
    gt_steps_function *run;
    size_t begin;         /* in the code's machine code */
    size_t first, places; /* of the machine's */
    const int64_t
        *advance[2]; /* of each place, from a step of an even number, and of an odd one, counted as they are done */
    const gt_step_call *calls; /* one for each instruction that the body runs */
    uint32_t call_count;
    int64_t at_once;            /* steps between two questions whether to stop */
    struct gt_steps_code *next; /* of all of a code */
} gt_steps_code;

typedef struct gt_loop {
    int64_t steps;
    uint32_t depth; /* which t counts its steps */
    bool backward;
    gt_block body;
    gt_carried *carried;
    uint32_t carried_count;
    gt_pieced *pieced;
    uint32_t pieced_count;
    gt_copying *copies; /* at the end of each step: entered values that are stacked */
    uint32_t copy_count;
    gt_operand *finals;     /* after the loop: where the states' values go; parallel to final_states */
    uint32_t *final_states; /* in `carried` */
    uint32_t final_count;
    /*
     * Of a loop over segments: all threads go through its steps together, and each instruction of its body is divided
     * between them as one of the outermost block is. Its values are in the arena.
     */
    bool shared;
    /*
     * Of a loop that is in no others, or in shared ones only: how many pieces its batch has, columns or parts of a
     * single one, each with a share of every state and stack that depends on no other, so that threads may divide them
     * among themselves; 0: not so.
     */
    int64_t batch;
    int64_t batch_unit;                /* a thread takes a multiple of so many pieces, but for the last */
    uint32_t narrow[GT_NARROW_LEVELS]; /* so many values that a step leaves lie within 1, 2, 4, ... lines of a cache */
    size_t region;       /* where in the arena one thread's region is, or what is in the body of a shared loop */
    size_t region_bytes; /* and how large it is; 0 within a loop that is not shared */
    /*
     * Of an outermost loop: so many instructions right in front of it, and right behind it, are its companions:
     * products with some columns for each of its steps, in order, which may be done for some steps at a time, those in
     * front before the loop does these, those behind after. Nothing of other steps minds.
     */
    uint32_t leading, following;
    const gt_steps_code *compiled; /* NULL: by its instructions, one after the other */
} gt_loop;

/* One op by its kernel. */
typedef struct gt_kernel_call {
    const gt_op *op;
    const int64_t *attributes;
    uint32_t attribute_count;
    const int64_t *const *part_attributes; /* of a tuple */
    gt_operand *operands;                  /* inputs, then outputs */
    uint32_t input_count, output_count;
    /*
     * For each operand, the axis along which the pieces of the batch lie, each computed by itself; -1: all threads
     * read the whole. NULL: the op is done as a whole.
     */
    const int8_t *batch_axes;
    int64_t batch;
} gt_kernel_call;

typedef enum gt_instruction_kind {
    GT_INSTRUCTION_KERNEL,
    GT_INSTRUCTION_GROUP,
    GT_INSTRUCTION_MULTIPLICATION,
    GT_INSTRUCTION_PACKING,
    GT_INSTRUCTION_LOOP
} gt_instruction_kind;

struct gt_instruction {
    gt_instruction_kind kind;
    union { /* of that kind */
        gt_kernel_call *kernel;
        gt_group *group;
        gt_multiplication *multiplication;
        gt_packing *packing;
        gt_loop *loop;
    };
};

/* What the instruction is, if it is that; otherwise NULL. */
static inline gt_kernel_call *gt_kernel_of(const gt_instruction *i)
{
    return i->kind == GT_INSTRUCTION_KERNEL ? i->kernel : NULL;
}

static inline gt_group *gt_group_of(const gt_instruction *i)
{
    return i->kind == GT_INSTRUCTION_GROUP ? i->group : NULL;
}

static inline gt_multiplication *gt_multiplication_of(const gt_instruction *i)
{
    return i->kind == GT_INSTRUCTION_MULTIPLICATION ? i->multiplication : NULL;
}

static inline gt_loop *gt_loop_of(const gt_instruction *i)
{
    return i->kind == GT_INSTRUCTION_LOOP ? i->loop : NULL;
}

typedef struct gt_code {
    gt_block block;
    uint32_t turn;              /* the first instruction of the backward half; all are forward where it is the count */
    bool exact;                 /* by the interpreter's kernels */
    bool folds;                 /* some group does: how many columns a thread has says in which order they are summed */
    bool too_large;             /* more bytes than gt_program.most_bytes: there are no instructions */
    gt_executable machine_code; /* of the compiled loops; there are none if this is empty */
    gt_span *spans;             /* that are compiled */
    gt_product_code *products;  /* the same */
    gt_steps_code *steps;       /* the same */
    size_t arena_bytes;         /* known before there are instructions: plan/lower.c */
    /* What else a machine must have: plan/code/sizes.c. */
    uint32_t pointer_count;  /* of the machine's table */
    uint32_t most_registers; /* of a group */
    uint32_t most_tiles;     /* of a group */
    size_t strip_bytes;      /* of the tiles of a group in strips */
    uint32_t most_operands;  /* of an instruction */
    size_t product_bytes;    /* the largest workspace of a product */
    size_t region_bytes;     /* the largest region of a loop */
    size_t cursor_arrays;    /* of all cursors */
} gt_code;

/* A tile, and the distance between two: not a power of two, or all would fall on the same sets of the cache. */
enum { GT_TILE_BYTES = 4096, GT_TILE_DISTANCE = GT_TILE_BYTES + 192 };

/* How many instructions of a block this one does: itself, and those that are done together with it. */
static inline uint32_t gt_machine_takes(const gt_instruction *instruction)
{
    return instruction->kind == GT_INSTRUCTION_MULTIPLICATION ? 1 + instruction->multiplication->also_count : 1;
}

#endif
