#include "cli/bench/program.h"

#include "base/utf8.h"
#include "command/page.h"
#include "command/terminal.h"
#include "plan/describe/description.h"

#include <stdio.h>
#include <string.h>

/* ---- numbers ------------------------------------------------------------------------------- */

/* "12.9 G", "64.0 M", "512". */
static const char *scaled(double number, char text[32])
{
    static const char *const units[] = {"", "k", "M", "G", "T", "P"};
    int unit = 0;
    for (; number >= 1000 && unit < 5; unit++)
        number /= 1000;
    gt_utf8_format(text, 32, unit == 0 ? "%.0f %s" : "%.3g %s", number, units[unit]);
    return text;
}

/* What is in a loop, once through its body. */
typedef struct tally {
    uint32_t products, runs, ops, kernels, copies;
    double product_flops, flops, bytes, stored;
} tally;

static tally tally_of(const gt_plan_description *plan, uint32_t loop)
{
    tally t = {0};
    const gt_plan_line *head = gt_plan_description_line(plan, loop), *line;
    for (uint32_t i = loop + 1; (line = gt_plan_description_line(plan, i)) != NULL && line->depth > head->depth; i++) {
        t.products += line->kind == GT_PLAN_PRODUCT;
        t.runs += line->kind == GT_PLAN_RUN;
        t.ops += line->kind == GT_PLAN_RUN_STEP;
        t.kernels += line->kind == GT_PLAN_KERNEL;
        t.copies += line->kind == GT_PLAN_COPY;
        t.product_flops += line->kind == GT_PLAN_PRODUCT ? line->flops * line->times : 0;
        t.flops += line->kind == GT_PLAN_RUN_STEP ? 0 : line->flops * line->times;
        t.bytes += line->bytes * line->times;
        t.stored += line->stored * line->times;
    }
    return t;
}

/* ---- for people ---------------------------------------------------------------------------- */

static void print_heading(const gt_step_settings *s)
{
    gt_page_print("%s%s%s%s, %s of %lld examples over %lld steps, ", gt_terminal_style(stdout, GT_STYLE_STRONG),
                  s->cell->name, gt_terminal_style(stdout, GT_STYLE_PLAIN), s->unrolled ? " unrolled" : "",
                  s->forward ? "the forward pass" : "one training step", (long long)s->batch, (long long)s->steps);
    gt_print_dimensions(&s->dimensions);
    gt_page_print("%s\n", gt_dtype_name(s->dtype));
}

static void print_cost(const gt_plan_description *plan)
{
    gt_plan_cost cost;
    char flops[32], bytes[32], memory[32], own[32];
    gt_plan_find_cost(gt_plan_description_plan(plan), &cost);
    double all = cost.product_flops + cost.other_flops;
    gt_page_print("%sFLOP, %.1f %% in matrix products; %sB moved; %sB of memory, of which %sB are the plan's own\n",
                  scaled(all, flops), all > 0 ? 100 * cost.product_flops / all : 0.0, scaled(cost.bytes, bytes),
                  scaled((double)(cost.workspace_bytes + cost.input_bytes), memory),
                  scaled((double)cost.workspace_bytes, own));
}

static void print_section(const char *name)
{
    gt_page_print("\n%s%s%s\n", gt_terminal_style(stdout, GT_STYLE_STRONG), name,
                  gt_terminal_style(stdout, GT_STYLE_PLAIN));
}

/* Whether an earlier loop computes a value of this name, too. */
static bool is_computed_before(const gt_plan_description *plan, uint32_t loop, const char *name)
{
    bool numbered = name[0] == 't' && strspn(name + 1, "0123456789") == strlen(name + 1);
    for (uint32_t i = 0; i < loop && !numbered; i++) {
        const gt_plan_line *line = gt_plan_description_line(plan, i);
        if (line->kind == GT_PLAN_RUN_STEP && line->times > 1 && strcmp(line->result, name) == 0)
            return true;
    }
    return false;
}

