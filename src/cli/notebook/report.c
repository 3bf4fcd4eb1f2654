#include "cli/notebook/report.h"

#include "base/utf8.h"
#include "command/page.h"
#include "command/terminal.h"

#include <stdio.h>
#include <string.h>

/* Columns: a label, four of numbers, and the narrower one of differences: 99 together. */
#define LABEL_WIDTH 17
#define NUMBER_WIDTH 17
#define DIFFERENCE_WIDTH 14
#define TABLE_WIDTH (LABEL_WIDTH + 4 * NUMBER_WIDTH + DIFFERENCE_WIDTH)

static const char *const titles[GT_WITNESS_COUNT] = {"tape unrolled", "tape rolled", "handwritten", "difference"};

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
    gt_page_print("%s%*s%s", good ? "" : gt_terminal_style(stdout, GT_STYLE_BAD), width, marked,
                  good ? "" : gt_terminal_style(stdout, GT_STYLE_PLAIN));
}

static void print_label(const char *label)
{
    gt_page_print("  %-*s", LABEL_WIDTH - 2, label);
}

static const char *style(gt_style which)
{
    return gt_terminal_style(stdout, which);
}

static void print_titles(const gt_exercise *exercise)
{
    gt_page_print("%s", style(GT_STYLE_FAINT));
    print_label("");
    gt_page_print("%*s", NUMBER_WIDTH, "notebook");
    for (int w = 0; w < GT_WITNESS_COUNT; w++)
        if (w != GT_WITNESS_DIFFERENCES || exercise->backward)
            gt_page_print("%*s", width_of((gt_witness)w), titles[w]);
    gt_page_print("%s\n", style(GT_STYLE_PLAIN));
}

/* A difference is not good to 12 digits, so it shows fewer. */
static void print_number_cell(const gt_printed_value *value, gt_witness w, int width)
{
    char text[GT_NUMBER_SIZE];
    gt_utf8_format(text, sizeof text, "%s", value->by[w].known ? value->by[w].text : "-");
    if (w == GT_WITNESS_DIFFERENCES && value->by[w].known)
        snprintf(text, sizeof text, "%.8f", value->by[w].number);
    print_cell(text, width, w == GT_WITNESS_DIFFERENCES || value->by[w].good);
}

static void print_values(const gt_notebook_verdict *verdict, const gt_printed *printed)
{
    for (uint32_t i = 0; i < printed->value_count; i++) {
        print_label(i == 0 ? printed->print->label : "");
        gt_page_print("%*s", NUMBER_WIDTH, printed->values[i].text);
        for (int w = 0; w < GT_WITNESS_COUNT; w++)
            if (w != GT_WITNESS_DIFFERENCES || verdict->exercise->backward)
                print_number_cell(&printed->values[i], (gt_witness)w, width_of((gt_witness)w));
        gt_page_print("\n");
    }
}

static void format_printed_shape(const int64_t sizes[3], char *text, size_t size)
{
    snprintf(text, size, "-");
    if (sizes[0] > 0)
        gt_shape_format(sizes[2] > 0 ? GT_SHAPE(sizes[0], sizes[1], sizes[2]) : GT_SHAPE(sizes[0], sizes[1]), text,
                        size);
}

/* How far a witness is from the handwritten formula in all entries of the array. */
static void print_disagreement(const gt_printed *printed, gt_witness w, int width)
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
    print_cell(text, width, printed->by[w].good);
}

static void format_shape_label(const gt_printed *printed, char *text, size_t size)
{
    const char *print = printed->print->label;
    if (printed->print->shape[0] > 0)
        gt_utf8_format(text, size, "%.*s.shape", (int)strcspn(print, "["), print);
    else
        snprintf(text, size, "all entries");
}

static bool has_array(const gt_printed *printed)
{
    return !printed->input && !printed->again;
}

static void print_array(const gt_notebook_verdict *verdict, const gt_printed *printed)
{
    char label[32], shape[80];
    format_shape_label(printed, label, sizeof label);
    format_printed_shape(printed->print->shape, shape, sizeof shape);
    gt_page_print("%s", style(GT_STYLE_FAINT));
    print_label(label);
    gt_page_print("%*s%s", NUMBER_WIDTH, shape, style(GT_STYLE_PLAIN));
    for (int w = 0; w < GT_WITNESS_COUNT; w++)
        if (w != GT_WITNESS_DIFFERENCES || verdict->exercise->backward)
            print_disagreement(printed, (gt_witness)w, width_of((gt_witness)w));
    gt_page_print("\n");
}

