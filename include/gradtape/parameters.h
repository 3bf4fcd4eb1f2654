/*
 * gradtape/parameters.h: a named set of parameter arrays.
 */
#ifndef GRADTAPE_PARAMETERS_H
#define GRADTAPE_PARAMETERS_H

#include "gradtape/archive.h"
#include "gradtape/interpreter.h"
#include "gradtape/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gt_initializer_kind {
    GT_INITIALIZE_ZEROS = 0,
    GT_INITIALIZE_CONSTANT,   /* every entry is a */
    GT_INITIALIZE_UNIFORM,    /* uniform on [a, b) */
    GT_INITIALIZE_NORMAL,     /* normal with mean 0 and standard deviation a */
    GT_INITIALIZE_GLOROT,     /* uniform on +-sqrt(6 / (rows + columns)): Glorot and Bengio 2010 */
    GT_INITIALIZE_BERNOULLI,  /* 1 with probability a, otherwise 0 */
    GT_INITIALIZE_ORTHOGONAL, /* orthonormal rows or columns, whichever are fewer: Saxe et al. 2013 */
    GT_INITIALIZE_FORMULA     /* computed for each entry, as a cell in the cell language says; it has made it */
} gt_initializer_kind;

typedef struct gt_initializer_formula gt_initializer_formula;

typedef struct gt_initializer {
    gt_initializer_kind kind;
    double a, b;
    const gt_initializer_formula *formula; /* GT_INITIALIZE_FORMULA: the cell's; otherwise NULL */
} gt_initializer;

typedef struct gt_parameters gt_parameters;

/* An empty set of real type dtype (GT_F64 or GT_F32); NULL on no memory. */
GT_API gt_parameters *gt_parameters_new(gt_dtype dtype);
GT_API void gt_parameters_free(gt_parameters *set);

/*
 * The first error of gt_parameters_new, _add or _initialize (it stays, as a tape's
 * does), or GT_OK. A NULL set gives GT_ERROR_MEMORY, as gt_parameters_new leaves it.
 */
GT_API gt_status gt_parameters_status(const gt_parameters *set);
GT_API const char *gt_parameters_message(const gt_parameters *set);

/* Adds an array of zeros. The name is copied and must be new. */
GT_API gt_status gt_parameters_add(gt_parameters *set, const char *name, gt_shape shape, gt_initializer initializer);

GT_API gt_dtype gt_parameters_dtype(const gt_parameters *set);
GT_API uint32_t gt_parameters_count(const gt_parameters *set);
/* The place of a name in order of addition, or -1. */
GT_API int64_t gt_parameters_find(const gt_parameters *set, const char *name);
GT_API const char *gt_parameters_name(const gt_parameters *set, uint32_t i);
/* The i-th array. Its data belongs to the set, may be written, and does not move. */
GT_API gt_array gt_parameters_array(const gt_parameters *set, uint32_t i);
/* The number of all entries together. */
GT_API int64_t gt_parameters_total(const gt_parameters *set);

/*
 * Fills every array by its initializer. Each array has a generator of its own,
 * seeded with `seed` and its name, so one more parameter does not change the others:
 * entry i (column-major) is drawn by gt_random_philox with `seed` as its key and
 * i and the 64-bit FNV-1a hash of the name as its counter, low halves first.
 */
GT_API gt_status gt_parameters_initialize(gt_parameters *set, uint64_t seed);

/*
 * Records one gt_parameter per array, in order, into vars[gt_parameters_count(set)].
 * The tape must have the set's type. Errors go to the tape; returns its status.
 */
GT_API gt_status gt_parameters_record(const gt_parameters *set, gt_tape *tape, gt_var *vars);
/* Binds all arrays to the vars that gt_parameters_record gave. The set must outlive the evaluations. */
GT_API gt_status gt_parameters_bind(const gt_parameters *set, gt_interpreter *run, const gt_var *vars);

/*
 * Copies every array into the archive, its name behind `prefix` ("" or NULL for none).
 * On an error some may have been added.
 */
GT_API gt_status gt_parameters_store(const gt_parameters *set, gt_archive *archive, const char *prefix,
                                     gt_error *error);
/*
 * Copies every array from the archive, converted to the set's type; further arrays
 * there are ignored. A missing or misshapen one, or one that is not finite (in the
 * set's type), is an error, and then nothing is changed.
 */
GT_API gt_status gt_parameters_load(gt_parameters *set, const gt_archive *archive, const char *prefix, gt_error *error);

#ifdef __cplusplus
}
#endif
#endif
