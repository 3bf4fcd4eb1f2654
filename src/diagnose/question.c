#include "diagnose/question.h"

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

void gt_question_free(gt_question *question)
{
    gt_arena_free(&question->arena);
    *question = (gt_question){0};
}