static void print_table(const gt_notebook_verdict *verdict)
{
    print_titles(verdict->exercise);
    for (uint32_t i = 0; i < verdict->exercise->print_count; i++) {
        print_values(verdict, &verdict->printed[i]);
        if (has_array(&verdict->printed[i]))
            print_array(verdict, &verdict->printed[i]);
    }
}

/* ---- the table on a narrow terminal: a line for each column -------------------------------- */

static void print_line_of_notebook(const gt_printed *printed)
{
    gt_page_print("  %s%-*s%s", style(GT_STYLE_FAINT), LABEL_WIDTH - 2, "notebook", style(GT_STYLE_PLAIN));
    for (uint32_t i = 0; i < printed->value_count; i++)
        gt_page_print("%s%s", i > 0 ? " " : "", printed->values[i].text);
    if (has_array(printed)) {
        char label[32], shape[80];
        format_shape_label(printed, label, sizeof label);
        format_printed_shape(printed->print->shape, shape, sizeof shape);
        gt_page_print("; %s %s", label, shape);
    }
    gt_page_print("\n");
}

static void print_line_of(const gt_printed *printed, gt_witness w)
{
    gt_page_print("  %s%-*s%s", style(GT_STYLE_FAINT), LABEL_WIDTH - 2, titles[w], style(GT_STYLE_PLAIN));
    for (uint32_t i = 0; i < printed->value_count; i++) {
        gt_page_print("%s", i > 0 ? " " : "");
        print_number_cell(&printed->values[i], w, 0);
    }
    if (has_array(printed)) {
        gt_page_print("; ");
        print_disagreement(printed, w, 0);
    }
    gt_page_print("\n");
}

static void print_lines(const gt_notebook_verdict *verdict)
{
    for (uint32_t i = 0; i < verdict->exercise->print_count; i++) {
        const gt_printed *printed = &verdict->printed[i];
        gt_page_print("%s\n", printed->print->label);
        print_line_of_notebook(printed);
        for (int w = 0; w < GT_WITNESS_COUNT; w++)
            if (w != GT_WITNESS_DIFFERENCES || verdict->exercise->backward)
                print_line_of(printed, (gt_witness)w);
    }
}

void gt_report_exercise(const gt_notebook_verdict *verdict)
{
    const gt_exercise *exercise = verdict->exercise;
    gt_page_print("%s%s%s: %s\n", style(GT_STYLE_STRONG), exercise->name, style(GT_STYLE_PLAIN), exercise->title);
    if (gt_page_fits(TABLE_WIDTH))
        print_table(verdict);
    else
        print_lines(verdict);
    if (verdict->exercise->aside != NULL)
        gt_page_print("  %s counts the entries of a Python tuple: there is nothing to compute.\n",
                      verdict->exercise->aside);
    gt_report_line(verdict);
    gt_page_print("\n");
}

/* ---- lines --------------------------------------------------------------------------------- */

static const char *word(bool good)
{
    return good ? "good" : "BAD";
}

static void print_word(bool good)
{
    gt_page_print("%s%s%s", style(good ? GT_STYLE_GOOD : GT_STYLE_BAD), word(good), style(GT_STYLE_PLAIN));
}

void gt_report_line(const gt_notebook_verdict *v)
{
    gt_page_print("%-19s", v->exercise->name);
    print_word(v->good);
    gt_page_print(": %u/%u numbers and %u/%u arrays agree; rolled %s\n", v->good_values, v->values, v->good_arrays,
                  v->arrays, v->same_bits ? "equals unrolled bit for bit" : "and unrolled differ in rounding");
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
    gt_page_print("%u printed numbers and %u arrays in %u exercise%s. Largest relative disagreement with "
                  "the%shandwritten formulas, max|a - b| / max(|a|, |b|) over all entries of an array:\n",
                  values, arrays, count, count == 1 ? "" : "s", gt_page_fits(TABLE_WIDTH) ? "\n" : " ");
    for (int w = 0; w < GT_WITNESS_COUNT; w++)
        if (w != GT_WITNESS_HANDWRITTEN)
            gt_page_print("  %-14s %.1e  (tolerance %.0e)\n", titles[w], worst[w],
                          w == GT_WITNESS_DIFFERENCES ? GT_TOLERANCE_DIFFERENCES : GT_TOLERANCE_TAPE);
    gt_page_print("verdict: ");
    print_word(good);
    gt_page_print("%s\n", good ? "" : ", see what is marked with '!'");
}
