#include "cli/notebook/verdict.h"

#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double gt_relative_disagreement(gt_array a, gt_array b)
{
    if (a.data == NULL || b.data == NULL || gt_shape_count(a.shape) != gt_shape_count(b.shape))
        return INFINITY;
    const double *first = a.data, *second = b.data;
    double difference = 0, largest = 0;
    for (int64_t i = 0; i < gt_shape_count(a.shape); i++) {
        double d = fabs(first[i] - second[i]);
        if (!isfinite(d))
            return INFINITY;
        difference = fmax(difference, d);
        largest = fmax(largest, fmax(fabs(first[i]), fabs(second[i])));
    }
    return largest > 0 ? difference / largest : 0;
}

/* ---- printed numbers ----------------------------------------------------------------------- */

/* As NumPy prints an entry of a row (8 decimals, trailing zeros cut), or a single number. */
static void print_number(double value, bool row, char text[GT_NUMBER_SIZE])
{
    snprintf(text, GT_NUMBER_SIZE, row ? "%.8f" : "%.12g", value);
    if (!row)
        return;
    for (size_t end = strlen(text); end > 1 && text[end - 1] == '0'; end--)
        text[end - 1] = '\0';
}

/* Where the i-th number of a printed row stands in a column-major array of that shape. */
static int64_t entry_place(const gt_exercise_print *print, gt_shape shape, int64_t i)
{
    int64_t place = 0, stride = 1;
    for (int axis = 0; axis < 3; axis++) {
        int64_t along = axis < print->place_count ? print->place[axis] : axis == print->place_count ? i : 0;
        place += along * stride;
        stride *= shape.size[axis];
    }
    return place;
}

static void check_number(const gt_exercise_print *print, bool row, gt_printed_value *value, gt_witness w,
                         gt_array array)
{
    double number = ((const double *)array.data)[value->place];
    value->by[w].known = true;
    value->by[w].number = number;
    print_number(number, row, value->by[w].text);
    bool good = strcmp(value->by[w].text, value->text) == 0;
    if (!row) {
        double full = strtod(print->values, NULL);
        good = good && fabs(number - full) <= GT_TOLERANCE_FULL * fabs(full);
    }
    value->by[w].good = good;
}

/* The array as the witness has it; an input is the same for all who compute from it. */
static gt_array array_of(const gt_testimony *testimony, const gt_printed *printed, gt_witness w)
{
    if (printed->input && w != GT_WITNESS_DIFFERENCES)
        return gt_archive_find(testimony->given, printed->print->array);
    return gt_archive_find(testimony->results[w], printed->print->array);
}

/* One of the notebook's numbers. Those of rows are compared as they stand. */
static void read_number(const gt_printed *printed, const char *from, size_t length, gt_printed_value *value)
{
    if (printed->row)
        gt_utf8_format(value->text, sizeof value->text, "%.*s", (int)length, from);
    else
        print_number(strtod(from, NULL), false, value->text);
}

/* Reads the numbers of the notebook and those of the witnesses beside them. */
static void check_values(gt_printed *printed, const gt_testimony *testimony)
{
    gt_shape shape = array_of(testimony, printed, GT_WITNESS_HANDWRITTEN).shape;
    printed->row = printed->print->place_count < shape.rank;
    const char *next = printed->print->values;
    while (*next != '\0' && printed->value_count < GT_PRINTED_VALUES) {
        size_t length = strcspn(next, " ");
        gt_printed_value *value = &printed->values[printed->value_count];
        read_number(printed, next, length, value);
        value->place = entry_place(printed->print, shape, printed->value_count);
        for (int w = 0; w < GT_WITNESS_COUNT; w++) {
            gt_array array = array_of(testimony, printed, (gt_witness)w);
            if (array.data != NULL && value->place < gt_shape_count(array.shape))
                check_number(printed->print, printed->row, value, (gt_witness)w, array);
        }
        printed->value_count++;
        next += length + strspn(next + length, " ");
    }
}

/* ---- arrays -------------------------------------------------------------------------------- */

