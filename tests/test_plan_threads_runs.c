/* Runs of planned programs on several threads: errors, pools that are shared, and runs that end early. */
#include "planned_threads.h"

#include <pthread.h>

/* ---- errors -------------------------------------------------------------------------------- */

/* Embeddings looked up step by step: the table changes with the state, so that the loop must do it. */
typedef struct lookup {
    gt_tape *tape;
    gt_var table, index, a0, out;
    gt_plan *plan;
    double numbers[6 * 5], initial[6 * 9];
    int32_t indices[9 * 4];
} lookup;

/* With a loop that is cut into segments, or one that is not (NULL). */
static void lookup_begin(lookup *l, const gt_segments *segments)
{
    *l = (lookup){.tape = gt_tape_new(NULL)};
    l->table = gt_parameter(l->tape, "table", GT_SHAPE(6, 5));
    l->index = gt_input_i32(l->tape, "index", GT_SHAPE(9, 4));
    l->a0 = gt_state(l->tape, "a0", GT_SHAPE(6, 9));
    gt_scan *scan = gt_scan_begin(l->tape, 4, GT_FORWARD);
    gt_var i = gt_scan_input(scan, "i", l->index), a = gt_scan_carry(scan, "a", l->a0);
    gt_var next = gt_mul(gt_tanh(a), gt_gather(l->table, i));
    gt_scan_next(scan, a, next);
    gt_scan_end(scan);
    l->out = gt_scan_stack(scan, next);
    gt_error error = {0};
    l->plan = gt_plan_new_cut(&l->out, 1, NULL, segments, NULL, &error);
    cr_assert_not_null(l->plan, "%s", error.message);
    for (size_t k = 0; k < sizeof l->numbers / sizeof *l->numbers; k++)
        l->numbers[k] = 0.3 * (double)(k % 7);
    for (size_t k = 0; k < sizeof l->initial / sizeof *l->initial; k++)
        l->initial[k] = 0.2 * (double)(k % 5);
    for (size_t k = 0; k < sizeof l->indices / sizeof *l->indices; k++)
        l->indices[k] = (int32_t)(k % 5);
}

static gt_status lookup_run(const lookup *l, gt_workspace *work)
{
    cr_assert_not_null(work);
    gt_workspace_bind(work, l->table, l->numbers);
    gt_workspace_bind(work, l->index, l->indices);
    gt_workspace_bind(work, l->a0, l->initial);
    return gt_workspace_run(work);
}

static void check_errors(const gt_segments *segments, uint32_t loops)
{
    lookup l;
    lookup_begin(&l, segments);
    gt_threads *threads = pool(3);
    cr_assert_eq(loops_of(l.plan, 9), loops);
    gt_workspace *one = gt_workspace_new(l.plan), *several = gt_workspace_new_dividing(l.plan, threads, 0);
    for (int round = 0; round < 2; round++) {
        l.indices[2 * 9 + 7] = 5 + round;
        l.indices[3 * 9 + 1] = -1; /* later, on another thread */
        cr_assert_eq(lookup_run(&l, one), GT_ERROR_VALUE);
        cr_assert_eq(lookup_run(&l, several), GT_ERROR_VALUE);
        cr_assert_str_eq(gt_workspace_message(several), gt_workspace_message(one));
        cr_assert_null(gt_workspace_value(several, 0));
        l.indices[2 * 9 + 7] = l.indices[3 * 9 + 1] = 4;
        cr_assert_eq(lookup_run(&l, one), GT_OK);
        cr_assert_eq(lookup_run(&l, several), GT_OK);
        cr_assert_str_empty(gt_workspace_message(several));
        cr_assert_eq(memcmp(gt_workspace_value(one, 0), gt_workspace_value(several, 0), 6 * 9 * 4 * sizeof(double)), 0);
    }
    gt_workspace_free(one);
    gt_workspace_free(several);
    gt_plan_free(l.plan);
    gt_tape_free(l.tape);
    gt_threads_free(threads);
}

Test(plan_threads_runs, report_an_error_once_and_as_one_thread_does)
{
    check_errors(NULL, 1);
    check_errors(&(gt_segments){1, {1, 0}, false}, 2); /* the steps left over are one of them */
}

/* ---- pools --------------------------------------------------------------------------------- */

typedef struct user {
    const planned *p;
    gt_workspace *work;
} user;

