/* Calls of functions that a user wrote, with room behind their results. */
#ifndef GT_CHECK_FUNCTION_CALL_H
#define GT_CHECK_FUNCTION_CALL_H

#include "gradtape/check.h"

typedef enum gt_called { GT_CALLED_FUNCTION, GT_CALLED_GRADIENT, GT_CALLED_JVP } gt_called;

/* One of the functions of a gt_check_gradient. */
typedef struct gt_function_call {
    const gt_check_gradient *mine;
    gt_called what;
    bool single; /* in single precision: arguments are rounded, results are widened */
    size_t x_count, second_count, result_count, room;
    void *result;      /* result_count entries of the type at hand, and `room` behind them */
    float *x, *second; /* arguments in single precision */
} gt_function_call;

/* Close it in any case. */
gt_status gt_function_call_open(gt_function_call *call, const gt_check_gradient *mine, gt_called what, bool single,
                                gt_error *error);
void gt_function_call_close(gt_function_call *call);

/* `second` is the cotangent or the tangent; NULL for the function. result: result_count entries. */
gt_status gt_function_call_run(gt_function_call *call, const double *x, const double *second, double *result,
                               gt_error *error);

/* How a function treats the array that it is given for its result. */
typedef struct gt_function_writing {
    bool *unwritten; /* result_count, the caller's: entries that it leaves as they were */
    size_t count;    /* of these */
    size_t beyond;   /* entries that it writes behind the end */
} gt_function_writing;

gt_status gt_function_call_watch(gt_function_call *call, const double *x, const double *second,
                                 gt_function_writing *writing, gt_error *error);

#endif
