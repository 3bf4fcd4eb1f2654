#include "graph/describe.h"

#include "base/utf8.h"
#include "graph/tape.h"

#include <stdio.h>
#include <string.h>

char *gt_var_describe(gt_var v, char text[GT_DESCRIPTION_SIZE])
{
    if (!gt_var_valid(v)) {
        snprintf(text, GT_DESCRIPTION_SIZE, "an invalid var");
        return text;
    }
    char shape[64];
    char place[48] = "";
    const char *name = gt_var_name(v);
    gt_shape_format(gt_var_shape(v), shape, sizeof shape);
    if (gt_var_step(v) >= 0)
        snprintf(place, sizeof place, " in step %d", (int)gt_var_step(v));
    if (name[0] != '\0')
        gt_utf8_format(text, GT_DESCRIPTION_SIZE, "'%.*s' %s%s", gt_utf8_fit(name, 60), name, shape, place);
    else
        gt_utf8_format(text, GT_DESCRIPTION_SIZE, "%s %s%s", gt_var_op(v)->name, shape, place);
    return text;
}
