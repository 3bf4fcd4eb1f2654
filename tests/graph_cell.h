/* The graph of a cell of the library over a sequence, for the tests of graphs. */
#ifndef GT_TESTS_GRAPH_CELL_H
#define GT_TESTS_GRAPH_CELL_H

#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const gt_dimension graph_sizes[] = {{"n_a", 5}, {"n_x", 3}, {"n_y", 2}, {"m", 10}};

typedef struct graph_cell {
    const gt_cell *cell;
    gt_tape *tape;
    int steps;
    gt_var given[32], states[8], results[8];
    uint32_t given_count;
    char names[64][16];
    gt_graph_output outputs[64];
    uint32_t output_count;
} graph_cell;

static inline void add_graph_output(graph_cell *c, gt_var v, const char *before, const char *name)
{
    snprintf(c->names[c->output_count], sizeof c->names[0], "%s%s", before, name);
    c->outputs[c->output_count] = (gt_graph_output){v, c->names[c->output_count]};
    c->output_count++;
}

static inline gt_shape graph_shape(const gt_cell_array *array, int64_t columns, int steps)
{
    gt_shape shape;
    cr_assert_eq(gt_cell_array_shape(array, graph_sizes, 3, columns, &shape, NULL), GT_OK);
    return steps > 0 ? GT_SHAPE(shape.size[0], shape.size[1], steps) : shape;
}

static inline void record_graph_cell(graph_cell *c, const char *name, int steps, bool unrolled)
{
    *c = (graph_cell){.cell = gt_cell_find(name), .tape = gt_tape_new(NULL), .steps = steps};
    const gt_cell *cell = c->cell;
    gt_var *given = c->given;
    char text[16];
    for (uint32_t i = 0; i < cell->input_count; i++)
        *given++ = gt_input(c->tape, cell->inputs[i].name, graph_shape(&cell->inputs[i], 10, steps));
    for (uint32_t i = 0; i < cell->state_count; i++) {
        snprintf(text, sizeof text, "%s0", cell->states[i].name);
        *given++ = gt_state(c->tape, text, graph_shape(&cell->states[i], 10, 0));
    }
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        *given++ = gt_parameter(c->tape, cell->parameters[i].name, graph_shape(&cell->parameters[i], 1, 0));
    c->given_count = (uint32_t)(given - c->given);
    gt_sequence sequence = {.cell = cell,
                            .unrolled = unrolled,
                            .with_outputs = true,
                            .inputs = c->given,
                            .initial = c->given + cell->input_count,
                            .parameters = c->given + cell->input_count + cell->state_count,
                            .states = c->states,
                            .outputs = c->results};
    cr_assert_eq(gt_sequence_record(&sequence), GT_OK);
    add_graph_output(c, c->states[0], "", cell->states[0].name);
    add_graph_output(c, c->results[0], "", cell->outputs[0].name);
}

static inline void differentiate_graph_cell(graph_cell *c)
{
    gt_var outputs[] = {c->states[0], c->results[0]}, cotangents[2], gradients[32];
    cotangents[0] = gt_input(c->tape, "da", gt_var_shape(outputs[0]));
    cotangents[1] = gt_input(c->tape, "dy", gt_var_shape(outputs[1]));
    cr_assert_eq(gt_grad(outputs, cotangents, 2, c->given, c->given_count, gradients), GT_OK);
    for (uint32_t i = 0; i < c->given_count; i++)
        add_graph_output(c, gradients[i], "d", gt_var_name(c->given[i]));
}

static inline gt_graph *collect_graph_cell(const graph_cell *c, bool everything)
{
    gt_error error = {0};
    gt_graph_options options = {
        .title = "a cell", .everything = everything, .dimensions = graph_sizes, .dimension_count = 4};
    gt_graph *graph = gt_graph_new(c->outputs, c->output_count, &options, &error);
    cr_assert_not_null(graph, "%s", error.message);
    return graph;
}

/* Free the tape at once: a graph is a copy. */
static inline gt_graph *graph_of_cell(const char *name, int steps, bool unrolled, bool backward)
{
    graph_cell c;
    record_graph_cell(&c, name, steps, unrolled);
    if (backward)
        differentiate_graph_cell(&c);
    gt_graph *graph = collect_graph_cell(&c, false);
    gt_tape_free(c.tape);
    return graph;
}

/* The number of nodes of that name; *place becomes the last of them. */
static inline uint32_t find_named(const gt_graph *graph, const char *name, uint32_t *place)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < gt_graph_node_count(graph); i++)
        if (strcmp(gt_graph_node_at(graph, i)->name, name) == 0) {
            *place = i;
            count++;
        }
    return count;
}

/* The one node of that name. */
static inline uint32_t node_named(const gt_graph *graph, const char *name)
{
    uint32_t place = 0, count = find_named(graph, name, &place);
    cr_assert_eq(count, 1, "%u nodes are called %s", count, name);
    return place;
}

static inline uint32_t count_edges(const gt_graph *graph, gt_graph_edge_kind kind, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < gt_graph_edge_count(graph); i++) {
        const gt_graph_edge *edge = gt_graph_edge_at(graph, i);
        count += edge->kind == kind && (from == GT_GRAPH_NONE || edge->from == from) &&
                 (to == GT_GRAPH_NONE || edge->to == to);
    }
    return count;
}

#endif
