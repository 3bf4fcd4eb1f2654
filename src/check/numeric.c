/*
 * Numeric derivatives: polynomials through values around the point, with steps that are
 * shortened and lengthened until two of different steps and points agree.
 */
#include "gradtape/check.h"

#include "base/memory.h"
#include "base/sized.h"
#include "check/fit.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The polynomial that counts, and the second one, which must agree. */
enum { NODES = 5, CONFIRMING_NODES = 3 };

/* The step of the second relative to the first's: they have no points in common. */
#define CONFIRMING_STEP 0.37

/* Steps that are tried, the first of them relative to what is moved. */
enum { MOST_STEPS = 12 };
#define FIRST_STEP 0x1p-6

/*
 * Relative to the largest entry of all, or 1: a step shorter than this may vanish beside what it
 * is added to inside of the function, so that results which stay the same tell nothing.
 */
#define VISIBLE_STEP 0x1p-36

/*
 * What is believed to be rounding errors. Single precision has less than the first; what
 * varies by more from point to point may as well be the function itself. Where there are more
 * than in double precision, steps are not lengthened: there is no telling what they pass over.
 */
#define MOST_NOISE 0x1p-18
#define DOUBLE_NOISE 0x1p-44

/* Relative to the results: an entry may cancel more than those that the noise is known from. */
#define UNNOTICED 0x1p-44

/* An error bar of more than this times what is enough tells nothing: see GT_CHECK_BLUNT. */
#define BLUNT 500

/* The slope on one side: the best one that two steps agreed on, if any, and the last. */
typedef struct side {
    bool known;
    gt_fit_side best, last;
    double jump; /* what the function changes by however short the step is; or 0 */
} side;

typedef struct result {
    gt_fit fit; /* at the step at hand */
    bool seen;  /* it was finite at some step */
    bool known; /* two polynomials agreed */
    bool best;  /* with terms that fall off to rounding: shorter steps would not be better */
    double slope, error;
    side right, left;
} result;

typedef struct work {
    const gt_numeric *numeric;
    const double *direction;
    gt_error *error;
    size_t result_count; /* one with weights, else one for each output */
    result *results;
    double *numbers; /* all of these: */
    double *x, *middle, *y;
    bool *changed;              /* by output, at any step */
    bool *stirred;              /* by output, at the step at hand */
    double *right, *left;       /* differences: (results, nodes) */
    double size;                /* of the results, or of the terms that have changed */
    double known_noise;         /* of those terms, as far as it is known by output */
    double roughness;           /* rounding errors relative to those terms at the point */
    double hidden;              /* slope of which rounding errors leave nothing to be seen */
    double moved, longest_part; /* largest entries of what is moved, and of the direction */
    double usual;               /* the step that would be the first one if what is moved were as
                                   large as the largest entry of all, or 1 */
    gt_fit_nodes nodes, confirming;
} work;

static void close_work(work *w)
{
    gt_memory_free(w->results);
    gt_memory_free(w->numbers);
    gt_memory_free(w->changed);
    gt_memory_free(w->stirred);
}

static gt_status open_work(work *w)
{
    const gt_numeric *n = w->numeric;
    w->result_count = n->weights != NULL ? 1 : n->output_count;
    size_t differences = NODES * w->result_count;
    w->results = gt_memory_new(w->result_count, sizeof *w->results);
    w->changed = gt_memory_new(n->output_count, sizeof *w->changed);
    w->stirred = gt_memory_new(n->output_count, sizeof *w->stirred);
    w->numbers = gt_memory_new(n->input_count + 2 * n->output_count + 2 * differences, sizeof *w->numbers);
    if (w->results == NULL || w->changed == NULL || w->stirred == NULL || w->numbers == NULL) {
        close_work(w);
        return gt_error_set(w->error, GT_ERROR_MEMORY, "numeric derivative: no memory");
    }
    w->x = w->numbers;
    w->middle = w->x + n->input_count;
    w->y = w->middle + n->output_count;
    w->right = w->y + n->output_count;
    w->left = w->right + differences;
    gt_fit_nodes_open(&w->nodes, NODES);
    gt_fit_nodes_open(&w->confirming, CONFIRMING_NODES);
    double largest = 1;
    for (size_t i = 0; i < n->input_count; i++) {
        w->longest_part = fmax(w->longest_part, fabs(w->direction[i]));
        largest = fmax(largest, fabs(n->x[i]));
        if (w->direction[i] != 0)
            w->moved = fmax(w->moved, fabs(n->x[i]));
    }
    w->usual = (n->step > 0 ? n->step : FIRST_STEP * largest) / w->longest_part;
    return GT_OK;
}

