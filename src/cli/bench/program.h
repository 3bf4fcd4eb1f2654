/* A planned program, for people and for machines. */
#ifndef GT_CLI_BENCH_PROGRAM_H
#define GT_CLI_BENCH_PROGRAM_H

#include "cli/bench/training_step.h"
#include "command/json.h"
#include "plan/describe/description.h"

void gt_program_print(const gt_step_settings *settings, const gt_reads *reads, const gt_plan_description *plan);
void gt_program_json(const gt_step_settings *settings, const gt_reads *reads, const gt_plan_description *plan,
                     gt_json *json);

#endif
