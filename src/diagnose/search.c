/* The search: what is wrong, which equations may be the cause, and which repair is the simplest. */
#include "diagnose/search.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* How likely a kind is before anything is known; added to the cost of a repair. */
static const double prior[GT_MISTAKE_KIND_COUNT] = {
    [GT_MISTAKE_SIGN] = 1.0,
    [GT_MISTAKE_FACTOR] = 1.15,
    [GT_MISTAKE_TRANSPOSED] = 1.2,
    [GT_MISTAKE_BATCH_SUM] = 1.2,
    [GT_MISTAKE_MEAN] = 1.2,
    [GT_MISTAKE_MISSING_DERIVATIVE] = 1.4,
    [GT_MISTAKE_WRONG_ARGUMENT] = 1.4,
    [GT_MISTAKE_DERIVATIVE_TWICE] = 1.3,
    [GT_MISTAKE_WRONG_ACTIVATION] = 1.3,
    [GT_MISTAKE_SWAPPED_GATES] = 1.3,
    [GT_MISTAKE_MISSING_TERM] = 1.8,
    [GT_MISTAKE_MISSING_STATE] = 1.7,
    [GT_MISTAKE_OFF_BY_ONE_STEP] = 1.1,
    [GT_MISTAKE_OLD_STATE] = 1.1,
    [GT_MISTAKE_WRONG_SLICE] = 1.2,
    [GT_MISTAKE_BIAS_SUM] = 1.2,
    [GT_MISTAKE_PARENTHESES] = 1.25,
    [GT_MISTAKE_EXTRA_TERM] = 1.4,
    [GT_MISTAKE_MISSING_FACTOR] = 1.8,
    [GT_MISTAKE_EXTRA_FACTOR] = 1.7,
    [GT_MISTAKE_WRONG_NAME] = 1.5,
    [GT_MISTAKE_POWER] = 1.8,
    [GT_MISTAKE_COMPLEMENT] = 1.25,
    [GT_MISTAKE_PRODUCT] = 1.2,
    [GT_MISTAKE_DIVIDED] = 1.2,
    [GT_MISTAKE_SOFTMAX] = 1.3,
    [GT_MISTAKE_MASK] = 1.25,
    [GT_MISTAKE_CLIPPED] = 1.1,
    [GT_MISTAKE_RESHAPE] = 1.1,
    [GT_MISTAKE_SEVERAL] = 3,
    [GT_MISTAKE_OTHER_FORMULA] = 6,
};

/* ---- evaluating ---------------------------------------------------------------------------- */

static bool is_gradient(const gt_question *question, uint32_t equation)
{
    return question->names[question->equations[equation].target].role == GT_ROLE_OF_GRADIENT;
}

static double relative_distance(gt_value value, gt_value truth)
{
    double scale = gt_value_magnitude(truth);
    return gt_value_distance(value, truth) / (scale > 1e-3 ? scale : 1e-3);
}

/*
 * Evaluates the equations that `changed` has a say in, with formula in its
 * place, and calls report for each gradient among them until that says false.
 * The values of locals are as before afterwards. Without a value `value.data` is NULL.
 */
typedef bool report_value(void *context, uint32_t equation, gt_value value);

static bool walk(gt_search *search, unsigned sample, uint32_t changed, const gt_expression *formula,
                 report_value *report, void *context)
{
    gt_question *question = search->question;
    uint32_t count = question->equation_count;
    gt_value *values = search->values[sample];
    gt_value *kept = gt_arena_new(&search->scratch, count, sizeof *kept);
    if (kept == NULL)
        return false;
    bool goes_on = true;
    uint32_t end = changed;
    for (uint32_t j = changed; j < count && goes_on; j++) {
        if (j != changed && !search->depends[(size_t)changed * count + j])
            continue;
        gt_value value = {0};
        const gt_expression *f = j == changed ? formula : search->formulas[j];
        if (!gt_expression_evaluate(&search->scratch, f, values, &value))
            value = (gt_value){0};
        if (is_gradient(question, j)) {
            goes_on = report(context, j, value);
        } else {
            kept[j] = values[question->equations[j].target];
            values[question->equations[j].target] = value;
        }
        end = j + 1;
    }
    for (uint32_t j = changed; j < end; j++)
        if (!is_gradient(question, j) && (j == changed || search->depends[(size_t)changed * count + j]))
            values[question->equations[j].target] = kept[j];
    return goes_on;
}

