#include "diagnose/problem.h"

#include <string.h>

uint32_t gt_problem_find(const gt_problem *problem, const char *name)
{
    for (uint32_t i = 0; i < problem->name_count; i++)
        if (strcmp(problem->names[i].text, name) == 0)
            return i;
    return GT_PROBLEM_NO_NAME;
}

void gt_problem_free(gt_problem *problem)
{
    gt_arena_free(&problem->arena);
    *problem = (gt_problem){0};
}
