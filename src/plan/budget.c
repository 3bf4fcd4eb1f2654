/*
 * A plan within a memory budget: into how long segments its loops are cut.
 *
 * Needs: outputs as gt_plan_new takes them. Leaves: a plan whose workspace takes no more than the budget, or
 * an error that says the least that was found.
 *
 * The cost of a cut is known beforehand: each step of a forward loop is computed once more for each time that
 * loops are cut, and each segment has its own packing of operands and its own part of each gradient. So as few
 * cuts as the budget allows, and as long segments. Memory is A + B (segments) + C (steps of a segment) + D (steps
 * left over), where B and C follow from one plan with some segments; a second one tells whether that was right.
 * No plan depends on T but through these numbers.
 */
#include "plan/plan.h"

#include "base/error.h"
#include "ops/descriptors.h"

#include <math.h>

/* What is planned, and what has been found of it. */
typedef struct search {
    const gt_var *outputs;
    uint32_t output_count;
    const gt_plan_options *options;
    int64_t steps;        /* of the longest loop */
    double fixed;         /* A, bytes */
    double segment_bytes; /* B */
    double step_bytes;    /* C and D */
    size_t least;         /* bytes of any plan so far */
    gt_segments least_by;
    gt_error *error;
} search;

size_t gt_plan_total_bytes(const gt_plan *plan)
{
    gt_plan_memory memory = gt_plan_memory_of(plan);
    return memory.values + memory.products + memory.tiles;
}

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
    return gt_plan_total_bytes(plan) <= s->options->memory;
}

/* ---- what a plan says ---------------------------------------------------------------------- */

static int64_t longest_loop(const gt_tape *tape)
{
    int64_t longest = 0;
    for (uint32_t i = 1; i <= tape->node_count; i++) {
        const gt_node *node = gt_tape_node(tape, i);
        if (node->op->op_class == GT_CLASS_SCAN && gt_node_scan(tape, node)->steps > longest)
            longest = gt_node_scan(tape, node)->steps;
    }
    return longest;
}

/* Bytes of the states that loops over so many segments keep for each. */
static double states_of(const gt_tape *tape, int64_t segments)
{
    double bytes = 0;
    for (uint32_t i = 1; i <= tape->node_count; i++) {
        const gt_node *node = gt_tape_node(tape, i);
        if (node->op != &gt_op_scan_stack)
            continue;
        const gt_scan *scan = gt_node_scan(tape, gt_tape_node(tape, gt_node_inputs(tape, node)[0]));
        bool state = gt_scan_find_carry(scan, (uint32_t)gt_node_attributes(tape, node)[0]) != NULL;
        if (scan->steps == segments && state)
            bytes += (double)gt_shape_count(gt_node_shape(tape, node)) * (double)gt_dtype_size((gt_dtype)node->dtype);
    }
    return bytes / (double)segments;
}

static int64_t count_of(int64_t steps, int64_t segment)
{
    return (steps - 1) / segment;
}

/* The model, of a plan whose loops are cut once. */
static void learn(search *s, const gt_plan *plan, int64_t segment)
{
    int64_t count = count_of(s->steps, segment), rest = s->steps - count * segment;
    s->segment_bytes = states_of(plan->program.tape, count);
    s->step_bytes = (double)plan->code.region_bytes / (double)segment;
    double explained = s->segment_bytes * (double)count + s->step_bytes * (double)(segment + rest);
    double bytes = (double)gt_plan_total_bytes(plan);
    s->fixed = bytes > explained ? bytes - explained : 0;
}

/* ---- lengths of segments ------------------------------------------------------------------- */

/* So long that what it leaves over is small, and a quarter shorter than `most` at the shortest. */
static int64_t with_small_rest(int64_t steps, int64_t most)
{
    enum { MOST_TRIALS = 256 };
    int64_t best = most, least = INT64_MAX;
    for (int64_t k = 0; k < MOST_TRIALS && k <= most / 4; k++) {
        int64_t segment = most - k, rest = steps - count_of(steps, segment) * segment;
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

static double bytes_by_model(const search *s, const gt_segments *segments)
{
    double bytes = s->fixed;
    int64_t steps = s->steps;
    for (uint32_t k = 0; k < segments->count; k++) {
        int64_t count = count_of(steps, segments->steps[k]), rest = steps - count * segments->steps[k];
        bytes += s->segment_bytes * (double)count + s->step_bytes * (double)rest;
        steps = segments->steps[k];
    }
    return bytes + s->step_bytes * (double)steps;
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

static gt_status too_little(const search *s)
{
    const gt_segments *by = &s->least_by;
    double budget = (double)s->options->memory / 1e6, least = (double)s->least / 1e6;
    if (by->count == 0)
        return gt_error_set(s->error, GT_ERROR_MEMORY,
                            "a plan in %.6g MB of memory is not possible: the least is %.6g MB, and there is no loop to cut",
                            budget, least);
    return gt_error_set(s->error, GT_ERROR_MEMORY,
                        "a plan in %.6g MB of memory is not possible: the least that was found is %.6g MB, with loops in "
                        "segments of %lld steps",
                        budget, least, (long long)by->steps[by->count - 1]);
}

/* Cut so many times; the plan, if it keeps the budget. NULL with no error on s->error: it does not. */
static gt_plan *cut_times(search *s, uint32_t cuts)
{
    enum { MOST_PLANS = 3 };
    double aim = (double)s->options->memory;
    for (int trial = 0; trial < MOST_PLANS; trial++) {
        gt_segments segments;
        bool possible = choose(s, cuts, aim, &segments);
        if (!possible && cuts < GT_MOST_CUTS)
            return NULL;
        gt_plan *plan = try_plan(s, &segments);
        if (plan == NULL || keeps_budget(s, plan))
            return plan;
        double over = (double)gt_plan_total_bytes(plan) - (double)s->options->memory;
        gt_plan_free(plan);
        if (!possible)
            return NULL;
        aim -= 1.05 * over;
    }
    return NULL;
}

/* The first plan with segments, from which the model is: about as long as there are many. */
static gt_plan *learn_from_some(search *s)
{
    gt_segments segments = {.count = 1, .steps = {at_least_one(sqrt((double)s->steps / 8), s->steps - 1)}};
    segments.steps[0] = with_small_rest(s->steps, segments.steps[0]);
    gt_plan *plan = try_plan(s, &segments);
    if (plan != NULL)
        learn(s, plan, segments.steps[0]);
    return plan;
}

gt_status gt_budget_find(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                         gt_segments *segments, gt_plan **plan, gt_error *error)
{
    gt_error problem = {0};
    search s = {outputs, output_count, options, .error = &problem};
    gt_plan *found = try_plan(&s, segments);
    if (found != NULL && !keeps_budget(&s, found)) {
        s.steps = longest_loop(found->program.tape);
        gt_plan_free(found);
        found = s.steps < 2 ? NULL : learn_from_some(&s);
        gt_plan_free(found);
        found = NULL;
        for (uint32_t cuts = 1; cuts <= GT_MOST_CUTS && found == NULL && s.steps >= 2 && problem.status == GT_OK; cuts++)
            found = cut_times(&s, cuts);
        if (found == NULL && problem.status == GT_OK)
            too_little(&s);
    }
    if (found == NULL)
        return gt_error_set(error, problem.status, "%s", problem.message);
    *segments = found->program.segments;
    *plan = found;
    return GT_OK;
}
