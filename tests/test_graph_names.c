/* What pictures say of a node: names that are too long, and sizes that are no names. */
#include "base/utf8.h"
#include "graph_cell.h"

#include <string.h>

TestSuite(graph_names, .timeout = 60);

static gt_graph *graph_of(gt_var v, const gt_graph_options *options)
{
    gt_error error = {0};
    gt_graph *graph = gt_graph_new(&(gt_graph_output){v, NULL}, 1, options, &error);
    cr_assert_not_null(graph, "%s", error.message);
    return graph;
}

static void expect_pictures(const gt_graph *graph)
{
    static const char *const formats[] = {
        "svg",
        "dot",
#ifdef GT_HAVE_JANSSON
        "json",
#endif
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char *bytes;
        size_t size;
        cr_assert_eq(gt_graph_render(graph, formats[i], &bytes, &size, NULL), GT_OK);
        cr_expect(gt_utf8_valid(bytes, size), "%s", formats[i]);
        gt_graph_bytes_free(bytes);
    }
}

/* A name is cut between its characters. */
Test(graph_names, long_names)
{
    for (int before = 0; before < 4; before++) {
        char name[600] = "abc";
        name[before] = '\0';
        for (int i = 0; i < 150; i++)
            strcat(name, "\xe2\x88\x82"); /* three bytes each */
        gt_tape *tape = gt_tape_new(NULL);
        gt_var x = gt_input(tape, "x", GT_SHAPE(2)), y = gt_tanh(x);
        gt_name(y, name);
        gt_graph *graph = graph_of(gt_exp(y), NULL);
        for (uint32_t i = 0; i < gt_graph_node_count(graph); i++) {
            const char *shown = gt_graph_node_at(graph, i)->name;
            cr_expect(gt_utf8_valid(shown, strlen(shown)) && strlen(shown) < 300, "%s", shown);
        }
        expect_pictures(graph);
        gt_graph_free(graph);
        gt_tape_free(tape);
    }
}

/* Sizes are written by name only where that is a name. */
Test(graph_names, sizes)
{
    static const gt_dimension sizes[] = {{"4 n_a", 8}, {"n_x", 3}, {"n_a", 5}};
    const gt_graph_options options = {.dimensions = sizes, .dimension_count = 3};
    gt_tape *tape = gt_tape_new(NULL);
    gt_graph *graph = graph_of(gt_tanh(gt_input(tape, "x", GT_SHAPE(8, 13, 15))), &options);
    char *dot;
    size_t size;
    cr_assert_eq(gt_graph_render(graph, "dot", &dot, &size, NULL), GT_OK);
    cr_expect_not_null(strstr(dot, "4 n_a"), "%s", dot);
    cr_expect_null(strstr(dot, "4 n_a+"), "a sum of what is no name");
    cr_expect_not_null(strstr(dot, "(4 n_a, 13, n_x n_a)"), "%s", dot);
    gt_graph_bytes_free(dot);
    expect_pictures(graph);
    gt_graph_free(graph);
    gt_tape_free(tape);
}

Test(graph_names, nowhere_to_put_it)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_graph *graph = graph_of(gt_tanh(gt_input(tape, "x", GT_SHAPE(2))), NULL);
    gt_error error = {0};
    char *bytes;
    size_t size;
    cr_expect_eq(gt_graph_render(NULL, "dot", &bytes, &size, &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_graph_render(graph, "dot", NULL, &size, &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_graph_render(graph, "dot", &bytes, NULL, &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_graph_render(graph, NULL, &bytes, &size, &error), GT_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(error.message, "the formats are"), "%s", error.message);
    gt_graph_free(graph);
    gt_tape_free(tape);
}
