/* gradtape bench, end to end. Never how fast: that is for bench/. */
#include "program.h"

#ifdef GT_HAVE_JANSSON
#include <jansson.h>
#endif
#include <math.h>
#include <stdlib.h>

/*
 * Under AddressSanitizer leaks are not sought here: the threads of the libraries that the bound is measured
 * with are still there at the end, and LeakSanitizer does not always survive looking at their stacks. What
 * the command does of its own, other tests do as well.
 */
static void set_up(void)
{
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    make_folder();
}

TestSuite(command_bench, .init = set_up, .fini = remove_folder, .timeout = 120);

#define SMALL "--dims", "n_x=3,n_a=5", "--batch", "4", "--steps", "6", "--repeat", "3"

#ifdef GT_HAVE_JANSSON
static json_t *parse(program_run run)
{
    cr_assert_eq(run.status, 0, "%s", run.errors);
    cr_expect_str_eq(run.errors, "");
    json_t *json = json_loads(run.output, 0, NULL);
    cr_assert_not_null(json, "%s", run.output);
    free_run(run);
    return json;
}

static double number(const json_t *json, const char *key)
{
    json_t *value = json_object_get(json, key);
    cr_assert(json_is_number(value), "no number '%s'", key);
    return json_number_value(value);
}

/* Labels that do not fit are cut between characters; of slstm's, one is cut inside of "…". */
Test(command_bench, labels_are_whole_characters)
{
    static const char *const cells[] = {"slstm", "layernorm_lstm", "sru", "gru"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        json_t *json = parse(RUN("bench", cells[i], "--batch", "4", "--steps", "4", "--repeat", "2", "--json"));
        cr_expect(json_array_size(json_object_get(json, "products")) > 0);
        json_decref(json);
    }
}

/* No part of the cell is dead code: what the hidden state does not read, the loss reads. */
Test(command_bench, every_state_and_output_is_read)
{
    static const char cell[] = "cell dead\n  input x[n_x]\n  state a[n_a], b[n_b]\n"
                               "  param W[n_a, n_a+n_x], V[n_b, n_a], U[n_b, n_b], D[n_o, n_a]\n"
                               "  a' = tanh(W @ concat(a, x))\n  b' = tanh(U @ b + V @ a')\n  output y = D @ a'\n";
    char path[512];
    snprintf(path, sizeof path, "%s", path_of("dead.cell"));
    write_file(path, cell, sizeof cell - 1);
    json_t *json = parse(RUN("bench", path, "--dims", "n_x=3,n_a=5,n_b=6,n_o=2", "--batch", "4", "--steps", "6",
                             "--repeat", "2", "--json"));
    cr_expect_str_eq(json_string_value(json_object_get(json, "reads")), "b, y");
    /* Three products for each weight: 5 x 8, 6 x 5, 6 x 6 and 2 x 5, over 24 examples and steps. */
    cr_expect_eq(number(json, "product_flops"), 3 * 2.0 * 24 * (5 * 8 + 6 * 5 + 6 * 6 + 2 * 5));
    json_decref(json);
    json = parse(RUN("bench", "lstm", SMALL, "--json"));
    cr_expect_str_eq(json_string_value(json_object_get(json, "reads")), "a");
    json_decref(json);
}

