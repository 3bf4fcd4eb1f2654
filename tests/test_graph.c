/* The model of a graph: its nodes, edges and clusters. */
#include "graph_cell.h"

#include <string.h>

static const char *const cells[] = {"rnn", "lstm", "gru"};
#define CELLS (sizeof cells / sizeof *cells)

/* ---- forward ------------------------------------------------------------------------------- */

Test(graph, unrolled_steps)
{
    gt_graph *graph = graph_of_cell("rnn", 3, true, false);
    cr_assert_eq(gt_graph_cluster_count(graph), 3);
    for (uint32_t t = 0; t < 3; t++) {
        const gt_graph_cluster *cluster = gt_graph_cluster_at(graph, t);
        char x[16], a[16], y[16], title[16];
        snprintf(x, sizeof x, "x⟨%u⟩", t + 1);
        snprintf(a, sizeof a, "a⟨%u⟩", t + 1);
        snprintf(y, sizeof y, "y⟨%u⟩", t + 1);
        snprintf(title, sizeof title, "t = %u", t + 1);
        cr_expect_str_eq(cluster->title, title);
        cr_expect(cluster->kind == GT_GRAPH_STEP && cluster->step == (int32_t)t);
        const gt_graph_node *input = gt_graph_node_at(graph, node_named(graph, x));
        cr_expect(input->kind == GT_GRAPH_INPUT && input->cluster == t && input->step == (int32_t)t);
        cr_expect(gt_shape_equal(input->shape, GT_SHAPE(3, 10)) && input->shape.rank == 2);
        const gt_graph_node *state = gt_graph_node_at(graph, node_named(graph, a));
        cr_expect(state->kind == GT_GRAPH_OP && state->cluster == t && state->output);
        cr_expect_str_eq(state->op, "tanh");
        const gt_graph_node *result = gt_graph_node_at(graph, node_named(graph, y));
        cr_expect(result->cluster == t && result->output);
        cr_expect_str_eq(result->label, "softmax");
    }
    gt_graph_free(graph);
}

/* One matmul, two sums, ... for each step; each parameter once; a0; x at each step. */
Test(graph, unrolled_counts)
{
    for (uint32_t steps = 1; steps <= 4; steps++) {
        gt_graph *graph = graph_of_cell("rnn", (int)steps, true, false);
        uint32_t parameters = 0, inputs = 0, states = 0, ops = 0;
        for (uint32_t i = 0; i < gt_graph_node_count(graph); i++) {
            const gt_graph_node *node = gt_graph_node_at(graph, i);
            parameters += node->kind == GT_GRAPH_PARAMETER;
            inputs += node->kind == GT_GRAPH_INPUT;
            states += node->kind == GT_GRAPH_STATE;
            ops += node->kind == GT_GRAPH_OP;
            cr_expect(!node->backward && node->origin == GT_GRAPH_NONE);
        }
        cr_expect_eq(parameters, 5);
        cr_expect_eq(inputs, steps);
        cr_expect_eq(states, 1);
        cr_expect_eq(ops, 8 * steps, "%u ops for %u steps", ops, steps);
        cr_expect_eq(gt_graph_edge_count(graph), (5 * 2 + 2 + 2) * steps);
        gt_graph_free(graph);
    }
}

/* What a step hands to the next: the hidden state of the RNN, both of the LSTM. */
Test(graph, edges_between_steps)
{
    gt_graph *graph = graph_of_cell("lstm", 3, true, false);
    uint32_t across = 0;
    for (uint32_t i = 0; i < gt_graph_edge_count(graph); i++) {
        const gt_graph_edge *edge = gt_graph_edge_at(graph, i);
        const gt_graph_node *from = gt_graph_node_at(graph, edge->from);
        const gt_graph_node *to = gt_graph_node_at(graph, edge->to);
        cr_expect_eq(edge->kind, GT_GRAPH_VALUE);
        if (from->cluster == GT_GRAPH_NONE || from->cluster == to->cluster)
            continue;
        across++;
        cr_expect_eq(to->step, from->step + 1);
        cr_expect(from->name[0] == 'a' || from->name[0] == 'c', "%s", from->name);
    }
    cr_expect_eq(across, 4);
    gt_graph_free(graph);
}

