/*
 * gradtape/dimensions.h: what the names in a cell's tables are worth.
 *
 * The rows of a cell's tables have sizes such as "n_a + n_x". A gt_dimensions holds
 * every name in them with its size and with who told it. It is filled in steps, and
 * what was told first stays:
 *
 *     gt_dimensions d;
 *     gt_error error = {0};
 *     gt_size_fact facts[] = {{"n_x", 3, "x"}};
 *     gt_dimensions_find(&d, &gt_cell_lstm, true, &error);                      // the names
 *     gt_dimensions_take(&d, (gt_dimension[]){{"n_a", 128}}, 1, "the caller"); // what the user says
 *     gt_dimensions_learn(&d, facts, 1);                                        // what arrays tell
 *     gt_dimensions_usual(&d, 0);                                               // small sizes for the rest
 */
#ifndef GRADTAPE_DIMENSIONS_H
#define GRADTAPE_DIMENSIONS_H

#include "gradtape/cell.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The names point into the struct: it must stay where it was filled. */
typedef struct gt_dimensions {
    gt_dimension list[GT_MAX_CELL_ARRAYS]; /* in the order of the tables, inputs first; size 0: not known */
    const char *from[GT_MAX_CELL_ARRAYS];  /* who told it; NULL: nobody, and a size is only the usual one */
    uint32_t count;
    char names[GT_MAX_CELL_ARRAYS][GT_SIZE_NAME];
} gt_dimensions;

/* The names in the cell's tables, with those that only outputs need if asked for; no size is known. */
GT_API gt_status gt_dimensions_find(gt_dimensions *dimensions, const gt_cell *cell, bool with_outputs, gt_error *error);

/* Takes sizes from a list; names that the cell has not are passed over. */
GT_API void gt_dimensions_take(gt_dimensions *dimensions, const gt_dimension *list, uint32_t count, const char *from);

/* That a size of a table, "n_a + n_x", is worth so much, because an array says so. */
typedef struct gt_size_fact {
    const char *size; /* NULL: no fact */
    int64_t value;
    const char *from; /* the array's name; must outlive the list */
} gt_size_fact;

/*
 * Takes the dimensions that nobody told yet from facts, those believed most first. A
 * size that is one name tells it; then, round after round, so does a size in which one
 * name alone is open (see gt_size_solve). Facts that contradict are no error: compare
 * the arrays with their rows afterwards.
 */
GT_API void gt_dimensions_learn(gt_dimensions *dimensions, const gt_size_fact *facts, size_t fact_count);

/* Those that somebody told, into a list with room for all; returns their number. */
GT_API uint32_t gt_dimensions_known(const gt_dimensions *dimensions, gt_dimension *list);

/*
 * Gives those that nobody told small sizes: n_x = 3, n_a = 5, n_y = 2 as in the teaching notebook, the
 * others from 4 on, no two of them equal nor equal to `other_than`, so that a transposed or misplaced
 * array does not fit.
 */
GT_API void gt_dimensions_usual(gt_dimensions *dimensions, int64_t other_than);

#ifdef __cplusplus
}
#endif
#endif
