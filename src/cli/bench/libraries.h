/*
 * The libraries that the bound is measured with besides gradtape's own kernels.
 * Nothing else needs them, so they are looked for on this machine when they are
 * wanted, and each is tried out in a child process first: a processor that lacks
 * the instructions or a limit on memory then costs the bound a library, and not
 * the measurement its life.
 */
#ifndef GT_CLI_BENCH_LIBRARIES_H
#define GT_CLI_BENCH_LIBRARIES_H

#include "gradtape.h"
#include "plan/describe/bound.h"

typedef enum gt_library_name { GT_OPENBLAS = 0, GT_ONEDNN, GT_LIBRARY_COUNT } gt_library_name;

typedef enum gt_library_state {
    GT_LIBRARY_ABSENT = 0, /* not installed */
    GT_LIBRARY_FAILED,     /* installed, but what was tried did not come to its end */
    GT_LIBRARY_READY
} gt_library_state;

typedef struct gt_libraries {
    gt_library_state states[GT_LIBRARY_COUNT];
    void *handles[GT_LIBRARY_COUNT];
    void *signal_stack; /* oneDNN's kernels use the stack's register for other things */
    void (*blas_f32)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
    void (*blas_f64)(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *,
                     int);
    int (*onednn)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *, int64_t, float,
                  float *, int64_t);
} gt_libraries;

/* "OpenBLAS" */
const char *gt_library_title(gt_library_name name);

/* Does once, with a library that is loaded, what it will be asked for. */
typedef void gt_rehearsal(const gt_libraries *libraries, gt_library_name name, void *context);

/* Loads what is there and survives the rehearsal; each will use so many threads. */
void gt_libraries_open(gt_libraries *libraries, int threads, gt_rehearsal *rehearse, void *context);
void gt_libraries_close(gt_libraries *libraries);

/* Does the product, all times, with a library that is ready; oneDNN has GT_F32 alone. The operands as for
 * gt_bound_multiply. */
void gt_library_multiply(const gt_libraries *libraries, gt_library_name name, const gt_bound_product *product,
                         const void *left, const void *right, void *output);

#endif
