/*
 * Which arrays of a cell a measured loss reads, so that no part of the cell is
 * dead code: what a layer hands on (gt_cell_handed_on); then every state and
 * output, in the order of the tables, on which nothing that is read so far
 * depends, at this step or a later one. An LSTM's c is read by its h; a state that
 * nothing else reads is read by the loss. Output layers are left out.
 */
#ifndef GT_CLI_BENCH_READS_H
#define GT_CLI_BENCH_READS_H

#include "gradtape.h"

typedef struct gt_reads {
    bool states[GT_MAX_CELL_ARRAYS], outputs[GT_MAX_CELL_ARRAYS];
} gt_reads;

gt_status gt_reads_find(gt_reads *reads, const gt_cell *cell, const gt_dimension *dimensions, uint32_t dimension_count,
                        gt_error *error);
/* "a, c": the names, and how many there are. */
uint32_t gt_reads_names(const gt_reads *reads, const gt_cell *cell, char *text, size_t size);

#endif
