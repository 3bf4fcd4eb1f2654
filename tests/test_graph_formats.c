/* Graphs as text, pictures and files. */
#include "files.h"
#include "graph_cell.h"

#ifdef GT_HAVE_JANSSON
#include <jansson.h>
#endif
#include <sys/stat.h>

TestSuite(graph_formats, .init = make_folder, .fini = remove_folder, .timeout = 120);

/* Text that is freed with gt_graph_bytes_free. */
static char *rendered(const gt_graph *graph, const char *format, size_t *size)
{
    gt_error error = {0};
    char *bytes = NULL;
    *size = 0;
    cr_assert_eq(gt_graph_render(graph, format, &bytes, size, &error), GT_OK, "%s", error.message);
    cr_assert(bytes != NULL && *size > 0 && bytes[*size] == '\0');
    return bytes;
}

/* Collected and rendered twice, from tapes of their own: the same bytes. */
static void check_deterministic(const char *format)
{
    size_t sizes[2];
    char *texts[2];
    for (int i = 0; i < 2; i++) {
        gt_graph *graph = graph_of_cell("lstm", 2, true, true);
        texts[i] = rendered(graph, format, &sizes[i]);
        gt_graph_free(graph);
    }
    cr_expect(sizes[0] == sizes[1] && memcmp(texts[0], texts[1], sizes[0]) == 0, "%s", format);
    gt_graph_bytes_free(texts[0]);
    gt_graph_bytes_free(texts[1]);
}

/* ---- DOT ----------------------------------------------------------------------------------- */

Test(graph_formats, dot_holds_names_and_formulas)
{
    gt_graph *graph = graph_of_cell("lstm", 4, false, true);
    size_t size;
    char *text = rendered(graph, "dot", &size);
    /* The rules of the sigmoid, of tanh, of both products, of matrix products; sizes by name. */
    static const char *const words[] = {
        "⊙ f ⊙ (1 − f)", "⊙ (1 − g²)", "⊙ (1 − tanh(c)²)", "⊙ o<",           "⊙ c⟨t−1⟩", "@ zᵀ",
        "Wfᵀ @",         "<B>dWf</B>", "<B>y⟨t⟩</B>",      "(n_a, n_a+n_x)", "(n_y, m)"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        cr_expect_not_null(strstr(text, words[i]), "no %s", words[i]);
    gt_graph_bytes_free(text);
    gt_graph_free(graph);
    check_deterministic("dot");
}

/* Nothing that a name holds may end a label or start a tag. */
static gt_graph *graph_of_hostile_names(void)
{
    static const char *const names[] = {"<b>&amp;\"quoted\"</b>", "\\n\\\"];}",     "-->", "a\nb\tc", "]]>",
                                        "</script><script>",      "\xff\xfe bytes", "⟨π⟩"};
    gt_tape *tape = gt_tape_new(NULL);
    gt_var v = gt_input(tape, "x", GT_SHAPE(2));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        v = gt_name(gt_add(v, gt_parameter(tape, names[i], GT_SHAPE(2))), names[i]);
    char longest[2000];
    memset(longest, 'n', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    v = gt_name(gt_tanh(v), longest);
    gt_error error = {0};
    gt_graph_options options = {.title = "</TABLE>>\"<&"};
    gt_graph *graph = gt_graph_new(&(gt_graph_output){v, NULL}, 1, &options, &error);
    cr_assert_not_null(graph, "%s", error.message);
    gt_tape_free(tape);
    return graph;
}

#if defined(GT_DOT) && defined(GT_HAVE_JANSSON)

/* The description as Graphviz reads it, without a layout. */
static json_t *parsed(const char *description, size_t size)
{
    char command[1024];
    json_error_t error;
    write_file(path_of("read.dot"), description, size);
    snprintf(command, sizeof command, "%s -Tjson0 %s", GT_DOT, path_of("read.dot"));
    FILE *output = popen(command, "r");
    cr_assert_not_null(output);
    json_t *document = json_loadf(output, 0, &error);
    cr_assert_not_null(document, "%s", error.text);
    cr_assert_eq(pclose(output), 0);
    return document;
}

/* Everything but the model's parameters, which are drawn at each use, has one node called n. */
static void check_parsed_node(const gt_graph *graph, const json_t *node, size_t *described)
{
    const char *name = json_string_value(json_object_get(node, "name"));
    if (json_object_get(node, "nodes") != NULL || json_object_get(node, "subgraphs") != NULL)
        return; /* a cluster */
    cr_expect(*name == 'n' || *name == 'p' || strncmp(name, "legend", 6) == 0, "%s", name);
    if (*name != 'n')
        return;
    unsigned long place = strtoul(name + 1, NULL, 10);
    cr_assert_not_null(gt_graph_node_at(graph, (uint32_t)place));
    cr_expect_str_neq(json_string_value(json_object_get(node, "label")), "\\N", "node %lu is nowhere described", place);
    ++*described;
}

static void check_parses(gt_graph *graph)
{
    size_t size, i, described = 0;
    json_t *node;
    char *text = rendered(graph, "dot", &size);
    json_t *document = parsed(text, size);
    json_array_foreach(json_object_get(document, "objects"), i, node) check_parsed_node(graph, node, &described);
    cr_expect_geq(described, gt_graph_node_count(graph) / 3);
    json_decref(document);
    gt_graph_bytes_free(text);
    gt_graph_free(graph);
}

Test(graph_formats, dot_parses)
{
    static const char *const cells[] = {"rnn", "lstm", "gru"};
    for (int i = 0; i < 3; i++)
        for (int backward = 0; backward < 2; backward++) {
            check_parses(graph_of_cell(cells[i], 3, false, backward));
            check_parses(graph_of_cell(cells[i], 3, true, backward));
            check_parses(graph_of_cell(cells[i], 1, true, backward));
        }
    check_parses(graph_of_hostile_names());
}

#endif

/* ---- pictures ------------------------------------------------------------------------------ */

/* Tags that match, entities that end: enough XML to find a name that was not escaped. */
static void check_well_formed(const char *text)
{
    char open[64][32];
    int depth = 0, elements = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '&')
            cr_assert_lt(strcspn(at, ";"), 12, "an entity without an end: %.40s", at);
        cr_assert_neq(*at, '>', "a stray >: %.40s", at);
        if (*at != '<')
            continue;
        const char *end = strncmp(at, "<!--", 4) == 0 ? strstr(at, "-->") : strchr(at, '>');
        cr_assert_not_null(end, "%.40s", at);
        size_t length = strcspn(at + 1, " \n/>");
        if (at[1] == '/') {
            length = (size_t)(end - at - 2);
            cr_assert(depth > 0 && strlen(open[depth - 1]) == length && strncmp(open[depth - 1], at + 2, length) == 0,
                      "%.40s closes nothing", at);
            depth--;
        } else if (at[1] != '!' && at[1] != '?' && end[-1] != '/') {
            cr_assert(depth < 64 && length < sizeof open[0]);
            snprintf(open[depth++], sizeof open[0], "%.*s", (int)length, at + 1);
            elements++;
        }
        at = *at == '<' && strncmp(at, "<!--", 4) == 0 ? end + 2 : end;
    }
    cr_expect_eq(depth, 0);
    cr_expect_gt(elements, 10);
}

