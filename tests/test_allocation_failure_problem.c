/* Every allocation made to fail in turn: a cell with numbers in all ways, and networks.
 */
#include "gradtape.h"
#include "problem/differences.h"
#include "support/allocation.h"

#include <criterion/criterion.h>

TestSuite(allocation_failure_problem, .timeout = 300);

/* ---- a cell with numbers ----------------------------------------------------------------------- */

enum { X = 1, A = 2, M = 1, T = 2 };

static gt_archive *arrays(void)
{
    const struct {
        const char *name;
        gt_shape shape;
    } rows[] = {{"x", GT_SHAPE(X, M, T)}, {"Waa", GT_SHAPE(A, A)},   {"Wax", GT_SHAPE(A, X)},
                {"ba", GT_SHAPE(A, 1)},   {"da", GT_SHAPE(A, M, T)}, {"a0", GT_SHAPE(A, M)}};
    static double data[] = {0.3, -0.2, 0.5, 0.1, -0.7, 0.4};
    gt_archive *archive = gt_archive_new();
    for (size_t i = 0; archive != NULL && i < sizeof rows / sizeof *rows; i++)
        if (gt_archive_add(archive, rows[i].name, (gt_array){data, GT_F64, rows[i].shape}, NULL) != GT_OK) {
            gt_archive_free(archive);
            return NULL;
        }
    return archive;
}

static double sum_of(gt_archive *results)
{
    double sum = 0;
    for (uint32_t i = 0; gt_archive_name(results, i) != NULL; i++) {
        gt_array array = gt_archive_find(results, gt_archive_name(results, i));
        for (int64_t k = 0; k < gt_shape_count(array.shape); k++)
            sum += ((double *)array.data)[k] * (double)(k + 1);
    }
    return sum;
}

typedef gt_status compute(gt_cell_problem *problem, gt_archive *results, gt_error *error);

static gt_status solve(compute *by, double *result)
{
    gt_error error = {0};
    gt_cell_problem problem;
    gt_archive *given = arrays(), *results = gt_archive_new();
    gt_status status = given != NULL && results != NULL ? GT_OK : GT_ERROR_MEMORY;
    if (status == GT_OK)
        status = gt_cell_problem_read(&problem, &gt_cell_rnn, given, GT_F64, &error);
    gt_archive_free(given);
    if (status == GT_OK) {
        status = by(&problem, results, &error);
        gt_cell_problem_free(&problem);
    }
    if (status == GT_OK)
        *result = sum_of(results);
    gt_archive_free(results);
    return status;
}

/* Where the gradient goes. */
static gt_status flow_of(gt_cell_problem *problem, gt_archive *results, gt_error *error)
{
    gt_flow *flow = gt_flow_new(problem, NULL, error);
    if (flow == NULL)
        return error->status;
    double sums[2] = {flow->singular[0], 0};
    for (uint32_t i = 0; i < flow->series_count; i++)
        sums[1] += flow->series[i].norm[0];
    gt_flow_free(flow);
    return gt_archive_add(results, "flow", (gt_array){sums, GT_F64, GT_SHAPE(2)}, error);
}

static gt_status rolled(gt_cell_problem *problem, gt_archive *results, gt_error *error)
{
    return gt_cell_problem_run(problem, NULL, results, error);
}

static gt_status unrolled_and_interpreted(gt_cell_problem *problem, gt_archive *results, gt_error *error)
{
    const gt_problem_way way = {.unrolled = true, .engine = GT_ENGINE_INTERPRETER};
    return gt_cell_problem_run(problem, &way, results, error);
}

static gt_status run_rolled(const void *context, double *result)
{
    (void)context;
    return solve(rolled, result);
}

static gt_status run_unrolled(const void *context, double *result)
{
    (void)context;
    return solve(unrolled_and_interpreted, result);
}

static gt_status run_flow(const void *context, double *result)
{
    (void)context;
    return solve(flow_of, result);
}

static gt_status run_differences(const void *context, double *result)
{
    (void)context;
    return solve(gt_cell_problem_differences, result);
}

Test(allocation_failure_problem, rolled_and_planned)
{
    fail_every_allocation("a problem, planned", run_rolled, NULL, NULL);
}

Test(allocation_failure_problem, unrolled_and_interpreted)
{
    fail_every_allocation("a problem, interpreted", run_unrolled, NULL, NULL);
}

Test(allocation_failure_problem, flow)
{
    fail_every_allocation("where the gradient goes", run_flow, NULL, NULL);
}

Test(allocation_failure_problem, central_differences)
{
    fail_every_allocation("central differences", run_differences, NULL, NULL);
}

/* ---- networks ---------------------------------------------------------------------------------- */

static gt_status record_network(const void *context, double *result)
{
    const gt_network network = {.cell = &gt_cell_lstm, .layer_count = 2, .vocabulary = 5, .embedding = 3, .hidden = 4};
    const bool *unrolled = context;
    gt_error error = {0};
    int64_t total = 0;
    gt_tape *tape = gt_tape_new(NULL);
    gt_parameters *set = gt_parameters_new(GT_F64), *states = gt_parameters_new(GT_F64);
    gt_var vars[64], initial[4], finals[4];
    gt_status status = tape != NULL && set != NULL && states != NULL ? GT_OK : GT_ERROR_MEMORY;
    if (status == GT_OK)
        status = gt_network_total(&network, &total, &error);
    if (status == GT_OK)
        status = gt_network_declare(&network, set, &error);
    if (status == GT_OK)
        status = gt_network_declare_states(&network, 2, states, &error);
    if (status == GT_OK)
        status = gt_network_record_states(&network, tape, 2, initial);
    if (status == GT_OK) {
        for (uint32_t i = 0; i < gt_parameters_count(set); i++)
            vars[i] = gt_parameter(tape, gt_parameters_name(set, i), gt_parameters_array(set, i).shape);
        gt_network_pass pass = {.network = &network,
                                .parameters = vars,
                                .initial = initial,
                                .tokens = gt_input_i32(tape, "tokens", GT_SHAPE(2, 3)),
                                .targets = gt_input_i32(tape, "targets", GT_SHAPE(2, 3)),
                                .unrolled = *unrolled,
                                .finals = finals};
        status = gt_network_record(&pass);
    }
    if (status == GT_OK)
        *result = (double)total + 1000.0 * gt_tape_node_count(tape);
    gt_parameters_free(states);
    gt_parameters_free(set);
    gt_tape_free(tape);
    return status;
}

Test(allocation_failure_problem, networks)
{
    for (int unrolled = 0; unrolled < 2; unrolled++)
        fail_every_allocation("a network", record_network, &(bool){unrolled}, NULL);
}
