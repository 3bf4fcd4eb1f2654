/* gradtape cells: the cells that can be called by their names. */
#include "command/cell_source.h"
#include "command/dimensions.h"
#include "command/json.h"
#include "command/options.h"
#include "command/terminal.h"
#include "models/dimensions.h"
#include "plan/describe/description.h"
#include "problem/tape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS GT_MAX_CELL_ARRAYS

typedef struct settings {
    const char *dims, *show;
    bool json;
} settings;

static const char description[] =
    "Lists the cells that 'train', 'grad', 'graph', 'check', 'plan' and 'bench' know by their names, with the "
    "number of their parameters and the floating-point operations of one time step of one example, forward "
    "(a multiplication and an addition each count as one, as does each entry of an elementwise op). The "
    "output layer is left out. A cell of your own is a file: see 'gradtape new'.";

static const char examples[] = "  gradtape cells --dims n_x=256,n_a=256\n"
                               "  gradtape cells --show peephole_lstm > mine.cell\n";

/* ---- counting ------------------------------------------------------------------------------ */

typedef struct counts {
    int64_t parameters;
    double flops;
} counts;

/* One step of one example, planned. */
static gt_status count_flops(const gt_cell_problem *problem, counts *c, gt_error *error)
{
    gt_cell_tape record;
    gt_plan *plan = NULL;
    gt_status status = gt_cell_tape_open(&record, problem, true, error);
    if (status == GT_OK)
        plan = gt_plan_new(record.results, record.result_count, NULL, error);
    gt_cell_tape_close(&record);
    if (plan == NULL)
        return error->status;
    gt_plan_cost cost;
    gt_plan_find_cost(plan, &cost);
    c->flops = cost.product_flops + cost.other_flops;
    gt_plan_free(plan);
    return GT_OK;
}

static gt_status count_all(const gt_cell *cell, const gt_dimensions *d, counts *c, gt_error *error)
{
    gt_cell_problem problem;
    gt_status status = gt_cell_problem_shape(&problem, cell, GT_F64, d, 1, 1, false, error);
    c->parameters = 0;
    for (uint32_t i = 0; i < problem.array_count; i++) {
        problem.arrays[i].given = problem.arrays[i].kind < GT_PROBLEM_STATE_UPSTREAM;
        if (problem.arrays[i].kind == GT_PROBLEM_PARAMETER)
            c->parameters += gt_shape_count(problem.arrays[i].shape);
    }
    if (status == GT_OK)
        status = count_flops(&problem, c, error);
    gt_cell_problem_free(&problem);
    return status;
}

/* The sizes in `given` that the cell names; the others are usual ones. */
static gt_status count(const gt_cell *cell, const gt_dimensions *given, counts *c, gt_error *error)
{
    gt_dimensions d;
    gt_status status = gt_dimensions_find(&d, cell, false, error);
    for (uint32_t i = 0; i < d.count; i++)
        for (uint32_t k = 0; k < given->count; k++)
            if (strcmp(d.list[i].name, given->list[k].name) == 0)
                d.list[i].size = given->list[k].size;
    return status == GT_OK ? count_all(cell, &d, c, error) : status;
}

/* ---- listing ------------------------------------------------------------------------------- */

typedef struct entry {
    const char *name;
    gt_cell_source source;
    counts counts;
} entry;

/* The names of dimensions in the zoo, with sizes that layers of 128 units have. */
static gt_status all_dimensions(const char *dims, gt_dimensions *all, gt_error *error)
{
    static const gt_dimension usual[] = {{"n_x", 128}, {"n_a", 128}, {"n_c", 256}, {"n_h", 4},
                                         {"n_k", 32},  {"n_v", 32},  {"n_r", 16},  {"n_s", 16}};
    enum { COUNT = sizeof usual / sizeof *usual };
    gt_cell_array names[COUNT];
    for (int i = 0; i < COUNT; i++)
        names[i] = (gt_cell_array){.name = usual[i].name, .rows = usual[i].name};
    const gt_cell together = {.name = "the zoo", .states = names, .state_count = COUNT};
    gt_status status = gt_dimensions_find(all, &together, false, error);
    for (int i = 0; i < COUNT && status == GT_OK; i++)
        gt_dimensions_at(all, usual[i].name)->size = usual[i].size;
    return status == GT_OK ? gt_dimensions_read(all, &together, "--dims", dims, error) : status;
}

static const char *documentation(const entry *e)
{
    return e->source.cell->documentation;
}

