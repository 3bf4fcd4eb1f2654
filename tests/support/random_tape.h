/*
 * Seeded random tapes: every op, ranks 0 to 4, every pattern of broadcasting,
 * scans in scans with states of all kinds, gradients of the first and second
 * order. Values stay of moderate size and away from poles, so that programs that
 * sum in another order can be held to a few roundings.
 */
#ifndef TESTS_SUPPORT_RANDOM_TAPE_H
#define TESTS_SUPPORT_RANDOM_TAPE_H

#include "gradtape.h"

enum { RANDOM_INPUTS = 160, RANDOM_OUTPUTS = 96, RANDOM_VALUES = 96, RANDOM_DIMENSIONS = 4 };

typedef struct random_options {
    uint32_t seed;
    gt_dtype dtype; /* the tape is the same node by node in both types */
    uint32_t scans; /* that are always made; others come by chance */
    int order;      /* of derivatives: 0, 1 or 2 */
    bool loops;     /* scans are recorded step by step, those without a scan within them */
} random_options;

typedef struct random_tape {
    random_options options;
    gt_random random;
    gt_tape *tape;
    int64_t dimensions[RANDOM_DIMENSIONS];
    int64_t most_entries;
    gt_var inputs[RANDOM_INPUTS];
    void *data[RANDOM_INPUTS];
    uint32_t input_count;
    gt_var outputs[RANDOM_OUTPUTS];
    uint32_t output_count;
} random_tape;

/* Ends the program on no memory; an error of recording is on tape->tape. */
random_tape *random_tape_new(const random_options *options);
void random_tape_free(random_tape *r);
/* Binds all inputs and evaluates the outputs; ends the test if that fails. */
gt_interpreter *random_tape_evaluate(const random_tape *r, const gt_var *outputs, uint32_t count);
/* Prints what the outputs need to stderr. */
void random_tape_print(gt_tape *tape, const gt_var *outputs, uint32_t count);

/* ---- between the parts of the generator ---------------------------------------------------- */

/* A var and a bound of the size of its entries. */
typedef struct random_value {
    gt_var v;
    double bound;
} random_value;

/* One tape being recorded: what has been made on it so far. */
typedef struct random_level {
    random_tape *r;
    struct random_level *around;
    gt_scan *scan; /* of a body */
    int depth;
    random_value values[RANDOM_VALUES];
    uint32_t count;
} random_level;

uint32_t random_pick(random_tape *r, uint32_t count); /* below count */
bool random_chance(random_tape *r, double probability);
int64_t random_size(random_tape *r);
gt_shape random_shape(random_level *level);
int random_most_rank(const random_level *level);
bool random_fits(const random_level *level, gt_shape shape);
gt_shape random_least_rank(gt_shape shape);

/* Something that was made before, on this level or outside of it. */
random_value random_draw(random_level *level);
/* A value of the given sizes, found or made. */
random_value random_value_of_shape(random_level *level, gt_shape shape);
/* Whole numbers, 0 <= number < below. */
gt_var random_whole(random_level *level, gt_shape shape, int64_t below);
gt_var random_constant(random_level *level, double value);
/* A shape that broadcasts against the given one. */
gt_shape random_partner(random_level *level, gt_shape shape);
void random_push(random_level *level, random_value value);
/* The value with entries of at most 2. */
random_value random_tame(random_level *level, random_value value);

/* Records one op, or nothing where it finds no fitting operands. */
void random_op(random_level *level);
void random_scan(random_level *level);
/* The scan of the body step by step on `level`, and what may be read of it; false if it cannot be, or has an error. */
bool random_loop(random_level *level, const random_level *body);

#endif
