/* What people get wrong in the loop over the steps. */
#include "base/utf8.h"
#include "diagnose/joint.h"

#include <string.h>

/* Lengths, steps and examples beyond these are not tried one by one. */
enum { MOST_LENGTHS = 24, MOST_EXAMPLES = 16 };

typedef struct hunt {
    gt_joint *joint;
    const gt_slip *slip;
    uint32_t states, outputs;
    int64_t steps, examples;
} hunt;

static bool try(const hunt *h, gt_loop loop, bool parameters_only)
{
    const gt_hypothesis hypothesis = {
        .loop = loop, .slip = *h->slip, .in_loop = true, .parameters_only = parameters_only};
    return gt_joint_try(h->joint, &hypothesis);
}

/* ---- what is carried ----------------------------------------------------------------------- */

static uint64_t all(uint32_t count)
{
    return count >= 64 ? UINT64_MAX : ((uint64_t)1 << count) - 1;
}

/* For all states together, and for each. */
static void try_flow(const hunt *h, gt_flow_change flow, double factor)
{
    gt_loop loop = {.flow = flow, .factor = factor, .states = all(h->states)};
    if (!try(h, loop, false) || h->states == 1)
        return;
    for (uint32_t i = 0; i < h->states; i++) {
        loop.states = (uint64_t)1 << i;
        if (!try(h, loop, false))
            return;
    }
}

static bool states_are_alike(const hunt *h)
{
    const gt_step_replay *s = &h->joint->sequence;
    for (uint32_t i = 1; i < h->states; i++)
        if (!gt_shape_equal(gt_var_shape(s->states[i]), gt_var_shape(s->states[0])))
            return false;
    return h->states > 1;
}

static void try_flows(const hunt *h)
{
    static const double bounds[] = {1, 5, 10, 0.5, 0.1, 2, 0.01, 15, 20, 50, 100};
    static const double factors[] = {2, -1, 0.5};
    try_flow(h, GT_FLOW_SCALED, 0);
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
        try_flow(h, GT_FLOW_SCALED, factors[i]);
    if (h->examples > 2)
        try_flow(h, GT_FLOW_SCALED, 1.0 / (double)h->examples);
    try_flow(h, GT_FLOW_ACCUMULATED, 0);
    try_flow(h, GT_FLOW_PASSED, 0);
    if (states_are_alike(h))
        try(h, (gt_loop){.flow = GT_FLOW_EXCHANGED, .states = all(h->states)}, false);
    try_flow(h, GT_FLOW_FIRST_ROW, 0);
    if (h->examples > 1)
        try_flow(h, GT_FLOW_FIRST_COLUMN, 0);
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        try_flow(h, GT_FLOW_CLIPPED, bounds[i]);
}

/* ---- how far and where it runs ------------------------------------------------------------- */

static void try_lengths(const hunt *h)
{
    int64_t most = h->steps < MOST_LENGTHS ? h->steps : MOST_LENGTHS;
    for (int64_t k = 2; k < most; k++) {
        try(h, (gt_loop){.cut = k}, false);
        if (h->steps % k != 0)
            try(h, (gt_loop){.cut = k, .from_first = true}, false);
        try(h, (gt_loop){.window = k}, false);
    }
    for (int64_t k = 1; k < h->steps; k++) {
        if (k >= most && k + 1 < h->steps)
            continue; /* the last or the first step alone is tried at any length */
        for (int only = 0; only < 2; only++) {
            try(h, (gt_loop){.skip_first = k}, only == 1);
            try(h, (gt_loop){.skip_last = k}, only == 1);
        }
    }
    try(h, (gt_loop){.forward = true}, false);
}

static void try_examples(const hunt *h)
{
    for (int64_t e = 1; e <= h->examples && e <= MOST_EXAMPLES && h->examples > 1; e++) {
        try(h, (gt_loop){.example = e}, true);
        try(h, (gt_loop){.example = e}, false);
    }
}

/* ---- which numbers it reads ---------------------------------------------------------------- */

static void try_values(const hunt *h)
{
    for (int which = GT_AT_LATER; which <= GT_AT_LAST; which++)
        try(h, (gt_loop){.values = (gt_which)which}, false);
}

