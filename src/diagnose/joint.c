#include "diagnose/joint.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "diagnose/number_look.h"

#include <math.h>
#include <string.h>

/* Multiplications for all hypotheses together: a few seconds. The likely ones come first. */
#define MOST_WORK 3e9

static size_t count_of(gt_shape shape)
{
    return (size_t)gt_shape_count(shape);
}

static uint64_t bit(uint32_t array)
{
    return (uint64_t)1 << array;
}

static uint32_t size_of(uint64_t set)
{
    uint32_t size = 0;
    for (; set != 0; set &= set - 1)
        size++;
    return size;
}

/* ---- two arrays ---------------------------------------------------------------------------- */

static double largest(const double *values, size_t count)
{
    double result = 0;
    for (size_t k = 0; k < count; k++)
        result = fmax(result, fabs(values[k]));
    return result;
}

/* Relative to the largest entry of either; INFINITY if something is not a number. */
static double distance(const gt_joint *j, const double *a, const double *b, size_t count)
{
    double difference = gt_number_distance(a, b, count);
    double scale = fmax(j->scale, fmax(largest(a, count), largest(b, count)));
    return scale > 0 ? difference / scale : difference;
}

static double tolerance(const gt_joint *j)
{
    return 10 * fmax(j->evidence->tolerance, 1e-9);
}

static bool has_right_shape(const gt_evidence_array *array)
{
    return gt_shape_equal(array->given.shape, array->shape);
}

bool gt_joint_explains(const gt_joint *j, uint32_t a, const double *value, double *after)
{
    const gt_evidence_array *array = &j->evidence->arrays[a];
    size_t count = count_of(array->shape);
    if (!has_right_shape(array))
        return false;
    double before = distance(j, array->given.data, array->expected, count);
    *after = distance(j, array->given.data, value, count);
    return *after <= tolerance(j) && *after <= before / 10;
}

/* ---- candidates ---------------------------------------------------------------------------- */

static void fail(gt_joint *j)
{
    j->status = GT_ERROR_MEMORY;
    j->stopped = true;
}

static gt_candidate *add(gt_joint *j)
{
    if (!GT_RESERVE(j->list, j->capacity, (size_t)j->count + 1)) {
        fail(j);
        return NULL;
    }
    j->list[j->count] = (gt_candidate){.kind = GT_MISTAKE_NONE};
    return &j->list[j->count++];
}

void gt_joint_claim(gt_joint *j, uint32_t array, gt_mistake_kind kind, const char *text, double after)
{
    gt_candidate *c = NULL;
    for (uint32_t i = 0; i < j->count && c == NULL; i++)
        if (j->list[i].kind == kind && strcmp(j->list[i].text, text) == 0)
            c = &j->list[i];
    if (c == NULL) {
        c = add(j);
        if (c == NULL)
            return;
        c->kind = kind;
        gt_utf8_format(c->text, sizeof c->text, "%s", text);
    }
    c->explained |= bit(array);
    c->changed |= bit(array);
    c->after = fmax(c->after, after);
}

/* Holds the results of a run against all arrays. False: something that is right would not be. */
static bool judge(const gt_joint *j, gt_candidate *c)
{
    for (uint32_t a = 0; a < j->evidence->array_count; a++) {
        const gt_evidence_array *array = &j->evidence->arrays[a];
        const double *value = j->sequence.results[a];
        bool changes = !(distance(j, array->expected, value, count_of(array->shape)) <= tolerance(j));
        double after = 0;
        if (changes)
            c->changed |= bit(a);
        if (changes && (j->right & bit(a)) != 0)
            return false;
        if ((j->wrong & bit(a)) != 0 && gt_joint_explains(j, a, value, &after)) {
            c->explained |= bit(a);
            c->after = fmax(c->after, after);
        }
    }
    return true;
}

/*
 * What a slip does to the inputs' gradients at the last step has nothing to do with the loop. A slip
 * that gives what is there, and is not right, may be one of two mistakes.
 */
static bool is_suspect(const gt_joint *j)
{
    int64_t steps = j->evidence->steps;
    bool seen = false;
    for (uint32_t a = 0; a < j->evidence->array_count; a++) {
        const gt_evidence_array *array = &j->evidence->arrays[a];
        if (array->shape.rank != 3 || array->shape.size[2] != steps || !has_right_shape(array))
            continue;
        size_t share = count_of(array->shape) / (size_t)steps, first = share * (size_t)(steps - 1);
        const double *given = (const double *)array->given.data + first;
        if (!(distance(j, given, j->sequence.results[a] + first, share) <= tolerance(j)))
            return false;
        seen = seen || !(distance(j, given, array->expected + first, share) <= tolerance(j));
    }
    return seen;
}

