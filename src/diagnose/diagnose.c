/* The catalogue of mistakes for checks: gradtape/diagnose.h. */
#include "gradtape/diagnose.h"

#include "base/utf8.h"
#include "check/words.h"
#include "derive/derivation.h"
#include "diagnose/cell_question.h"
#include "diagnose/describe.h"
#include "diagnose/evidence_values.h"
#include "diagnose/joint.h"
#include "diagnose/number_mistake.h"
#include "diagnose/rule_mistake.h"
#include "lang/parsed.h"

#include <math.h>
#include <string.h>

/* The seed of the samples: any will do, and the same mistake is always explained in the same way.
 */
enum { SEED = 20 };

/* ---- at the values of the check ------------------------------------------------------------ */

static double relative(gt_value value, gt_value right)
{
    double scale = gt_value_magnitude(right);
    return gt_value_distance(value, right) / (scale > 0 ? scale : 1);
}

/* What the repaired formula gives at step t, in the arena. */
static bool repaired_at(gt_question *question, const gt_evidence *evidence, const gt_mistake *mistake, int64_t t,
                        gt_value *repaired)
{
    gt_value *values = gt_evidence_values(question, evidence, t);
    return values != NULL && gt_expression_evaluate(&question->arena, mistake->repaired, values, repaired);
}

/* Whether the repair makes the gradient right at the values of the check, at every step. */
static bool holds(gt_question *question, const gt_evidence *evidence, gt_mistake *mistake)
{
    const char *name = question->names[question->equations[mistake->equation].target].text;
    double after = 0;
    for (int64_t t = 0; t < evidence->steps; t++) {
        gt_value expected = gt_evidence_value(evidence->find(evidence, name, t)), repaired;
        gt_arena_mark mark = gt_arena_here(&question->arena);
        if (!repaired_at(question, evidence, mistake, t, &repaired))
            return false;
        repaired.count = 0; /* numbers alone have no sizes */
        after = fmax(after, relative(repaired, expected));
        gt_arena_return(&question->arena, mark);
    }
    mistake->after = after;
    return after <= fmax(evidence->tolerance, 1e-9) * 10;
}

/* Tells the check what the local should have been. */
static bool put_local(gt_question *question, const gt_evidence *evidence, const gt_mistake *mistake)
{
    bool taken = true;
    for (int64_t t = 0; t < evidence->steps && taken; t++) {
        gt_value value;
        gt_arena_mark mark = gt_arena_here(&question->arena);
        taken = repaired_at(question, evidence, mistake, t, &value) &&
                evidence->put(evidence, mistake->equation, t,
                              (gt_array){(void *)value.data, GT_F64, GT_SHAPE(value.rows, value.columns)});
        gt_arena_return(&question->arena, mark);
    }
    return taken;
}

/* A second mistake in one equation: both sentences, and what is right in the end. */
static void join(gt_report *report, gt_diagnosis *diagnosis, const gt_diagnosis *next)
{
    gt_diagnosis first = *diagnosis;
    *diagnosis = *next;
    diagnosis->before = first.before;
    diagnosis->kind = gt_mistake_kind_name(GT_MISTAKE_SEVERAL);
    diagnosis->text = gt_report_write(report, "%s; and %s", first.text, next->text);
}

static void take_mistake(gt_question *question, const gt_evidence *evidence, gt_mistake *mistake, bool last,
                         gt_diagnosis *diagnosis)
{
    bool local = question->names[question->equations[mistake->equation].target].role == GT_ROLE_OF_LOCAL;
    bool holds_here = !last || (local ? put_local(question, evidence, mistake) : holds(question, evidence, mistake));
    gt_diagnosis next;
    if (mistake->kind == GT_MISTAKE_NONE || !holds_here ||
        !gt_mistake_describe(question, mistake, evidence->report, &next))
        return;
    next.place.file = evidence->cell->handwritten->backward[mistake->equation].place.file;
    if (gt_is_said(diagnosis->kind))
        join(evidence->report, diagnosis, &next);
    else
        *diagnosis = next;
}

/* ---- without a mistake that has a name ------------------------------------------------------- */

static bool is_unexplained(const gt_evidence *evidence, uint32_t e, const gt_diagnosis *diagnoses)
{
    return !gt_is_said(diagnoses[e].repaired) && (evidence->before == NULL || !evidence->before[e]) &&
           evidence->cell->handwritten->backward[e].name[0] == 'd';
}

/* The right formula all the same, by derivation: in names of the forward pass, as any block may read it. */
static gt_status derive_rest(const gt_evidence *evidence, uint32_t count, gt_diagnosis *diagnoses)
{
    const gt_lang_meaning *meaning = evidence->cell->context;
    gt_derivation derivation;
    bool wanted = false;
    for (uint32_t e = 0; e < count; e++)
        wanted = wanted || is_unexplained(evidence, e, diagnoses);
    if (!wanted || meaning->file == NULL)
        return GT_OK;
    gt_status status = gt_derivation_open(&derivation, meaning->file, meaning->cell, false, NULL);
    for (uint32_t e = 0; status == GT_OK && e < count; e++) {
        char text[GT_SENTENCE_SIZE];
        if (is_unexplained(evidence, e, diagnoses) &&
            gt_derivation_formula(&derivation, evidence->cell->handwritten->backward[e].name + 1, text, sizeof text))
            diagnoses[e].repaired = gt_words_keep(evidence->report, text);
    }
    gt_derivation_close(&derivation);
    return status == GT_ERROR_MEMORY ? status : GT_OK; /* what cannot be derived is not */
}