Test(graph_formats, svg)
{
    gt_graph *graph = graph_of_cell("lstm", 2, true, true);
    size_t size;
    char *text = rendered(graph, "svg", &size);
    check_well_formed(text);
    static const char *const words[] = {
        "role=\"img\"", "prefers-color-scheme",
        "<desc ",       "<title>f⟨1⟩ = σ(Wf @ z⟨1⟩ + bf): sigmoid, of shape (n_a, m)</title>",
        ">x⟨1⟩<",       ">x⟨2⟩<",
        ">Wf<",         ">dWf<",
        ">c0<",         ">dc0<",
        "a cell"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        cr_expect_not_null(strstr(text, words[i]), "no %s", words[i]);
    gt_graph_bytes_free(text);
    gt_graph_free(graph);
    graph = graph_of_hostile_names();
    text = rendered(graph, "svg", &size);
    check_well_formed(text);
    cr_expect_null(strstr(text, "script>"));
    gt_graph_bytes_free(text);
    gt_graph_free(graph);
    check_deterministic("svg");
}

/* The x of the text `words` in an SVG. */
static double x_of(const char *svg, const char *words)
{
    const char *place = strstr(svg, words);
    cr_assert_not_null(place, "%s", words);
    while (strncmp(place, " x=\"", 4) != 0)
        cr_assert_gt(--place, svg);
    return strtod(place + 4, NULL);
}

Test(graph_formats, steps_stand_from_left_to_right)
{
    static const char *const cells[] = {"rnn", "lstm", "gru"};
    for (int i = 0; i < 6; i++) {
        int steps = 3 + 3 * (i % 2);
        gt_graph *graph = graph_of_cell(cells[i / 2], steps, true, false);
        size_t size;
        char *text = rendered(graph, "svg", &size), words[32];
        double last = -1e9;
        for (int t = 1; t <= steps; t++) {
            snprintf(words, sizeof words, ">t = %d<", t);
            double x = x_of(text, words);
            cr_expect(x > last, "%s of %s stands at %g", words, cells[i / 2], x);
            last = x;
        }
        gt_graph_bytes_free(text);
        gt_graph_free(graph);
    }
}

#ifdef GT_DOT
Test(graph_formats, png_and_pdf)
{
    gt_graph *graph = graph_of_cell("rnn", 2, false, true);
    size_t size;
    char *bytes = rendered(graph, "png", &size);
    cr_expect(size > 1000 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0);
    gt_graph_bytes_free(bytes);
    bytes = rendered(graph, "pdf", &size);
    cr_expect(size > 1000 && memcmp(bytes, "%PDF-", 5) == 0);
    gt_graph_bytes_free(bytes);
    gt_graph_free(graph);
}

#endif

/* ---- JSON ---------------------------------------------------------------------------------- */

#ifdef GT_HAVE_JANSSON

/* Which step a part of a sequence is, is said by where it was cut, not by who reads it. */
Test(graph_formats, earlier_steps_have_their_names)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2, 1, 3)), at[3], sum = gt_fill(tape, GT_SHAPE(2, 1), 0);
    gt_unstack(x, at, 3);
    for (int t = 1; t < 3; t++) {
        gt_tape_set_step(tape, t);
        sum = gt_add(sum, gt_mul(at[t], at[t - 1]));
    }
    gt_tape_set_step(tape, -1);
    gt_error error = {0};
    gt_graph *graph = gt_graph_new(&(gt_graph_output){sum, "sum"}, 1, NULL, &error);
    cr_assert_not_null(graph, "%s", error.message);
    size_t size;
    char *text = rendered(graph, "json", &size);
    cr_expect_not_null(strstr(text, "\"x⟨2⟩ ⊙ x⟨1⟩\""), "%s", text);
    cr_expect_not_null(strstr(text, "x⟨3⟩ ⊙ x⟨2⟩"), "%s", text);
    gt_graph_bytes_free(text);
    gt_graph_free(graph);
    gt_tape_free(tape);
}