Test(command_bench, says_what_it_measured)
{
    json_t *json = parse(RUN("bench", "lstm", SMALL, "--json"));
    cr_expect_eq(number(json, "repeat"), 3);
    cr_expect_eq(number(json, "threads"), 1);
    cr_expect_eq(number(json_object_get(json, "dims"), "n_x"), 3);
    cr_expect_eq(number(json_object_get(json, "dims"), "n_a"), 5);
    double median = number(json, "median_us"), least = number(json, "min_us"), bound = number(json, "gemm_bound_us");
    cr_expect(least > 0 && least <= median && median <= number(json, "max_us"));
    cr_expect(bound > 0 && number(json, "gemm_bound_min_us") <= bound);
    cr_expect(fabs(number(json, "ratio") - median / bound) <= 1e-9 * median / bound);
    cr_expect(number(json, "spread") >= 0);
    cr_expect(number(json, "plan_us") > 0 && number(json, "record_us") > 0);
    /* 4 gates, 5 rows, 8 columns, 24 examples and steps: three products of this size. */
    cr_expect_eq(number(json, "bound_flops"), 3 * 2.0 * 4 * 5 * 8 * 24);
    cr_expect_eq(number(json, "product_flops"), 3 * 2.0 * 4 * 5 * 8 * 24);
    cr_expect(number(json, "flops") > number(json, "product_flops"));
    /* x, a0, c0, da, four weights and four biases. */
    cr_expect_eq(number(json, "input_bytes"), 4 * (3 * 24 + 2 * 5 * 4 + 5 * 24 + 4 * 5 * 8 + 4 * 5));
    cr_expect_eq(number(json, "peak_bytes"), number(json, "workspace_bytes") + number(json, "input_bytes"));
    cr_expect_eq(json_array_size(json_object_get(json, "products")), 6);
    json_decref(json);
}

Test(command_bench, forward_is_less_and_unrolled_is_the_same)
{
    json_t *whole = parse(RUN("bench", "gru", SMALL, "--json", "--dtype", "f64"));
    json_t *forward = parse(RUN("bench", "gru", SMALL, "--json", "--forward"));
    json_t *unrolled = parse(RUN("bench", "gru", SMALL, "--json", "--unrolled"));
    cr_expect_eq(number(whole, "product_flops"), 3 * number(forward, "product_flops"));
    cr_expect_eq(number(whole, "bound_flops"), number(unrolled, "bound_flops"));
    cr_expect_str_eq(json_string_value(json_object_get(whole, "dtype")), "f64");
    json_decref(whole);
    json_decref(forward);
    json_decref(unrolled);
}

Test(command_bench, on_two_threads)
{
    json_t *json =
        parse(RUN("bench", "rnn", "--batch", "8", "--steps", "4", "--repeat", "1", "--threads", "2", "--json"));
    cr_expect_eq(number(json, "threads"), 2);
    cr_expect(number(json, "median_us") > 0 && number(json, "gemm_bound_us") > 0);
    json_decref(json);
}
#else
Test(command_bench, says_that_jansson_is_missing)
{
    expect_failure(RUN("bench", "rnn", SMALL, "--json"), 2, "jansson");
}
#endif

Test(command_bench, prints)
{
    program_run run = RUN("bench", "rnn", SMALL);
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.output, "one training step of 4 examples over 6 steps, n_x = 3, n_a = 5, f32"), "%s",
                       run.output);
    cr_expect_not_null(strstr(run.output, "GEMM bound"));
    cr_expect_not_null(strstr(run.output, "Waa @ a"));
    cr_expect_str_eq(run.errors, "");
    free_run(run);
}

Test(command_bench, refuses)
{
    expect_failure(RUN("bench", "lstmm"), 2, "did you mean 'lstm'?");
    expect_failure(RUN("bench", "lstm", "--dims", "n_b=3"), 2, "lstm has no dimension 'n_b'; did you mean");
    expect_failure(RUN("bench", "lstm", "--dims", "hidden=3"), 2, "has no dimension 'hidden'; it has n_x, n_a");
    expect_failure(RUN("bench", "lstm", "--dims", "n_a"), 2, "sizes such as n_a=128, not 'n_a'");
    expect_failure(RUN("bench", "lstm", "--dims", "n_a=0"), 2, "n_a is a whole number from 1");
    expect_failure(RUN("bench", "lstm", "--dims", "n_a=5x"), 2, "not '5x'");
    expect_failure(RUN("bench", "lstm", "--dims", "n_a=5,n_a=6"), 2, "gives n_a twice");
    expect_failure(RUN("bench", "lstm", "--batch", "0"), 2, "--batch expects");
    expect_failure(RUN("bench", "lstm", "--dtype", "f16"), 2, "--dtype expects");
}