static void suspect(gt_joint *j, const gt_slip *slip)
{
    if (slip->change == GT_SLIP_NONE || !is_suspect(j))
        return;
    if (GT_RESERVE(j->suspects, j->suspect_capacity, (size_t)j->suspect_count + 1))
        j->suspects[j->suspect_count++] = *slip;
    else
        fail(j);
}

static double work_of_step(const gt_joint *j)
{
    double entries = 0;
    for (uint32_t i = 0; i < j->evidence->cell->parameter_count; i++) {
        gt_array array = j->evidence->find(j->evidence, j->evidence->cell->parameters[i].name, 0);
        entries += array.data != NULL ? (double)count_of(array.shape) : 0;
    }
    return 3 * entries * (double)j->evidence->examples + 2000; /* what recording and walking cost */
}

static void spend(gt_joint *j, uint64_t steps)
{
    const gt_evidence *e = j->evidence;
    j->work += (double)steps * work_of_step(j);
    if (j->work > j->most_work || (e->interrupt != NULL && e->interrupt(e, fmin(1, j->work / j->most_work))))
        j->stopped = true;
}

bool gt_joint_try(gt_joint *j, const gt_hypothesis *h)
{
    if (j->stopped)
        return false;
    uint64_t steps = j->sequence.runs;
    gt_candidate c = {.hypothesis = *h};
    gt_status status = gt_step_replay_run(&j->sequence, h);
    if (status == GT_ERROR_MEMORY)
        fail(j);
    if (status == GT_OK && !h->in_loop)
        suspect(j, &h->slip);
    if (status == GT_OK && judge(j, &c) && c.explained != 0) {
        gt_candidate *place = add(j);
        if (place != NULL)
            *place = c;
    }
    spend(j, j->sequence.runs - steps);
    return !j->stopped;
}

gt_times_text gt_times(double factor)
{
    gt_times_text t;
    double inverse = 1 / factor;
    if (fabs(factor) < 1 && fabs(inverse - round(inverse)) < 1e-6 * fabs(inverse))
        gt_utf8_format(t.text, sizeof t.text, "%s1/%.0f of", factor < 0 ? "-" : "", fabs(inverse));
    else
        gt_utf8_format(t.text, sizeof t.text, "%.6g times", factor);
    return t;
}

/* ---- the best ------------------------------------------------------------------------------ */

/* Arrays that it changes, but not to what is there. */
static uint32_t misses(const gt_joint *j, const gt_candidate *c)
{
    return size_of(c->changed & j->wrong & ~c->explained);
}

/* A mistake that would make many arrays wrong in another way than they are is no explanation of a few. */
static bool is_credible(const gt_joint *j, const gt_candidate *c)
{
    return 2 * size_of(c->explained) > misses(j, c) + size_of(c->explained);
}

static const gt_candidate *best_of(const gt_joint *j, uint64_t left, uint64_t done)
{
    const gt_candidate *best = NULL;
    for (uint32_t i = 0; i < j->count; i++) {
        const gt_candidate *c = &j->list[i];
        uint32_t gain = size_of(c->explained & left), most = best != NULL ? size_of(best->explained & left) : 0;
        if (gain == 0 || (c->changed & done) != 0 || !is_credible(j, c))
            continue;
        if (gain > most || (gain == most && misses(j, c) < misses(j, best)))
            best = c;
    }
    return best;
}

/* Other kinds of candidates that explain the same. */
static uint32_t alternatives(const gt_joint *j, const gt_candidate *best)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < j->count; i++) {
        const gt_candidate *c = &j->list[i];
        count += c != best && c->explained == best->explained && misses(j, c) == misses(j, best);
    }
    return count;
}

static gt_mistake_kind describe(const gt_joint *j, const gt_candidate *c, char *text, size_t size)
{
    char slip[GT_SENTENCE_SIZE] = "", loop[GT_SENTENCE_SIZE] = "";
    if (c->kind != GT_MISTAKE_NONE) {
        gt_utf8_format(text, size, "%s", c->text);
        return c->kind;
    }
    if (!c->hypothesis.in_loop)
        return gt_slip_describe(&j->sequence, &c->hypothesis.slip, text, size);
    gt_mistake_kind kind = gt_loop_describe(&j->sequence, &c->hypothesis, loop, sizeof loop);
    if (c->hypothesis.slip.change == GT_SLIP_NONE) {
        gt_utf8_format(text, size, "%s", loop);
        return kind;
    }
    gt_slip_describe(&j->sequence, &c->hypothesis.slip, slip, sizeof slip);
    gt_utf8_format(text, size, "two mistakes: %s; and %s", slip, loop);
    return GT_MISTAKE_SEVERAL;
}

