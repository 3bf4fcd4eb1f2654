/*
 * gradtape/threads.h: threads that planned programs run on.
 *
 * A pool is made once and used for many runs, of one workspace or of several:
 *
 *     gt_threads *threads = gt_threads_new(0, &error);   // all cores that may be used
 *     gt_workspace *work = gt_workspace_new_on(plan, threads);
 *     gt_workspace_run(work);
 *
 * Its threads wait for work, for some microseconds awake and then asleep. They
 * receive no signals. The library starts no thread by itself.
 */
#ifndef GRADTAPE_THREADS_H
#define GRADTAPE_THREADS_H

#include "gradtape/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gt_threads gt_threads;

/*
 * Cores that this process may use: those that its affinity mask allows, and no
 * more than its control group's limit of processor time, rounded up. At least 1.
 */
GT_API uint32_t gt_threads_available(void);

/*
 * A pool of `count` threads, of which the caller of a run is one: count - 1 are
 * started. 0 stands for gt_threads_available(). NULL on an error: a count above
 * GT_MOST_THREADS (GT_ERROR_ARGUMENT), no memory or a system that starts no more
 * threads (GT_ERROR_MEMORY).
 */
#define GT_MOST_THREADS 1024
GT_API gt_threads *gt_threads_new(uint32_t count, gt_error *error);
/* Ends its threads. After all workspaces on it, while none runs. NULL is allowed. */
GT_API void gt_threads_free(gt_threads *threads);
/* With the caller; 1 for NULL. */
GT_API uint32_t gt_threads_count(const gt_threads *threads);

#ifdef __cplusplus
}
#endif
#endif
