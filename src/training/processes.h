/*
 * Several processes that train one model, started by an MPI launcher. What speaks MPI is a module,
 * loaded when there are any (src/mpi/), so that the command itself needs no MPI.
 */
#ifndef GT_TRAINING_PROCESSES_H
#define GT_TRAINING_PROCESSES_H

#include "mpi/mpi_module.h"

typedef struct gt_processes {
    gt_train_group group;        /* one process of one, unless a launcher has started more */
    const gt_mpi_module *module; /* NULL: one process */
    void *library;
    bool broken; /* the others cannot be reached */
} gt_processes;

/* False: *error, for instance that this build has no module. */
bool gt_processes_start(gt_processes *processes, gt_error *error);
/* Whether there are several. */
bool gt_processes_several(const gt_processes *processes);
/* Whether this is the one that writes files and speaks. */
bool gt_processes_first(const gt_processes *processes);
/*
 * Whether all started well: called by all, those that failed included. True for all, or false for all,
 * with *error of the first that failed, as it was, in that process, and a word of where to look in the others.
 */
bool gt_processes_agree(const gt_processes *processes, bool good, gt_error *error);
/* Whether all have the same bytes as the first, which are `what`; false for all otherwise. */
bool gt_processes_same(const gt_processes *processes, const void *bytes, size_t size, const char *what,
                       gt_error *error);
/* Leaves the others, as they leave this one; ends them if they cannot be reached. */
void gt_processes_end(gt_processes *processes);

#endif
