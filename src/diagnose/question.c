#include "diagnose/question.h"

#include "lang/check_axes.h"

#include <string.h>

const char **gt_question_texts(gt_question *question)
{
    const char **texts = gt_arena_new(&question->arena, question->name_count, sizeof *texts);
    for (uint32_t i = 0; texts != NULL && i < question->name_count; i++)
        texts[i] = question->names[i].text;
    return texts;
}

uint32_t gt_question_find(const gt_question *question, const char *name)
{
    for (uint32_t i = 0; i < question->name_count; i++)
        if (strcmp(question->names[i].text, name) == 0)
            return i;
    return GT_QUESTION_NO_NAME;
}

/* ---- several sizes --------------------------------------------------------------------------- */

/* The shape of a name by its text; of dN that of N. NULL of a local that the meaning has not. */
static const gt_lang_shape *shape_of(const gt_question *question, const gt_lang_meaning *meaning, uint32_t name)
{
    const gt_question_name *n = &question->names[name];
    if (n->role == GT_ROLE_OF_NUMBER)
        return NULL;
    const char *text =
        n->role == GT_ROLE_OF_GRADIENT || n->role == GT_ROLE_OF_UPSTREAM ? question->names[n->about].text : n->text;
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&meaning->symbols, text);
    return symbol != NULL && symbol->shape.known && !symbol->shape.number ? &symbol->shape : NULL;
}

static double size_of(const gt_question *question, const gt_value *values, const gt_lang_size *size)
{
    double sum = 0;
    for (uint32_t i = 0; i < size->term_count; i++) {
        double product = (double)size->terms[i].coefficient;
        for (int k = 0; k < GT_LANG_MAX_FACTORS && size->terms[i].factors[k] != NULL; k++) {
            uint32_t name = gt_question_find(question, size->terms[i].factors[k]);
            bool known = name != GT_QUESTION_NO_NAME && values[name].data != NULL;
            product *= known ? *values[name].data : 0;
        }
        sum += product;
    }
    return sum;
}

static void shape_value(const gt_question *question, const gt_lang_shape *shape, const gt_value *values, gt_value *v)
{
    double rows = 1;
    v->examples = gt_lang_has_examples(shape) ? GT_VALUE_COLUMNS : 0;
    if (shape->axes == NULL)
        return;
    for (uint32_t i = 0; i < shape->axes->count; i++) {
        v->size[i] = (uint32_t)size_of(question, values, &shape->axes->sizes[i]);
        rows *= v->size[i];
    }
    v->count = (uint8_t)shape->axes->count;
    if (rows != v->rows)
        v->data = NULL; /* of sizes that nobody knows */
}

void gt_question_shape_values(const gt_question *question, const gt_lang_meaning *meaning, gt_value *values)
{
    for (uint32_t i = 0; question->several && i < question->name_count; i++) {
        const gt_lang_shape *shape = values[i].data != NULL ? shape_of(question, meaning, i) : NULL;
        if (shape != NULL)
            shape_value(question, shape, values, &values[i]);
    }
}

void gt_question_free(gt_question *question)
{
    gt_lang_meaning_free(&question->meaning);
    gt_lang_diagnostics_free(&question->diagnostics);
    gt_pool_free(&question->pool);
    gt_arena_free(&question->arena);
    *question = (gt_question){0};
}
