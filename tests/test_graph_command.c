/* gradtape graph, end to end. */
#include "program.h"

TestSuite(graph_command, .init = make_folder, .fini = remove_folder, .timeout = 120);

static void expect_file(const char *path, const char *start, const char *words)
{
    char *text = read_text(path);
    cr_expect_eq(strncmp(text, start, strlen(start)), 0, "%s starts with %.20s", path, text);
    cr_expect_not_null(strstr(text, words), "no %s in %s", words, path);
    free(text);
}

Test(graph_command, writes_what_the_extension_says)
{
    program_run run = RUN("graph", "lstm", "--backward", "-o", path_of("lstm.dot"));
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.output, "lstm.dot: "));
    free_run(run);
    expect_file(path_of("lstm.dot"), "digraph", "@ zᵀ");
#ifdef GT_HAVE_JANSSON
    run = RUN("graph", "rnn", "--steps", "2", "--output", path_of("rnn.json"));
    cr_expect_eq(run.status, 0, "%s", run.errors);
    free_run(run);
    expect_file(path_of("rnn.json"), "{", "\"plumbing\": false");
    char *json = read_text(path_of("rnn.json"));
    cr_expect_null(strstr(json, "\"plumbing\": true"));
    free(json);
    run = RUN("graph", "rnn", "--steps", "2", "--values", "-o", path_of("rnn.json"));
    cr_expect_eq(run.status, 0, "%s", run.errors);
    free_run(run);
    expect_file(path_of("rnn.json"), "{", "\"values\": [");
    run = RUN("graph", "rnn", "--steps", "2", "--every-node", "-o", path_of("rnn.json"));
    cr_expect_eq(run.status, 0, "%s", run.errors);
    free_run(run);
    expect_file(path_of("rnn.json"), "{", "\"plumbing\": true");
#endif
    run = RUN("graph", "gru", "--steps", "2", "--backward", "-o", path_of("gru.svg"));
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_str_eq(run.errors, "");
    free_run(run);
    expect_file(path_of("gru.svg"), "<?xml", "t = 2");
}

Test(graph_command, writes_to_the_standard_output)
{
    program_run run = RUN("graph", "rnn", "-o", "-", "--format", "dot");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_eq(strncmp(run.output, "digraph", 7), 0);
    cr_expect_str_eq(run.output + strlen(run.output) - 2, "}\n");
    free_run(run);
    run = RUN("graph", "rnn", "-o", "-");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_eq(strncmp(run.output, "<?xml", 5), 0);
    free_run(run);
}

/* Sizes in the words of the cell's tables; which slice it is; no constant as a state. */
Test(graph_command, sizes_and_slices)
{
    program_run run = RUN("graph", "layernorm_lstm", "-o", "-");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.output, ">(4 n_a, n_x)<"));
    cr_expect_not_null(strstr(run.output, ">[5:10]<"));
    cr_expect_not_null(strstr(run.output, ">axis 0<"));
    free_run(run);
    run = RUN("graph", "gru", "--steps", "3", "-o", "-");
    cr_expect_not_null(strstr(run.output, ">(n_a+n_x, m)<"));
    cr_expect_null(strstr(run.output, "(n_x+n_a, m)"));
    free_run(run);
    run = RUN("graph", "mlstm", "-o", "-"); /* of what is not among the sizes of the tables: products of names */
    cr_expect_not_null(strstr(run.output, ">(n_k, n_v, n_h m)<"));
    cr_expect_not_null(strstr(run.output, ">(1, n_h n_v m)<"));
    free_run(run);
}

/* The documents show what the command draws. On other processors a last digit may differ. */
#ifdef __x86_64__
Test(graph_command, the_pictures_of_the_documents)
{
    static const char *const pictures[3][5] = {{"lstm-body.svg", NULL},
                                               {"lstm-3-steps.svg", "--steps", "3", NULL},
                                               {"lstm-body-backward.svg", "--backward", NULL}};
    for (int i = 0; i < 3; i++) {
        char shown[512];
        snprintf(shown, sizeof shown, GT_DOCUMENTS "/pictures/%s", pictures[i][0]);
        program_run run = pictures[i][1] == NULL ? RUN("graph", "lstm", "-o", path_of("new.svg"))
                          : pictures[i][2] == NULL
                              ? RUN("graph", "lstm", pictures[i][1], "-o", path_of("new.svg"))
                              : RUN("graph", "lstm", pictures[i][1], pictures[i][2], "-o", path_of("new.svg"));
        cr_assert_eq(run.status, 0, "%s", run.errors);
        free_run(run);
        char *drawn = read_text(path_of("new.svg")), *old = read_text(shown);
        cr_expect(strcmp(drawn, old) == 0, "%s is not what `gradtape graph` draws: draw it anew, and look at it",
                  shown);
        free(drawn);
        free(old);
    }
}
#endif

#ifndef GT_PICTURES
Test(graph_command, says_that_the_build_draws_no_pictures)
{
    expect_failure(RUN("graph", "rnn", "-o", path_of("rnn.png")), 2, "-Dgraphviz=disabled");
    cr_expect_eq(access(path_of("rnn.png"), F_OK), -1);
}
#endif
#ifndef GT_HAVE_JANSSON
Test(graph_command, says_that_jansson_is_missing)
{
    expect_failure(RUN("graph", "rnn", "-o", path_of("rnn.json")), 2, "jansson");
}
#endif

Test(graph_command, refuses)
{
    expect_failure(RUN("graph", "rnn"), 2, "--output");
    expect_failure(RUN("graph", "rnn", "--values", "-o", path_of("a.json")), 2, "--values needs --steps");
    expect_failure(RUN("graph", "rnnn", "-o", path_of("a.dot")), 2, "rnn");
    expect_failure(RUN("graph", "rnn", "-o", path_of("a.gif")), 2, ".svg, .png, .pdf, .dot and .json");
    expect_failure(RUN("graph", "rnn", "-o", path_of("no/a.dot")), 2, "no/a.dot");
    expect_failure(RUN("graph", "rnn", "--steps", "0", "-o", path_of("a.dot")), 2, "steps");
    expect_failure(RUN("graph", "lstm", "--steps", "1000", "--all-steps", "-o", path_of("a.svg")), 2, "fewer steps");
}
