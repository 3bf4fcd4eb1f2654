/*
 * The LSTM of the notebook's sections 2 and 3.2: gates on the concatenation
 * [a<t-1>; x<t>], and the gradient by equations (7) to (21).
 *
 * Two things need care. The notebook writes u for the update gate in its
 * equations and i in its code; here it is i. And its equations (8), (9), (10)
 * and (20) all contain what reaches the new cell state c<t>,
 *
 *     dc_next + o * (1 - tanh(c_next)^2) * da_next,
 *
 * the gradient from outside and the part that comes through a<t> = o * tanh(c<t>).
 * An older edition leaves parts of it out in (8) to (10); its numbers are wrong.
 * Wf[:, :n_a], which (19) needs, is the first n_a columns; they are the front
 * of the column-major array, and Wf[:, n_a:] of (21) is the rest.
 */
#include "handwritten/cells.h"

#include <math.h>

typedef struct lstm {
    gt_handwritten_sizes s;
    double *x, *a0, *c0;
    double *Wf, *bf, *Wi, *bi, *Wc, *bc, *Wo, *bo, *Wy, *by;
    double *a, *c, *y;
    double *f, *i, *cc, *o; /* the gates and the candidate value at all steps */
    double *da, *dc, *dy;
    double *dx, *da0, *dc0;
    double *dWf, *dbf, *dWi, *dbi, *dWc, *dbc, *dWo, *dbo, *dWy, *dby;
    /* scratch of one step; df, di, dcc, do_ are gradients before the activation */
    double *concat, *da_next, *dc_next, *df, *di, *dcc, *do_, *dz;
} lstm;

static double *state_before(const lstm *c, double *initial, double *states, size_t t)
{
    return t == 0 ? initial : states + c->s.n_a * c->s.m * (t - 1);
}

/* out (n_a, m) = W [a; x] + b */
static void dense(const lstm *c, double *out, const double *W, const double *b)
{
    gt_handwritten_spread(out, c->s.n_a, c->s.m, b);
    gt_handwritten_product(out, c->s.n_a, c->s.m, c->s.n_a + c->s.n_x, W, c->concat);
}

/* lstm_cell_forward at step t: the notebook's equations (1) to (6) of section 2 */
static void cell_forward(const lstm *c, size_t t)
{
    size_t states = c->s.n_a * c->s.m;
    const double *c_prev = state_before(c, c->c0, c->c, t);
    double *f = c->f + states * t, *i = c->i + states * t, *cc = c->cc + states * t;
    double *o = c->o + states * t, *c_next = c->c + states * t, *a_next = c->a + states * t;
    gt_handwritten_concat(c->concat, &c->s, state_before(c, c->a0, c->a, t), c->x + c->s.n_x * c->s.m * t);
    dense(c, f, c->Wf, c->bf);
    dense(c, i, c->Wi, c->bi);
    dense(c, cc, c->Wc, c->bc);
    dense(c, o, c->Wo, c->bo);
    for (size_t k = 0; k < states; k++) {
        f[k] = gt_handwritten_sigmoid(f[k]);         /* forward (1) */
        i[k] = gt_handwritten_sigmoid(i[k]);         /* forward (2) */
        cc[k] = tanh(cc[k]);                         /* forward (3) */
        c_next[k] = f[k] * c_prev[k] + i[k] * cc[k]; /* forward (4) */
        o[k] = gt_handwritten_sigmoid(o[k]);         /* forward (5) */
        a_next[k] = o[k] * tanh(c_next[k]);          /* forward (6) */
    }
    gt_handwritten_output(&c->s, c->Wy, c->by, a_next, c->y + c->s.n_y * c->s.m * t);
}

/* The gradients of the four gates before their activations, and dc_prev */
static void gates_backward(const lstm *c, size_t t, double *dc_prev)
{
    size_t states = c->s.n_a * c->s.m;
    const double *f = c->f + states * t, *i = c->i + states * t, *cc = c->cc + states * t;
    const double *o = c->o + states * t, *c_next = c->c + states * t;
    const double *c_prev = state_before(c, c->c0, c->c, t);
    const double *da_next = c->da_next, *dc_next = c->dc_next;
    for (size_t k = 0; k < states; k++) {
        double tanh_c = tanh(c_next[k]);
        double by_a = o[k] * (1 - tanh_c * tanh_c) * da_next[k];                    /* what reaches c through a */
        c->do_[k] = da_next[k] * tanh_c * o[k] * (1 - o[k]);                        /* (7) */
        c->dcc[k] = (dc_next[k] * i[k] + by_a * i[k]) * (1 - cc[k] * cc[k]);        /* (8) */
        c->di[k] = (dc_next[k] * cc[k] + by_a * cc[k]) * i[k] * (1 - i[k]);         /* (9) */
        c->df[k] = (dc_next[k] * c_prev[k] + by_a * c_prev[k]) * f[k] * (1 - f[k]); /* (10) */
        dc_prev[k] = dc_next[k] * f[k] + by_a * f[k];                               /* (20) */
    }
}

