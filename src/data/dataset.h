/* The inside of datasets: see gradtape/data.h. */
#ifndef GT_DATA_DATASET_H
#define GT_DATA_DATASET_H

#include "gradtape/data.h"

/* "lm", "classify", ..., with NULL behind them. */
extern const char *const gt_data_kinds[];

/* Takes memory for what the sizes say: tokens or inputs, classes or numbers, weights of 0. Free either way. */
bool gt_dataset_allocate(gt_dataset *data, gt_error *error);
void gt_dataset_free(gt_dataset *data);

bool gt_data_kind_has_classes(gt_data_kind kind);
/* Entry `place` of an array of the set's type. */
void gt_dataset_set(const gt_dataset *data, void *array, int64_t place, double value);
double gt_dataset_get(const gt_dataset *data, const void *array, int64_t place);

/* The examples from `first` on, as a set of its own. */
bool gt_dataset_part(const gt_dataset *data, int64_t first, int64_t count, gt_dataset *part, gt_error *error);
/* Tells sets apart (FNV-1a). */
uint64_t gt_dataset_hash(const gt_dataset *data, uint64_t hash);

/* Whether what is predicted is told once for each sequence: one step of each counts, at most. */
bool gt_dataset_ends(const gt_dataset *data);

bool gt_dataset_baseline(const gt_dataset *data, gt_baseline *baseline, gt_error *error);

/*
 * Reads an archive: `x`, or the name of the cell's first input, (features, examples, T) or tokens
 * (examples, T); the cell's further inputs by their names; `y`, unless what follows is to be predicted;
 * `lengths` (examples) or `mask` (examples, T), if they are there. Every error names the file and the array.
 */
bool gt_dataset_read(gt_dataset *data, const char *path, gt_data_kind kind, const gt_cell *cell, gt_dtype dtype,
                     gt_error *error);

#endif
