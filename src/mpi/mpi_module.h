/* What the module that speaks MPI gives the command. */
#ifndef GT_MPI_MODULE_H
#define GT_MPI_MODULE_H

#include "gradtape/train.h"

/* Of the file; a module of another version is not used. */
#define GT_MPI_MODULE_FILE "gradtape-mpi.so"
#define GT_MPI_MODULE_SYMBOL "gt_mpi_functions"

typedef struct gt_mpi_module {
    const char *version; /* GT_VERSION */
    gt_status (*start)(int64_t *rank, int64_t *count, gt_error *error);
    gt_status (*on_one_machine)(bool *all, gt_error *error); /* the same in all */
    /* As that of gt_train_group; the context is not read. */
    gt_status (*sum)(void *context, void *numbers, int64_t number_count, gt_dtype dtype, gt_error *error);
    /* The same of the others: sums that go on while something else is computed. */
    gt_status (*begin_sum)(void *context, void *numbers, int64_t number_count, gt_dtype dtype, gt_error *error);
    void (*go_on)(void *context);
    gt_status (*finish_sums)(void *context, gt_error *error);
    /* The first process's bytes go to all. */
    gt_status (*hand_out)(void *bytes, size_t size, gt_error *error);
    void (*end)(void);   /* called by all */
    void (*abort)(void); /* ends the others, whatever they are doing */
} gt_mpi_module;

#endif