/* ---- values at one step -------------------------------------------------------------------- */

static gt_status call(work *w, double step, double *y)
{
    const gt_numeric *n = w->numeric;
    for (size_t i = 0; i < n->input_count; i++)
        w->x[i] = n->x[i] + step * w->direction[i];
    return n->function(n->context, w->x, y, w->error);
}

/*
 * Which outputs depend on what is moved. Where that is tiny beside what it is added to, an
 * output may stay the same at every node: then not its slope is 0, but its rounding errors are
 * all that is seen.
 */
static gt_status find_dependent(work *w)
{
    const gt_numeric *n = w->numeric;
    double noises = 0, sizes = 0, hidden = 0;
    gt_status status = call(w, w->usual, w->y);
    for (size_t i = 0; i < n->output_count && status == GT_OK; i++) {
        double weight = n->weights != NULL ? n->weights[i] : 0, size = weight * w->middle[i];
        double noise = n->noises != NULL ? weight * n->noises[i] : 0;
        w->changed[i] = !(w->y[i] == w->middle[i]);
        noises += w->changed[i] ? noise * noise : 0;
        sizes += w->changed[i] ? size * size : 0;
        hidden += w->changed[i] ? 0 : size * size;
    }
    w->hidden = DBL_EPSILON * sqrt(hidden) / w->usual;
    w->roughness = sizes > 0 ? fmax(n->noise, sqrt(noises / sizes)) : n->noise;
    return status;
}

/* In four parts, since this is done so often. */
static double sum_changes(const work *w)
{
    const double *weights = w->numeric->weights, *y = w->y, *middle = w->middle;
    size_t count = w->numeric->output_count, i = 0;
    double sums[4] = {0};
    for (; i + 4 <= count; i += 4)
        for (size_t k = 0; k < 4; k++)
            sums[k] += weights[i + k] * (y[i + k] - middle[i + k]);
    for (; i < count; i++)
        sums[0] += weights[i] * (y[i] - middle[i]);
    return sums[0] + sums[1] + (sums[2] + sums[3]);
}

/* Differences are taken before they are summed. Returns whether all of them are finite. */
static bool take_changes(work *w, double sign, double *changes)
{
    const gt_numeric *n = w->numeric;
    bool finite = true;
    if (n->weights != NULL) {
        changes[0] = sign * sum_changes(w);
        return isfinite(changes[0]);
    }
    for (size_t i = 0; i < n->output_count; i++) {
        changes[i] = sign * (w->y[i] - w->middle[i]);
        finite = finite && isfinite(changes[i]);
    }
    return finite;
}

/*
 * How large the terms are that change, and with them their rounding errors: as far from the point
 * as the step leads, and close to it, where terms may flicker that are the same further off. Terms
 * that have changed at no step have none.
 */
static void take_sizes(work *w)
{
    const gt_numeric *n = w->numeric;
    double squares = 0, noises = 0, largest = 0;
    for (size_t i = 0; i < n->output_count; i++) {
        double y = fabs(w->y[i]), middle = fabs(w->middle[i]), size = y > middle ? y : middle;
        bool stirs = w->y[i] != w->middle[i];
        w->stirred[i] = w->stirred[i] || stirs;
        w->changed[i] = w->changed[i] || stirs;
        largest = size > largest ? size : largest;
        if (n->weights == NULL || !w->changed[i])
            continue;
        double noise = n->noises != NULL ? n->weights[i] * n->noises[i] : 0;
        squares += n->weights[i] * size * n->weights[i] * size;
        noises += noise * noise;
    }
    w->size = fmax(w->size, n->weights != NULL ? sqrt(squares) : largest);
    w->known_noise = fmax(w->known_noise, sqrt(noises));
}

