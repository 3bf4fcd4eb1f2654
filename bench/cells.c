#include "cells.h"

#include <string.h>

static const gt_cell_array x_row = {.name = "x", .rows = "n_x"};
static const gt_cell_array a_and_c[] = {{.name = "a", .rows = "n_a"}, {.name = "c", .rows = "n_a"}};

#define WEIGHT(NAME, ROWS, COLUMNS)                                                                                    \
    {                                                                                                                  \
        .name = NAME, .rows = ROWS, .columns = COLUMNS                                                                 \
    }
#define VECTOR(NAME, ROWS)                                                                                             \
    {                                                                                                                  \
        .name = NAME, .rows = ROWS                                                                                     \
    }
#define COUNT(LIST) (uint32_t)(sizeof(LIST) / sizeof *(LIST))

static gt_var affine(gt_var W, gt_var z, gt_var b)
{
    return gt_add(gt_matmul(W, z), b);
}

/* ---- peephole LSTM (Gers and Schmidhuber 2000) ---------------------------------------------- */

static const gt_cell_array peephole_parameters[] = {
    WEIGHT("Wf", "n_a", "n_a + n_x"),
    VECTOR("bf", "n_a"),
    VECTOR("pf", "n_a"),
    WEIGHT("Wi", "n_a", "n_a + n_x"),
    VECTOR("bi", "n_a"),
    VECTOR("pi", "n_a"),
    WEIGHT("Wc", "n_a", "n_a + n_x"),
    VECTOR("bc", "n_a"),
    WEIGHT("Wo", "n_a", "n_a + n_x"),
    VECTOR("bo", "n_a"),
    VECTOR("po", "n_a"),
};

static void peephole_step(gt_cell_step *s)
{
    const gt_var *p = s->parameters;
    gt_var c = s->states[1], z = gt_concat((gt_var[]){s->states[0], s->inputs[0]}, 2, 0);
    gt_var f = gt_sigmoid(gt_add(affine(p[0], z, p[1]), gt_mul(p[2], c)));
    gt_var i = gt_sigmoid(gt_add(affine(p[3], z, p[4]), gt_mul(p[5], c)));
    gt_var next = gt_add(gt_mul(f, c), gt_mul(i, gt_tanh(affine(p[6], z, p[7]))));
    gt_var o = gt_sigmoid(gt_add(affine(p[8], z, p[9]), gt_mul(p[10], next)));
    s->next_states[0] = gt_mul(o, gt_tanh(next));
    s->next_states[1] = next;
}

/* ---- minimal gated unit (Zhou et al. 2016) -------------------------------------------------- */

static const gt_cell_array mgu_parameters[] = {WEIGHT("Wf", "n_a", "n_a + n_x"), VECTOR("bf", "n_a"),
                                               WEIGHT("Wg", "n_a", "n_a + n_x"), VECTOR("bg", "n_a")};

static void mgu_step(gt_cell_step *s)
{
    const gt_var *p = s->parameters;
    gt_var a = s->states[0], x = s->inputs[0];
    gt_var f = gt_sigmoid(affine(p[0], gt_concat((gt_var[]){a, x}, 2, 0), p[1]));
    gt_var g = gt_tanh(affine(p[2], gt_concat((gt_var[]){gt_mul(f, a), x}, 2, 0), p[3]));
    s->next_states[0] = gt_add(a, gt_mul(f, gt_sub(g, a)));
}

/* ---- layer-norm LSTM (Ba et al. 2016), the four gates in one weight -------------------------- */

static const gt_cell_array layernorm_parameters[] = {
    WEIGHT("Wx", "4 * n_a", "n_x"),
    WEIGHT("Wa", "4 * n_a", "n_a"),
    VECTOR("b", "4 * n_a"),
    VECTOR("gx", "4 * n_a"),
    VECTOR("ga", "4 * n_a"),
    VECTOR("gc", "n_a"),
    VECTOR("bc", "n_a"),
};

static gt_var normalise(gt_var x, gt_var gain)
{
    gt_var centred = gt_sub(x, gt_mean(x, 0));
    gt_var variance = gt_mean(gt_mul(centred, centred), 0);
    gt_var deviation = gt_sqrt(gt_add(variance, gt_constant(x.tape, 1e-5)));
    return gt_mul(gain, gt_div(centred, deviation));
}

static void layernorm_step(gt_cell_step *s)
{
    const gt_var *p = s->parameters;
    gt_var z = gt_add(
        gt_add(normalise(gt_matmul(p[0], s->inputs[0]), p[3]), normalise(gt_matmul(p[1], s->states[0]), p[4])), p[2]);
    int64_t n = gt_var_shape(s->states[0]).size[0], sizes[] = {n, n, n, n};
    gt_var parts[4];
    gt_split(z, 0, sizes, 4, parts);
    gt_var c = gt_add(gt_mul(gt_sigmoid(parts[0]), s->states[1]), gt_mul(gt_sigmoid(parts[1]), gt_tanh(parts[2])));
    s->next_states[0] = gt_mul(gt_sigmoid(parts[3]), gt_tanh(gt_add(normalise(c, p[5]), p[6])));
    s->next_states[1] = c;
}

