/*
 * A plan within a memory budget: into how long segments its loops are cut.
 *
 * Needs: outputs as gt_plan_new takes them. Leaves: a plan whose workspace takes no more than the budget, or
 * an error that says the least that was found.
 *
 * The cost of a cut is known beforehand: each step of a forward loop is computed once more for each time that
 * loops are cut, and each segment has its own packing of operands and its own part of each gradient. So as few
 * cuts as the budget allows, and as long segments. Memory is A + B (segments) + C (steps of a segment) + C (steps
 * left over); the plan without segments tells A, B and C well enough that the first try mostly keeps the budget. What
 * a try takes too much, the next is aimed lower. No plan depends on T but through these numbers.
 */
#include "plan/plan.h"

#include "base/error.h"
#include "exec/cost.h"

#include <math.h>

/* What is planned, and what has been found of it. */
typedef struct search {
    const gt_var *outputs;
    uint32_t output_count;
    const gt_plan_options *options;
    int64_t steps;        /* of the longest loop */
    double fixed;         /* A, bytes */
    double segment_bytes; /* B */
    double step_bytes;    /* C */
    size_t least;         /* bytes of any plan so far */
    gt_segments least_by;
    gt_error *error;
} search;

static gt_plan *try_plan(search *s, const gt_segments *segments)
{
    gt_plan *plan = gt_plan_new_cut(s->outputs, s->output_count, s->options, segments, NULL, s->error);
    size_t bytes = plan == NULL ? 0 : gt_plan_total_bytes(plan);
    if (plan != NULL && (s->least == 0 || bytes < s->least)) {
        s->least = bytes;
        s->least_by = *segments;
    }
    return plan;
}

static bool keeps_budget(const search *s, const gt_plan *plan)
{
    return !plan->code.too_large && gt_plan_total_bytes(plan) <= s->options->memory;
}

/* ---- what a plan says ---------------------------------------------------------------------- */

/* Bytes of the states of loops that go one way, over as many steps as the longest. */
static double states_of(const gt_tape *tape, int64_t steps)
{
    double bytes = 0;
    const gt_scan *first = NULL;
    for (size_t i = 0; i < tape->scan_count; i++) {
        const gt_scan *scan = tape->scans[i];
        first = first == NULL && scan->steps == steps ? scan : first;
        for (size_t k = 0; k < scan->carry_count && first != NULL; k++) {
            gt_shape shape = gt_var_shape(gt_tape_at(scan->body, scan->carries[k].before));
            if (scan->steps == steps && scan->direction == first->direction)
                bytes += (double)gt_shape_count(shape) * (double)gt_dtype_size(scan->body->dtype);
        }
    }
    return bytes;
}

/* Bytes of the outputs that do not grow with the steps, such as the gradients of weights. */
static double sums_of(const gt_program *program, int64_t steps)
{
    double bytes = 0;
    for (uint32_t i = 0; i < program->output_count; i++) {
        gt_shape shape = gt_var_shape(program->outputs[i]);
        bool grows = shape.rank > 0 && shape.size[shape.rank - 1] == steps;
        bytes += grows ? 0 : (double)gt_shape_count(shape) * (double)gt_dtype_size(gt_var_dtype(program->outputs[i]));
    }
    return bytes;
}

/*
 * The model, of the plan whose loops are not cut. A sum goes from segment to segment in two places and is made in
 * others; weights are packed for each loop. The stacks of a segment share less memory with each other than those
 * of all steps.
 */
static void learn(search *s, const gt_plan *plan)
{
    const double copies_of_sums = 8, less_sharing = 1.35;
    s->segment_bytes = states_of(plan->program.tape, s->steps);
    s->step_bytes = less_sharing * (double)plan->code.arena_bytes / (double)s->steps;
    s->fixed = copies_of_sums * sums_of(&plan->program, s->steps);
}

/* ---- lengths of segments ------------------------------------------------------------------- */

/* So long that what it leaves over is small, and a quarter shorter than `most` at the shortest. */
static int64_t with_small_rest(int64_t steps, int64_t most)
{
    enum { MOST_TRIALS = 256 };
    int64_t best = most, least = INT64_MAX;
    for (int64_t k = 0; k < MOST_TRIALS && k <= most / 4; k++) {
        int64_t segment = most - k, rest = steps - gt_segments_of(steps, segment) * segment;
        if (rest < least) {
            least = rest;
            best = segment;
        }
    }
    return best;
}

static int64_t at_least_one(double number, int64_t most)
{
    return number < 1 ? 1 : number > (double)most ? most : (int64_t)number;
}

/* Segments of segments of `inner` steps: the outer ones are such that there are as many of either. */
static gt_segments cut_of(const search *s, uint32_t cuts, double inner)
{
    gt_segments segments = {.count = cuts};
    int64_t last = at_least_one(inner, s->steps - 1);
    if (cuts == 1) {
        segments.steps[0] = with_small_rest(s->steps, last);
        return segments;
    }
    int64_t outer = at_least_one(sqrt((double)s->steps * (double)last), s->steps - 1);
    segments.steps[0] = with_small_rest(s->steps, outer);
    segments.steps[1] = with_small_rest(segments.steps[0], last < segments.steps[0] ? last : segments.steps[0]);
    return segments;
}