static gt_status take_values(work *w, const gt_fit_nodes *nodes, double step, bool *finite)
{
    gt_status status = GT_OK;
    *finite = true;
    w->size = w->known_noise = 0;
    memset(w->stirred, 0, w->numeric->output_count * sizeof *w->stirred);
    for (int i = 0; i < 2 * nodes->count && *finite && status == GT_OK; i++) {
        size_t node = (size_t)i / 2;
        double sign = i % 2 == 0 ? 1 : -1, *changes = i % 2 == 0 ? w->right : w->left;
        status = call(w, sign * step * nodes->at[node], w->y);
        if (status == GT_OK)
            *finite = take_changes(w, sign, changes + node * w->result_count);
        bool unseen = status == GT_OK && *finite && w->size == 0 && changes[node * w->result_count] != 0;
        if (status == GT_OK && (node == 0 || i + 1 == 2 * nodes->count || unseen))
            take_sizes(w);
    }
    return status;
}

/* ---- one result ---------------------------------------------------------------------------- */

static double noise_of(const work *w)
{
    return fmax((w->numeric->noise > 0 ? w->numeric->noise : DBL_EPSILON) * w->size, w->known_noise);
}

static void gather(const work *w, const gt_fit_nodes *nodes, size_t i, double *right, double *left)
{
    for (size_t j = 0; j < (size_t)nodes->count; j++) {
        right[j] = w->right[j * w->result_count + i];
        left[j] = w->left[j * w->result_count + i];
    }
}

static gt_fit fit(const work *w, const gt_fit_nodes *nodes, double step, size_t i)
{
    double right[NODES], left[NODES];
    gather(w, nodes, i, right, left);
    return gt_fit_differences(nodes, step, right, left, noise_of(w), DBL_EPSILON / 2 * w->moved / w->longest_part,
                              UNNOTICED * w->size);
}

/* The same difference at all nodes: a jump. */
static double jump_of(const work *w, const double *differences)
{
    double least = INFINITY, most = -INFINITY;
    for (int j = 0; j < NODES; j++) {
        least = fmin(least, differences[j]);
        most = fmax(most, differences[j]);
    }
    double middle = (least + most) / 2;
    return most - least <= 0.01 * fabs(middle) && fabs(middle) > 1000 * noise_of(w) ? middle : 0;
}

/*
 * A slope on one side is known if that of the step before agrees, and as long as no
 * other step contradicts it.
 */
static void take_side(side *s, gt_fit_side now, bool first)
{
    double change = fabs(now.slope - s->last.slope), error = fmax(now.error, change);
    bool agrees = !first && change <= now.error + s->last.error;
    s->known = s->known && fabs(now.slope - s->best.slope) <= now.error + s->best.error;
    if (agrees && (!s->known || error < s->best.error))
        s->best = (gt_fit_side){now.slope, error};
    s->known = s->known || agrees;
    s->last = now;
}

static void take_fit(work *w, double step, size_t i)
{
    double right[NODES], left[NODES];
    result *r = &w->results[i];
    r->fit = fit(w, &w->nodes, step, i);
    r->fit.smooth = r->fit.smooth && !(w->roughness > MOST_NOISE);
    take_side(&r->right, r->fit.right, !r->seen);
    take_side(&r->left, r->fit.left, !r->seen);
    gather(w, &w->nodes, i, right, left);
    r->right.jump = jump_of(w, right);
    r->left.jump = jump_of(w, left);
    r->seen = true;
}

static bool is_enough(const work *w, const result *r)
{
    return r->known && (w->numeric->enough > 0 ? r->error <= w->numeric->enough : r->best);
}