/* The values of a loop that are stored for every step, or those that are computed a second time. */
static uint32_t print_names(const gt_plan_description *plan, uint32_t loop, bool again)
{
    const gt_plan_line *head = gt_plan_description_line(plan, loop), *line;
    uint32_t count = 0;
    for (uint32_t i = loop + 1; (line = gt_plan_description_line(plan, i)) != NULL && line->depth > head->depth; i++) {
        bool named =
            again ? line->kind == GT_PLAN_RUN_STEP && is_computed_before(plan, loop, line->result) : line->stored > 0;
        if (!named)
            continue;
        if (count == 0)
            gt_page_print("%*s%s ", 4 * (int)head->depth + 4, "", again ? "computes again:" : "stores");
        gt_page_print("%s%s", count > 0 ? ", " : "", line->result);
        count++;
    }
    return count;
}

static void print_loop(const gt_plan_description *plan, uint32_t i)
{
    const gt_plan_line *line = gt_plan_description_line(plan, i);
    tally t = tally_of(plan, i);
    char flops[32], bytes[32];
    gt_page_print("%s%s%s", gt_terminal_style(stdout, GT_STYLE_STRONG), line->text,
                  gt_terminal_style(stdout, GT_STYLE_PLAIN));
    gt_page_print("; %s; %sFLOP, %.1f %% in products; %sB moved\n", line->detail, scaled(t.flops, flops),
                  t.flops > 0 ? 100 * t.product_flops / t.flops : 0.0, scaled(t.bytes, bytes));
    gt_page_print("%*severy step: %u products, %u runs of %u ops, %u other ops, %u copies\n", 4 * (int)line->depth + 4,
                  "", (unsigned)t.products, (unsigned)t.runs, (unsigned)t.ops, (unsigned)t.kernels, (unsigned)t.copies);
    if (print_names(plan, i, false) > 0)
        gt_page_print(" for every step: %sB\n", scaled(t.stored, bytes));
    if (print_names(plan, i, true) > 0)
        gt_page_print("\n");
}

static void print_run(const gt_plan_line *line)
{
    char bytes[32];
    gt_page_print("run of %s over (%lld, %lld), %sB moved; reads %s\n", line->detail, (long long)line->shape.size[0],
                  (long long)line->shape.size[1], scaled(line->bytes, bytes), line->text);
}

static void print_value(const char *what, const gt_plan_line *line)
{
    const char *faint = gt_terminal_style(stdout, GT_STYLE_FAINT), *plain = gt_terminal_style(stdout, GT_STYLE_PLAIN);
    char shape[96] = "";
    if (line->kind == GT_PLAN_KERNEL)
        gt_shape_format(line->shape, shape, sizeof shape);
    gt_page_print("%s%s%s%s%s", what, what[0] != '\0' ? " " : "", line->result, line->result[0] != '\0' ? " = " : "",
                  line->text);
    if (line->detail[0] != '\0')
        gt_page_print("  %s%s%s%s%s", faint, shape, shape[0] != '\0' ? ", " : "", line->detail, plain);
    gt_page_print("\n");
}

/* One line for each of the parts of a text that stand between semicolons. */
static void print_change(const gt_plan_change *change)
{
    const char *text = change->text, *name = change->pass;
    for (const char *end; (end = strstr(text, "; ")) != NULL; text = end + 2, name = "")
        gt_page_print("%-15s %.*s\n", name, (int)(end - text), text);
    gt_page_print("%-15s %s\n", name, text);
}

