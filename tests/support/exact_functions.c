#include "support/exact_functions.h"

#include "gradtape/random.h"

#include <math.h>
#include <stdlib.h>

enum {
    OP_VARIABLE, /* the k-th */
    OP_CONSTANT,
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_MAXIMUM,
    OP_SCALE, /* k a */
    OP_TANH,
    OP_SIGMOID,
    OP_SIN,
    OP_EXP,
    OP_SOFTPLUS,
    OP_SQRT, /* of 1 + a^2 */
    OP_RELU,
    OP_ABS,
    OP_CLIP, /* to [-1, 1] */
    OP_SOFTSIGN,
    OP_ELU,
    OP_SQUARED_RELU,
    OP_CELU,  /* k (exp(a / k) - 1) below 0 */
    OP_CUBED, /* |a|^3 */
    OP_HUBER, /* quadratic within [-k, k] */
    OP_BUMP,  /* exp(-k a^2) */
    OP_SINGLE /* rounded to single precision */
};

const char *family_name(family f)
{
    static const char *const names[FAMILY_COUNT] = {"smooth",      "smooth once", "kinked", "narrow",
                                                    "oscillating", "chaotic",     "noisy",  "scaled"};
    return names[f];
}

/* ---- evaluation ---------------------------------------------------------------------------- */

typedef struct dual {
    long double v, d;
} dual;

