/* The fixed settings in a file. */
#include "command/json.h"
#include "training/settings.h"

static void write_row(gt_json *json, const gt_option *row)
{
    switch (row->kind) {
    case GT_KIND_FLAG:
        gt_json_boolean(json, row->name, *(bool *)row->target);
        break;
    case GT_KIND_INTEGER:
        gt_json_integer(json, row->name, *(int64_t *)row->target);
        break;
    case GT_KIND_REAL:
        gt_json_real(json, row->name, *(double *)row->target);
        break;
    case GT_KIND_TEXT:
        gt_json_text(json, row->name, *(const char **)row->target);
        break;
    default:
        gt_json_text(json, row->name, row->choices[*(int *)row->target]);
        break;
    }
}

void gt_settings_write(gt_json *json, const gt_settings *given)
{
    gt_settings settings = *given; /* rows hold pointers to what may be changed */
    gt_option rows[GT_FIXED_COUNT + 1];
    gt_settings_fixed(&settings, rows);
    gt_json_object(json, "settings");
    for (int i = 0; i < GT_FIXED_COUNT; i++)
        write_row(json, &rows[i]);
    gt_json_close(json);
}