static void print_line(const gt_plan_description *plan, uint32_t i)
{
    const gt_plan_line *line = gt_plan_description_line(plan, i);
    char shape[96];
    gt_page_print("%*s", 4 * (int)line->depth, "");
    switch (line->kind) {
    case GT_PLAN_LOOP:
        print_loop(plan, i);
        break;
    case GT_PLAN_RUN:
        print_run(line);
        break;
    case GT_PLAN_PRODUCT:
        print_value("product", line);
        break;
    case GT_PLAN_RUN_STEP:
        print_value("", line);
        break;
    case GT_PLAN_KERNEL:
        print_value("op", line);
        break;
    case GT_PLAN_PACKING:
        gt_page_print("pack %s %s%s\n", line->text, gt_shape_format(line->shape, shape, sizeof shape),
                      line->detail[0] != '\0' ? ", transposed" : "");
        break;
    case GT_PLAN_COPY:
        gt_page_print("%scopy%s %s %s, %s\n", gt_terminal_style(stdout, GT_STYLE_NOTE),
                      gt_terminal_style(stdout, GT_STYLE_PLAIN), line->text,
                      gt_shape_format(line->shape, shape, sizeof shape), line->detail);
        break;
    }
}

void gt_program_print(const gt_step_settings *settings, const gt_reads *reads, const gt_plan_description *plan)
{
    const gt_plan_change *change;
    char names[256];
    print_heading(settings);
    gt_reads_names(reads, settings->cell, names, sizeof names);
    gt_page_print("%s %s at every step; ", settings->forward ? "values of" : "upstream gradients of", names);
    print_cost(plan);
    print_section("passes");
    for (uint32_t i = 0; (change = gt_plan_description_change(plan, i)) != NULL; i++)
        print_change(change);
    print_section("program");
    for (uint32_t i = 0; gt_plan_description_line(plan, i) != NULL; i++)
        print_line(plan, i);
}

/* ---- for machines -------------------------------------------------------------------------- */

static void json_line(const gt_plan_line *line, gt_json *json)
{
    static const char *const kinds[] = {
        [GT_PLAN_LOOP] = "loop", [GT_PLAN_PRODUCT] = "product",   [GT_PLAN_PACKING] = "packing",
        [GT_PLAN_RUN] = "run",   [GT_PLAN_RUN_STEP] = "run_step", [GT_PLAN_KERNEL] = "op",
        [GT_PLAN_COPY] = "copy",
    };
    gt_json_object(json, NULL);
    gt_json_text(json, "kind", kinds[line->kind]);
    gt_json_integer(json, "depth", line->depth);
    gt_json_real(json, "times", line->times);
    gt_json_real(json, "flops", line->flops);
    gt_json_real(json, "bytes", line->bytes);
    gt_json_real(json, "stored", line->stored);
    if (line->kind != GT_PLAN_LOOP)
        gt_json_shape(json, "shape", line->shape);
    gt_json_text(json, "result", line->result);
    gt_json_text(json, "text", line->text);
    gt_json_text(json, "detail", line->detail);
    gt_json_close(json);
}

void gt_program_json(const gt_step_settings *s, const gt_reads *reads, const gt_plan_description *plan, gt_json *json)
{
    const gt_plan_change *change;
    gt_plan_cost cost;
    gt_plan_find_cost(gt_plan_description_plan(plan), &cost);
    gt_step_settings_json(s, reads, 0, json);
    gt_json_real(json, "flops", cost.product_flops + cost.other_flops);
    gt_json_real(json, "product_flops", cost.product_flops);
    gt_json_real(json, "moved_bytes", cost.bytes);
    gt_json_integer(json, "peak_bytes", (int64_t)(cost.workspace_bytes + cost.input_bytes));
    gt_json_integer(json, "workspace_bytes", (int64_t)cost.workspace_bytes);
    gt_json_array(json, "passes");
    for (uint32_t i = 0; (change = gt_plan_description_change(plan, i)) != NULL; i++) {
        gt_json_object(json, NULL);
        gt_json_text(json, "pass", change->pass);
        gt_json_text(json, "text", change->text);
        gt_json_close(json);
    }
    gt_json_close(json);
    gt_json_array(json, "program");
    for (uint32_t i = 0; gt_plan_description_line(plan, i) != NULL; i++)
        json_line(gt_plan_description_line(plan, i), json);
    gt_json_close(json);
}