static void try_upstream_of(const hunt *h, uint64_t states, uint64_t outputs)
{
    for (int which = GT_AT_LATER; which <= GT_AT_NEVER; which++)
        try(h, (gt_loop){.upstream = (gt_which)which, .states = states, .outputs = outputs}, false);
}

static void try_upstream(const hunt *h)
{
    uint32_t outputs = gt_step_replay_with_outputs(&h->joint->sequence) ? h->outputs : 0;
    try_upstream_of(h, all(h->states), all(outputs));
    for (uint32_t i = 0; i < h->states && h->states + outputs > 1; i++)
        try_upstream_of(h, (uint64_t)1 << i, 0);
    for (uint32_t i = 0; i < outputs; i++)
        try_upstream_of(h, 0, (uint64_t)1 << i);
}

void gt_loop_hypotheses(gt_joint *joint, const gt_slip *slip)
{
    const gt_evidence *e = joint->evidence;
    const hunt h = {joint, slip, e->cell->state_count, e->cell->output_count, e->steps, e->examples};
    if (h.steps > 1) {
        try_flows(&h);
        try_lengths(&h);
        try_values(&h);
    }
    try_upstream(&h);
    try_examples(&h);
}

/* ---- words --------------------------------------------------------------------------------- */

/* "a and c" */
static void list(char *text, size_t size, const gt_cell_array *rows, uint32_t count, uint64_t set, const char *prefix)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < count && i < 64; i++)
        left += (set >> i & 1) != 0;
    for (uint32_t i = 0; i < count && i < 64; i++) {
        if ((set >> i & 1) == 0)
            continue;
        size_t used = strlen(text);
        left--;
        gt_utf8_format(text + used, size - used, "%s%s%s", prefix, rows[i].name,
                       left > 1    ? ", "
                       : left == 1 ? " and "
                                   : "");
    }
}

static gt_mistake_kind describe_flow(const gt_step_replay *s, const gt_loop *l, char *text, size_t size)
{
    char names[GT_NAME_SIZE] = "", what[2 * GT_NAME_SIZE];
    const gt_cell *cell = s->evidence->cell;
    list(names, sizeof names, cell->states, cell->state_count, l->states, "");
    gt_utf8_format(what, sizeof what, "what flows back through %s from the step after", names);
    switch (l->flow) {
    case GT_FLOW_SCALED:
        if (l->factor == 0) {
            bool whole = l->states == all(cell->state_count);
            gt_utf8_format(text, size, "%s%s is not added", whole ? "nothing is carried from step to step: " : "",
                           what);
            return GT_MISTAKE_MISSING_STATE;
        }
        if (l->factor == -1) {
            gt_utf8_format(text, size, "%s is subtracted, not added", what);
            return GT_MISTAKE_SIGN;
        }
        gt_utf8_format(text, size, "%s %s is added", gt_times(l->factor).text, what);
        return GT_MISTAKE_FACTOR;
    case GT_FLOW_ACCUMULATED:
        gt_utf8_format(text, size, "%s is added up over the steps (+=); each step should replace it (=)", what);
        return GT_MISTAKE_CARRIED;
    case GT_FLOW_PASSED:
        gt_utf8_format(text, size, "%s is what reached the new value there, not the gradient of the old one", what);
        return GT_MISTAKE_CARRIED;
    case GT_FLOW_EXCHANGED:
        gt_utf8_format(text, size, "what flows back through %s is exchanged", names);
        return GT_MISTAKE_CARRIED;
    case GT_FLOW_FIRST_ROW:
        gt_utf8_format(text, size, "of %s only the first row is used, for all rows: an index [0] too many", what);
        return GT_MISTAKE_EXAMPLES;
    case GT_FLOW_FIRST_COLUMN:
        gt_utf8_format(text, size, "of %s only the first example is used, for all examples", what);
        return GT_MISTAKE_EXAMPLES;
    default:
        gt_utf8_format(text, size, "%s is clipped at -%g and %g", what, l->factor, l->factor);
        return GT_MISTAKE_CLIPPED;
    }
}

static const char *words_of(gt_which which)
{
    switch (which) {
    case GT_AT_LATER:
        return "those of the step after";
    case GT_AT_EARLIER:
        return "those of the step before";
    case GT_AT_EARLIER_ROUND:
        return "those of the step before, at the first step those of the last (index -1)";
    case GT_AT_MIRRORED:
        return "in reverse order: at the first step those of the last";
    case GT_AT_FIRST:
        return "those of the first step, at every step";
    default:
        return "those of the last step, at every step";
    }
}

