/* Work for a pool of threads (gradtape/threads.h). */
#ifndef GT_BASE_THREADS_H
#define GT_BASE_THREADS_H

#include "gradtape/threads.h"

/* One thread's share: it is number `thread` of `count`; the caller of gt_threads_run is number 0. */
typedef void gt_threads_job(void *context, uint32_t thread, uint32_t count);

/* The pool is one caller's alone between these; another one waits. */
void gt_threads_take(gt_threads *threads);
void gt_threads_give_back(gt_threads *threads);

/*
 * Runs the job on all threads of a pool that was taken, and returns when all have
 * finished. What a thread wrote before is visible to all others after it. Takes no
 * memory and cannot fail.
 */
void gt_threads_run(gt_threads *threads, gt_threads_job *job, void *context);

/* Within a job, between two looks at what another thread is about to do: `looks` counts them. */
void gt_threads_pause(int looks);

#endif