/* "lstm  131584  ...", and what it is, wrapped; on a narrow terminal on lines of its own. */
static void print_table(const entry *entries, size_t count)
{
    enum { COLUMN = 42, NARROW = 72 };
    int width = gt_terminal_width(stdout), indent = width < NARROW ? 4 : COLUMN;
    printf("%s%-18s %10s %10s%s%s\n", gt_terminal_style(stdout, GT_STYLE_STRONG), "name", "parameters", "FLOPs",
           width < NARROW ? "" : "  what it is", gt_terminal_style(stdout, GT_STYLE_PLAIN));
    for (size_t i = 0; i < count; i++) {
        printf("%-18s %10lld %10.0f", entries[i].name, (long long)entries[i].counts.parameters,
               entries[i].counts.flops);
        if (width < NARROW)
            printf("\n%*s", indent, "");
        else
            printf("  ");
        gt_terminal_wrap(stdout, documentation(&entries[i]), indent, indent, width);
    }
}

static int print_json(const gt_command *command, const entry *entries, size_t count, const gt_dimensions *dimensions)
{
    gt_json *json = gt_json_begin(command, 1);
    if (json == NULL)
        return GT_EXIT_USAGE;
    gt_json_object(json, "dims");
    gt_json_dimensions(dimensions, json);
    gt_json_close(json);
    gt_json_array(json, "cells");
    for (size_t i = 0; i < count; i++) {
        gt_json_object(json, NULL);
        gt_json_text(json, "name", entries[i].name);
        gt_json_text(json, "documentation", documentation(&entries[i]));
        gt_json_integer(json, "parameters", entries[i].counts.parameters);
        gt_json_real(json, "flops_per_step", entries[i].counts.flops);
        gt_json_boolean(json, "backward", gt_parsed_cell_has_backward(entries[i].source.parsed));
        gt_json_text(json, "text", gt_parsed_cell_text(entries[i].source.parsed, NULL));
        gt_json_close(json);
    }
    gt_json_close(json);
    return gt_json_finish(json, GT_EXIT_GOOD);
}

static bool fill(entry *entries, uint32_t count_of_all, const gt_dimensions *dimensions, gt_error *error)
{
    for (uint32_t i = 0; i < count_of_all; i++) {
        entries[i].name = gt_zoo_at(i)->name;
        if (!gt_cell_source_parse(&entries[i].source, gt_zoo_at(i)->name, gt_zoo_at(i)->text, error) ||
            count(entries[i].source.cell, dimensions, &entries[i].counts, error) != GT_OK)
            return false;
    }
    return true;
}

static int list(const gt_command *command, const settings *s)
{
    gt_error error = {0};
    gt_dimensions dimensions;
    uint32_t count_of_all = gt_zoo_count();
    entry *entries = calloc(count_of_all, sizeof *entries);
    if (entries == NULL)
        return gt_command_fail(command, "out of memory");
    int status = GT_EXIT_GOOD;
    if (all_dimensions(s->dims, &dimensions, &error) != GT_OK || !fill(entries, count_of_all, &dimensions, &error))
        status = gt_command_fail_error(command, &error);
    else if (s->json)
        status = print_json(command, entries, count_of_all, &dimensions);
    else
        print_table(entries, count_of_all);
    for (size_t i = 0; i < count_of_all; i++)
        gt_cell_source_free(&entries[i].source);
    free(entries);
    return status;
}

/* ---- the command --------------------------------------------------------------------------- */

static int show(const gt_command *command, const char *name)
{
    gt_nearest nearest = {.wanted = name};
    for (uint32_t i = 0; i < gt_zoo_count(); i++) {
        gt_nearest_offer(&nearest, gt_zoo_at(i)->name);
        if (strcmp(gt_zoo_at(i)->name, name) != 0)
            continue;
        fputs(gt_zoo_at(i)->text, stdout);
        return GT_EXIT_GOOD;
    }
    if (nearest.best != NULL)
        return gt_command_fail(command, "there is no cell '%s'; did you mean '%s'?", name, nearest.best);
    return gt_command_fail(command, "there is no cell '%s'", name);
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    settings s = {0};
    const gt_option options[] = {
        GT_OPTION_TEXT("dims", "NAME=N,...", &s.dims,
                       "sizes (default n_x=128,n_a=128,n_c=256,n_h=4,n_k=32,n_v=32,n_r=16,n_s=16)", .no_default = true),
        GT_OPTION_TEXT("show", "NAME", &s.show, "print the text of a cell instead", .no_default = true),
        GT_OPTION_FLAG("json", &s.json, "everything in JSON", .file = GT_FILE_PRINTED),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, NULL, options, description, examples};
    int status;
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    return s.show != NULL ? show(command, s.show) : list(command, &s);
}

const gt_command gt_command_cells = {
    "cells",
    "lists the cells that are there, with parameters and FLOPs",
    run,
};