Test(graph, body_of_a_scan)
{
    gt_graph *graph = graph_of_cell("lstm", 7, false, false);
    cr_assert_eq(gt_graph_cluster_count(graph), 1);
    const gt_graph_cluster *cluster = gt_graph_cluster_at(graph, 0);
    cr_expect(cluster->kind == GT_GRAPH_SCAN && cluster->steps == 7);
    static const char *const states[] = {"a", "c"};
    for (int i = 0; i < 2; i++) {
        char before[16], after[16], initial[16];
        snprintf(before, sizeof before, "%s⟨t−1⟩", states[i]);
        snprintf(after, sizeof after, "%s⟨t⟩", states[i]);
        snprintf(initial, sizeof initial, "%s0", states[i]);
        uint32_t from = node_named(graph, after), to = node_named(graph, before);
        cr_expect_eq(gt_graph_node_at(graph, to)->kind, GT_GRAPH_STATE);
        cr_expect_eq(count_edges(graph, GT_GRAPH_NEXT, from, to), 1);
        cr_expect_eq(count_edges(graph, GT_GRAPH_INITIAL, node_named(graph, initial), to), 1);
    }
    cr_expect_eq(count_edges(graph, GT_GRAPH_NEXT, GT_GRAPH_NONE, GT_GRAPH_NONE), 2);
    cr_expect_eq(gt_graph_node_at(graph, node_named(graph, "x⟨t⟩"))->cluster, 0);
    cr_expect_eq(gt_graph_node_at(graph, node_named(graph, "Wf"))->kind, GT_GRAPH_PARAMETER);
    cr_expect(gt_graph_node_at(graph, node_named(graph, "y⟨t⟩"))->output);
    gt_graph_free(graph);
}

/* The picture of the body does not depend on the number of steps. */
Test(graph, body_is_the_same_for_any_length)
{
    gt_graph *few = graph_of_cell("gru", 2, false, true);
    gt_graph *many = graph_of_cell("gru", 100000, false, true);
    cr_expect_eq(gt_graph_node_count(few), gt_graph_node_count(many));
    cr_expect_eq(gt_graph_edge_count(few), gt_graph_edge_count(many));
    gt_graph_free(few);
    gt_graph_free(many);
}

/* ---- backward ------------------------------------------------------------------------------ */

/* Every backward op stands with a forward node, and contributes to one of its inputs. */
static void check_origins(const char *cell, int steps, bool unrolled)
{
    gt_graph *graph = graph_of_cell(cell, steps, unrolled, true);
    uint32_t backward = 0, forward = 0;
    for (uint32_t i = 0; i < gt_graph_node_count(graph); i++) {
        const gt_graph_node *node = gt_graph_node_at(graph, i);
        if (node->kind != GT_GRAPH_OP)
            continue;
        forward += !node->backward;
        backward += node->backward;
        if (!node->backward)
            continue;
        cr_assert_neq(node->origin, GT_GRAPH_NONE, "%s, %d: node %u, %s", cell, steps, i, node->op);
        const gt_graph_node *origin = gt_graph_node_at(graph, node->origin);
        cr_expect(!origin->backward && origin->kind == GT_GRAPH_OP);
        cr_expect_eq(origin->cluster, node->cluster);
        cr_expect_eq(count_edges(graph, GT_GRAPH_VALUE, GT_GRAPH_NONE, node->origin) == 0, false);
        cr_expect(node->origin_slot >= 0 && node->origin_slot < 3);
    }
    cr_expect_gt(backward, forward);
    gt_graph_free(graph);
}