/* In the order of the block: what a local should be is known to those behind it. */
static gt_status diagnose_block(const gt_evidence *evidence, const gt_lang_cell *cell, gt_diagnosis *diagnoses)
{
    gt_question question;
    gt_mistakes mistakes = {0};
    gt_status status = gt_question_of_cell(&question, cell, evidence->before, SEED, NULL);
    if (status == GT_OK && !gt_mistakes_find(&question, &mistakes))
        status = GT_ERROR_MEMORY;
    if (status != GT_OK)
        mistakes.count = 0;
    for (uint32_t e = 0; e < question.equation_count; e++) {
        uint32_t left = 0;
        for (uint32_t i = 0; i < mistakes.count; i++)
            left += mistakes.list[i].equation == e && mistakes.list[i].kind != GT_MISTAKE_NONE;
        for (uint32_t i = 0; i < mistakes.count && left > 0; i++)
            if (mistakes.list[i].equation == e)
                take_mistake(&question, evidence, &mistakes.list[i], --left == 0, &diagnoses[e]);
    }
    if (question.arena.failed)
        status = GT_ERROR_MEMORY;
    uint32_t count = question.equation_count;
    gt_question_free(&question);
    if (status == GT_ERROR_MEMORY)
        return status; /* what else cannot be sampled is not explained */
    return derive_rest(evidence, count, diagnoses);
}

static gt_status diagnose(const gt_evidence *evidence, gt_diagnosis *diagnosis)
{
    const gt_lang_cell *cell = evidence->cell == NULL ? NULL : gt_evidence_tree(evidence->cell);
    if (evidence->op != NULL) {
        gt_status status = gt_diagnose_rule(evidence, diagnosis);
        bool found = gt_is_said(diagnosis->kind) || evidence->arguments == NULL;
        return status != GT_OK || found ? status : gt_diagnose_numbers(evidence, diagnosis);
    }
    if (evidence->equation == GT_EVIDENCE_FUNCTION && evidence->arguments != NULL)
        return gt_diagnose_numbers(evidence, diagnosis);
    if (evidence->equation == GT_EVIDENCE_BLOCK && cell != NULL && gt_evidence_is_short(cell))
        return diagnose_block(evidence, cell, diagnosis);
    return evidence->equation == GT_EVIDENCE_ARRAYS ? gt_diagnose_arrays(evidence, diagnosis) : GT_OK;
}

gt_status gt_diagnose(const gt_evidence *evidence, gt_diagnosis *diagnosis)
{
    gt_status status = diagnose(evidence, diagnosis);
    return status == GT_OK ? gt_words_status(evidence->report, NULL) : status;
}

/* ---- without a check ----------------------------------------------------------------------- */

/* The tree of the cell if all mistakes of the text are in its backward block; NULL otherwise. */
static const gt_lang_cell *explainable(const gt_parsed_cell *parsed)
{
    if (parsed == NULL || parsed->file == NULL || parsed->file->cell_count == 0)
        return NULL;
    const gt_lang_cell *cell = &parsed->file->cells[parsed->chosen];
    for (size_t i = 0; i < parsed->diagnostics.count; i++) {
        const gt_diagnostic *d = &parsed->diagnostics.list[i];
        if (d->severity == GT_SEVERITY_ERROR && (!cell->has_backward || d->offset < cell->backward_place.offset))
            return NULL;
    }
    for (uint32_t i = 0; i < cell->backward_count; i++)
        if (cell->backward[i].value == NULL)
            return NULL;
    return gt_evidence_is_short(cell) ? cell : NULL;
}

gt_status gt_diagnose_cell(const gt_parsed_cell *parsed, gt_report *report, gt_diagnosis *diagnoses, uint32_t capacity,
                           uint32_t *count, gt_error *error)
{
    *count = 0;
    const gt_lang_cell *cell = explainable(parsed);
    if (cell == NULL)
        return gt_parsed_cell_status(parsed, error);
    gt_question question;
    gt_mistakes mistakes;
    gt_status status = gt_question_of_cell(&question, cell, NULL, SEED, error);
    if (status == GT_OK && !gt_mistakes_find(&question, &mistakes))
        status = gt_error_set(error, GT_ERROR_MEMORY, "no memory for a diagnosis");
    for (uint32_t i = 0; status == GT_OK && i < mistakes.count && *count < capacity; i++) {
        if (!gt_mistake_describe(&question, &mistakes.list[i], report, &diagnoses[*count]) || report->speechless)
            status = gt_error_set(error, GT_ERROR_MEMORY, "no memory for a diagnosis");
        diagnoses[*count].place.file = gt_parsed_cell_file(parsed);
        *count += status == GT_OK;
    }
    gt_question_free(&question);
    return status;
}
