/*
 * The vanilla RNN, a<t> = tanh(Wax x<t> + Waa a<t-1> + ba), and its gradient:
 * equations (0) to (5) of the notebook's section 3.1. There, da_next is all
 * that reaches a<t>: its own upstream gradient and what flows back from step t + 1.
 */
#include "handwritten/cells.h"

#include <math.h>

typedef struct rnn {
    gt_handwritten_sizes s;
    double *x, *a0, *Wax, *Waa, *ba, *Wya, *by;
    double *a, *y;
    double *da, *dy;
    double *dx, *da0, *dWax, *dWaa, *dba, *dWya, *dby;
    double *da_next, *dtanh, *dz; /* scratch of one step */
} rnn;

static double *a_before(const rnn *c, size_t t)
{
    return t == 0 ? c->a0 : c->a + c->s.n_a * c->s.m * (t - 1);
}

/* rnn_cell_forward at step t */
static void cell_forward(const rnn *c, size_t t)
{
    size_t n_a = c->s.n_a, n_x = c->s.n_x, m = c->s.m;
    double *x = c->x + n_x * m * t, *a_next = c->a + n_a * m * t;
    gt_handwritten_spread(a_next, n_a, m, c->ba);
    gt_handwritten_product(a_next, n_a, m, n_a, c->Waa, a_before(c, t));
    gt_handwritten_product(a_next, n_a, m, n_x, c->Wax, x);
    for (size_t i = 0; i < n_a * m; i++)
        a_next[i] = tanh(a_next[i]);
    gt_handwritten_output(&c->s, c->Wya, c->by, a_next, c->y + c->s.n_y * m * t);
}

/* rnn_cell_backward at step t: from da_next to dx<t>, da_prev and the step's share of the rest */
static void cell_backward(const rnn *c, size_t t, double *da_prev)
{
    size_t n_a = c->s.n_a, n_x = c->s.n_x, m = c->s.m;
    const double *x = c->x + n_x * m * t, *a_next = c->a + n_a * m * t, *a_prev = a_before(c, t);
    for (size_t i = 0; i < n_a * m; i++)
        c->dtanh[i] = c->da_next[i] * (1 - a_next[i] * a_next[i]);                 /* (0) */
    gt_handwritten_product_Bt(c->dWax, n_a, n_x, m, c->dtanh, x);                  /* (1) */
    gt_handwritten_product_Bt(c->dWaa, n_a, n_a, m, c->dtanh, a_prev);             /* (2) */
    gt_handwritten_row_sums(c->dba, n_a, m, c->dtanh);                             /* (3) */
    gt_handwritten_product_At(c->dx + n_x * m * t, n_x, m, n_a, c->Wax, c->dtanh); /* (4) */
    for (size_t i = 0; i < n_a * m; i++)
        da_prev[i] = 0;
    gt_handwritten_product_At(da_prev, n_a, m, n_a, c->Waa, c->dtanh); /* (5) */
}

static void forward(void *cell)
{
    const rnn *c = cell;
    for (size_t t = 0; t < c->s.T; t++)
        cell_forward(c, t);
}

static void backward(void *cell)
{
    const rnn *c = cell;
    size_t states = c->s.n_a * c->s.m, outputs = c->s.n_y * c->s.m;
    double *da_prev = c->da0; /* after step 0, what is left is da0 */
    for (size_t t = c->s.T; t-- > 0;) {
        for (size_t i = 0; i < states; i++)
            c->da_next[i] = c->da[i + states * t] + da_prev[i];
        gt_handwritten_output_backward(&c->s, c->Wya, c->a + states * t, c->y + outputs * t, c->dy + outputs * t, c->dz,
                                       c->dWya, c->dby, c->da_next);
        cell_backward(c, t, da_prev);
    }
}

/* A table: */
/* clang-format off */
#define ROW(NAME, SHAPE, KIND)                                                                     \
    {                                                                                              \
#NAME, SHAPE, offsetof(rnn, NAME), GT_HANDWRITTEN_##KIND                                   \
    }

static const gt_handwritten_row rows[] = {
    ROW(x, "xmt", GIVEN),        ROW(a0, "am", GIVEN),      ROW(Wax, "ax", GIVEN),
    ROW(Waa, "aa", GIVEN),       ROW(ba, "a1", GIVEN),      ROW(Wya, "ya", GIVEN),
    ROW(by, "y1", GIVEN),        ROW(a, "amt", FORWARD),    ROW(y, "ymt", FORWARD),
    ROW(da, "amt", UPSTREAM),    ROW(dy, "ymt", UPSTREAM),  ROW(dx, "xmt", GRADIENT),
    ROW(da0, "am", GRADIENT),    ROW(dWax, "ax", GRADIENT), ROW(dWaa, "aa", GRADIENT),
    ROW(dba, "a1", GRADIENT),    ROW(dWya, "ya", GRADIENT), ROW(dby, "y1", GRADIENT),
    ROW(da_next, "am", SCRATCH), ROW(dtanh, "am", SCRATCH), ROW(dz, "ym", SCRATCH),
};
/* clang-format on */

const gt_handwritten_cell gt_handwritten_rnn = {
    "rnn", rows, sizeof rows / sizeof *rows, sizeof(rnn), forward, backward,
};
