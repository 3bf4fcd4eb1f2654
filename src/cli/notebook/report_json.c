#include "cli/notebook/report.h"

static const char *const keys[GT_WITNESS_COUNT] = {"unrolled", "rolled", "handwritten", "difference"};

static void add_value(gt_json *json, const gt_printed *printed, const gt_printed_value *value)
{
    gt_json_object(json, NULL);
    gt_json_integer(json, "entry", value->place);
    gt_json_text(json, "notebook", value->text);
    if (!printed->row)
        gt_json_text(json, "notebook_full", printed->print->values);
    for (int w = 0; w < GT_WITNESS_COUNT; w++) {
        if (!value->by[w].known)
            continue;
        gt_json_object(json, keys[w]);
        gt_json_real(json, "number", value->by[w].number);
        gt_json_text(json, "text", value->by[w].text);
        if (w != GT_WITNESS_DIFFERENCES)
            gt_json_boolean(json, "agrees", value->by[w].good);
        gt_json_close(json);
    }
    gt_json_close(json);
}

static void add_printed(gt_json *json, const gt_printed *printed)
{
    gt_json_object(json, NULL);
    gt_json_text(json, "label", printed->print->label);
    gt_json_text(json, "array", printed->print->array);
    const int64_t *shape = printed->print->shape;
    if (shape[0] > 0)
        gt_json_shape(json, "notebook_shape",
                      shape[2] > 0 ? GT_SHAPE(shape[0], shape[1], shape[2]) : GT_SHAPE(shape[0], shape[1]));
    gt_json_array(json, "values");
    for (uint32_t i = 0; i < printed->value_count; i++)
        add_value(json, printed, &printed->values[i]);
    gt_json_close(json);
    gt_json_object(json, "arrays");
    for (int w = 0; w < GT_WITNESS_COUNT; w++) {
        if (!printed->by[w].known)
            continue;
        gt_json_object(json, keys[w]);
        gt_json_shape(json, "shape", printed->by[w].shape);
        gt_json_real(json, "disagreement", printed->by[w].disagreement);
        gt_json_boolean(json, "agrees", printed->by[w].good);
        gt_json_close(json);
    }
    gt_json_close(json);
    gt_json_close(json);
}

void gt_report_json(gt_json *json, const gt_notebook_verdict *verdict)
{
    gt_json_object(json, NULL);
    gt_json_text(json, "name", verdict->exercise->name);
    gt_json_text(json, "title", verdict->exercise->title);
    gt_json_text(json, "cell", verdict->exercise->cell);
    gt_json_text(json, "verdict", verdict->good ? "good" : "bad");
    gt_json_boolean(json, "same_bits", verdict->same_bits);
    gt_json_array(json, "printed");
    for (uint32_t i = 0; i < verdict->exercise->print_count; i++)
        add_printed(json, &verdict->printed[i]);
    gt_json_close(json);
    gt_json_close(json);
}