/* ---- two layers with diagonal weights ------------------------------------------------------- */

static const gt_cell_array n_x_row = {.name = "x", .rows = "n_a"};
static const gt_cell_array layer_states[] = {{.name = "a2", .rows = "n_a"}, {.name = "a1", .rows = "n_a"}};
static const gt_cell_array diagonal_parameters[] = {VECTOR("w1", "n_a"), VECTOR("u1", "n_a"), VECTOR("b1", "n_a"),
                                                    VECTOR("w2", "n_a"), VECTOR("u2", "n_a"), VECTOR("b2", "n_a")};

static gt_var diagonal_layer(const gt_var *p, gt_var x, gt_var a)
{
    return gt_tanh(gt_add(gt_add(gt_mul(p[0], x), gt_mul(p[1], a)), p[2]));
}

/* Independently recurrent units (Li et al. 2018), with tanh. */
static void diagonal_step(gt_cell_step *s)
{
    s->next_states[1] = diagonal_layer(s->parameters, s->inputs[0], s->states[1]);
    s->next_states[0] = diagonal_layer(s->parameters + 3, s->next_states[1], s->states[0]);
}

static const gt_cell_array diagonal_lstm_states[] = {{.name = "a2", .rows = "n_a"},
                                                     {.name = "c2", .rows = "n_a"},
                                                     {.name = "a1", .rows = "n_a"},
                                                     {.name = "c1", .rows = "n_a"}};
#define GATE(NAME) VECTOR("w" NAME, "n_a"), VECTOR("u" NAME, "n_a"), VECTOR("b" NAME, "n_a")
static const gt_cell_array diagonal_lstm_parameters[] = {GATE("f1"), GATE("i1"), GATE("c1"), GATE("o1"),
                                                         GATE("f2"), GATE("i2"), GATE("c2"), GATE("o2")};

static gt_var diagonal_gate(const gt_var *p, gt_var x, gt_var a)
{
    return gt_add(gt_add(gt_mul(p[0], x), gt_mul(p[1], a)), p[2]);
}

static void diagonal_lstm_layer(const gt_var *p, gt_var x, const gt_var *before, gt_var *after)
{
    gt_var f = gt_sigmoid(diagonal_gate(p, x, before[0])), i = gt_sigmoid(diagonal_gate(p + 3, x, before[0]));
    gt_var g = gt_tanh(diagonal_gate(p + 6, x, before[0])), o = gt_sigmoid(diagonal_gate(p + 9, x, before[0]));
    after[1] = gt_add(gt_mul(f, before[1]), gt_mul(i, g));
    after[0] = gt_mul(o, gt_tanh(after[1]));
}

/* The LSTM with a vector in place of every weight matrix. */
static void diagonal_lstm_step(gt_cell_step *s)
{
    diagonal_lstm_layer(s->parameters, s->inputs[0], s->states + 2, s->next_states + 2);
    diagonal_lstm_layer(s->parameters + 12, s->next_states[2], s->states, s->next_states);
}

/* ---- all ------------------------------------------------------------------------------------ */

static const gt_cell cells[] = {
    {.name = "peephole",
     .step = peephole_step,
     .inputs = &x_row,
     .input_count = 1,
     .states = a_and_c,
     .state_count = 2,
     .parameters = peephole_parameters,
     .parameter_count = COUNT(peephole_parameters)},
    {.name = "mgu",
     .step = mgu_step,
     .inputs = &x_row,
     .input_count = 1,
     .states = a_and_c,
     .state_count = 1,
     .parameters = mgu_parameters,
     .parameter_count = COUNT(mgu_parameters)},
    {.name = "layernorm_lstm",
     .step = layernorm_step,
     .inputs = &x_row,
     .input_count = 1,
     .states = a_and_c,
     .state_count = 2,
     .parameters = layernorm_parameters,
     .parameter_count = COUNT(layernorm_parameters)},
    {.name = "diagonal",
     .step = diagonal_step,
     .inputs = &n_x_row,
     .input_count = 1,
     .states = layer_states,
     .state_count = 2,
     .parameters = diagonal_parameters,
     .parameter_count = COUNT(diagonal_parameters)},
    {.name = "diagonal_lstm",
     .step = diagonal_lstm_step,
     .inputs = &n_x_row,
     .input_count = 1,
     .states = diagonal_lstm_states,
     .state_count = 4,
     .parameters = diagonal_lstm_parameters,
     .parameter_count = COUNT(diagonal_lstm_parameters)},
};

const gt_cell *bench_cell_find(const char *name)
{
    for (uint32_t i = 0; i < COUNT(cells); i++)
        if (strcmp(cells[i].name, name) == 0)
            return &cells[i];
    return NULL;
}