/* Believes the first polynomial if the second agrees. Returns whether it does. */
static bool confirm(result *r, gt_fit second)
{
    double change = fabs(second.slope - r->fit.slope);
    double found = second.quiet ? second.found : 0; /* one more look at rounding errors */
    double error = fmax(fmax(r->fit.error, change), r->fit.amplified * found);
    if (!r->fit.smooth || !second.smooth || !(change <= r->fit.error + second.error))
        return false;
    if (!r->known || error < r->error) {
        r->slope = r->fit.slope;
        r->error = error;
    }
    r->known = true;
    r->best = r->best || r->fit.quiet;
    return true;
}

/* ---- steps --------------------------------------------------------------------------------- */

/* What a step was like. */
typedef enum outcome {
    DONE,
    TOO_LONG, /* some result is not smooth within it */
    TOO_SHORT /* only rounding errors keep the error bars large */
} outcome;

/*
 * Something that depends on what is moved stays 0, so that nothing is known of its rounding
 * errors, perhaps only since the step is so short.
 */
static bool is_invisible(const work *w, double step)
{
    bool still = false;
    for (size_t i = 0; i < w->numeric->output_count; i++)
        still = still || (w->changed[i] && !w->stirred[i] && w->middle[i] == 0);
    return still && w->numeric->step == 0 && step < w->usual * (VISIBLE_STEP / FIRST_STEP);
}

static gt_status take_step(work *w, double step, outcome *what)
{
    bool finite, hopeful = false;
    gt_status status = take_values(w, &w->nodes, step, &finite);
    *what = TOO_LONG;
    if (status != GT_OK || !finite)
        return status;
    if (is_invisible(w, step)) {
        *what = TOO_SHORT;
        return GT_OK;
    }
    for (size_t i = 0; i < w->result_count; i++) {
        take_fit(w, step, i);
        hopeful = hopeful || (w->results[i].fit.smooth && !is_enough(w, &w->results[i]));
    }
    if (hopeful)
        status = take_values(w, &w->confirming, step * CONFIRMING_STEP, &finite);
    if (!hopeful || status != GT_OK || !finite)
        return status;
    *what = DONE;
    for (size_t i = 0; i < w->result_count; i++) {
        result *r = &w->results[i];
        if (is_enough(w, r))
            continue;
        bool agrees = confirm(r, fit(w, &w->confirming, step * CONFIRMING_STEP, i));
        if (!agrees || (!is_enough(w, r) && !r->fit.quiet))
            *what = TOO_LONG;
        else if (!is_enough(w, r) && *what == DONE)
            *what = TOO_SHORT;
    }
    return status;
}

/* How much larger than is enough the largest error bar is. */
static double excess(const work *w)
{
    double largest = 1;
    for (size_t i = 0; i < w->result_count && w->numeric->enough > 0; i++)
        largest = fmax(largest, w->results[i].error / w->numeric->enough);
    return largest;
}

/* Whether rounding errors alone make all error bars useless at this step and below. */
static bool is_drowned(const work *w)
{
    for (size_t i = 0; i < w->result_count; i++)
        if (!w->results[i].seen || !(w->results[i].fit.rounding > BLUNT * w->numeric->enough))
            return false;
    return w->numeric->enough > 0;
}

/*
 * The next step, between the shortest that was too long and the longest that was too
 * short; 0: there is none worth trying.
 */
static double next_step(const work *w, double too_short, double too_long, double longest)
{
    if (too_short == 0)
        return is_drowned(w) ? 0 : too_long / 16;
    if (isinf(too_long)) {
        double most = fmax(w->usual / too_short, 1024);
        double step = too_short * fmin(fmax(4 * excess(w), 4), most);
        return step <= longest ? step : too_short < longest ? longest : 0;
    }
    return too_long > 4 * too_short ? sqrt(too_long * too_short) : 0;
}

static double longest_step(const work *w, double first)
{
    if (w->numeric->step > 0)
        return w->usual;
    return w->roughness > DOUBLE_NOISE ? 8 * first : fmax(1024 * first, w->usual);
}