typedef struct verdict {
    gt_search *search;
    unsigned sample;
    uint32_t fixed;
    double after;
} verdict;

/* Ends the walk where a right gradient becomes wrong, or where it is known that nothing is fixed.
 */
static bool judge(void *context, uint32_t equation, gt_value value)
{
    verdict *v = context;
    gt_value truth = v->search->values[v->sample][v->search->question->equations[equation].target];
    double distance = relative_distance(value, truth);
    bool right = distance <= v->search->question->tolerance;
    if (right && v->search->wrong[equation])
        v->fixed++;
    if (right && distance > v->after)
        v->after = distance;
    return right || v->search->wrong[equation];
}

/* ---- trying -------------------------------------------------------------------------------- */

static bool better(const gt_search *search, uint32_t fixed, double cost)
{
    if (fixed != search->best.explained)
        return fixed > search->best.explained;
    return cost < search->best_cost - 1e-12;
}

/* Better than the best, or as good and of another kind. */
static bool is_new(const gt_search *search, gt_mistake_kind kind, uint32_t fixed, double cost)
{
    bool known = (search->kinds & UINT64_C(1) << kind) != 0;
    return better(search, fixed, cost) || (fixed == search->best.explained && !known);
}

static void note_kind(gt_search *search, gt_mistake_kind kind, uint32_t fixed)
{
    if (fixed > search->best.explained)
        search->kinds = 0;
    search->kinds |= UINT64_C(1) << kind;
}

const gt_expression *gt_search_keep(gt_search *search, const gt_expression *formula)
{
    gt_arena *arena = &search->question->arena;
    if (formula == NULL)
        return NULL;
    gt_expression *copy = gt_expression_like(arena, formula, formula->count);
    for (uint32_t i = 0; copy != NULL && i < formula->count; i++) {
        copy->operands[i] = gt_search_keep(search, formula->operands[i]);
        if (copy->operands[i] == NULL && formula->operands[i] != NULL)
            return NULL;
    }
    return copy;
}

static double worst_before(gt_search *search, uint32_t equation)
{
    double worst = 0;
    uint32_t count = search->question->equation_count;
    for (uint32_t j = equation; j < count; j++) {
        if (!search->wrong[j] || (j != equation && !search->depends[(size_t)equation * count + j]))
            continue;
        gt_value value;
        if (!gt_expression_evaluate(&search->scratch, search->formulas[j], search->values[0], &value))
            value = (gt_value){0};
        worst = fmax(worst, relative_distance(value, search->values[0][search->question->equations[j].target]));
    }
    return worst;
}

static void accept(gt_search *search, const gt_slip_part *part, double cost, const gt_expression *formula,
                   const verdict *v)
{
    const gt_expression *tidied = gt_expression_tidy(&search->question->arena, formula);
    const gt_expression *kept = gt_search_keep(search, tidied), *place = part->place;
    if (kept == NULL)
        return;
    bool known = place != NULL && place->line != 0;
    const gt_question_equation *equation = &search->question->equations[search->equation];
    search->best = (gt_mistake){
        .kind = part->kind,
        .equation = search->equation,
        .line = known ? place->line : equation->line,
        .column = known ? place->column : equation->column,
        .written = search->formulas[search->equation],
        .repaired = kept,
        .parts = {{part->kind, part->wording, gt_search_keep(search, place), gt_search_keep(search, part->about)}},
        .part_count = 1,
        .cost = cost,
        .explained = v->fixed,
        .before = search->target != NULL ? 1 : worst_before(search, search->equation),
        .after = v->after,
    };
    search->best_cost = cost;
}

/* ---- absurd repairs ------------------------------------------------------------------------- */

/* E - E, 1 * E and the like: a formula that nobody would write. */
static bool is_silly(const gt_expression *f)
{
    if (f == NULL)
        return false;
    if (f->kind == GT_EXPRESSION_SUBTRACT && gt_expression_equal(f->operands[0], f->operands[1]))
        return true;
    if (f->kind == GT_EXPRESSION_DIVIDE && gt_expression_equal(f->operands[0], f->operands[1]))
        return true;
    bool times = f->kind == GT_EXPRESSION_MULTIPLY || f->kind == GT_EXPRESSION_DIVIDE;
    for (uint32_t i = 0; times && i < 2; i++)
        if (f->operands[i]->kind == GT_EXPRESSION_NUMBER &&
            (f->operands[i]->number == 0 ||
             (f->operands[i]->number == 1 && (i == 1 || f->kind == GT_EXPRESSION_MULTIPLY))))
            return true;
    for (uint32_t i = 0; i < f->count; i++)
        if (is_silly(f->operands[i]))
            return true;
    return false;
}

