/*
 * The vanilla recurrent network (Elman 1990): one hidden state a, notebook form.
 * Examples are columns: x (n_x, m), a (n_a, m), y (n_y, m).
 */
#include "models/notebook.h"

enum { WAA, WAX, BA, WYA, BY };

/* a' = tanh(Waa a + Wax x + ba). What does not depend on a is summed first: all steps share it. */
static void rnn_step(gt_cell_step *step)
{
    const gt_var *p = step->parameters;
    gt_var from_input = gt_add(gt_matmul(p[WAX], step->inputs[0]), p[BA]);
    gt_var z = gt_name(gt_add(gt_matmul(p[WAA], step->states[0]), from_input), "z");
    step->next_states[0] = gt_name(gt_tanh(z), "a'");
}

/* y = softmax(Wya a' + by) */
static void rnn_output(gt_cell_step *step)
{
    gt_var logits = gt_notebook_affine(step->parameters, WYA, step->next_states[0]);
    step->outputs[0] = gt_name(gt_softmax(logits), "y");
}

static const gt_cell_array rnn_inputs[] = {{.name = "x", .rows = "n_x"}};
static const gt_cell_array rnn_states[] = {{.name = "a", .rows = "n_a"}};
static const gt_cell_array rnn_outputs[] = {{.name = "y", .rows = "n_y"}};
static const gt_cell_array rnn_parameters[] = {
    [WAA] = {.name = "Waa", .rows = "n_a", .columns = "n_a", .initializer = {.kind = GT_INITIALIZE_ORTHOGONAL}},
    [WAX] = {.name = "Wax", .rows = "n_a", .columns = "n_x", .initializer = {.kind = GT_INITIALIZE_GLOROT}},
    [BA] = {.name = "ba", .rows = "n_a"},
    [WYA] = GT_NOTEBOOK_OUTPUT("Wya"),
    [BY] = {.name = "by", .rows = "n_y", .output_only = true},
};

const gt_cell gt_cell_rnn = {
    .name = "rnn",
    .documentation = "Vanilla recurrent network, a' = tanh(Waa a + Wax x + ba) (Elman 1990).",
    .inputs = rnn_inputs,
    .input_count = 1,
    .states = rnn_states,
    .state_count = 1,
    .parameters = rnn_parameters,
    .parameter_count = 5,
    .outputs = rnn_outputs,
    .output_count = 1,
    .step = rnn_step,
    .output = rnn_output,
};
