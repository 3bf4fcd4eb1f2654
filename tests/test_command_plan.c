/* gradtape plan, end to end. */
#include "program.h"

#ifdef GT_HAVE_JANSSON
#include <jansson.h>
#endif

TestSuite(command_plan, .init = make_folder, .fini = remove_folder, .timeout = 120);

#define SMALL "--dims", "n_x=3,n_a=5", "--batch", "4", "--steps", "6"

Test(command_plan, prints_the_program)
{
    program_run run = RUN("plan", "lstm", SMALL);
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_str_eq(run.errors, "");
    const char *const parts[] = {"lstm, one training step of 4 examples over 6 steps, n_x = 3, n_a = 5, f32\n",
                                 "% in matrix products",
                                 "\npasses\n",
                                 "\nfission",
                                 "\nprogram\n",
                                 "6 steps; carries",
                                 "6 steps, backward; carries",
                                 "every step: ",
                                 "f = sigmoid(",
                                 "d(f.in) = mul(",
                                 "stored for every step",
                                 "stores f, i, g, o, ",
                                 "dWf"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect_not_null(strstr(run.output, parts[i]), "no '%s' in: %s", parts[i], run.output);
    free_run(run);
}

Test(command_plan, leaves_passes_out)
{
    program_run run = RUN("plan", "gru", SMALL, "--skip", "fission", "accumulate");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_null(strstr(run.output, "\nfission"));
    cr_expect_null(strstr(run.output, "\naccumulate"));
    cr_expect_not_null(strstr(run.output, "\nsplit-products"));
    free_run(run);
    run = RUN("plan", "rnn", SMALL, "--forward", "--exact");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_null(strstr(run.output, "\nfission"));
    cr_expect_null(strstr(run.output, "backward"));
    free_run(run);
}

Test(command_plan, keeps_a_memory_budget_and_says_how)
{
    program_run run =
        RUN("plan", "lstm", "--dims", "n_x=3,n_a=5", "--batch", "4", "--steps", "1000", "--memory", "60k");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    const char *own = strstr(run.output, " of memory, of which ");
    cr_assert_not_null(own, "%s", run.output);
    double number = 0;
    char unit = 0;
    cr_expect_eq(sscanf(own, " of memory, of which %lf %cB", &number, &unit), 2);
    cr_expect(number <= 60 && unit == 'k', "%s", own);
    cr_expect_not_null(strstr(run.output, "\nsegment         1000 steps: "), "%s", run.output);
    free_run(run);
    run = RUN("plan", "lstm", "--dims", "n_x=3,n_a=5", "--batch", "4", "--steps", "1000", "--memory", "1k");
    cr_expect_eq(run.status, 2);
    cr_expect_not_null(strstr(run.errors, "the least that was found is "), "%s", run.errors);
    free_run(run);
    expect_failure(RUN("plan", "lstm", SMALL, "--memory", "1K"), 2, "a plan in 0.001 MB of memory is not possible");
    run = RUN("plan", "lstm", SMALL, "--memory", "64Q");
    cr_expect_eq(run.status, 2);
    cr_expect_not_null(strstr(run.errors, "--memory expects a number of bytes, such as 512k, 64M or 1.5G, not '64Q'"),
                       "%s", run.errors);
    free_run(run);
}

#ifdef GT_HAVE_JANSSON
Test(command_plan, json)
{
    program_run run = RUN("plan", "rnn", SMALL, "--json", "--dtype", "f64");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    json_t *json = json_loads(run.output, 0, NULL);
    cr_assert_not_null(json, "%s", run.output);
    /* Forward, adjoint and weight gradient: 5 rows, 8 columns, 24 examples and steps. */
    cr_expect_eq(json_number_value(json_object_get(json, "product_flops")), 3 * 2.0 * 5 * 8 * 24);
    cr_expect_gt(json_integer_value(json_object_get(json, "peak_bytes")),
                 json_integer_value(json_object_get(json, "workspace_bytes")));
    cr_expect_gt(json_array_size(json_object_get(json, "passes")), 3);
    cr_expect_str_eq(json_string_value(json_object_get(json, "reads")), "a");
    cr_expect(json_is_false(json_object_get(json, "forward")));
    cr_expect(json_is_false(json_object_get(json, "unrolled")));
    size_t i, products = 0, loops = 0;
    json_t *line;
    json_array_foreach(json_object_get(json, "program"), i, line)
    {
        const char *kind = json_string_value(json_object_get(line, "kind"));
        cr_assert_not_null(kind);
        products += strcmp(kind, "product") == 0;
        loops += strcmp(kind, "loop") == 0;
    }
    cr_expect_geq(products, 6);
    cr_expect_eq(loops, 2);
    json_decref(json);
    free_run(run);
}

/* A state that nothing else reads is read, so that it is planned. */
Test(command_plan, json_of_a_cell_with_two_ends)
{
    FILE *file = fopen(path_of("two.cell"), "w");
    fputs("cell two\n  input x[n]\n  state a[n], b[n]\n  param W[n, n]\n  a' = tanh(W @ x + a)\n  b' = b + x\n", file);
    fclose(file);
    program_run run =
        RUN("plan", path_of("two.cell"), "--batch", "2", "--steps", "3", "--json", "--forward", "--unrolled");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    json_t *json = json_loads(run.output, 0, NULL);
    cr_expect_str_eq(json_string_value(json_object_get(json, "reads")), "a, b");
    cr_expect(json_is_true(json_object_get(json, "forward")));
    cr_expect(json_is_true(json_object_get(json, "unrolled")));
    json_decref(json);
    free_run(run);
}
#else
Test(command_plan, says_that_jansson_is_missing)
{
    expect_failure(RUN("plan", "rnn", SMALL, "--json"), 2, "jansson");
}
#endif

Test(command_plan, prints_the_tape_after_a_pass)
{
    program_run run = RUN("plan", "rnn", SMALL, "--after", "simplify");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    const char *second = strstr(run.output + 1, "\nafter simplify: ");
    cr_assert_eq(strncmp(run.output, "after simplify: ", 16), 0);
    cr_assert_not_null(second);
    cr_assert_not_null(strstr(second + 1, "\nafter simplify: "));
    cr_expect_not_null(strstr(run.output, "6 steps backward"));
    cr_expect_not_null(strstr(run.output, "a' = tanh("));
    free_run(run);
    run = RUN("plan", "rnn", SMALL, "--after", "reuse-memory");
    cr_expect_str_eq(run.output, "reuse-memory changes no tape, or is left out\n");
    free_run(run);
}

Test(command_plan, uses_no_more_of_the_processor_than_is_asked_for)
{
    setenv("GRADTAPE_PROCESSOR", "avx2", 1);
    program_run run = RUN("plan", "lstm", SMALL);
    cr_expect_eq(run.status, 0, "%s", run.errors);
    free_run(run);
    setenv("GRADTAPE_PROCESSOR", "baseline", 1);
    run = RUN("plan", "lstm", SMALL);
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_null(strstr(run.output, "compiled"), "%s", run.output);
    free_run(run);
    setenv("GRADTAPE_PROCESSOR", "avx1", 1);
    expect_failure(RUN("plan", "lstm", SMALL), 2, "GRADTAPE_PROCESSOR is \"avx1\"; it can be avx512, avx2 or baseline");
}

Test(command_plan, says_into_what_blocks_products_are_cut)
{
    setenv("GRADTAPE_CACHE", "512K", 1);
    program_run run = RUN("plan", "lstm", "--dims", "n_x=64,n_a=64", "--batch", "10", "--steps", "50");
    cr_expect_not_null(strstr(run.output, "(64, 64) @ (64, 500), in blocks of 168 columns"), "%s", run.output);
    free_run(run);
    setenv("GRADTAPE_CACHE", "1M", 1);
    run = RUN("plan", "lstm", "--dims", "n_x=64,n_a=64", "--batch", "10", "--steps", "50");
    cr_expect_null(strstr(run.output, "in blocks"), "%s", run.output);
    free_run(run);
    static const char *const wrong[] = {"512KB", "-1", "1G", "0", "2000M", "large"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setenv("GRADTAPE_CACHE", wrong[i], 1);
        expect_failure(RUN("plan", "lstm", SMALL), 2, "it is a size up to 1024M, such as 512K or 1M");
    }
}

Test(command_plan, refuses)
{
    expect_failure(RUN("plan", "lstn"), 2, "did you mean 'lstm'?");
    expect_failure(RUN("plan", "lstm", "--skip", "fissoin"), 2, "there is no pass 'fissoin'; did you mean 'fission'?");
    expect_failure(RUN("plan", "lstm", "--after", "fissoin"), 2, "--after: there is no pass 'fissoin'");
    expect_failure(RUN("plan", "lstm", "--after", "fission", "--json"), 2, "leave out --json");
    expect_failure(RUN("plan", "lstm", "--dims", "n_c=3"), 2, "has no dimension 'n_c'");
    expect_failure(RUN("plan", "lstm", "--steps", "x"), 2, "--steps expects");
}
