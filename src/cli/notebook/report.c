#include "cli/notebook/report.h"

#include "cli/terminal.h"
#include "gradtape/utf8.h"

#include <stdio.h>
#include <string.h>

/* Columns: a label, four of numbers, and the narrower one of differences: 99 together. */
#define LABEL_WIDTH 17
#define NUMBER_WIDTH 17
#define DIFFERENCE_WIDTH 14

static const char *const titles[GT_WITNESS_COUNT] = {"tape unrolled", "tape rolled", "handwritten",
                                                     "difference"};

/* ---- cells of the table -------------------------------------------------------------------- */

static int width_of(gt_witness w)
{
    return w == GT_WITNESS_DIFFERENCES ? DIFFERENCE_WIDTH : NUMBER_WIDTH;
}

/* Right-aligned; what is wrong is marked, and red on a terminal. */
static void print_cell(const char *text, int width, bool good)
{
    char marked[64];
    gt_utf8_format(marked, sizeof marked, "%s%s", good ? "" : "!", text);
    printf("%s%*s%s", good ? "" : gt_terminal_style(stdout, GT_STYLE_BAD), width, marked,
           good ? "" : gt_terminal_style(stdout, GT_STYLE_PLAIN));
}

static void print_label(const char *label)
{
    printf("  %-*s", LABEL_WIDTH - 2, label);
}

static const char *style(gt_style which)
{
    return gt_terminal_style(stdout, which);
}

static void print_head(const gt_exercise *exercise)
{
    printf("%s%s%s: %s\n%s", style(GT_STYLE_STRONG), exercise->name, style(GT_STYLE_PLAIN),
           exercise->title, style(GT_STYLE_FAINT));
    print_label("");
    printf("%*s", NUMBER_WIDTH, "notebook");
    for (int w = 0; w < GT_WITNESS_COUNT; w++)
        if (w != GT_WITNESS_DIFFERENCES || exercise->backward)
            printf("%*s", width_of((gt_witness)w), titles[w]);
    printf("%s\n", style(GT_STYLE_PLAIN));
}

/* A difference is not good to 12 digits, so it shows fewer. */
static void print_number_cell(const gt_printed_value *value, gt_witness w)
{
    char text[GT_NUMBER_SIZE];
    gt_utf8_format(text, sizeof text, "%s", value->by[w].known ? value->by[w].text : "-");
    if (w == GT_WITNESS_DIFFERENCES && value->by[w].known)
        snprintf(text, sizeof text, "%.8f", value->by[w].number);
    print_cell(text, width_of(w), w == GT_WITNESS_DIFFERENCES || value->by[w].good);
}

static void print_values(const gt_notebook_verdict *verdict, const gt_printed *printed)
{
    for (uint32_t i = 0; i < printed->value_count; i++) {
        print_label(i == 0 ? printed->print->label : "");
        printf("%*s", NUMBER_WIDTH, printed->values[i].text);
        for (int w = 0; w < GT_WITNESS_COUNT; w++)
            if (w != GT_WITNESS_DIFFERENCES || verdict->exercise->backward)
                print_number_cell(&printed->values[i], (gt_witness)w);
        printf("\n");
    }
}

static void format_printed_shape(const int64_t sizes[3], char *text, size_t size)
{
    snprintf(text, size, "-");
    if (sizes[0] > 0)
        gt_shape_format(sizes[2] > 0 ? GT_SHAPE(sizes[0], sizes[1], sizes[2])
                                     : GT_SHAPE(sizes[0], sizes[1]),
                        text, size);
}

/* How far a witness is from the handwritten formula in all entries of the array. */
static void print_disagreement(const gt_printed *printed, gt_witness w)
{
    char text[40];
    if (!printed->by[w].known)
        snprintf(text, sizeof text, "missing");
    else if (!printed->by[w].shape_good)
        gt_shape_format(printed->by[w].shape, text, sizeof text);
    else if (w == GT_WITNESS_HANDWRITTEN)
        snprintf(text, sizeof text, "reference");
    else
        snprintf(text, sizeof text, "off %.1e", printed->by[w].disagreement);
    print_cell(text, width_of(w), printed->by[w].good);
}

static void print_array(const gt_notebook_verdict *verdict, const gt_printed *printed)
{
    char label[32], shape[80];
    const char *print = printed->print->label;
    gt_utf8_format(label, sizeof label, "%.*s.shape", (int)strcspn(print, "["), print);
    format_printed_shape(printed->print->shape, shape, sizeof shape);
    printf("%s", style(GT_STYLE_FAINT));
    print_label(printed->print->shape[0] > 0 ? label : "all entries");
    printf("%*s%s", NUMBER_WIDTH, shape, style(GT_STYLE_PLAIN));
    for (int w = 0; w < GT_WITNESS_COUNT; w++)
        if (w != GT_WITNESS_DIFFERENCES || verdict->exercise->backward)
            print_disagreement(printed, (gt_witness)w);
    printf("\n");
}

void gt_report_exercise(const gt_notebook_verdict *verdict)
{
    print_head(verdict->exercise);
    for (uint32_t i = 0; i < verdict->exercise->print_count; i++) {
        const gt_printed *printed = &verdict->printed[i];
        print_values(verdict, printed);
        if (!printed->input && !printed->again)
            print_array(verdict, printed);
    }
    if (verdict->exercise->aside != NULL)
        printf("  %s counts the entries of a Python tuple: there is nothing to compute.\n",
               verdict->exercise->aside);
    gt_report_line(verdict);
    printf("\n");
}

/* ---- lines --------------------------------------------------------------------------------- */

static const char *word(bool good)
{
    return good ? "good" : "BAD";
}

static void print_word(bool good)
{
    printf("%s%s%s", style(good ? GT_STYLE_GOOD : GT_STYLE_BAD), word(good), style(GT_STYLE_PLAIN));
}

void gt_report_line(const gt_notebook_verdict *v)
{
    printf("%-19s", v->exercise->name);
    print_word(v->good);
    printf(": %u/%u numbers and %u/%u arrays agree; rolled %s\n", v->good_values, v->values,
           v->good_arrays, v->arrays,
           v->same_bits ? "equals unrolled bit for bit" : "and unrolled differ in rounding");
}

void gt_report_verdict(const gt_notebook_verdict *verdicts, uint32_t count)
{
    bool good = true;
    double worst[GT_WITNESS_COUNT] = {0};
    uint32_t values = 0, arrays = 0;
    for (uint32_t i = 0; i < count; i++) {
        good = good && verdicts[i].good;
        values += verdicts[i].values;
        arrays += verdicts[i].arrays;
        for (int w = 0; w < GT_WITNESS_COUNT; w++)
            if (verdicts[i].worst[w] > worst[w])
                worst[w] = verdicts[i].worst[w];
    }
    printf("%u printed numbers and %u arrays in %u exercise%s. Largest relative disagreement with "
           "the\nhandwritten formulas, max|a - b| / max(|a|, |b|) over all entries of an array:\n",
           values, arrays, count, count == 1 ? "" : "s");
    for (int w = 0; w < GT_WITNESS_COUNT; w++)
        if (w != GT_WITNESS_HANDWRITTEN)
            printf("  %-14s %.1e  (tolerance %.0e)\n", titles[w], worst[w],
                   w == GT_WITNESS_DIFFERENCES ? GT_TOLERANCE_DIFFERENCES : GT_TOLERANCE_TAPE);
    printf("verdict: ");
    print_word(good);
    printf("%s\n", good ? "" : ", see what is marked with '!'");
}
