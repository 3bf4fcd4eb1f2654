#include "lang/draws.h"

#include <math.h>
#include <string.h>

static const gt_lang_draw_entry draws[GT_LANG_DRAW_COUNT] = {
    [GT_LANG_DRAW_NORMAL] = {"normal", 1},
    [GT_LANG_DRAW_UNIFORM] = {"uniform", 2},
    [GT_LANG_DRAW_BERNOULLI] = {"bernoulli", 1},
};

const gt_lang_draw_entry *gt_lang_draw_at(gt_lang_draw draw)
{
    return draw < GT_LANG_DRAW_COUNT ? &draws[draw] : NULL;
}

bool gt_lang_draw_find(const char *name, gt_lang_draw *draw)
{
    for (int i = 0; i < GT_LANG_DRAW_COUNT; i++) {
        if (strcmp(draws[i].name, name) != 0)
            continue;
        *draw = (gt_lang_draw)i;
        return true;
    }
    return false;
}

gt_initializer gt_lang_draw_initializer(gt_lang_draw draw, const double *numbers)
{
    static const gt_initializer_kind kinds[GT_LANG_DRAW_COUNT] = {
        [GT_LANG_DRAW_NORMAL] = GT_INITIALIZE_NORMAL,
        [GT_LANG_DRAW_UNIFORM] = GT_INITIALIZE_UNIFORM,
        [GT_LANG_DRAW_BERNOULLI] = GT_INITIALIZE_BERNOULLI,
    };
    return (gt_initializer){.kind = kinds[draw], .a = numbers[0], .b = numbers[1]};
}

double gt_lang_draw_number(gt_lang_draw draw, const double *numbers, const gt_stream *stream, uint64_t i)
{
    double uniform[2];
    if (draw == GT_LANG_DRAW_NORMAL)
        return numbers[0] * gt_stream_normal(stream, i);
    gt_stream_draw(stream, i, uniform);
    return draw == GT_LANG_DRAW_BERNOULLI ? uniform[0] < numbers[0]
                                          : numbers[0] + (numbers[1] - numbers[0]) * uniform[0];
}

const char *gt_lang_draw_problem(gt_lang_draw draw, const double *numbers)
{
    if (draw == GT_LANG_DRAW_NORMAL && numbers[0] < 0)
        return "a standard deviation is not negative";
    if (draw == GT_LANG_DRAW_UNIFORM && numbers[0] > numbers[1])
        return "the lower limit comes first";
    if (draw == GT_LANG_DRAW_BERNOULLI && !(numbers[0] >= 0 && numbers[0] <= 1))
        return "a probability is from 0 to 1";
    return NULL;
}
