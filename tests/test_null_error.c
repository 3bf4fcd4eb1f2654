/* Every public function that takes a gt_error * fails as well where nobody wants to know why. */
#include "gradtape.h"
#include "io/members.h"
#include "plan/describe/bound.h"
#include "plan/describe/description.h"

#include <criterion/criterion.h>
#include <math.h>

/* ---- what cannot be right -------------------------------------------------------------------- */

static const gt_cell_array nameless[] = {{.name = "a", .rows = "n_unknown"}};
static const gt_cell sizeless = {
    .name = "sizeless", .states = nameless, .state_count = 1, .parameters = nameless, .parameter_count = 1};

static const char wrong_text[] = "cell c\n input x[n]\n state a[n]\n a' = b\n";

/* A tape with an error on it. */
static gt_tape *failed_tape(gt_var *y)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2, 3));
    *y = gt_matmul(x, x);
    return tape;
}

static gt_status fails(void *context, const double *x, double *y, gt_error *error)
{
    (void)context, (void)x, (void)y;
    return gt_error_set(error, GT_ERROR_VALUE, "it always fails");
}

static gt_status fails_backward(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)u;
    return fails(context, x, g, error);
}

/* ---- by header ------------------------------------------------------------------------------- */

Test(null_error, archives_and_files)
{
    const char *nowhere = "/nowhere/at/all.npz";
    gt_archive *archive = gt_archive_new();
    char *bytes = NULL;
    size_t size;
    const double one = 1;
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_parameters_add(set, "w", GT_SHAPE(2), (gt_initializer){0});
    cr_expect_eq(gt_error_set(NULL, GT_ERROR_VALUE, "nothing"), GT_ERROR_VALUE);
    cr_expect_null(gt_archive_read(nowhere, NULL));
    cr_expect_null(gt_archive_open(nowhere, NULL));
    cr_expect_neq(gt_archive_load(archive, "absent", NULL), GT_OK);
    cr_expect_neq(gt_archive_load_text(archive, "absent", NULL), GT_OK);
    cr_expect_neq(gt_archive_add(archive, "", (gt_array){(void *)&one, GT_F64, GT_SHAPE(0)}, NULL), GT_OK);
    cr_expect_neq(gt_archive_add_text(archive, "no utf-8", "\xff", NULL), GT_OK);
    cr_expect_neq(gt_archive_write(archive, nowhere, true, NULL), GT_OK);
    cr_expect_neq(gt_file_replace(nowhere, "x", 1, NULL), GT_OK);
    cr_expect_neq(gt_parameters_load(set, archive, "", NULL), GT_OK);
    gt_optimizer_options options = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
    options.beta1 = 7;
    cr_expect_null(gt_optimizer_new(&options, set, NULL));
    options = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
    gt_optimizer *optimizer = gt_optimizer_new(&options, set, NULL);
    const double bad[2] = {NAN, 1};
    cr_expect_eq(gt_optimizer_step(optimizer, set, (const void *[]){bad}, NULL, NULL), GT_ERROR_NOT_FINITE);
    cr_expect_neq(gt_optimizer_load(optimizer, archive, "", NULL), GT_OK);
    (void)gt_archive_render(archive, true, &bytes, &size, NULL);
    gt_archive_bytes_free(bytes);
    gt_optimizer_free(optimizer);
    gt_parameters_free(set);
    gt_archive_free(archive);
}

Test(null_error, tapes)
{
    gt_var y;
    gt_tape *tape = failed_tape(&y);
    char *bytes = NULL;
    size_t size;
    cr_expect_null(gt_plan_new(&y, 1, NULL, NULL));
    cr_expect_null(gt_plan_describe(&y, 1, NULL, false, NULL));
    cr_expect_null(gt_bound_new(&y, 1, NULL));
    cr_expect_null(gt_graph_new(&(gt_graph_output){.var = y}, 1, NULL, NULL));
    cr_expect_null(gt_threads_new(GT_MOST_THREADS + 1, NULL));
    gt_tape_free(tape);
    tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2));
    gt_graph *graph = gt_graph_new(&(gt_graph_output){.var = x}, 1, NULL, NULL);
    cr_assert_not_null(graph);
    cr_expect_neq(gt_graph_render(graph, "no format", &bytes, &size, NULL), GT_OK);
    cr_expect_neq(gt_graph_write(graph, "/nowhere/at/all.dot", NULL, NULL), GT_OK);
    gt_graph_free(graph);
    gt_tape_free(tape);
}

Test(null_error, cells_and_networks)
{
    char *derived;
    cr_expect_neq(gt_derive(NULL, NULL, &derived, NULL, NULL), GT_OK);
    int64_t value;
    gt_shape shape;
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_network network = {.cell = &sizeless, .layer_count = 0};
    cr_expect_neq(gt_size_evaluate("n_unknown", NULL, 0, &value, NULL), GT_OK);
    cr_expect_neq(gt_cell_array_shape(&nameless[0], NULL, 0, 1, &shape, NULL), GT_OK);
    cr_expect_neq(gt_cell_declare(&sizeless, NULL, 0, true, "", set, NULL), GT_OK);
    cr_expect_neq(gt_network_check(&network, NULL), GT_OK);
    cr_expect_neq(gt_network_total(&network, &value, NULL), GT_OK);
    cr_expect_neq(gt_network_declare(&network, set, NULL), GT_OK);
    cr_expect_neq(gt_network_declare_states(&network, 1, set, NULL), GT_OK);
    gt_parsed_cell *parsed = gt_cell_parse(wrong_text, sizeof wrong_text - 1, NULL);
    gt_report words = {0};
    gt_diagnosis diagnosis;
    uint32_t count;
    cr_expect_neq(gt_parsed_cell_status(parsed, NULL), GT_OK);
    cr_expect_neq(gt_diagnose_cell(parsed, &words, &diagnosis, 1, &count, NULL), GT_OK);
    gt_report_free(&words);
    gt_parsed_cell_free(parsed);
    gt_parameters_free(set);
}

Test(null_error, checks)
{
    gt_report report = {0};
    gt_slope slope;
    gt_var y;
    double x = 1, value, bar;
    gt_tape *tape = failed_tape(&y);
    gt_numeric numeric = {.function = fails, .x = &x, .input_count = 1, .output_count = 1};
    cr_expect_neq(gt_numeric_directional(&numeric, &x, &value, &bar, NULL), GT_OK);
    cr_expect_neq(gt_numeric_slopes(&numeric, &x, &slope, NULL), GT_OK);
    cr_expect_neq(gt_numeric_jacobian(&numeric, &value, &bar, NULL), GT_OK);
    cr_expect_neq(gt_check(&y, 1, &y, (const void *[]){&x}, 1, NULL, &report, NULL), GT_OK);
    cr_expect_neq(gt_check_op(NULL, NULL, 0, NULL, 0, NULL, &report, NULL), GT_OK);
    gt_check_array array = {"x", GT_SHAPE(1)};
    gt_check_gradient mine = {
        .function = fails, .gradient = fails_backward, .arrays = &array, .array_count = 1, .x = &x, .output_count = 1};
    cr_expect_neq(gt_check_function(&mine, NULL, &report, NULL), GT_OK);
    gt_check_problem problem = {0};
    cr_expect_neq(gt_check_cell(&sizeless, &problem, NULL, &report, NULL), GT_OK);
    gt_report_free(&report);
    gt_tape_free(tape);
}