Test(graph, origins)
{
    for (size_t i = 0; i < CELLS; i++)
        for (int steps = 1; steps <= 3; steps++) {
            check_origins(cells[i], steps, true);
            check_origins(cells[i], steps, false);
        }
}

/* Every gradient is a result, exactly once, and belongs to the backward half. */
static void check_gradients(const char *cell, int steps, bool unrolled)
{
    graph_cell c;
    record_graph_cell(&c, cell, steps, unrolled);
    differentiate_graph_cell(&c);
    gt_graph *graph = collect_graph_cell(&c, false);
    for (uint32_t i = 2; i < c.output_count; i++) {
        const char *name = c.outputs[i].name;
        bool sequence = gt_var_shape(c.outputs[i].var).rank == 3;
        char text[32];
        snprintf(text, sizeof text, sequence ? (unrolled ? "%s⟨1⟩" : "%s⟨t⟩") : "%s", name);
        const gt_graph_node *node = gt_graph_node_at(graph, node_named(graph, text));
        cr_expect(node->output && node->backward, "%s of %s", text, cell);
    }
    gt_graph_free(graph);
    gt_tape_free(c.tape);
}

Test(graph, gradients)
{
    for (size_t i = 0; i < CELLS; i++)
        for (int steps = 1; steps <= 3; steps++) {
            check_gradients(cells[i], steps, true);
            check_gradients(cells[i], steps, false);
        }
}

/* The gradients of parameters in a body are sums over steps: an edge to itself. */
Test(graph, sums_over_steps)
{
    gt_graph *graph = graph_of_cell("rnn", 5, false, true);
    static const char *const names[] = {"dWaa", "dWax", "dba", "dWya", "dby"};
    for (int i = 0; i < 5; i++) {
        uint32_t node = node_named(graph, names[i]);
        cr_expect_eq(count_edges(graph, GT_GRAPH_NEXT, node, node), 1, "%s", names[i]);
    }
    uint32_t adjoint = node_named(graph, "da⟨t⟩");
    cr_expect_eq(count_edges(graph, GT_GRAPH_NEXT, GT_GRAPH_NONE, adjoint), 1);
    cr_expect_eq(gt_graph_cluster_count(graph), 1);
    gt_graph_free(graph);
}

/* ---- everything ---------------------------------------------------------------------------- */

/* The tape itself: every node that the outputs need, every operand an edge. */
static void check_everything(const char *cell, bool backward)
{
    graph_cell c;
    record_graph_cell(&c, cell, 3, true);
    if (backward)
        differentiate_graph_cell(&c);
    gt_graph *graph = collect_graph_cell(&c, true);
    uint32_t count = gt_tape_node_count(c.tape), needed = 0, operands = 0, results = 0;
    bool *reached = calloc(count + 1, sizeof *reached);
    for (uint32_t i = 0; i < c.output_count; i++)
        reached[c.outputs[i].var.index] = true;
    for (uint32_t i = count; i >= 1; i--) {
        gt_var v = gt_tape_var(c.tape, i - 1);
        if (!reached[i])
            continue;
        needed++;
        operands += gt_var_input_count(v);
        for (uint32_t k = 0; k < gt_var_input_count(v); k++)
            reached[gt_var_input(v, k).index] = true;
    }
    for (uint32_t i = 0; i < gt_graph_node_count(graph); i++)
        results += gt_graph_node_at(graph, i)->kind == GT_GRAPH_RESULT;
    cr_expect_eq(gt_graph_node_count(graph), needed + results);
    cr_expect_eq(gt_graph_edge_count(graph), operands + results);
    free(reached);
    gt_graph_free(graph);
    gt_tape_free(c.tape);
}

Test(graph, everything)
{
    for (size_t i = 0; i < CELLS; i++) {
        check_everything(cells[i], false);
        check_everything(cells[i], true);
    }
}

/* ---- any tape ------------------------------------------------------------------------------ */

