#include "diagnose/evidence_values.h"

#include "lang/chain.h"
#include "lang/parsed.h"
#include "lang/run_cell.h"

#include <string.h>

const gt_lang_cell *gt_evidence_tree(const gt_cell *cell)
{
    const gt_lang_meaning *meaning = cell->step == gt_lang_step ? cell->context : NULL;
    return meaning == NULL ? NULL : meaning->cell;
}

static bool is_short(const gt_lang_equation *equations, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (equations[i].value != NULL && gt_lang_height(equations[i].value) > GT_LANG_MAX_DEPTH)
            return false;
    return true;
}

bool gt_evidence_is_short(const gt_lang_cell *cell)
{
    return is_short(cell->equations, cell->equation_count) && is_short(cell->backward, cell->backward_count);
}

gt_value gt_evidence_value(gt_array array)
{
    if (array.data == NULL || array.dtype != GT_F64 || array.shape.size[2] != 1)
        return (gt_value){0};
    return gt_value_of((uint32_t)array.shape.size[0], (uint32_t)array.shape.size[1], array.data);
}

static void use_number(gt_value *value, double *kept, double number)
{
    *kept = number;
    *value = gt_value_of(1, 1, kept);
}

gt_value *gt_evidence_values(gt_question *question, const gt_evidence *evidence, int64_t t)
{
    gt_value *values = gt_arena_new(&question->arena, question->name_count, sizeof *values);
    double *numbers = gt_arena_new(&question->arena, question->name_count, sizeof *numbers);
    for (uint32_t i = 0; !question->arena.failed && i < question->name_count; i++) {
        const char *name = question->names[i].text;
        values[i] = gt_evidence_value(evidence->find(evidence, name, t));
        if (question->names[i].role != GT_ROLE_OF_NUMBER)
            continue;
        for (uint32_t k = 0; k < evidence->dimension_count; k++)
            if (strcmp(evidence->dimensions[k].name, name) == 0)
                use_number(&values[i], &numbers[i], (double)evidence->dimensions[k].size);
        if (strcmp(name, "m") == 0)
            use_number(&values[i], &numbers[i], (double)evidence->examples);
    }
    if (!question->arena.failed)
        gt_question_shape_values(question, evidence->cell->context, values);
    return question->arena.failed ? NULL : values;
}
