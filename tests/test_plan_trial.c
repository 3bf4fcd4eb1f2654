/* Whether threads pay is tried, and what was faster is kept for a while. */
#include "plan/trial.h"

#include <criterion/criterion.h>

/* So many runs, of which those on all threads take one time and those alone another; how many were alone. */
static int run(gt_trial *trial, int runs, double together, double alone)
{
    int count = 0;
    for (int i = 0; i < runs; i++) {
        bool one = gt_trial_is_alone(trial);
        gt_trial_note(trial, one, one ? alone : together);
        count += one;
    }
    return count;
}

enum { EACH = 5, PERIOD = 512 };

Test(plan_trial, tries_both)
{
    gt_trial trial = {0};
    cr_expect_eq(run(&trial, EACH, 1, 1), 0);
    cr_expect_eq(run(&trial, EACH, 1, 1), EACH);
}

Test(plan_trial, keeps_what_is_faster)
{
    gt_trial slow = {0}, fast = {0}, alike = {0};
    cr_expect_eq(run(&slow, PERIOD, 2, 1), PERIOD - EACH);
    cr_expect_eq(run(&fast, PERIOD, 1, 2), EACH);
    cr_expect_eq(run(&alike, PERIOD, 1, 1), EACH, "threads that cost nothing are kept");
}

/* Of what is disturbed the least time counts. */
Test(plan_trial, takes_the_least_time)
{
    gt_trial trial = {0};
    static const double seconds[2 * EACH] = {50, 60, 3, 70, 90, 40, 4, 4, 4, 4};
    for (int i = 0; i < 2 * EACH; i++)
        gt_trial_note(&trial, gt_trial_is_alone(&trial), seconds[i]);
    cr_expect(!gt_trial_is_alone(&trial));
}

/* The machine becomes another one: the other way is found to be faster. */
Test(plan_trial, tries_again)
{
    gt_trial trial = {0};
    cr_expect_eq(run(&trial, PERIOD, 2, 1), PERIOD - EACH);
    cr_expect_eq(run(&trial, PERIOD, 1, 2), EACH);
    cr_expect_eq(run(&trial, PERIOD, 2, 1), PERIOD - EACH);
}
