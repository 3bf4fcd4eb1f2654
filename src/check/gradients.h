/* Gradients of a function against its numeric derivatives, array by array. */
#ifndef GT_CHECK_GRADIENTS_H
#define GT_CHECK_GRADIENTS_H

#include "check/arrays.h"
#include "gradtape/check.h"

/* One way in which the gradient was computed. */
typedef struct gt_gradient_form {
    const char *name;      /* "rolled"; NULL if there is only one */
    const double *entries; /* those of x */
} gt_gradient_form;

typedef struct gt_gradients {
    gt_numeric_function *function; /* y = f(x) */
    void *context;
    const double *x;
    size_t output_count;
    const double *weights;        /* of the outputs: what was differentiated is their scalar product with y */
    double noise;                 /* as in gt_numeric */
    double step;                  /* as in gt_numeric */
    const gt_check_array *arrays; /* of x, one behind the other */
    const bool *in_time;          /* by array: its last axis is time; NULL: none */
    uint32_t array_count;
    const gt_gradient_form *forms;
    uint32_t form_count;
    const double *floors;   /* by array: the least size of its entries; NULL: as they stand beside the others */
    const double *rounding; /* by array: what rounding may have done to an entry of a form; NULL: nothing */
    double *numbers, *bars; /* answered, as x: the numeric derivatives, NaN of projected arrays; may be NULL */
    gt_check_kind kind;
    const char *stage; /* for findings and progress: "one step"; NULL: nothing to say */
    uint32_t *rough;   /* raised by the findings that agree but for rounding errors; NULL: not wanted */
} gt_gradients;

/* Adds what is found to the report. */
gt_status gt_gradients_check(const gt_gradients *gradients, const gt_check_options *options, gt_report *report,
                             gt_error *error);

/* The options with their defaults in place of zeros. */
gt_check_options gt_check_options_complete(const gt_check_options *options);
/* GT_ERROR_INTERRUPTED if the user wants to stop. */
gt_status gt_check_progress(const gt_check_options *options, const char *stage, double done, gt_error *error);

#endif
