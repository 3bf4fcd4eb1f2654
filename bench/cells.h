/* Cells that no part of the library has seen, for measurements. */
#ifndef GT_BENCH_CELLS_H
#define GT_BENCH_CELLS_H

#include <gradtape.h>

/* "peephole", "mgu", "layernorm_lstm", "diagonal" or "diagonal_lstm"; NULL for another name. */
const gt_cell *bench_cell_find(const char *name);

#endif
