/* What computes, and on how many threads: the options --engine and --threads. */
#ifndef GT_COMMAND_ENGINE_H
#define GT_COMMAND_ENGINE_H

#include "command/options.h"
#include "gradtape/problem.h"

extern const char *const gt_engine_names[];

#define GT_OPTION_ENGINE(target)                                                                                       \
    GT_OPTION_CHOICE("engine", target, gt_engine_names,                                                                \
                     "what computes: planned programs, the same with the interpreter's bits, or the interpreter, "     \
                     "node by node")
/* The target is 0 if the option is not given. */
#define GT_OPTION_THREADS(target)                                                                                      \
    GT_OPTION_INTEGER("threads", "N", target, 1, GT_MOST_THREADS,                                                      \
                      "threads of planned programs that are large enough (default all cores that may be used)",        \
                      .no_default = true)

/* Of a plan for the engine, which is not the interpreter. */
gt_plan_options gt_engine_plan_options(gt_engine engine);

/*
 * A pool of so many threads, 0: as many as there are cores; NULL where one is
 * enough, which is so for the other engines.
 */
gt_status gt_engine_threads(gt_engine engine, int64_t wanted, gt_threads **threads, gt_error *error);

#endif
