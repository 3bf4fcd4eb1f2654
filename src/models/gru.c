/*
 * The gated recurrent unit (Cho et al. 2014) in Ng's notation: the reset gate r
 * acts on the state before the product. Examples are columns: x (n_x, m), a
 * (n_a, m), y (n_y, m).
 */
#include "models/notebook.h"

enum { WR, BR, WU, BU, WC, BC, WY, BY };

/*
 * r = sigmoid(Wr [a; x] + br)      u = sigmoid(Wu [a; x] + bu)
 * g = tanh(Wc [r a; x] + bc)       a' = u g + (1 - u) a
 */
static void gru_step(gt_cell_step *step)
{
    const gt_var *p = step->parameters;
    gt_var a = step->states[0], x = step->inputs[0];
    gt_var z = gt_name(gt_concat((gt_var[]){a, x}, 2, 0), "z");
    gt_var r = gt_name(gt_sigmoid(gt_notebook_affine(p, WR, z)), "r");
    gt_var u = gt_name(gt_sigmoid(gt_notebook_affine(p, WU, z)), "u");
    gt_var reset = gt_concat((gt_var[]){gt_mul(r, a), x}, 2, 0);
    gt_var g = gt_name(gt_tanh(gt_notebook_affine(p, WC, reset)), "g");
    gt_var taken = gt_mul(u, g);
    gt_var kept = gt_mul(gt_sub(gt_constant(step->tape, 1), u), a);
    step->next_states[0] = gt_name(gt_add(taken, kept), "a'");
}

/* y = softmax(Wy a' + by) */
static void gru_output(gt_cell_step *step)
{
    gt_var logits = gt_notebook_affine(step->parameters, WY, step->next_states[0]);
    step->outputs[0] = gt_name(gt_softmax(logits), "y");
}

static const gt_cell_array gru_inputs[] = {{.name = "x", .rows = "n_x"}};
static const gt_cell_array gru_states[] = {{.name = "a", .rows = "n_a"}};
static const gt_cell_array gru_outputs[] = {{.name = "y", .rows = "n_y"}};

static const gt_cell_array gru_parameters[] = {
    [WR] = GT_NOTEBOOK_GATE("Wr"),   [BR] = {.name = "br", .rows = "n_a"},
    [WU] = GT_NOTEBOOK_GATE("Wu"),   [BU] = {.name = "bu", .rows = "n_a"},
    [WC] = GT_NOTEBOOK_GATE("Wc"),   [BC] = {.name = "bc", .rows = "n_a"},
    [WY] = GT_NOTEBOOK_OUTPUT("Wy"), [BY] = {.name = "by", .rows = "n_y", .output_only = true},
};

const gt_cell gt_cell_gru = {
    .name = "gru",
    .documentation = "Gated recurrent unit, the reset gate before the product (Cho et al. 2014).",
    .inputs = gru_inputs,
    .input_count = 1,
    .states = gru_states,
    .state_count = 1,
    .parameters = gru_parameters,
    .parameter_count = 8,
    .outputs = gru_outputs,
    .output_count = 1,
    .step = gru_step,
    .output = gru_output,
};