/* What is put in a place is no more than rounding: the place should be left out, and is elsewhere. */
static bool vanishes(gt_search *search, const gt_expression *with)
{
    gt_value value;
    return with != NULL && gt_search_value(search, with, &value) && !(gt_value_magnitude(value) > 1e-8);
}

/* A comparison for equality with one answer everywhere on both samples, t' == 0: it only hides the branch it chooses.
 */
static bool has_idle_test(gt_search *search, const gt_expression *f)
{
    if (f == NULL)
        return false;
    bool idle = f->kind == GT_EXPRESSION_COMPARE && (f->detail == GT_LANG_EQUAL || f->detail == GT_LANG_NOT_EQUAL);
    double first = NAN;
    for (unsigned s = 0; idle && s < GT_QUESTION_SAMPLES; s++) {
        gt_value value;
        if (!gt_expression_evaluate(&search->scratch, f, search->values[s], &value))
            return false;
        first = s == 0 ? value.data[0] : first;
        for (size_t k = 0; k < (size_t)value.rows * value.columns; k++)
            idle = idle && value.data[k] == first;
    }
    for (uint32_t i = 0; i < f->count && !idle; i++)
        idle = has_idle_test(search, f->operands[i]);
    return idle;
}

static bool is_absurd(gt_search *search, const gt_slip_part *part, const gt_expression *formula,
                      const gt_expression *with)
{
    if (is_silly(formula) && !is_silly(search->root))
        return true;
    if (has_idle_test(search, formula) && !has_idle_test(search, search->root))
        return true;
    bool adds = part->kind == GT_MISTAKE_MISSING_TERM || part->kind == GT_MISTAKE_MISSING_STATE ||
                part->kind == GT_MISTAKE_MISSING_FACTOR || part->kind == GT_MISTAKE_WRONG_NAME ||
                part->kind == GT_MISTAKE_SWAPPED_GATES;
    return vanishes(search, with) || (adds && vanishes(search, part->about));
}

/* ---- trying, continued ---------------------------------------------------------------------- */

/* The formula alone against what it should be. */
static bool hits(gt_search *search, unsigned sample, const gt_expression *formula, verdict *v)
{
    gt_value value;
    if (!gt_expression_evaluate(&search->scratch, formula, search->values[sample], &value))
        return false;
    double distance = relative_distance(value, search->target[sample]);
    v->after = fmax(v->after, distance);
    v->fixed = distance <= search->question->tolerance;
    return v->fixed;
}

static bool succeeds(gt_search *search, unsigned sample, const gt_expression *formula, verdict *v)
{
    *v = (verdict){search, sample, 0, 0};
    return (search->target != NULL ? hits(search, sample, formula, v)
                                   : walk(search, sample, search->equation, formula, judge, v)) &&
           v->fixed > 0;
}

static void *copy_to(gt_arena *arena, const void *data, size_t count, size_t size)
{
    void *copy = gt_arena_new(arena, count, size);
    if (copy != NULL)
        memcpy(copy, data, count * size);
    return copy;
}

static const gt_expression *copy_formula(gt_arena *arena, const gt_expression *f)
{
    gt_expression *copy = f == NULL ? NULL : gt_expression_like(arena, f, f->count);
    for (uint32_t i = 0; copy != NULL && i < f->count; i++)
        copy->operands[i] = copy_formula(arena, f->operands[i]);
    return copy;
}

static void collect(gt_search *search, const gt_slip_part *part, double cost, const gt_expression *formula,
                    const gt_expression *with)
{
    gt_candidates *c = search->candidates;
    gt_value value;
    if (!gt_search_value(search, formula, &value) || !isfinite(gt_value_magnitude(value)) ||
        is_absurd(search, part, formula, with))
        return;
    if (!GT_RESERVE(c->list, c->capacity, c->count + 1)) {
        c->failed = true;
        return;
    }
    value.data = copy_to(&c->arena, value.data, (size_t)value.rows * value.columns, sizeof(double));
    c->list[c->count++] = (gt_candidate){
        copy_formula(&c->arena, formula),
        value,
        {part->kind, part->wording, copy_formula(&c->arena, part->place), copy_formula(&c->arena, part->about)},
        cost,
    };
    c->failed = c->failed || c->arena.failed;
}

