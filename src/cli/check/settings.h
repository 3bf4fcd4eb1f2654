/* What `gradtape check` was asked, and how it answers. */
#ifndef GT_CLI_CHECK_SETTINGS_H
#define GT_CLI_CHECK_SETTINGS_H

#include "command/dimensions.h"
#include "command/json.h"
#include "command/options.h"
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
    /* For the page: */
    const gt_check_problem *problem;
    const gt_parsed_cell *parsed;
    const gt_archive *arrays;  /* of `against` or `at`; NULL: none */
    const gt_text_list *files; /* their names */
    const char *set;           /* constants, as they were given; NULL: none */
    bool no_repair;            /* what would be right is not given away */
} gt_check_result;

/* A check that could not be done. */
typedef struct gt_check_refusal {
    const char *source;
    const gt_parsed_cell *parsed; /* its diagnostics say why; NULL, or without errors: `error` does */
    const gt_error *error;
    const gt_diagnosis *explanations;
    uint32_t explanation_count;
    bool no_hints; /* what would be right is not given away */
} gt_check_refusal;

/* A part of a check, and what it compares; NULL: cells have none of the kind. */
const char *gt_check_part_name(gt_check_kind kind);
const char *gt_check_part_unit(gt_check_kind kind);
/* Of one that is right: what agrees with what. */
const char *gt_check_right(const gt_check_result *result);

/* The hint of one of the reasons, if it is to be said; else NULL. */
const char *gt_check_hint(const gt_check_refusal *refusal, const gt_diagnostic *diagnostic);
/* Whether the reasons are diagnostics of the text. */
bool gt_check_refused_text(const gt_check_refusal *refusal);

void gt_check_print(const gt_check_result *result);
void gt_check_write_json(const gt_check_result *result, gt_json *json);
/* JUnit's XML, which replaces the file as a whole, or goes to stdout for "-". */
gt_status gt_check_write_junit(const gt_check_result *result, const char *path, gt_error *error);
/* A page that opens at what is wrong; the same for "-". */
gt_status gt_check_write_page(const gt_check_result *result, const char *path, gt_error *error);
gt_status gt_check_write_refusal_page(const gt_check_refusal *refusal, const char *path, gt_error *error);
void gt_check_write_refusal_json(const gt_check_refusal *refusal, gt_json *json);
gt_status gt_check_write_refusal_junit(const gt_check_refusal *refusal, const char *path, gt_error *error);

#endif
