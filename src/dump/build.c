/* From outputs to a graph. */
#include "dump/build.h"

#include "base/memory.h"
#include "dump/tidy.h"

#include <string.h>

bool gt_collection_build(gt_collection *c)
{
    gt_builder b = {.c = c, .graph = c->graph};
    bool done = gt_build_edges(&b) && gt_build_clusters(&b) && gt_build_nodes(&b) && gt_build_outputs(&b);
    gt_sources_free(&b.sources);
    for (size_t i = 0; done && c->options->everything && i < c->entry_count; i++)
        if (c->entries[i].node != GT_GRAPH_NONE)
            c->graph->nodes[c->entries[i].node].plumbing = gt_tidy_is_plumbing(c, &c->entries[i]);
    return done;
}

static bool copy_options(gt_graph *graph, const gt_graph_options *options)
{
    graph->all_steps = options->all_steps;
    graph->everything = options->everything;
    graph->title = gt_graph_text(graph, options->title);
    graph->dimensions = gt_pool_new(&graph->texts, options->dimension_count, sizeof *graph->dimensions);
    if (graph->title == NULL || graph->dimensions == NULL)
        return false;
    for (uint32_t i = 0; i < options->dimension_count; i++) {
        const char *name = gt_graph_text(graph, options->dimensions[i].name);
        if (name == NULL)
            return false;
        graph->dimensions[graph->dimension_count++] = (gt_dimension){name, options->dimensions[i].size};
    }
    return true;
}

static gt_status check_outputs(const gt_graph_output *outputs, uint32_t count, gt_error *error)
{
    if (count == 0 || outputs == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "a graph needs at least one output");
    gt_tape *tape = outputs[0].var.tape;
    if (tape != NULL && gt_tape_status(tape) != GT_OK)
        return gt_error_set(error, gt_tape_status(tape), "%s", gt_tape_message(tape));
    for (uint32_t i = 0; i < count; i++)
        if (!gt_var_valid(outputs[i].var) || outputs[i].var.tape != tape)
            return gt_error_set(error, GT_ERROR_TAPE, "output %u of the graph is %s", (unsigned)i + 1,
                                gt_var_valid(outputs[i].var) ? "a var of another tape" : "an invalid var");
    return GT_OK;
}

gt_graph *gt_graph_new(const gt_graph_output *outputs, uint32_t output_count, const gt_graph_options *options,
                       gt_error *error)
{
    static const gt_graph_options defaults;
    options = options != NULL ? options : &defaults;
    if (check_outputs(outputs, output_count, error) != GT_OK)
        return NULL;
    gt_graph *graph = gt_memory_new(1, sizeof *graph);
    gt_collection c = {.options = options, .graph = graph, .outputs = outputs, .output_count = output_count};
    bool done = graph != NULL && copy_options(graph, options) && gt_collection_reach(&c) &&
                (options->everything || gt_collection_tidy(&c)) && gt_collection_build(&c);
    gt_memory_free(c.tapes);
    gt_memory_free(c.entries);
    if (done)
        return graph;
    gt_graph_free(graph);
    gt_error_set(error, GT_ERROR_MEMORY, "no memory for the graph");
    return NULL;
}
