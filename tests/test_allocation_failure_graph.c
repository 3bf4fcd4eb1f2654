/* Every allocation made to fail in turn: graphs, and their descriptions. (Graphviz's own memory is not the library's.)
 */
#include "graph_cell.h"
#include "support/allocation.h"

TestSuite(allocation_failure_graph, .timeout = 300);

typedef struct scenario {
    graph_cell cell;
    bool everything;
    const char *format;
} scenario;

static gt_status collect_and_describe(const void *context, double *result)
{
    const scenario *s = context;
    gt_error error = {0};
    gt_graph_options options = {
        .title = "a cell", .everything = s->everything, .dimensions = graph_sizes, .dimension_count = 4};
    gt_graph *graph = gt_graph_new(s->cell.outputs, s->cell.output_count, &options, &error);
    if (graph == NULL) {
        cr_assert(error.message[0] != '\0');
        return error.status;
    }
    char *bytes = NULL;
    size_t size;
    gt_status status = gt_graph_render(graph, s->format, &bytes, &size, &error);
    if (status == GT_OK)
        *result = (double)size;
    gt_graph_bytes_free(bytes);
    gt_graph_free(graph);
    return status;
}

static void check(const char *label, bool unrolled, bool everything, const char *format)
{
    scenario s = {.everything = everything, .format = format};
    record_graph_cell(&s.cell, "rnn", 2, unrolled);
    differentiate_graph_cell(&s.cell);
    fail_every_allocation(label, collect_and_describe, &s, NULL);
    gt_tape_free(s.cell.tape);
}

Test(allocation_failure_graph, unrolled)
{
    check("an unrolled graph", true, false, "svg");
}

Test(allocation_failure_graph, rolled)
{
    check("the graph of a scan", false, false, "dot");
}

Test(allocation_failure_graph, everything)
{
    check("a graph of everything", false, true, "svg");
}