/* The segments, and the steps that stacks are for, at once. */
static void count_all(const search *s, const gt_segments *segments, double *count, double *stacked)
{
    int64_t steps = s->steps;
    *count = *stacked = 0;
    for (uint32_t k = 0; k < segments->count; k++) {
        int64_t number = gt_segments_of(steps, segments->steps[k]);
        *count += (double)number;
        *stacked += (double)(steps - number * segments->steps[k]);
        steps = segments->steps[k];
    }
    *stacked += (double)steps;
}

static double bytes_by_model(const search *s, const gt_segments *segments)
{
    double count, stacked;
    count_all(s, segments, &count, &stacked);
    return s->fixed + s->segment_bytes * count + s->step_bytes * stacked;
}

/* A plan that took more than the model said: its steps must take more. */
static void learn_more(search *s, const gt_segments *segments, double bytes)
{
    double count, stacked;
    count_all(s, segments, &count, &stacked);
    double each = (bytes - s->fixed - s->segment_bytes * count) / stacked;
    s->step_bytes = fmax(s->step_bytes, each);
}

/* The longest segments that keep within `bytes` by the model, or those that take the least. False: none keep. */
static bool choose(const search *s, uint32_t cuts, double bytes, gt_segments *chosen)
{
    double least = INFINITY;
    for (double inner = (double)s->steps / 2; inner >= 1; inner /= 1.1) {
        gt_segments segments = cut_of(s, cuts, inner);
        double needed = bytes_by_model(s, &segments);
        if (needed < least) {
            least = needed;
            *chosen = segments;
        }
        if (needed <= bytes)
            return true;
    }
    return false;
}

/* ---- the search ---------------------------------------------------------------------------- */

/* All bytes of the plan that took the least, which may have been given up before it had any instructions. */
static double least_bytes(const search *s)
{
    gt_plan_options options = *s->options;
    options.memory = 0;
    gt_plan *plan = gt_plan_new_cut(s->outputs, s->output_count, &options, &s->least_by, NULL, s->error);
    double bytes = plan == NULL ? 0 : (double)gt_plan_total_bytes(plan);
    gt_plan_free(plan);
    return bytes;
}

static void too_little(const search *s)
{
    const gt_segments *by = &s->least_by;
    double budget = (double)s->options->memory / 1e6, least = least_bytes(s) / 1e6;
    if (s->error->status != GT_OK)
        return;
    if (by->count == 0)
        gt_error_set(s->error, GT_ERROR_MEMORY,
                     "a plan in %.6g MB of memory is not possible: it takes %.6g MB, and there is no loop to cut",
                     budget, least);
    else
        gt_error_set(s->error, GT_ERROR_MEMORY,
                     "a plan in %.6g MB of memory is not possible: the least that was found is %.6g MB, with loops in "
                     "segments of %lld steps",
                     budget, least, (long long)by->steps[by->count - 1]);
}

/* The plan, if it keeps the budget; otherwise NULL, and *over is what it takes too much. */
static gt_plan *try_budget(search *s, const gt_segments *segments, double *over)
{
    gt_plan *plan = try_plan(s, segments);
    if (plan == NULL || keeps_budget(s, plan))
        return plan;
    *over = (double)gt_plan_total_bytes(plan) - (double)s->options->memory;
    gt_plan_free(plan);
    return NULL;
}

/* Cut so many times; NULL with no error on s->error: no such plan keeps the budget. */
static gt_plan *cut_times(search *s, uint32_t cuts)
{
    enum { MOST_PLANS = 6 };
    const double budget = (double)s->options->memory;
    double aim = budget, over = 0;
    gt_segments segments;
    gt_plan *plan = NULL;
    for (int trial = 0; trial < MOST_PLANS && plan == NULL && s->error->status == GT_OK; trial++) {
        if (!choose(s, cuts, aim, &segments))
            break;
        plan = try_budget(s, &segments, &over);
        learn_more(s, &segments, budget + over);
        aim -= 0.02 * budget;
    }
    if (plan != NULL || cuts < GT_MOST_CUTS || s->error->status != GT_OK)
        return plan;
    choose(s, cuts, 0, &segments);
    return try_budget(s, &segments, &over);
}

/*
 * The same without the last segment being computed twice, if that keeps the budget, too, as it mostly does: what it
 * needs is needed by each other segment later, and there is one half that goes back. NULL: an error.
 */
static gt_plan *keep_last(search *s, gt_plan *plan)
{
    gt_segments segments = plan->program.segments;
    segments.keeps_last = true;
    gt_plan *keeping = try_plan(s, &segments);
    bool better = keeping != NULL && keeps_budget(s, keeping) &&
                  gt_cost_of_block(&keeping->code.block) < gt_cost_of_block(&plan->code.block);
    gt_plan_free(better || keeping == NULL ? plan : keeping);
    return better || keeping == NULL ? keeping : plan;
}

gt_plan *gt_budget_find(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options, gt_error *error)
{
    gt_error problem = {0};
    search s = {outputs, output_count, options, .error = &problem};
    gt_plan *found = try_plan(&s, &(gt_segments){0});
    if (found != NULL && !keeps_budget(&s, found)) {
        s.steps = gt_longest_loop(found->program.tape);
        learn(&s, found);
        gt_plan_free(found);
        found = NULL;
        for (uint32_t cuts = 1; cuts <= GT_MOST_CUTS && found == NULL && s.steps >= 2 && problem.status == GT_OK;
             cuts++)
            found = cut_times(&s, cuts);
        if (found == NULL && problem.status == GT_OK)
            too_little(&s);
        if (found != NULL)
            found = keep_last(&s, found);
    }
    if (found == NULL)
        gt_error_set(error, problem.status, "%s", problem.message);
    return found;
}