static void *run_often(void *context)
{
    user *u = context;
    for (int i = 0; i < 20; i++)
        run(u->p, u->work);
    return NULL;
}

/* Several threads of the user, each with a workspace, on one pool. */
Test(plan_threads_runs, may_be_shared)
{
    enum { USERS = 3 };
    gt_threads *threads = pool(3);
    planned *p = begin(gt_cell_find("gru"), (recurrent_sizes){4, 9, 2, 7, 5}, (recurrent_form){.dtype = GT_F32}, true);
    user users[USERS];
    pthread_t handles[USERS];
    gt_workspace *one = gt_workspace_new(p->plan);
    run(p, one);
    for (int i = 0; i < USERS; i++) {
        users[i] = (user){p, gt_workspace_new_dividing(p->plan, threads, 0)};
        cr_assert_eq(pthread_create(&handles[i], NULL, run_often, &users[i]), 0);
    }
    for (int i = 0; i < USERS; i++) {
        pthread_join(handles[i], NULL);
        expect_close(p, one, users[i].work, "shared");
        gt_workspace_free(users[i].work);
    }
    gt_workspace_free(one);
    end(p);
    gt_threads_free(threads);
}

Test(plan_threads_runs, come_in_pools)
{
    gt_error error = {0};
    cr_assert_geq(gt_threads_available(), 1);
    cr_assert_eq(gt_threads_count(NULL), 1);
    gt_threads *all = gt_threads_new(0, &error);
    cr_assert_not_null(all, "%s", error.message);
    cr_assert_eq(gt_threads_count(all), gt_threads_available());
    gt_threads_free(all);
    gt_threads_free(pool(1));
    gt_threads_free(pool(20));
    cr_assert_null(gt_threads_new(GT_MOST_THREADS + 1, &error));
    cr_assert_eq(error.status, GT_ERROR_ARGUMENT);
    gt_threads_free(NULL);
    cr_assert_null(gt_workspace_new_on(NULL, NULL));
    cr_assert_eq(gt_workspace_threads(NULL), 1);
}

/* ---- ending a run early ---------------------------------------------------------------------- */

/* Says yes when it is asked for the last time. */
static bool stop_after(void *context)
{
    int *left = context;
    return --*left < 0;
}

static void check_stops(gt_threads *threads, const gt_segments *segments)
{
    planned *p = begin_cut(gt_cell_find("lstm"), (recurrent_sizes){4, 9, 2, 7, 12}, (recurrent_form){.dtype = GT_F64},
                           true, segments);
    gt_workspace *whole = gt_workspace_new_dividing(p->plan, threads, 0),
                 *work = gt_workspace_new_dividing(p->plan, threads, 0);
    run(p, whole);
    run(p, work); /* binds everything */
    int asked = 1 << 20, all;
    gt_workspace_on_interrupt(work, stop_after, &asked);
    cr_assert_eq(gt_workspace_run(work), GT_OK);
    all = (1 << 20) - asked;
    cr_assert_gt(all, 12, "asked %d times in 12 steps forward and backward", all);
    for (int left = 0; left < all; left++) {
        asked = left;
        cr_assert_eq(gt_workspace_run(work), GT_ERROR_INTERRUPTED, "after %d questions", left);
        cr_expect_eq(asked, -1, "asked again after a yes");
        cr_expect_str_eq(gt_workspace_message(work), "interrupted");
        cr_expect_null(gt_workspace_value(work, 0));
    }
    asked = all;
    cr_assert_eq(gt_workspace_run(work), GT_OK);
    expect_same(p, whole, work, "after interruptions");
    gt_workspace_on_interrupt(work, NULL, NULL);
    cr_assert_eq(gt_workspace_run(work), GT_OK);
    cr_expect_eq(asked, 0, "asked when nobody was to be");
    gt_workspace_free(whole);
    gt_workspace_free(work);
    end(p);
}

Test(plan_threads_runs, end_when_they_are_asked_to)
{
    gt_threads *threads = pool(3);
    check_stops(NULL, NULL);
    check_stops(threads, NULL);
    check_stops(NULL, &(gt_segments){1, {3, 0}, false});
    check_stops(threads, &(gt_segments){1, {3, 0}, false});
    check_stops(threads, &(gt_segments){2, {5, 2}, false});
    gt_threads_free(threads);
    gt_workspace_on_interrupt(NULL, stop_after, NULL);
}
