/* A wrong gradient and the right one, side by side. */
#ifndef GT_DIAGNOSE_NUMBER_LOOK_H
#define GT_DIAGNOSE_NUMBER_LOOK_H

#include "check/words.h"
#include "diagnose/mistake.h"
#include "gradtape/handwritten.h"

typedef struct gt_number_look {
    const gt_evidence *evidence;
    gt_diagnosis *diagnosis;
    const double *given, *right;
    gt_shape shape; /* of both */
    size_t count;
    double scale;     /* the largest entry of right */
    double tolerance; /* of an entry: closer ones are the same */
    double *trial;    /* count entries of room, and the same of: */
    int64_t *places;
} gt_number_look;

/* What lies along an axis: "rows", "columns", "time steps". */
extern const char *const gt_number_axes[GT_MAX_RANK];

/* The largest |a - b|; INFINITY if something is not a number. */
double gt_number_distance(const double *a, const double *b, size_t count);

/* The multiple of `right` that is nearest to `value` in the sense of least squares; NaN if right is 0. */
double gt_number_factor(const double *value, const double *right, size_t count);

/* Claims the mistake, whose repair leaves a distance of `after`. Returns true. */
bool gt_number_claim(gt_number_look *look, gt_mistake_kind kind, double after, const char *format, ...) GT_PRINTF(4, 5);

/*
 * Whether `given`, which may be look->given in another order, is `right`, or a multiple of it
 * that has a name. about: what the order is, "it is transposed"; NULL: it is as it is, so that the
 * multiple alone is the mistake.
 */
bool gt_number_fits(gt_number_look *look, const double *given, const double *right, gt_mistake_kind kind,
                    const char *about);
/* Rows, columns, steps: missing, negated, exchanged, shifted, in another order. */
bool gt_number_look_for_slices(gt_number_look *look);

#endif
