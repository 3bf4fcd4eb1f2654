/*
 * Random functions whose derivatives are known: programs of a few ops, evaluated
 * in double, and with dual numbers in long double. By them the error bars of
 * numeric derivatives are measured.
 */
#ifndef TESTS_SUPPORT_EXACT_FUNCTIONS_H
#define TESTS_SUPPORT_EXACT_FUNCTIONS_H

#include "gradtape/check.h"

#include <stdint.h>

enum { MOST_VARIABLES = 40, MOST_RESULTS = 40, MOST_INSTRUCTIONS = 4000 };

/* What makes the derivative difficult. */
typedef enum family {
    FAMILY_SMOOTH,      /* gates, products, convex combinations */
    FAMILY_SMOOTH_ONCE, /* softsign, elu, relu^2, celu, |u|^3, huber, running maximum */
    FAMILY_KINKED,      /* relu, abs, maximum, clips */
    FAMILY_NARROW,      /* bumps exp(-k u^2) beside something smooth */
    FAMILY_OSCILLATING, /* sin(k u), alone and small beside something smooth */
    FAMILY_CHAOTIC,     /* sin(4 W h) from step to step */
    FAMILY_NOISY,       /* single precision inside */
    FAMILY_SCALED,      /* large and small arguments and results, offsets */
    FAMILY_COUNT
} family;

const char *family_name(family f);

typedef struct instruction {
    uint8_t op;
    uint16_t a, b; /* operands: earlier instructions */
    double k;
} instruction;

typedef struct exact_function {
    family kind;
    instruction list[MOST_INSTRUCTIONS];
    uint32_t count, variable_count, result_count;
    uint16_t results[MOST_RESULTS];
    double x[MOST_VARIABLES], weights[MOST_RESULTS];
} exact_function;

/* The function of this seed. */
void exact_function_draw(exact_function *f, family which, uint32_t seed);

/* A gt_numeric_function; the context is the exact_function. */
gt_status exact_function_call(void *context, const double *x, double *y, gt_error *error);

/* The derivative of the weighted sum of the results along the direction. */
long double exact_function_slope(const exact_function *f, const double *direction);

#endif
