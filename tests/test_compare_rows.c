/* The table of a comparison: which rate is chosen, in which order cells stand, what is refused, and want of memory. */
#include "compare/table.h"
#include "gradtape.h"
#include "support/allocation.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { CELLS = 2, RATES = 2, SEEDS = 2, RUNS = CELLS * RATES * SEEDS };

typedef struct comparison {
    gt_experiment experiment;
    gt_experiment_run runs[RUNS];
    gt_experiment_size sizes[CELLS];
    gt_run_result results[RUNS];
} comparison;

static gt_run_result *result_of(comparison *c, uint32_t cell, uint32_t rate, int64_t seed)
{
    return &c->results[gt_experiment_place(&c->experiment, cell, 0, rate, seed)];
}

/* Losses by cell, rate and seed; a negative one is that of a run that diverged. */
static void begin(comparison *c, const double losses[CELLS][RATES][SEEDS])
{
    static const char *const names[] = {"rnn", "gru"};
    static const char *tasks[] = {"adding:5"};
    gt_error error = {0};
    memset(c, 0, sizeof *c);
    gt_experiment *e = &c->experiment;
    e->settings = gt_settings_defaults();
    e->tasks = (gt_text_list){tasks, 1};
    e->seeds = SEEDS;
    e->cell_count = CELLS;
    e->task_count = 1;
    e->rate_count = RATES;
    e->run_count = RUNS;
    e->runs = c->runs;
    e->sizes = c->sizes;
    for (uint32_t cell = 0; cell < CELLS; cell++) {
        cr_assert(gt_cell_source_find(&e->sources[cell], names[cell], &error), "%s", error.message);
        for (uint32_t rate = 0; rate < RATES; rate++)
            for (int64_t seed = 0; seed < SEEDS; seed++) {
                double loss = losses[cell][rate][seed];
                *result_of(c, cell, rate, seed) = (gt_run_result){.present = true,
                                                                  .diverged = loss < 0,
                                                                  .tested = true,
                                                                  .training_loss = loss,
                                                                  .validation_loss = loss,
                                                                  .test_loss = loss,
                                                                  .baseline = 1};
            }
    }
    for (uint32_t i = 0; i < RUNS; i++)
        snprintf(c->runs[i].name, sizeof c->runs[i].name, "run%u", (unsigned)i);
}

static void end(comparison *c)
{
    for (uint32_t cell = 0; cell < CELLS; cell++)
        gt_cell_source_free(&c->experiment.sources[cell]);
}

static const double plain[CELLS][RATES][SEEDS] = {{{0.5, 0.7}, {0.4, 0.6}}, {{0.2, 0.3}, {0.3, 0.4}}};

Test(compare_rows, the_best_cell_with_its_best_rate_comes_first)
{
    static comparison c;
    gt_table table;
    gt_error error = {0};
    begin(&c, plain);
    cr_assert(gt_table_make(&table, &c.experiment, c.results, &error), "%s", error.message);
    const gt_table_row *rows = table.tasks[0].rows;
    cr_expect(rows[0].cell == 1 && rows[0].rate == 0 && rows[1].cell == 0 && rows[1].rate == 1);
    cr_expect_float_eq(rows[0].loss.mean, 0.25, 1e-15);
    cr_expect_float_eq(rows[1].loss.mean, 0.5, 1e-15);
    cr_expect(table.verdicts[0] == GT_RIGHT && table.verdicts[1] == GT_RIGHT);
    gt_table_free(&table);
    end(&c);
}

/* Where every rate fails now and then, the one that fails least; what never fails stands in front. */
Test(compare_rows, rates_that_diverge)
{
    static const double losses[CELLS][RATES][SEEDS] = {{{-1, -1}, {-1, 0.6}}, {{0.9, 0.9}, {-1, 0.1}}};
    static comparison c;
    gt_table table;
    gt_error error = {0};
    begin(&c, losses);
    cr_assert(gt_table_make(&table, &c.experiment, c.results, &error), "%s", error.message);
    const gt_table_row *rows = table.tasks[0].rows;
    cr_expect(rows[0].cell == 1 && rows[0].rate == 0 && rows[0].diverged == 0);
    cr_expect(rows[1].cell == 0 && rows[1].rate == 1 && rows[1].diverged == 1 && isnan(rows[1].loss.mean));
    gt_table_free(&table);
    end(&c);
}

Test(compare_rows, other_data_are_refused)
{
    static comparison c;
    gt_table table;
    gt_error error = {0};
    begin(&c, plain);
    result_of(&c, 1, 0, 1)->data_hash = 7;
    cr_assert_not(gt_table_make(&table, &c.experiment, c.results, &error));
    cr_expect_not_null(strstr(error.message, "the runs run4 and run6 have learnt from other data"), "%s",
                       error.message);
    gt_table_free(&table);
    end(&c);
}

static gt_status make(const void *context, double *result)
{
    const comparison *c = context;
    gt_table table;
    gt_error error = {0};
    bool made = gt_table_make(&table, &c->experiment, c->results, &error);
    *result = made ? table.tasks[0].rows[0].loss.mean : 0;
    gt_table_free(&table);
    return made ? GT_OK : error.status;
}

Test(compare_rows, every_failed_allocation_is_said)
{
    static comparison c;
    begin(&c, plain);
    cr_expect_gt(fail_some_allocations("table", make, &c, NULL, 3), 8);
    end(&c);
}