/* lstm_cell_backward at step t: from da_next and dc_next to all that lies before */
static void cell_backward(const lstm *c, size_t t, double *da_prev, double *dc_prev)
{
    size_t n_a = c->s.n_a, n_x = c->s.n_x, n_z = n_a + n_x, m = c->s.m;
    gates_backward(c, t, dc_prev);
    gt_handwritten_concat(c->concat, &c->s, state_before(c, c->a0, c->a, t), c->x + n_x * m * t);
    gt_handwritten_product_Bt(c->dWf, n_a, n_z, m, c->df, c->concat);  /* (11) */
    gt_handwritten_product_Bt(c->dWi, n_a, n_z, m, c->di, c->concat);  /* (12) */
    gt_handwritten_product_Bt(c->dWc, n_a, n_z, m, c->dcc, c->concat); /* (13) */
    gt_handwritten_product_Bt(c->dWo, n_a, n_z, m, c->do_, c->concat); /* (14) */
    gt_handwritten_row_sums(c->dbf, n_a, m, c->df);                    /* (15) */
    gt_handwritten_row_sums(c->dbi, n_a, m, c->di);                    /* (16) */
    gt_handwritten_row_sums(c->dbc, n_a, m, c->dcc);                   /* (17) */
    gt_handwritten_row_sums(c->dbo, n_a, m, c->do_);                   /* (18) */
    for (size_t k = 0; k < n_a * m; k++)
        da_prev[k] = 0;
    gt_handwritten_product_At(da_prev, n_a, m, n_a, c->Wf, c->df);  /* (19) with W[:, :n_a] */
    gt_handwritten_product_At(da_prev, n_a, m, n_a, c->Wi, c->di);  /* (19) */
    gt_handwritten_product_At(da_prev, n_a, m, n_a, c->Wc, c->dcc); /* (19) */
    gt_handwritten_product_At(da_prev, n_a, m, n_a, c->Wo, c->do_); /* (19) */
    double *dx = c->dx + n_x * m * t;
    size_t rest = n_a * n_a;                                          /* where the columns from n_a on begin */
    gt_handwritten_product_At(dx, n_x, m, n_a, c->Wf + rest, c->df);  /* (21) with W[:, n_a:] */
    gt_handwritten_product_At(dx, n_x, m, n_a, c->Wi + rest, c->di);  /* (21) */
    gt_handwritten_product_At(dx, n_x, m, n_a, c->Wc + rest, c->dcc); /* (21) */
    gt_handwritten_product_At(dx, n_x, m, n_a, c->Wo + rest, c->do_); /* (21) */
}

static void forward(void *cell)
{
    const lstm *c = cell;
    for (size_t t = 0; t < c->s.T; t++)
        cell_forward(c, t);
}

static void backward(void *cell)
{
    const lstm *c = cell;
    size_t states = c->s.n_a * c->s.m, outputs = c->s.n_y * c->s.m;
    double *da_prev = c->da0, *dc_prev = c->dc0; /* what is left of them after step 0 */
    for (size_t t = c->s.T; t-- > 0;) {
        for (size_t k = 0; k < states; k++) {
            c->da_next[k] = c->da[k + states * t] + da_prev[k];
            c->dc_next[k] = c->dc[k + states * t] + dc_prev[k];
        }
        gt_handwritten_output_backward(&c->s, c->Wy, c->a + states * t, c->y + outputs * t, c->dy + outputs * t, c->dz,
                                       c->dWy, c->dby, c->da_next);
        cell_backward(c, t, da_prev, dc_prev);
    }
}

/* A table: */
/* clang-format off */
#define ROW(NAME, SHAPE, KIND)                                                                     \
    {                                                                                              \
#NAME, SHAPE, offsetof(lstm, NAME), GT_HANDWRITTEN_##KIND                                  \
    }

static const gt_handwritten_row rows[] = {
    ROW(x, "xmt", GIVEN),       ROW(a0, "am", GIVEN),        ROW(c0, "am", GIVEN),
    ROW(Wf, "az", GIVEN),       ROW(bf, "a1", GIVEN),        ROW(Wi, "az", GIVEN),
    ROW(bi, "a1", GIVEN),       ROW(Wc, "az", GIVEN),        ROW(bc, "a1", GIVEN),
    ROW(Wo, "az", GIVEN),       ROW(bo, "a1", GIVEN),        ROW(Wy, "ya", GIVEN),
    ROW(by, "y1", GIVEN),       ROW(a, "amt", FORWARD),      ROW(c, "amt", FORWARD),
    ROW(y, "ymt", FORWARD),     ROW(f, "amt", SCRATCH),      ROW(i, "amt", SCRATCH),
    ROW(cc, "amt", SCRATCH),    ROW(o, "amt", SCRATCH),      ROW(da, "amt", UPSTREAM),
    ROW(dc, "amt", UPSTREAM),   ROW(dy, "ymt", UPSTREAM),    ROW(dx, "xmt", GRADIENT),
    ROW(da0, "am", GRADIENT),   ROW(dc0, "am", GRADIENT),    ROW(dWf, "az", GRADIENT),
    ROW(dbf, "a1", GRADIENT),   ROW(dWi, "az", GRADIENT),    ROW(dbi, "a1", GRADIENT),
    ROW(dWc, "az", GRADIENT),   ROW(dbc, "a1", GRADIENT),    ROW(dWo, "az", GRADIENT),
    ROW(dbo, "a1", GRADIENT),   ROW(dWy, "ya", GRADIENT),    ROW(dby, "y1", GRADIENT),
    ROW(concat, "zm", SCRATCH), ROW(da_next, "am", SCRATCH), ROW(dc_next, "am", SCRATCH),
    ROW(df, "am", SCRATCH),     ROW(di, "am", SCRATCH),      ROW(dcc, "am", SCRATCH),
    ROW(do_, "am", SCRATCH),    ROW(dz, "ym", SCRATCH),
};
/* clang-format on */

const gt_handwritten_cell gt_handwritten_lstm = {
    "lstm", rows, sizeof rows / sizeof *rows, sizeof(lstm), forward, backward,
};
