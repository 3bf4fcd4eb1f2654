/* The table of a comparison, written in its forms. None but speeds has anything that differs from run to run. */
#ifndef GT_CLI_COMPARE_OUTPUT_H
#define GT_CLI_COMPARE_OUTPUT_H

#include "command/json.h"
#include "command/shell.h"
#include "compare/table.h"

#include <stdio.h>

void gt_compare_write_text(FILE *file, const gt_table *table);
void gt_compare_write_csv(FILE *file, const gt_table *table);
void gt_compare_write_latex(FILE *file, const gt_table *table);
/* Examples or characters a second. */
void gt_compare_write_speeds(FILE *file, const gt_table *table);
void gt_compare_write_speeds_csv(FILE *file, const gt_table *table);
void gt_compare_write_json(gt_json *json, const gt_table *table);

/* What stands above a table: the unit, how long, and how often. */
void gt_compare_caption(const gt_table *table, const gt_task_table *task, char *text, size_t size);
/* "0.1234 ± 0.0056"; of one seed without interval. `plus_minus` is how that is written. */
void gt_compare_format(gt_estimate estimate, const char *plus_minus, char *text, size_t size);
/* "0.031", "< 0.001"; "" of NaN */
void gt_compare_format_p(double p, char *text, size_t size);

/* The command of each run that is not done, for Slurm or GNU parallel. `arguments` are those of this one. */
void gt_compare_list(FILE *file, const gt_experiment *experiment, const gt_run_result *results, int argument_count,
                     char **arguments);
/* The command without what only says how it is to be shown. */
void gt_compare_print_command(FILE *file, gt_shell_put *put, int argument_count, char **arguments);

/* Writes table.txt, table.csv, table.tex and speeds.csv into the folder. */
bool gt_compare_write_files(const gt_table *table, gt_error *error);

#define GT_COMPARE_REPORT "report.html"
/* Of these and the report, by number; NULL past the last. */
const char *gt_compare_file_name(size_t i);
/*
 * Before anything is written: false, with *error, if a file that the folder gets is one that is read, or is there
 * though no comparison was ever begun in the folder.
 */
bool gt_compare_check_folder(const gt_experiment *experiment, gt_error *error);

#endif
