/*
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate
 * of Gers et al. 2000), notebook form: four weights on z = [a; x].
 * Examples are columns: x (n_x, m), a and c (n_a, m), y (n_y, m).
 */
#include "models/notebook.h"

enum { WF, BF, WI, BI, WC, BC, WO, BO, WY, BY };

/*
 * f = sigmoid(Wf z + bf)   i = sigmoid(Wi z + bi)   g = tanh(Wc z + bc)
 * o = sigmoid(Wo z + bo)   c' = f c + i g           a' = o tanh(c')
 */
static void lstm_step(gt_cell_step *step)
{
    const gt_var *p = step->parameters;
    gt_var z = gt_name(gt_concat((gt_var[]){step->states[0], step->inputs[0]}, 2, 0), "z");
    gt_var f = gt_name(gt_sigmoid(gt_notebook_affine(p, WF, z)), "f");
    gt_var i = gt_name(gt_sigmoid(gt_notebook_affine(p, WI, z)), "i");
    gt_var g = gt_name(gt_tanh(gt_notebook_affine(p, WC, z)), "g");
    gt_var o = gt_name(gt_sigmoid(gt_notebook_affine(p, WO, z)), "o");
    gt_var kept = gt_mul(f, step->states[1]), added = gt_mul(i, g);
    gt_var c = gt_name(gt_add(kept, added), "c'");
    step->next_states[0] = gt_name(gt_mul(o, gt_tanh(c)), "a'");
    step->next_states[1] = c;
}

/* y = softmax(Wy a' + by) */
static void lstm_output(gt_cell_step *step)
{
    gt_var logits = gt_notebook_affine(step->parameters, WY, step->next_states[0]);
    step->outputs[0] = gt_name(gt_softmax(logits), "y");
}

static const gt_cell_array lstm_inputs[] = {{.name = "x", .rows = "n_x"}};
static const gt_cell_array lstm_states[] = {{.name = "a", .rows = "n_a"}, {.name = "c", .rows = "n_a"}};
static const gt_cell_array lstm_outputs[] = {{.name = "y", .rows = "n_y"}};

/* The forget bias starts at 1, so that the state is kept at first (Jozefowicz et al. 2015). */
static const gt_cell_array lstm_parameters[] = {
    [WF] = GT_NOTEBOOK_GATE("Wf"),
    [BF] = {.name = "bf", .rows = "n_a", .initializer = {.kind = GT_INITIALIZE_CONSTANT, .a = 1}},
    [WI] = GT_NOTEBOOK_GATE("Wi"),
    [BI] = {.name = "bi", .rows = "n_a"},
    [WC] = GT_NOTEBOOK_GATE("Wc"),
    [BC] = {.name = "bc", .rows = "n_a"},
    [WO] = GT_NOTEBOOK_GATE("Wo"),
    [BO] = {.name = "bo", .rows = "n_a"},
    [WY] = GT_NOTEBOOK_OUTPUT("Wy"),
    [BY] = {.name = "by", .rows = "n_y", .output_only = true},
};

const gt_cell gt_cell_lstm = {
    .name = "lstm",
    .documentation = "Long short-term memory with forget gate (Hochreiter and Schmidhuber 1997; "
                     "Gers et al. 2000).",
    .inputs = lstm_inputs,
    .input_count = 1,
    .states = lstm_states,
    .state_count = 2,
    .parameters = lstm_parameters,
    .parameter_count = 10,
    .outputs = lstm_outputs,
    .output_count = 1,
    .step = lstm_step,
    .output = lstm_output,
};