static void judge_repair(gt_search *search, const gt_slip_part *part, double cost, const gt_expression *formula,
                         const gt_expression *with)
{
    verdict v, again;
    if (!succeeds(search, 0, formula, &v) || !is_new(search, part->kind, v.fixed, cost) ||
        !succeeds(search, 1, formula, &again) || again.fixed < v.fixed || is_absurd(search, part, formula, with))
        return;
    v.after = fmax(v.after, again.after);
    note_kind(search, part->kind, v.fixed);
    if (better(search, v.fixed, cost))
        accept(search, part, cost, formula, &v);
}

static void try_repair(gt_search *search, gt_mistake_kind kind, double cost, const gt_expression *formula,
                       const gt_expression *place, const gt_expression *with, const gt_expression *about)
{
    gt_slip_part part = {kind, search->wording, place, about};
    search->wording = NULL;
    if (formula == NULL || search->scratch.failed)
        return;
    search->tried++;
    gt_arena_mark mark = gt_arena_here(&search->scratch);
    double size = (double)gt_expression_size(formula) - (double)gt_expression_size(search->root);
    cost += prior[kind] + 0.01 * fabs(size);
    /* A local with the value of an adjoint, or of a part, is right, unless it should be that of another one. */
    uint32_t target = search->question->equations[search->equation].target;
    bool right = search->is_adjoint[target] || search->is_part[target];
    if (right && search->question->names[target].role == GT_ROLE_OF_LOCAL)
        cost += 0.5;
    if (search->candidates != NULL)
        collect(search, &part, cost, formula, with);
    else
        judge_repair(search, &part, cost, formula, with);
    gt_arena_return(&search->scratch, mark);
}

void gt_search_try(gt_search *search, gt_mistake_kind kind, double cost, const gt_expression *formula,
                   const gt_expression *place, const gt_expression *about)
{
    try_repair(search, kind, cost, formula, place, NULL, about);
}

void gt_search_try_at(gt_search *search, gt_mistake_kind kind, double cost, const gt_expression *place,
                      const gt_expression *with, const gt_expression *about)
{
    try_repair(search, kind, cost, gt_expression_replace(&search->scratch, search->root, place, with), place, with,
               about);
}

bool gt_search_value(gt_search *search, const gt_expression *formula, gt_value *value)
{
    return gt_expression_evaluate(&search->scratch, formula, search->values[0], value);
}

/* ---- one outcome --------------------------------------------------------------------------- */

typedef struct first_wrong {
    gt_search *search;
    gt_value *outcome, *truth;
    bool found;
} first_wrong;

static bool take_first_wrong(void *context, uint32_t equation, gt_value value)
{
    first_wrong *first = context;
    if (!first->search->wrong[equation])
        return true;
    *first->outcome = value;
    *first->truth = first->search->values[0][first->search->question->equations[equation].target];
    first->found = value.data != NULL;
    return false;
}

bool gt_search_outcome(gt_search *search, const gt_expression *formula, gt_value *outcome, gt_value *truth)
{
    first_wrong first = {search, outcome, truth, false};
    if (search->target != NULL) {
        *truth = search->target[0];
        return formula != NULL && gt_search_value(search, formula, outcome);
    }
    if (formula != NULL)
        walk(search, 0, search->equation, formula, take_first_wrong, &first);
    return first.found;
}

/* ---- looking around ------------------------------------------------------------------------ */

const gt_expression *gt_search_parent(const gt_search *search, const gt_expression *place)
{
    for (uint32_t i = 0; i < search->place_count; i++)
        if (search->places[i].node == place)
            return search->places[i].parent;
    return NULL;
}

bool gt_search_usable(const gt_search *search, uint32_t name)
{
    gt_question_role role = search->question->names[name].role;
    if (role != GT_ROLE_OF_LOCAL && role != GT_ROLE_OF_GRADIENT)
        return true;
    for (uint32_t k = 0; k < search->equation; k++)
        if (search->question->equations[k].target == name)
            return true;
    return false;
}

const gt_question_name *gt_search_name(const gt_search *search, const gt_expression *name)
{
    return name->kind == GT_EXPRESSION_NAME ? &search->question->names[name->name] : NULL;
}

const gt_search_activation *gt_search_activation_of(const gt_search *search, const gt_expression *value)
{
    for (uint32_t i = 0; i < search->activation_count; i++)
        if (gt_expression_equal(search->activations[i].value, value))
            return &search->activations[i];
    return NULL;
}
