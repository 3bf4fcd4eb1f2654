/* What `gradtape check` was asked, and how it answers. */
#ifndef GT_CLI_CHECK_SETTINGS_H
#define GT_CLI_CHECK_SETTINGS_H

#include "command/dimensions.h"
#include "command/json.h"
#include "gradtape.h"

/* The sizes of a cell that is to be checked. */
typedef struct gt_check_sizes {
    const gt_cell *cell;
    gt_dimensions dimensions;
    int64_t examples, steps;
} gt_check_sizes;

/*
 * The sizes of `dims`, "n_x=3,n_a=5" (NULL: none), then those that the arrays (NULL: none) tell, m and T among
 * them, then the usual ones. `whole`: the arrays must have the cell's inputs.
 */
gt_status gt_check_sizes_find(gt_check_sizes *sizes, const gt_cell *cell, const char *dims, const gt_archive *arrays,
                              bool whole, gt_error *error);

/* A check that is done. */
typedef struct gt_check_result {
    const gt_check_sizes *sizes;
    const gt_report *report;
    const char *source;  /* as the cell was asked for */
    const char *against; /* a file, or NULL */
    const char *at;      /* the same: of a point */
    double seconds;
    bool all; /* print all findings */
} gt_check_result;

/* A check that could not be done. */
typedef struct gt_check_refusal {
    const char *source;
    const gt_parsed_cell *parsed; /* its diagnostics say why; NULL, or without errors: `error` does */
    const gt_error *error;
    const gt_diagnosis *explanations;
    uint32_t explanation_count;
} gt_check_refusal;

/* Whether the reasons are diagnostics of the text. */
bool gt_check_refused_text(const gt_check_refusal *refusal);

void gt_check_print(const gt_check_result *result);
void gt_check_write_json(const gt_check_result *result, gt_json *json);
/* JUnit's XML, which replaces the file as a whole, or goes to stdout for "-". */
gt_status gt_check_write_junit(const gt_check_result *result, const char *path, gt_error *error);
void gt_check_write_refusal_json(const gt_check_refusal *refusal, gt_json *json);
gt_status gt_check_write_refusal_junit(const gt_check_refusal *refusal, const char *path, gt_error *error);

#endif
