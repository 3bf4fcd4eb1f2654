#include "diagnose/describe.h"

#include "base/utf8.h"
#include "check/words.h"

#include <string.h>

/*
 * One sentence: %w is what is written, %a the term, factor or name at issue; %v and %u of a
 * derivative, the right and the written one, the value of the activation.
 */
static const char *const sentences[GT_MISTAKE_KIND_COUNT] = {
    [GT_MISTAKE_NONE] = "no change of it makes it right",
    [GT_MISTAKE_SIGN] = "the sign of %a is wrong",
    [GT_MISTAKE_FACTOR] = "%a is wrong by a constant factor",
    [GT_MISTAKE_TRANSPOSED] = "transposed wrongly: %w should be %a",
    [GT_MISTAKE_BATCH_SUM] = "%a should be summed over the examples",
    [GT_MISTAKE_MEAN] = "the sum over the examples is meant, not the mean: %a",
    [GT_MISTAKE_MISSING_DERIVATIVE] = "the derivative of the activation is missing: %a",
    [GT_MISTAKE_WRONG_ARGUMENT] = "the derivative of the activation is taken at the wrong value: "
                                  "%w should be %a",
    [GT_MISTAKE_DERIVATIVE_TWICE] = "the derivative of the activation is applied twice: %a is too many",
    [GT_MISTAKE_WRONG_ACTIVATION] = "the wrong activation: %w is used; it should be %a",
    [GT_MISTAKE_SWAPPED_GATES] = "%w is used; it should be %a",
    [GT_MISTAKE_MISSING_TERM] = "a term is missing: %a",
    [GT_MISTAKE_MISSING_STATE] = "what comes through a state is missing: %a",
    [GT_MISTAKE_OFF_BY_ONE_STEP] = "off by one time step: %w is used; it should be %a, the state before the step",
    [GT_MISTAKE_OLD_STATE] = "the old state for the new: %w is used; it should be %a",
    [GT_MISTAKE_WRONG_SLICE] = "the wrong block: %w is used; it should be %a",
    [GT_MISTAKE_BIAS_SUM] = "the gradient of a bias is the sum over the examples: %a is not summed",
    [GT_MISTAKE_PARENTHESES] = "parentheses are missing or in the wrong place: it should be %a",
    [GT_MISTAKE_EXTRA_TERM] = "the term %a is too many",
    [GT_MISTAKE_MISSING_FACTOR] = "the factor %a is missing",
    [GT_MISTAKE_EXTRA_FACTOR] = "the factor %a is too many",
    [GT_MISTAKE_WRONG_NAME] = "%w is used; it should be %a",
    [GT_MISTAKE_POWER] = "the power is wrong: it should be %a",
    [GT_MISTAKE_COMPLEMENT] = "%w is used; it should be %a",
    [GT_MISTAKE_PRODUCT] = "the wrong product: it should be %a",
    [GT_MISTAKE_DIVIDED] = "it is divided by %a; it should be multiplied",
    [GT_MISTAKE_SOFTMAX] = "the derivative of a softmax: it should be %a",
    [GT_MISTAKE_MASK] = "the mask should be %a",
    [GT_MISTAKE_RESHAPE] = "%w has other sizes: it should be %a",
    [GT_MISTAKE_CLIPPED] = "a gradient is clipped after the backward pass, not within it: %w",
    [GT_MISTAKE_OTHER_FORMULA] = "it is not the gradient, and no change in one or two places makes it so; from the "
                                 "equations of the forward pass it is what follows",
};

/* ---- sentences ------------------------------------------------------------------------------ */

typedef struct writer {
    char *text;
    size_t size, length;
    const char *const *names;
} writer;

static void put(writer *w, const char *text, size_t count)
{
    w->length += gt_utf8_format(w->text + w->length, w->size - w->length, "%.*s", (int)count, text);
}

static void put_text(writer *w, const char *text)
{
    put(w, text, strlen(text));
}

static void put_formula(writer *w, const gt_expression *f)
{
    char text[GT_SENTENCE_SIZE / 2] = "it";
    if (f != NULL)
        gt_expression_print(f, w->names, text, sizeof text);
    put_text(w, text);
}