/* The printed shape, or more steps than that, which must all be zero. */
static bool shape_agrees(const int64_t printed[3], gt_array array)
{
    if (printed[0] == 0)
        return true;
    int64_t count = 1;
    for (int axis = 0; axis < 3; axis++) {
        int64_t size = printed[axis] > 0 ? printed[axis] : 1;
        if (axis < 2 ? array.shape.size[axis] != size : array.shape.size[axis] < size)
            return false;
        count *= size;
    }
    for (int64_t i = count; i < gt_shape_count(array.shape); i++)
        if (((const double *)array.data)[i] != 0)
            return false;
    return true;
}

static void check_array(gt_printed *printed, const gt_testimony *testimony, gt_witness w)
{
    gt_array array = array_of(testimony, printed, w);
    if (array.data == NULL)
        return;
    gt_array reference = array_of(testimony, printed, GT_WITNESS_HANDWRITTEN);
    double tolerance = w == GT_WITNESS_DIFFERENCES ? GT_TOLERANCE_DIFFERENCES : GT_TOLERANCE_TAPE;
    printed->by[w].known = true;
    printed->by[w].shape = array.shape;
    printed->by[w].shape_good = shape_agrees(printed->print->shape, array);
    printed->by[w].disagreement = gt_relative_disagreement(array, reference);
    printed->by[w].good = printed->by[w].shape_good && printed->by[w].disagreement <= tolerance;
    printed->entries = gt_shape_count(array.shape);
}

/* ---- the exercise -------------------------------------------------------------------------- */

static bool same_bits(const gt_testimony *testimony)
{
    const gt_archive *unrolled = testimony->results[GT_WITNESS_UNROLLED];
    const gt_archive *rolled = testimony->results[GT_WITNESS_ROLLED];
    for (uint32_t i = 0; gt_archive_name(unrolled, i) != NULL; i++) {
        gt_array a = gt_archive_find(unrolled, gt_archive_name(unrolled, i));
        gt_array b = gt_archive_find(rolled, gt_archive_name(unrolled, i));
        if (b.data == NULL || !gt_shape_equal(a.shape, b.shape) ||
            memcmp(a.data, b.data, (size_t)gt_shape_count(a.shape) * sizeof(double)) != 0)
            return false;
    }
    return gt_archive_count(unrolled) == gt_archive_count(rolled);
}

/* Who must be able to tell: differences tell gradients alone. */
static bool expected(const gt_exercise *exercise, const gt_printed *printed, gt_witness w)
{
    return w != GT_WITNESS_DIFFERENCES || (exercise->backward && !printed->input);
}

static void count(gt_notebook_verdict *verdict, const gt_printed *printed)
{
    bool array_good = true;
    for (int w = 0; w < GT_WITNESS_COUNT; w++) {
        if (!expected(verdict->exercise, printed, (gt_witness)w))
            continue;
        array_good = array_good && printed->by[w].good;
        verdict->worst[w] = fmax(verdict->worst[w], printed->by[w].disagreement);
    }
    for (uint32_t i = 0; i < printed->value_count; i++) {
        bool value_good = true;
        for (int w = 0; w < GT_WITNESS_DIFFERENCES; w++)
            value_good = value_good && printed->values[i].by[w].good;
        verdict->values++;
        verdict->good_values += value_good;
    }
    if (printed->input || printed->again)
        return;
    verdict->arrays++;
    verdict->good_arrays += array_good;
}

void gt_verdict_reach(gt_notebook_verdict *verdict, const gt_testimony *testimony)
{
    const gt_exercise *exercise = testimony->exercise;
    *verdict = (gt_notebook_verdict){.exercise = exercise};
    for (uint32_t i = 0; i < exercise->print_count; i++) {
        gt_printed *printed = &verdict->printed[i];
        printed->print = &exercise->prints[i];
        printed->input = gt_archive_find(testimony->given, printed->print->array).data != NULL;
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(exercise->prints[k].array, printed->print->array) == 0)
                printed->again = true;
        check_values(printed, testimony);
        for (int w = 0; w < GT_WITNESS_COUNT; w++)
            check_array(printed, testimony, (gt_witness)w);
        count(verdict, printed);
    }
    verdict->same_bits = same_bits(testimony);
    verdict->good = verdict->good_values == verdict->values && verdict->good_arrays == verdict->arrays;
}