/* Everything is written once, for either type. */
#define ONE_ARGUMENT(T, SUFFIX)                                                                                        \
    static T value_of##SUFFIX(int op, T a, T k)                                                                        \
    {                                                                                                                  \
        switch (op) {                                                                                                  \
        case OP_SCALE:                                                                                                 \
            return k * a;                                                                                              \
        case OP_TANH:                                                                                                  \
            return tanh##SUFFIX(a);                                                                                    \
        case OP_SIGMOID:                                                                                               \
            return 1 / (1 + exp##SUFFIX(-a));                                                                          \
        case OP_SIN:                                                                                                   \
            return sin##SUFFIX(a);                                                                                     \
        case OP_EXP:                                                                                                   \
            return exp##SUFFIX(a);                                                                                     \
        case OP_SOFTPLUS:                                                                                              \
            return (a > 0 ? a : 0) + log1p##SUFFIX(exp##SUFFIX(-fabs##SUFFIX(a)));                                     \
        case OP_SQRT:                                                                                                  \
            return sqrt##SUFFIX(1 + a * a);                                                                            \
        case OP_RELU:                                                                                                  \
            return a > 0 ? a : 0;                                                                                      \
        case OP_ABS:                                                                                                   \
            return fabs##SUFFIX(a);                                                                                    \
        case OP_CLIP:                                                                                                  \
            return a > 1 ? 1 : a < -1 ? -1 : a;                                                                        \
        case OP_SOFTSIGN:                                                                                              \
            return a / (1 + fabs##SUFFIX(a));                                                                          \
        case OP_ELU:                                                                                                   \
            return a > 0 ? a : exp##SUFFIX(a) - 1;                                                                     \
        case OP_SQUARED_RELU:                                                                                          \
            return a > 0 ? a * a : 0;                                                                                  \
        case OP_CELU:                                                                                                  \
            return a > 0 ? a : k * (exp##SUFFIX(a / k) - 1);                                                           \
        case OP_CUBED:                                                                                                 \
            return fabs##SUFFIX(a) * a * a;                                                                            \
        case OP_HUBER:                                                                                                 \
            return fabs##SUFFIX(a) <= k ? a * a / 2 : k * (fabs##SUFFIX(a) - k / 2);                                   \
        case OP_BUMP:                                                                                                  \
            return exp##SUFFIX(-k * a * a);                                                                            \
        default:                                                                                                       \
            return a;                                                                                                  \
        }                                                                                                              \
    }

ONE_ARGUMENT(double, )
ONE_ARGUMENT(long double, l)

static long double slope_of(int op, long double a, long double v, long double k)
{
    switch (op) {
    case OP_SCALE:
        return k;
    case OP_TANH:
        return 1 - v * v;
    case OP_SIGMOID:
        return v * (1 - v);
    case OP_SIN:
        return cosl(a);
    case OP_EXP:
        return v;
    case OP_SOFTPLUS:
        return 1 / (1 + expl(-a));
    case OP_SQRT:
        return a / v;
    case OP_RELU:
        return a > 0;
    case OP_ABS:
        return a > 0 ? 1 : -1;
    case OP_CLIP:
        return fabsl(a) < 1;
    case OP_SOFTSIGN:
        return 1 / ((1 + fabsl(a)) * (1 + fabsl(a)));
    case OP_ELU:
        return a > 0 ? 1 : v + 1;
    case OP_SQUARED_RELU:
        return a > 0 ? 2 * a : 0;
    case OP_CELU:
        return a > 0 ? 1 : expl(a / k);
    case OP_CUBED:
        return 3 * a * fabsl(a);
    case OP_HUBER:
        return fabsl(a) <= k ? a : a > 0 ? k : -k;
    case OP_BUMP:
        return -2 * k * a * v;
    default:
        return 1;
    }
}

static double combine(int op, double a, double b)
{
    switch (op) {
    case OP_ADD:
        return a + b;
    case OP_SUBTRACT:
        return a - b;
    case OP_MULTIPLY:
        return a * b;
    case OP_DIVIDE:
        return a / b;
    default:
        return a > b ? a : b;
    }
}

static dual combine_dual(int op, dual a, dual b)
{
    switch (op) {
    case OP_ADD:
        return (dual){a.v + b.v, a.d + b.d};
    case OP_SUBTRACT:
        return (dual){a.v - b.v, a.d - b.d};
    case OP_MULTIPLY:
        return (dual){a.v * b.v, a.d * b.v + a.v * b.d};
    case OP_DIVIDE:
        return (dual){a.v / b.v, (a.d - a.v / b.v * b.d) / b.v};
    default:
        return a.v > b.v ? a : b;
    }
}

gt_status exact_function_call(void *context, const double *x, double *y, gt_error *error)
{
    const exact_function *f = context;
    double values[MOST_INSTRUCTIONS];
    (void)error;
    for (uint32_t i = 0; i < f->count; i++) {
        const instruction *n = &f->list[i];
        if (n->op == OP_VARIABLE)
            values[i] = x[n->a];
        else if (n->op == OP_CONSTANT)
            values[i] = n->k;
        else if (n->op <= OP_MAXIMUM)
            values[i] = combine(n->op, values[n->a], values[n->b]);
        else if (n->op == OP_SINGLE)
            values[i] = (float)values[n->a];
        else
            values[i] = value_of(n->op, values[n->a], n->k);
    }
    for (uint32_t i = 0; i < f->result_count; i++)
        y[i] = values[f->results[i]];
    return GT_OK;
}

long double exact_function_slope(const exact_function *f, const double *direction)
{
    dual values[MOST_INSTRUCTIONS];
    for (uint32_t i = 0; i < f->count; i++) {
        const instruction *n = &f->list[i];
        if (n->op == OP_VARIABLE) {
            values[i] = (dual){f->x[n->a], direction[n->a]};
        } else if (n->op == OP_CONSTANT) {
            values[i] = (dual){n->k, 0};
        } else if (n->op <= OP_MAXIMUM) {
            values[i] = combine_dual(n->op, values[n->a], values[n->b]);
        } else {
            dual a = values[n->a];
            values[i].v = value_ofl(n->op, a.v, n->k);
            values[i].d = a.d * slope_of(n->op, a.v, values[i].v, n->k);
        }
    }
    long double sum = 0;
    for (uint32_t i = 0; i < f->result_count; i++)
        sum += (long double)f->weights[i] * values[f->results[i]].d;
    return sum;
}

/* ---- drawing ------------------------------------------------------------------------------- */

enum { WIDTH = 3 };

typedef struct writer {
    exact_function *f;
    gt_random random;
    double scale; /* of variables, and in the argument of gates its inverse */
} writer;

static uint32_t below(writer *w, uint32_t count)
{
    return gt_random_bits(&w->random) % count;
}

/* 10 to a uniform exponent. */
static double power(writer *w, double low, double high)
{
    return pow(10, low + (high - low) * gt_random_uniform(&w->random));
}

static uint16_t emit(writer *w, int op, uint16_t a, uint16_t b, double k)
{
    if (w->f->count == MOST_INSTRUCTIONS)
        abort();
    w->f->list[w->f->count] = (instruction){(uint8_t)op, a, b, k};
    return (uint16_t)w->f->count++;
}

static uint16_t variable(writer *w, double size)
{
    exact_function *f = w->f;
    if (f->variable_count == MOST_VARIABLES)
        return emit(w, OP_CONSTANT, 0, 0, size * w->scale * gt_random_normal(&w->random));
    f->x[f->variable_count] = size * w->scale * gt_random_normal(&w->random);
    return emit(w, OP_VARIABLE, (uint16_t)f->variable_count++, 0, 0);
}

static int pick_function(writer *w)
{
    static const uint8_t smooth[] = {OP_TANH, OP_SIGMOID, OP_SIN, OP_SOFTPLUS, OP_SQRT};
    static const uint8_t once[] = {OP_SOFTSIGN, OP_ELU, OP_SQUARED_RELU, OP_CELU, OP_CUBED, OP_HUBER};
    static const uint8_t kinked[] = {OP_RELU, OP_ABS, OP_CLIP};
    switch (w->f->kind) {
    case FAMILY_SMOOTH_ONCE:
        return once[below(w, sizeof once)];
    case FAMILY_KINKED:
        return kinked[below(w, sizeof kinked)];
    case FAMILY_CHAOTIC:
        return OP_SIN;
    default:
        return smooth[below(w, sizeof smooth)];
    }
}

/* softplus and its like in terms of the larger: exp(a - q) + exp(b - q), q = max(a, b). */
static uint16_t running_maximum(writer *w, uint16_t a, uint16_t b)
{
    uint16_t q = emit(w, OP_MAXIMUM, a, b, 0);
    uint16_t left = emit(w, OP_EXP, emit(w, OP_SUBTRACT, a, q, 0), 0, 0);
    uint16_t right = emit(w, OP_EXP, emit(w, OP_SUBTRACT, b, q, 0), 0, 0);
    return emit(w, OP_DIVIDE, left, emit(w, OP_ADD, left, right, 0), 0);
}

static uint16_t activate(writer *w, uint16_t u)
{
    switch (w->f->kind) {
    case FAMILY_NARROW:
        return emit(w, OP_ADD, emit(w, OP_TANH, u, 0, 0), emit(w, OP_BUMP, u, 0, power(w, 1, 6)), 0);
    case FAMILY_OSCILLATING: {
        double k = power(w, 0.5, 4);
        uint16_t wave = emit(w, OP_SIN, emit(w, OP_SCALE, u, 0, k), 0, 0);
        if (below(w, 2) == 0)
            return wave;
        return emit(w, OP_ADD, emit(w, OP_TANH, u, 0, 0), emit(w, OP_SCALE, wave, 0, 1 / k), 0);
    }
    case FAMILY_CHAOTIC:
        return emit(w, OP_SIN, emit(w, OP_SCALE, u, 0, 4), 0, 0);
    default:
        return emit(w, pick_function(w), u, 0, 0.25 + gt_random_uniform(&w->random));
    }
}

/* W h + b: the weights are variables. */
static uint16_t weighted_sum(writer *w, const uint16_t *weights, const uint16_t h[WIDTH])
{
    uint16_t sum = weights[WIDTH];
    for (int j = 0; j < WIDTH; j++)
        sum = emit(w, OP_ADD, sum, emit(w, OP_MULTIPLY, weights[j], h[j], 0), 0);
    if (w->scale != 1)
        sum = emit(w, OP_SCALE, sum, 0, 1 / (w->scale * w->scale));
    return sum;
}

static uint16_t next_state(writer *w, const uint16_t *weights, const uint16_t h[WIDTH], int i)
{
    uint16_t v = activate(w, weighted_sum(w, weights, h));
    if (w->f->kind == FAMILY_SMOOTH_ONCE && below(w, 4) == 0)
        v = running_maximum(w, v, h[i]);
    else if (w->f->kind == FAMILY_KINKED && below(w, 4) == 0)
        v = emit(w, OP_MAXIMUM, v, h[i], 0);
    else if (below(w, 4) == 0 && w->f->kind != FAMILY_CHAOTIC && w->scale == 1)
        v = emit(w, OP_ADD, emit(w, OP_MULTIPLY, v, h[i], 0), v, 0);
    if (w->f->kind == FAMILY_NOISY && below(w, 2) == 0)
        v = emit(w, OP_SINGLE, v, 0, 0);
    return w->scale != 1 ? emit(w, OP_SCALE, v, 0, w->scale) : v;
}

static uint32_t steps_of(writer *w)
{
    switch (w->f->kind) {
    case FAMILY_CHAOTIC:
        return 1 + below(w, 12);
    case FAMILY_OSCILLATING:
    case FAMILY_NARROW:
        return 1 + below(w, 2);
    default:
        return 1 + below(w, 5);
    }
}

/* Recurrent networks of width 3, every state at every step a result. */
void exact_function_draw(exact_function *f, family which, uint32_t seed)
{
    f->kind = which;
    f->count = f->variable_count = f->result_count = 0;
    writer w = {.f = f, .scale = 1};
    gt_random_seed(&w.random, seed);
    if (which == FAMILY_SCALED)
        w.scale = power(&w, -8, 8);
    uint16_t h[WIDTH], weights[WIDTH][WIDTH + 1];
    for (int i = 0; i < WIDTH; i++) {
        h[i] = variable(&w, 1);
        for (int j = 0; j <= WIDTH; j++)
            weights[i][j] = variable(&w, j < WIDTH ? 1 / sqrt(WIDTH) : 0.3);
        if (w.scale != 1) /* biases beside products of two */
            weights[i][WIDTH] = emit(&w, OP_SCALE, weights[i][WIDTH], 0, w.scale);
    }
    double offset = which == FAMILY_SCALED && below(&w, 3) == 0 ? w.scale * power(&w, 0, 6) : 0;
    for (uint32_t t = 0, steps = steps_of(&w); t < steps; t++) {
        uint16_t next[WIDTH];
        for (int i = 0; i < WIDTH; i++)
            next[i] = next_state(&w, weights[i], h, i);
        for (int i = 0; i < WIDTH; i++) {
            h[i] = next[i];
            uint16_t result = next[i];
            if (offset != 0)
                result = emit(&w, OP_ADD, result, emit(&w, OP_CONSTANT, 0, 0, offset), 0);
            f->weights[f->result_count] = gt_random_normal(&w.random);
            f->results[f->result_count++] = result;
        }
    }
}