/* ", all that reaches c'": which of several gradients of one thing a name stands for. */
static void put_reach(writer *w, const gt_question *question, const gt_slip_part *part)
{
    bool name_for_name = part->kind == GT_MISTAKE_SWAPPED_GATES || part->kind == GT_MISTAKE_WRONG_NAME;
    if (!name_for_name || part->about == NULL || part->about->kind != GT_EXPRESSION_NAME || part->place == NULL ||
        part->place->kind != GT_EXPRESSION_NAME)
        return;
    uint32_t of = question->names[part->about->name].adjoint_of;
    if (of == 0 || question->names[part->place->name].role != GT_ROLE_OF_UPSTREAM ||
        question->names[part->place->name].about != of - 1)
        return;
    put_text(w, ", all that reaches ");
    put_text(w, w->names[of - 1]);
}

/* v of v * (1 - v) and of 1 - v**2 */
static const gt_expression *activation_in(const gt_expression *derivative)
{
    if (derivative == NULL || derivative->count < 2)
        return derivative;
    if (derivative->kind != GT_EXPRESSION_SUBTRACT)
        return derivative->operands[0];
    const gt_expression *square = derivative->operands[1];
    return square->count > 0 ? square->operands[0] : square;
}

static void put_part(writer *w, const gt_question *question, const gt_slip_part *part)
{
    const char *sentence = part->wording != NULL ? part->wording : sentences[part->kind];
    for (const char *c = sentence; *c != '\0'; c++) {
        if (*c != '%') {
            put(w, c, 1);
            continue;
        }
        c++;
        put_formula(w, *c == 'w'   ? part->place
                       : *c == 'v' ? activation_in(part->about)
                       : *c == 'u' ? activation_in(part->place)
                                   : part->about);
    }
    put_reach(w, question, part);
}

/* Terms are told one by one. */
static bool is_term(gt_mistake_kind kind)
{
    return kind == GT_MISTAKE_MISSING_TERM || kind == GT_MISTAKE_MISSING_STATE || kind == GT_MISTAKE_EXTRA_TERM;
}

/* Parts of the kind and the wording of the first. */
static uint32_t count_alike(const gt_mistake *mistake)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < mistake->part_count; i++)
        count +=
            mistake->parts[i].kind == mistake->parts[0].kind && mistake->parts[i].wording == mistake->parts[0].wording;
    return count;
}

static void put_parts(writer *w, const gt_question *question, const gt_mistake *mistake)
{
    gt_slip_part whole = {mistake->kind, NULL, NULL, NULL};
    if (mistake->part_count == 0)
        put_part(w, question, &whole);
    uint32_t alike = count_alike(mistake);
    char times[40];
    if (mistake->part_count > 1 && alike == mistake->part_count && !is_term(mistake->kind) &&
        !is_term(mistake->parts[0].kind)) {
        gt_utf8_format(times, sizeof times, "in %u places: ", alike);
        put_text(w, times);
        put_part(w, question, &mistake->parts[0]);
        return;
    }
    for (uint32_t i = 0; i < mistake->part_count; i++) {
        const gt_slip_part *part = &mistake->parts[i];
        bool again = i > 0 && is_term(part->kind) && part->kind == mistake->parts[i - 1].kind;
        if (i > 0)
            put_text(w, again ? " and " : "; and ");
        if (again)
            put_formula(w, part->about);
        else
            put_part(w, question, part);
    }
}

bool gt_mistake_describe(gt_question *question, const gt_mistake *mistake, gt_report *report, gt_diagnosis *diagnosis)
{
    const char **names = gt_question_texts(question);
    if (names == NULL)
        return false;
    *diagnosis = (gt_diagnosis){.before = mistake->before,
                                .after = mistake->after,
                                .alternatives = mistake->alternatives,
                                .kind = "",
                                .repaired = "",
                                .part = "",
                                .place = {NULL, (uint32_t)mistake->line, (uint32_t)mistake->column}};
    char text[GT_SENTENCE_SIZE] = "";
    writer w = {text, sizeof text, 0, names};
    put_parts(&w, question, mistake);
    diagnosis->text = gt_report_write(report, "%s", text);
    if (mistake->part_count > 0 && mistake->parts[0].place != NULL)
        diagnosis->part =
            gt_report_write(report, "%s", gt_expression_print(mistake->parts[0].place, names, text, sizeof text));
    if (mistake->kind == GT_MISTAKE_NONE)
        return true;
    diagnosis->kind = gt_mistake_kind_name(mistake->kind);
    gt_expression_print(mistake->repaired, names, text, sizeof text);
    diagnosis->repaired =
        gt_report_write(report, "%s = %s", names[question->equations[mistake->equation].target], text);
    return true;
}
