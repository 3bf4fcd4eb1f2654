/* What `gradtape bench` measured, for people and for machines. */
#ifndef GT_CLI_BENCH_REPORT_H
#define GT_CLI_BENCH_REPORT_H

#include "cli/bench/measure.h"
#include "command/json.h"

typedef struct gt_bench_report {
    const gt_step_settings *settings;
    const gt_measurement *measurement;
    int threads;
    gt_summary step, bound, foreign, planning;
} gt_bench_report;

/* Summarises; puts the measured times in order. */
gt_bench_report gt_bench_report_of(const gt_step_settings *settings, gt_measurement *measurement, int threads);
void gt_bench_report_print(const gt_bench_report *report);
void gt_bench_report_json(const gt_bench_report *report, gt_json *json);

#endif