static gt_status take_steps(work *w)
{
    const gt_numeric *n = w->numeric;
    double scale = n->scale > 0 ? n->scale : w->moved > 0 ? w->moved : 1;
    double step = (n->step > 0 ? fmin(n->step, 2 * FIRST_STEP) : FIRST_STEP * scale) / w->longest_part;
    double too_short = 0, too_long = INFINITY;
    gt_status status = call(w, 0, w->middle);
    if (status == GT_OK)
        status = find_dependent(w);
    double longest = longest_step(w, step);
    for (int i = 0; i < MOST_STEPS && step > 0 && status == GT_OK; i++) {
        outcome what;
        status = take_step(w, step, &what);
        if (status != GT_OK || what == DONE)
            break;
        if (what == TOO_LONG)
            too_long = fmin(too_long, step);
        else
            too_short = fmax(too_short, step);
        step = next_step(w, too_short, too_long, longest);
    }
    return status;
}

/* ---- answers ------------------------------------------------------------------------------- */

/* Where no step is short enough for one polynomial, but one on either side will do. */
static gt_slope answer_by_sides(const result *r)
{
    gt_slope s = {.value = (r->right.best.slope + r->left.best.slope) / 2,
                  .error = fmax(r->right.best.error, r->left.best.error),
                  .left = r->left.best.slope,
                  .right = r->right.best.slope};
    double apart = fabs(s.right - s.left);
    s.kink = apart > 4 * (r->right.best.error + r->left.best.error);
    s.error += s.kink ? apart / 2 : apart;
    return s;
}

static gt_slope answer(const result *r)
{
    if (!r->seen)
        return (gt_slope){.value = NAN, .error = NAN, .left = NAN, .right = NAN};
    if (r->known)
        return (gt_slope){.value = r->slope, .error = r->error, .left = r->slope, .right = r->slope};
    gt_slope s = {.value = r->fit.slope, .error = INFINITY, .left = r->fit.left.slope, .right = r->fit.right.slope};
    if (r->right.known && r->left.known)
        s = answer_by_sides(r);
    s.jump = fabs(r->right.jump) > fabs(r->left.jump) ? r->right.jump : r->left.jump;
    return s;
}

gt_status gt_numeric_slopes(const gt_numeric *given, const double *direction, gt_slope *slopes, gt_error *error)
{
    gt_numeric n;
    gt_take_sized(&n, given, sizeof n);
    work w = {.numeric = &n, .direction = direction, .error = error};
    gt_status status = open_work(&w);
    if (status != GT_OK)
        return status;
    if (!(w.longest_part > 0) || !isfinite(w.longest_part))
        status = gt_error_set(error, GT_ERROR_ARGUMENT, "numeric derivative: a direction must be finite and not zero");
    if (status == GT_OK)
        status = take_steps(&w);
    for (size_t i = 0; i < w.result_count && status == GT_OK; i++) {
        slopes[i] = answer(&w.results[i]);
        slopes[i].error += w.hidden;
    }
    close_work(&w);
    return status;
}

gt_status gt_numeric_directional(const gt_numeric *given, const double *direction, double *values, double *errors,
                                 gt_error *error)
{
    gt_numeric n;
    gt_take_sized(&n, given, sizeof n);
    size_t count = n.weights != NULL ? 1 : n.output_count;
    gt_slope *slopes = gt_memory_new(count, sizeof *slopes);
    if (slopes == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "numeric derivative: no memory");
    gt_status status = gt_numeric_slopes(&n, direction, slopes, error);
    for (size_t i = 0; i < count && status == GT_OK; i++) {
        values[i] = slopes[i].value;
        errors[i] = slopes[i].error;
    }
    gt_memory_free(slopes);
    return status;
}

gt_status gt_numeric_jacobian(const gt_numeric *numeric, double *values, double *errors, gt_error *error)
{
    gt_numeric n;
    gt_take_sized(&n, numeric, sizeof n);
    double *direction = gt_memory_new(n.input_count, sizeof *direction);
    if (direction == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "numeric derivative: no memory");
    gt_status status = GT_OK;
    size_t rows = n.weights != NULL ? 1 : n.output_count;
    for (size_t j = 0; j < n.input_count && status == GT_OK; j++) {
        direction[j] = 1;
        status = gt_numeric_directional(&n, direction, values + j * rows, errors + j * rows, error);
        direction[j] = 0;
    }
    gt_memory_free(direction);
    return status;
}