static void tell(const gt_joint *j, const gt_candidate *c, uint64_t explained, uint32_t number, gt_diagnosis *diagnoses)
{
    char text[GT_SENTENCE_SIZE];
    gt_diagnosis d = {.explanation = number, .after = c->after, .alternatives = alternatives(j, c)};
    gt_mistake_kind kind = describe(j, c, text, sizeof text);
    d.kind = gt_mistake_kind_name(kind);
    d.text = gt_report_write(j->evidence->report, "%s", text);
    for (uint32_t a = 0; a < j->evidence->array_count; a++) {
        const gt_evidence_array *array = &j->evidence->arrays[a];
        if ((explained & bit(a)) == 0)
            continue;
        diagnoses[a] = d;
        diagnoses[a].before =
            has_right_shape(array) ? distance(j, array->given.data, array->expected, count_of(array->shape)) : INFINITY;
    }
}

/* The best, then the best of those that explain what it leaves and touch nothing of its own. */
static uint64_t tell_all(const gt_joint *j, gt_diagnosis *diagnoses)
{
    uint64_t done = 0;
    for (uint32_t number = 1;; number++) {
        const gt_candidate *c = best_of(j, j->wrong & ~done, done);
        if (c == NULL)
            return j->wrong & ~done;
        tell(j, c, c->explained & ~done, number, diagnoses);
        done |= c->explained;
    }
}

/* ---- all of it ----------------------------------------------------------------------------- */

static bool one_explains_all(const gt_joint *j)
{
    const gt_candidate *c = best_of(j, j->wrong, 0);
    return c != NULL && c->explained == j->wrong;
}

/* Whether some candidates that do not touch each other explain all. */
static bool is_explained(const gt_joint *j)
{
    uint64_t done = 0;
    for (const gt_candidate *c; (c = best_of(j, j->wrong & ~done, done)) != NULL;)
        done |= c->explained;
    return done == j->wrong;
}

/* Without a mistake the replay must give what is right, or it is no witness. */
static bool is_witness(gt_joint *j)
{
    gt_candidate c = {.kind = GT_MISTAKE_NONE};
    gt_status status = gt_step_replay_run(&j->sequence, &(gt_hypothesis){.parameters_only = false});
    if (status == GT_ERROR_MEMORY)
        fail(j);
    (void)judge(j, &c);
    return status == GT_OK && c.changed == 0;
}

static void try_replays(gt_joint *j)
{
    const gt_slip none = {.change = GT_SLIP_NONE};
    gt_status status = gt_step_replay_open(&j->sequence, j->evidence);
    if (status == GT_ERROR_MEMORY)
        fail(j);
    if (status != GT_OK || !is_witness(j))
        return;
    gt_loop_hypotheses(j, &none);
    if (!one_explains_all(j))
        gt_step_hypotheses(j);
    for (uint32_t i = 0; i < j->suspect_count && !is_explained(j); i++) {
        gt_slip slip = j->suspects[i];
        gt_loop_hypotheses(j, &slip);
    }
}

static void open(gt_joint *j, const gt_evidence *evidence)
{
    *j = (gt_joint){.evidence = evidence, .most_work = MOST_WORK};
    for (uint32_t a = 0; a < evidence->array_count; a++) {
        const gt_evidence_array *array = &evidence->arrays[a];
        if (array->verdict == GT_WRONG)
            j->wrong |= bit(a);
        else if (array->verdict == GT_RIGHT)
            j->right |= bit(a);
        j->scale = fmax(j->scale, 1e-4 * largest(array->expected, count_of(array->shape)));
    }
}

gt_status gt_diagnose_arrays(const gt_evidence *evidence, gt_diagnosis *diagnoses)
{
    gt_joint j;
    gt_evidence first = *evidence;
    if (first.array_count > GT_JOINT_ARRAYS)
        first.array_count = GT_JOINT_ARRAYS;
    open(&j, &first);
    gt_array_hypotheses(&j);
    if (!j.stopped && evidence->cell->step != NULL && evidence->cell->state_count > 0)
        try_replays(&j);
    if (j.status == GT_OK)
        (void)tell_all(&j, diagnoses);
    if (j.sequence.evidence != NULL)
        gt_step_replay_close(&j.sequence);
    gt_memory_free(j.list);
    gt_memory_free(j.suspects);
    return j.status;
}
