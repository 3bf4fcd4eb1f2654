/* Every allocation made to fail in turn: graphs, and their descriptions. (Graphviz's own memory is not the library's.)
 */
#include "graph_cell.h"
#include "support/allocation.h"
#include "support/random_tape.h"

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

/* ---- any tape ------------------------------------------------------------------------------ */

typedef struct drawing {
    const random_tape *tape;
    const gt_interpreter *values;
    const char *format;
    uint32_t seed;
} drawing;

static gt_status draw(const void *context, double *result)
{
    const drawing *d = context;
    gt_error error = {0};
    const gt_graph_options options = {.everything = d->seed % 4 == 3,
                                      .hide_scan_bodies = d->seed % 5 == 4,
                                      .all_steps = d->seed % 2 == 1,
                                      .values = d->values};
    gt_graph_output outputs[RANDOM_OUTPUTS];
    for (uint32_t i = 0; i < d->tape->output_count; i++)
        outputs[i] = (gt_graph_output){d->tape->outputs[i], NULL};
    gt_graph *graph = gt_graph_new(outputs, d->tape->output_count, &options, &error);
    char *bytes = NULL;
    size_t size = 0;
    gt_status status = graph == NULL ? error.status : gt_graph_render(graph, d->format, &bytes, &size, &error);
    cr_assert(status == GT_OK || error.message[0] != '\0');
    *result = (double)size;
    gt_graph_bytes_free(bytes);
    gt_graph_free(graph);
    return status;
}

/* Scans in scans, loops, gradients, values: whatever pictures are made of. */
Test(allocation_failure_graph, random_tapes)
{
#ifdef GT_HAVE_JANSSON
    static const char *const formats[] = {"svg", "json", "dot"};
#else
    static const char *const formats[] = {"svg", "svg", "dot"};
#endif
    for (uint32_t seed = 1; seed <= 8; seed++) {
        const random_options options = {.seed = seed, .scans = seed % 3, .order = 1, .loops = seed % 2 == 0};
        random_tape *r = random_tape_new(&options);
        if (gt_tape_status(r->tape) == GT_OK && r->output_count > 0) {
            gt_interpreter *run = random_tape_evaluate(r, r->outputs, r->output_count);
            const drawing d = {r, seed % 3 == 0 ? run : NULL, formats[seed % 3], seed};
            cr_expect_gt(fail_some_allocations(d.format, draw, &d, NULL, 4), 50);
            gt_interpreter_free(run);
        }
        random_tape_free(r);
    }
}
