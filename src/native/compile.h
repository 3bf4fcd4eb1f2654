/*
 * Compiles the instructions of a group (ops/lanes.h) to one loop over its entries
 * for the processor at hand: values that pass between instructions stay in
 * vector registers, constants and what belongs to a whole column as well where
 * there are registers left.
 */
#ifndef GT_NATIVE_COMPILE_H
#define GT_NATIVE_COMPILE_H

#include "native/encode.h"
#include "ops/lanes.h"

/* A plan's time is worth more than a loop of more instructions. */
#define GT_MOST_LOOP_INSTRUCTIONS 2000
#define GT_MOST_LOOP_SUMS 6 /* a register each */

/* How a loop walks over an array. */
typedef enum gt_slot_walk {
    GT_SLOT_ENTRIES, /* rows below each other, columns `distance` bytes apart; 0: the same column again */
    GT_SLOT_ROW,     /* one number for each column, `distance` bytes apart */
    GT_SLOT_SCALAR,  /* one number */
    GT_SLOT_SUM      /* as GT_SLOT_ROW; the sum of what is added in the column, times `factor`, is written there */
} gt_slot_walk;

typedef struct gt_loop_slot {
    gt_slot_walk walk;
    int32_t distance;
    double factor;
    int32_t ahead; /* bytes to what is fetched early at each vector of the array; 0: nothing */
    bool past;     /* an array that is written past the caches: whole vectors lie at multiples of their size */
    bool is_over;  /* an array that is written and begins where slot number `over`, which is read, does */
    uint32_t over;
} gt_loop_slot;

/*
 * A flat loop goes through any number of entries that lie next to each other in all
 * arrays, which are GT_SLOT_ENTRIES or GT_SLOT_SCALAR; any other goes column by
 * column through `rows` entries.
 */
typedef struct gt_compiled_loop {
    const gt_lanes *lanes;
    const gt_loop_slot *slots;
    uint32_t slot_count;
    bool flat;
    int64_t rows;
} gt_compiled_loop;

/*
 * The compiled loop: `arrays` has where each slot begins, and is changed. A flat loop is given the bytes
 * of the whole vectors among its entries, and how many entries there are behind them; another one
 * the number of its columns (1 or more), and 0.
 */
typedef void gt_loop_function(char **arrays, int64_t whole, int64_t rest);

/* Can loops run on this processor and system? If so, says for which vectors they are. */
bool gt_compile_possible(bool *avx512);

/* The bytes of a vector of an encoder. */
static inline int64_t gt_vector_bytes(bool avx512)
{
    return avx512 ? 64 : 32;
}

/*
 * Appends the loop to the encoder and returns where it begins; (size_t)-1 if it would need more than a
 * loop has, or if there is no memory (then the encoder has failed, too).
 */
size_t gt_compile_loop(gt_encoder *e, const gt_compiled_loop *loop);

#endif