Test(graph, an_expression)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(3, 1));
    gt_var unused = gt_exp(x);
    gt_var y = gt_name(gt_sum(gt_mul(gt_add(x, gt_constant(tape, 2.5)), x), GT_ALL_AXES), "y");
    gt_var dx;
    cr_assert_eq(gt_grad(&y, NULL, 1, &x, 1, &dx), GT_OK);
    gt_error error = {0};
    gt_graph *graph = gt_graph_new((gt_graph_output[]){{y, NULL}, {dx, NULL}}, 2, NULL, &error);
    cr_assert_not_null(graph, "%s", error.message);
    cr_expect_eq(gt_graph_cluster_count(graph), 0);
    cr_expect_str_eq(gt_graph_title(graph), "");
    cr_expect(gt_graph_node_at(graph, node_named(graph, "y"))->output);
    cr_expect(gt_graph_node_at(graph, node_named(graph, "dx"))->output);
    uint32_t constants = 0;
    for (uint32_t i = 0; i < gt_graph_node_count(graph); i++) {
        const gt_graph_node *node = gt_graph_node_at(graph, i);
        cr_expect_str_neq(node->op, gt_var_op(unused)->name);
        constants += node->kind == GT_GRAPH_CONSTANT && node->has_value && node->value == 2.5;
    }
    cr_expect_eq(constants, 1);
    gt_graph_free(graph);
    gt_tape_free(tape);
}

Test(graph, a_long_chain_needs_no_deep_stack)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var v = gt_input(tape, "x", GT_SCALAR);
    for (int i = 0; i < 200000; i++)
        v = gt_sin(v);
    gt_error error = {0};
    gt_graph *graph = gt_graph_new(&(gt_graph_output){v, "y"}, 1, NULL, &error);
    cr_assert_not_null(graph, "%s", error.message);
    cr_expect_eq(gt_graph_node_count(graph), 200001);
    cr_expect_eq(gt_graph_edge_count(graph), 200000);
    gt_graph_free(graph);
    gt_tape_free(tape);
}

Test(graph, past_the_end)
{
    gt_graph *graph = graph_of_cell("rnn", 1, true, false);
    cr_expect_null(gt_graph_node_at(graph, gt_graph_node_count(graph)));
    cr_expect_null(gt_graph_edge_at(graph, gt_graph_edge_count(graph)));
    cr_expect_null(gt_graph_cluster_at(graph, gt_graph_cluster_count(graph)));
    cr_expect_null(gt_graph_format(5));
    gt_graph_free(graph);
    gt_graph_free(NULL);
}

/* ---- errors -------------------------------------------------------------------------------- */

static void expect_refusal(const gt_graph_output *outputs, uint32_t count, gt_status status, const char *text)
{
    gt_error error = {0};
    cr_expect_null(gt_graph_new(outputs, count, NULL, &error));
    cr_expect_eq(error.status, status, "%s: %s", gt_status_name(error.status), error.message);
    cr_expect_not_null(strstr(error.message, text), "%s", error.message);
}

Test(graph, refusals)
{
    gt_tape *tape = gt_tape_new(NULL), *other = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2)), z = gt_constant(other, 1);
    expect_refusal(NULL, 0, GT_ERROR_ARGUMENT, "at least one output");
    expect_refusal((gt_graph_output[]){{x, "x"}, {GT_NONE, "y"}}, 2, GT_ERROR_TAPE, "output 2");
    expect_refusal((gt_graph_output[]){{x, "x"}, {z, "z"}}, 2, GT_ERROR_TAPE, "another tape");
    gt_var bad = gt_add(x, gt_input(tape, "y", GT_SHAPE(3)));
    expect_refusal((gt_graph_output[]){{bad, "sum"}}, 1, GT_ERROR_SHAPE, gt_tape_message(tape));
    gt_tape_free(tape);
    gt_tape_free(other);
}