static gt_mistake_kind kind_of(gt_which which)
{
    return which == GT_AT_MIRRORED                            ? GT_MISTAKE_TIME_REVERSED
           : which == GT_AT_FIRST || which == GT_AT_LAST      ? GT_MISTAKE_ONE_STEP
           : which == GT_AT_LAST_ONLY || which == GT_AT_NEVER ? GT_MISTAKE_UPSTREAM
                                                              : GT_MISTAKE_OFF_BY_ONE_STEP;
}

static gt_mistake_kind describe_upstream(const gt_step_replay *s, const gt_loop *l, char *text, size_t size)
{
    char names[GT_NAME_SIZE] = "";
    const gt_cell *cell = s->evidence->cell;
    list(names, sizeof names, cell->states, cell->state_count, l->states, "d");
    if (names[0] != '\0' && l->outputs != 0)
        gt_utf8_format(names + strlen(names), sizeof names - strlen(names), " and ");
    list(names, sizeof names, cell->outputs, cell->output_count, l->outputs, "d");
    if (l->upstream == GT_AT_NEVER)
        gt_utf8_format(text, size, "the upstream gradient %s is not added", names);
    else if (l->upstream == GT_AT_LAST_ONLY)
        gt_utf8_format(text, size, "the upstream gradient %s is added at the last step only", names);
    else
        gt_utf8_format(text, size, "the upstream gradients %s that are added are %s", names, words_of(l->upstream));
    return kind_of(l->upstream);
}

static gt_mistake_kind describe_length(const gt_step_replay *s, const gt_loop *l, char *text, size_t size)
{
    long long steps = s->evidence->steps, skipped = l->skip_first + l->skip_last;
    if (l->cut > 0) {
        gt_utf8_format(text, size, "truncated: nothing flows back from one piece of %lld steps to the one before it%s",
                       (long long)l->cut,
                       steps % l->cut == 0 ? ""
                       : l->from_first     ? " (pieces counted from the first step)"
                                           : " (pieces counted from the last step)");
        return GT_MISTAKE_TRUNCATED;
    }
    if (l->window > 0) {
        gt_utf8_format(text, size, "truncated: what comes from outside at a step flows back through %lld steps only",
                       (long long)l->window);
        return GT_MISTAKE_TRUNCATED;
    }
    const char *which = l->skip_first > 0 ? "last" : "first";
    if (steps - skipped == 1)
        gt_utf8_format(text, size, "only the %s step is run", which);
    else if (skipped == 1)
        gt_utf8_format(text, size, "the %s step is not run", l->skip_first > 0 ? "first" : "last");
    else
        gt_utf8_format(text, size, "only the %s %lld steps are run", which, steps - skipped);
    return GT_MISTAKE_STEPS;
}

gt_mistake_kind gt_loop_describe(const gt_step_replay *s, const gt_hypothesis *h, char *text, size_t size)
{
    const gt_loop *l = &h->loop;
    if (l->flow != GT_FLOW_SAME)
        return describe_flow(s, l, text, size);
    if (l->upstream != GT_AT_SAME)
        return describe_upstream(s, l, text, size);
    if (l->values != GT_AT_SAME) {
        gt_utf8_format(text, size, "the values of the forward pass that a step reads are %s", words_of(l->values));
        return kind_of(l->values);
    }
    if (l->forward) {
        gt_utf8_format(text, size,
                       "the loop runs from the first step to the last; it should run from the last to "
                       "the first");
        return GT_MISTAKE_TIME_REVERSED;
    }
    const char *where = h->parameters_only ? " in the gradients of the parameters" : "";
    if (l->example > 0) {
        gt_utf8_format(text, size, "only example %lld of %lld counts%s", (long long)l->example - 1,
                       (long long)s->evidence->examples, where);
        return GT_MISTAKE_EXAMPLES;
    }
    gt_mistake_kind kind = describe_length(s, l, text, size);
    size_t used = strlen(text);
    gt_utf8_format(text + used, size - used, "%s", where);
    return kind;
}
