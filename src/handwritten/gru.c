/*
 * The GRU of Cho et al. 2014 ("Learning Phrase Representations using RNN
 * Encoder-Decoder"), with the reset gate applied before the product:
 *
 *     r  = sigmoid(Wr [a; x] + br)          (g1) the reset gate
 *     u  = sigmoid(Wu [a; x] + bu)          (g2) the update gate
 *     g  = tanh(Wc [r * a; x] + bc)         (g3) the candidate
 *     a' = u * g + (1 - u) * a              (g4)
 *
 * Its gradient, by the chain rule from a' back; a bar marks the gradient
 * before an activation:
 *
 *     dg_ = da' * u * (1 - g^2)             (g5)
 *     du_ = da' * (g - a) * u * (1 - u)     (g6)
 *     dra = Wc[:, :n_a].T dg_               (g7) the gradient of r * a
 *     dr_ = dra * a * r * (1 - r)           (g8)
 *     dWc = dg_ [r * a; x].T, dWr = dr_ [a; x].T, dWu = du_ [a; x].T, biases summed (g9)
 *     da  = da' * (1 - u) + dra * r + Wr[:, :n_a].T dr_ + Wu[:, :n_a].T du_         (g10)
 *     dx  = Wr[:, n_a:].T dr_ + Wu[:, n_a:].T du_ + Wc[:, n_a:].T dg_               (g11)
 */
#include "handwritten/cells.h"

#include <math.h>

typedef struct gru {
    gt_handwritten_sizes s;
    double *x, *a0, *Wr, *br, *Wu, *bu, *Wc, *bc, *Wy, *by;
    double *a, *y;
    double *r, *u, *g; /* the gates and the candidate at all steps */
    double *da, *dy;
    double *dx, *da0, *dWr, *dbr, *dWu, *dbu, *dWc, *dbc, *dWy, *dby;
    double *ra, *concat, *da_next, *dr_, *du_, *dg_, *dra, *dz; /* scratch of one step */
} gru;

static double *a_before(const gru *c, size_t t)
{
    return t == 0 ? c->a0 : c->a + c->s.n_a * c->s.m * (t - 1);
}

/* out (n_a, m) = W concat + b */
static void dense(const gru *c, double *out, const double *W, const double *b)
{
    gt_handwritten_spread(out, c->s.n_a, c->s.m, b);
    gt_handwritten_product(out, c->s.n_a, c->s.m, c->s.n_a + c->s.n_x, W, c->concat);
}

/* concat = [r * a; x] at step t */
static void concat_reset(const gru *c, size_t t)
{
    size_t states = c->s.n_a * c->s.m;
    const double *a = a_before(c, t), *r = c->r + states * t;
    for (size_t k = 0; k < states; k++)
        c->ra[k] = r[k] * a[k];
    gt_handwritten_concat(c->concat, &c->s, c->ra, c->x + c->s.n_x * c->s.m * t);
}

static void cell_forward(const gru *c, size_t t)
{
    size_t states = c->s.n_a * c->s.m;
    const double *a = a_before(c, t);
    double *r = c->r + states * t, *u = c->u + states * t, *g = c->g + states * t;
    double *a_next = c->a + states * t;
    gt_handwritten_concat(c->concat, &c->s, a, c->x + c->s.n_x * c->s.m * t);
    dense(c, r, c->Wr, c->br);
    dense(c, u, c->Wu, c->bu);
    for (size_t k = 0; k < states; k++) {
        r[k] = gt_handwritten_sigmoid(r[k]); /* (g1) */
        u[k] = gt_handwritten_sigmoid(u[k]); /* (g2) */
    }
    concat_reset(c, t);
    dense(c, g, c->Wc, c->bc);
    for (size_t k = 0; k < states; k++) {
        g[k] = tanh(g[k]);                           /* (g3) */
        a_next[k] = u[k] * g[k] + (1 - u[k]) * a[k]; /* (g4) */
    }
    gt_handwritten_output(&c->s, c->Wy, c->by, a_next, c->y + c->s.n_y * c->s.m * t);
}

/* (g5) to (g8) at step t, and the first two terms of (g10) */
static void gates_backward(const gru *c, size_t t, double *da_prev)
{
    size_t n_a = c->s.n_a, m = c->s.m, states = n_a * m;
    const double *a = a_before(c, t);
    const double *r = c->r + states * t, *u = c->u + states * t, *g = c->g + states * t;
    for (size_t k = 0; k < states; k++) {
        c->dg_[k] = c->da_next[k] * u[k] * (1 - g[k] * g[k]);          /* (g5) */
        c->du_[k] = c->da_next[k] * (g[k] - a[k]) * u[k] * (1 - u[k]); /* (g6) */
        c->dra[k] = 0;
    }
    gt_handwritten_product_At(c->dra, n_a, m, n_a, c->Wc, c->dg_); /* (g7) */
    for (size_t k = 0; k < states; k++) {
        c->dr_[k] = c->dra[k] * a[k] * r[k] * (1 - r[k]);           /* (g8) */
        da_prev[k] = c->da_next[k] * (1 - u[k]) + c->dra[k] * r[k]; /* (g10) */
    }
}