Test(graph_formats, labels_are_formulas)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2, 3)), y = gt_input(tape, "y", GT_SHAPE(3, 2));
    gt_var turned = gt_transpose(gt_mul(x, x)), sum = gt_add(y, gt_sub(y, gt_neg(turned)));
    gt_error error = {0};
    gt_graph *graph = gt_graph_new(&(gt_graph_output){gt_div(gt_abs(y), gt_sqrt(sum)), "z"}, 1,
                                   &(gt_graph_options){.everything = true}, &error);
    cr_assert_not_null(graph, "%s", error.message);
    size_t size;
    char *text = rendered(graph, "json", &size);
    cr_expect_not_null(strstr(text, "\"x²ᵀ\""), "%s", text);
    cr_expect_not_null(strstr(text, "\"|y| ÷ √("), "%s", text);
    cr_expect_not_null(strstr(text, "\"y − −x²ᵀ\""), "%s", text);
    gt_graph_bytes_free(text);
    gt_graph_free(graph);
    gt_tape_free(tape);
}

static bool is_null_or_below(const json_t *value, uint32_t count)
{
    return json_is_null(value) ||
           (json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) < (json_int_t)count);
}

static void check_node(const json_t *object, const gt_graph *graph, uint32_t i)
{
    const gt_graph_node *node = gt_graph_node_at(graph, i);
    static const char *const texts[] = {"kind", "op", "label", "detail", "name", "scope", "dtype"};
    static const char *const flags[] = {"backward", "output", "plumbing"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        cr_expect(json_is_string(json_object_get(object, texts[k])), "%s", texts[k]);
    for (size_t k = 0; k < sizeof flags / sizeof *flags; k++)
        cr_expect(json_is_boolean(json_object_get(object, flags[k])), "%s", flags[k]);
    cr_expect_eq(json_object_size(object), 24);
    cr_expect_eq(json_integer_value(json_object_get(object, "id")), (json_int_t)i);
    cr_expect_str_eq(json_string_value(json_object_get(object, "name")), node->name);
    cr_expect_eq(json_boolean_value(json_object_get(object, "backward")), node->backward);
    cr_expect(is_null_or_below(json_object_get(object, "cluster"), gt_graph_cluster_count(graph)));
    cr_expect(is_null_or_below(json_object_get(object, "origin"), gt_graph_node_count(graph)));
    cr_expect(is_null_or_below(json_object_get(object, "step"), INT32_MAX));
    const json_t *shape = json_object_get(object, "shape");
    cr_assert_eq(json_array_size(shape), (size_t)node->shape.rank);
    for (int32_t k = 0; k < node->shape.rank; k++)
        cr_expect_eq(json_integer_value(json_array_get(shape, (size_t)k)), node->shape.size[k]);
    const json_t *value = json_object_get(object, "value");
    cr_expect(node->has_value ? json_real_value(value) == node->value : json_is_null(value));
}

static void check_json(gt_graph *graph)
{
    size_t size;
    json_error_t error;
    char *text = rendered(graph, "json", &size);
    json_t *document = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(document, "%s", error.text);
    cr_expect_str_eq(json_string_value(json_object_get(document, "format")), "gradtape graph");
    cr_expect_eq(json_integer_value(json_object_get(document, "version")), 2);
    cr_expect(json_is_object(json_object_get(document, "dimensions")));
    const json_t *nodes = json_object_get(document, "nodes");
    const json_t *edges = json_object_get(document, "edges");
    cr_assert_eq(json_array_size(nodes), gt_graph_node_count(graph));
    cr_assert_eq(json_array_size(edges), gt_graph_edge_count(graph));
    cr_assert_eq(json_array_size(json_object_get(document, "clusters")), gt_graph_cluster_count(graph));
    for (uint32_t i = 0; i < gt_graph_node_count(graph); i++)
        check_node(json_array_get(nodes, i), graph, i);
    for (uint32_t i = 0; i < gt_graph_edge_count(graph); i++) {
        const json_t *edge = json_array_get(edges, i);
        cr_expect_eq(json_integer_value(json_object_get(edge, "from")), gt_graph_edge_at(graph, i)->from);
        cr_expect_eq(json_integer_value(json_object_get(edge, "to")), gt_graph_edge_at(graph, i)->to);
        cr_expect_eq(json_object_size(edge), 5);
        cr_expect_eq(json_integer_value(json_object_get(edge, "id")), (json_int_t)i);
    }
    json_decref(document);
    gt_graph_bytes_free(text);
    gt_graph_free(graph);
}

Test(graph_formats, json)
{
    check_json(graph_of_cell("lstm", 3, true, true));
    check_json(graph_of_cell("gru", 3, false, true));
    check_json(graph_of_hostile_names());
    check_deterministic("json");
}

/* Each node that is drawn has its id, its place and its values; edges theirs. */
Test(graph_formats, json_and_svg_agree)
{
    graph_cell c;
    gt_error error = {0};
    record_graph_cell(&c, "rnn", 2, true);
    gt_interpreter *run = gt_interpreter_new(c.tape);
    double *data[32];
    gt_var results[2] = {c.states[0], c.results[0]};
    for (uint32_t i = 0; i < c.given_count; i++) {
        int64_t count = gt_shape_count(gt_var_shape(c.given[i]));
        data[i] = calloc((size_t)count, sizeof(double));
        for (int64_t k = 0; k < count; k++)
            data[i][k] = 0.1 * (double)(k % 7 + i) - 0.3;
        cr_assert_eq(gt_interpreter_bind(run, c.given[i], data[i]), GT_OK);
    }
    cr_assert_eq(gt_interpreter_evaluate(run, results, 2), GT_OK);
    gt_graph *graph = gt_graph_new(c.outputs, c.output_count, &(gt_graph_options){.values = run}, &error);
    cr_assert_not_null(graph, "%s", error.message);
    size_t size, at;
    char *svg = rendered(graph, "svg", &size), *json = rendered(graph, "json", &size), id[32];
    json_t *document = json_loadb(json, size, 0, NULL), *node, *edge;
    uint32_t placed = 0;
    json_array_foreach(json_object_get(document, "nodes"), at, node)
    {
        bool there = json_is_real(json_object_get(node, "x"));
        snprintf(id, sizeof id, "id=\"n%zu\"", at);
        cr_expect(strstr(svg, id) != NULL, "no %s", id);
        cr_expect_eq(there, strcmp(json_string_value(json_object_get(node, "kind")), "parameter") != 0);
        cr_expect(json_is_array(json_object_get(node, "values")));
        placed += there;
    }
    cr_expect_gt(placed, 10);
    json_array_foreach(json_object_get(document, "edges"), at, edge)
    {
        snprintf(id, sizeof id, "id=\"e%zu\"", at);
        cr_expect(strstr(svg, id) != NULL, "no %s", id);
    }
    const gt_graph_node *a = gt_graph_node_at(graph, node_named(graph, "a⟨2⟩"));
    const double *whole = gt_interpreter_value(run, c.states[0]);
    cr_assert_eq(gt_shape_count(a->shape), 50);
    for (int i = 0; i < 50; i++)
        cr_expect_eq(a->values[i], whole[50 + i]);
    json_decref(document);
    gt_graph_bytes_free(svg);
    gt_graph_bytes_free(json);
    gt_graph_free(graph);
    gt_interpreter_free(run);
    for (uint32_t i = 0; i < c.given_count; i++)
        free(data[i]);
    gt_tape_free(c.tape);
}

#endif

/* ---- files --------------------------------------------------------------------------------- */

Test(graph_formats, files_are_replaced_whole)
{
    gt_graph *graph = graph_of_cell("rnn", 2, true, false);
    gt_error error = {0};
    size_t size;
    char *text = rendered(graph, "dot", &size);
    write_file(path_of("old.dot"), "old", 3);
    cr_assert_eq(gt_graph_write(graph, path_of("old.dot"), NULL, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_graph_write(graph, path_of("plain"), "dot", &error), GT_OK, "%s", error.message);
    static const char *const names[] = {"old.dot", "plain"};
    for (int i = 0; i < 2; i++) {
        file_bytes file = read_file(path_of(names[i]));
        cr_expect(file.size == size && memcmp(file.bytes, text, size) == 0);
        free(file.bytes);
    }
    cr_expect_eq(folder_count(), 2);
    gt_graph_bytes_free(text);
    gt_graph_free(graph);
}

static void expect_write_error(const gt_graph *graph, const char *path, const char *format, gt_status status,
                               const char *words)
{
    gt_error error = {0};
    cr_expect_eq(gt_graph_write(graph, path, format, &error), status);
    cr_expect_eq(error.status, status);
    cr_expect_not_null(strstr(error.message, words), "%s", error.message);
}

Test(graph_formats, refusals)
{
    gt_graph *graph = graph_of_cell("rnn", 1, true, false);
    const char *known = ".svg, .png, .pdf, .dot and .json";
    expect_write_error(graph, path_of("graph.gif"), NULL, GT_ERROR_ARGUMENT, known);
    expect_write_error(graph, path_of("graph"), NULL, GT_ERROR_ARGUMENT, known);
    expect_write_error(graph, path_of(".svg"), NULL, GT_ERROR_ARGUMENT, known);
    expect_write_error(graph, path_of("graph.dot"), "gif", GT_ERROR_ARGUMENT, known);
    expect_write_error(graph, NULL, NULL, GT_ERROR_ARGUMENT, known);
    expect_write_error(graph, path_of("no/such/graph.dot"), NULL, GT_ERROR_FILE, "no/such/graph.dot");
    char *bytes;
    size_t size;
    gt_error error = {0};
    cr_expect_eq(gt_graph_render(NULL, "dot", &bytes, &size, &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_graph_render(graph, NULL, &bytes, &size, &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(folder_count(), 0);
    gt_graph_free(graph);
}

/* Of many steps, some are drawn; a graph that is too large for a picture can be written as JSON. */
Test(graph_formats, large_graphs)
{
    gt_graph *graph = graph_of_cell("rnn", 400, true, false);
    size_t size;
    char *text = rendered(graph, "svg", &size);
    cr_expect_not_null(strstr(text, ">395 steps<"));
    cr_expect(strstr(text, ">t = 3<") != NULL && strstr(text, ">t = 4<") == NULL && strstr(text, ">t = 399<") != NULL);
    gt_graph_bytes_free(text);
    gt_graph_free(graph);
    graph_cell c;
    record_graph_cell(&c, "rnn", 400, true);
    gt_error error = {0};
    graph = gt_graph_new(c.outputs, c.output_count, &(gt_graph_options){.all_steps = true}, &error);
    cr_assert_not_null(graph, "%s", error.message);
    gt_tape_free(c.tape);
    cr_assert_gt(gt_graph_node_count(graph), GT_GRAPH_LARGEST_PICTURE);
    expect_write_error(graph, path_of("graph.svg"), NULL, GT_ERROR_SIZE, "fewer steps");
    expect_write_error(graph, path_of("graph.dot"), NULL, GT_ERROR_SIZE, "fewer steps");
    cr_expect_eq(folder_count(), 0);
    gt_graph_free(graph);
}