static void cell_backward(const gru *c, size_t t, double *da_prev)
{
    size_t n_a = c->s.n_a, n_x = c->s.n_x, n_z = n_a + n_x, m = c->s.m;
    gates_backward(c, t, da_prev);
    concat_reset(c, t);
    gt_handwritten_product_Bt(c->dWc, n_a, n_z, m, c->dg_, c->concat); /* (g9) */
    gt_handwritten_row_sums(c->dbc, n_a, m, c->dg_);
    gt_handwritten_concat(c->concat, &c->s, a_before(c, t), c->x + n_x * m * t);
    gt_handwritten_product_Bt(c->dWr, n_a, n_z, m, c->dr_, c->concat); /* (g9) */
    gt_handwritten_row_sums(c->dbr, n_a, m, c->dr_);
    gt_handwritten_product_Bt(c->dWu, n_a, n_z, m, c->du_, c->concat); /* (g9) */
    gt_handwritten_row_sums(c->dbu, n_a, m, c->du_);
    gt_handwritten_product_At(da_prev, n_a, m, n_a, c->Wr, c->dr_); /* (g10) */
    gt_handwritten_product_At(da_prev, n_a, m, n_a, c->Wu, c->du_); /* (g10) */
    double *dx = c->dx + n_x * m * t;
    size_t rest = n_a * n_a;                                          /* where the columns from n_a on begin */
    gt_handwritten_product_At(dx, n_x, m, n_a, c->Wr + rest, c->dr_); /* (g11) */
    gt_handwritten_product_At(dx, n_x, m, n_a, c->Wu + rest, c->du_); /* (g11) */
    gt_handwritten_product_At(dx, n_x, m, n_a, c->Wc + rest, c->dg_); /* (g11) */
}

static void forward(void *cell)
{
    const gru *c = cell;
    for (size_t t = 0; t < c->s.T; t++)
        cell_forward(c, t);
}

static void backward(void *cell)
{
    const gru *c = cell;
    size_t states = c->s.n_a * c->s.m, outputs = c->s.n_y * c->s.m;
    double *da_prev = c->da0; /* after step 0, what is left is da0 */
    for (size_t t = c->s.T; t-- > 0;) {
        for (size_t k = 0; k < states; k++)
            c->da_next[k] = c->da[k + states * t] + da_prev[k];
        gt_handwritten_output_backward(&c->s, c->Wy, c->a + states * t, c->y + outputs * t, c->dy + outputs * t, c->dz,
                                       c->dWy, c->dby, c->da_next);
        cell_backward(c, t, da_prev);
    }
}

/* A table: */
/* clang-format off */
#define ROW(NAME, SHAPE, KIND)                                                                     \
    {                                                                                              \
#NAME, SHAPE, offsetof(gru, NAME), GT_HANDWRITTEN_##KIND                                   \
    }

static const gt_handwritten_row rows[] = {
    ROW(x, "xmt", GIVEN),     ROW(a0, "am", GIVEN),       ROW(Wr, "az", GIVEN),
    ROW(br, "a1", GIVEN),     ROW(Wu, "az", GIVEN),       ROW(bu, "a1", GIVEN),
    ROW(Wc, "az", GIVEN),     ROW(bc, "a1", GIVEN),       ROW(Wy, "ya", GIVEN),
    ROW(by, "y1", GIVEN),     ROW(a, "amt", FORWARD),     ROW(y, "ymt", FORWARD),
    ROW(r, "amt", SCRATCH),   ROW(u, "amt", SCRATCH),     ROW(g, "amt", SCRATCH),
    ROW(da, "amt", UPSTREAM), ROW(dy, "ymt", UPSTREAM),   ROW(dx, "xmt", GRADIENT),
    ROW(da0, "am", GRADIENT), ROW(dWr, "az", GRADIENT),   ROW(dbr, "a1", GRADIENT),
    ROW(dWu, "az", GRADIENT), ROW(dbu, "a1", GRADIENT),   ROW(dWc, "az", GRADIENT),
    ROW(dbc, "a1", GRADIENT), ROW(dWy, "ya", GRADIENT),   ROW(dby, "y1", GRADIENT),
    ROW(ra, "am", SCRATCH),   ROW(concat, "zm", SCRATCH), ROW(da_next, "am", SCRATCH),
    ROW(dr_, "am", SCRATCH),  ROW(du_, "am", SCRATCH),    ROW(dg_, "am", SCRATCH),
    ROW(dra, "am", SCRATCH),  ROW(dz, "ym", SCRATCH),
};
/* clang-format on */

const gt_handwritten_cell gt_handwritten_gru = {
    "gru", rows, sizeof rows / sizeof *rows, sizeof(gru), forward, backward,
};
