/*
 * A pool of threads.
 *
 * A job is announced by its number, `turn`. A thread that waits for the next one
 * looks at it for a while and then sleeps; so does the caller that waits for the
 * others. Whoever announces something first writes it and then looks whether
 * somebody sleeps; whoever wants to sleep first says so and then looks once more
 * (both sequentially consistent): so nobody sleeps through it.
 */
#include "base/threads.h"

#include "base/error.h"
#include "base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

/* How often a thread looks before it sleeps: some ten microseconds. */
#define PATIENCE 4000
#define CACHE_LINE 64

typedef struct worker {
    gt_threads *threads;
    uint32_t number;
    pthread_t thread;
} worker;

struct gt_threads {
    uint32_t count, started;
    int patience;
    worker *workers;
    gt_threads_job *job;
    void *context;
    bool ends;
    pthread_mutex_t taken; /* by whoever runs on the pool */
    pthread_mutex_t mutex;
    pthread_cond_t begun, finished;
    /* Each on a cache line of its own. */
    char before_turn[CACHE_LINE];
    atomic_uint turn;
    char before_pending[CACHE_LINE];
    atomic_uint pending; /* threads that have not finished the job */
    char before_asleep[CACHE_LINE];
    atomic_uint asleep; /* threads that wait for `begun` */
    atomic_bool waits;  /* the caller waits for `finished` */
};

static void pause_a_little(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void gt_threads_pause(int looks)
{
    if (looks < PATIENCE)
        pause_a_little();
    else
        sched_yield(); /* perhaps that is what keeps the other one from working */
}

/* ---- the threads --------------------------------------------------------------------------- */

static void await_turn(gt_threads *threads, unsigned done)
{
    for (int i = 0; i < threads->patience; i++) {
        if (atomic_load_explicit(&threads->turn, memory_order_acquire) != done)
            return;
        pause_a_little();
    }
    pthread_mutex_lock(&threads->mutex);
    atomic_fetch_add(&threads->asleep, 1);
    while (atomic_load(&threads->turn) == done)
        pthread_cond_wait(&threads->begun, &threads->mutex);
    atomic_fetch_sub(&threads->asleep, 1);
    pthread_mutex_unlock(&threads->mutex);
}

static void say_finished(gt_threads *threads)
{
    if (atomic_fetch_sub(&threads->pending, 1) != 1 || !atomic_load(&threads->waits))
        return;
    pthread_mutex_lock(&threads->mutex);
    pthread_cond_signal(&threads->finished);
    pthread_mutex_unlock(&threads->mutex);
}

static void *work(void *context)
{
    worker *self = context;
    gt_threads *threads = self->threads;
    for (unsigned done = 0;; done++) {
        await_turn(threads, done);
        if (threads->ends)
            return NULL;
        threads->job(threads->context, self->number, threads->count);
        say_finished(threads);
    }
}

/* ---- jobs ---------------------------------------------------------------------------------- */

static void announce(gt_threads *threads)
{
    atomic_fetch_add(&threads->turn, 1);
    if (atomic_load(&threads->asleep) == 0)
        return;
    pthread_mutex_lock(&threads->mutex);
    pthread_cond_broadcast(&threads->begun);
    pthread_mutex_unlock(&threads->mutex);
}

static void await_others(gt_threads *threads)
{
    for (int i = 0; i < threads->patience; i++) {
        if (atomic_load_explicit(&threads->pending, memory_order_acquire) == 0)
            return;
        pause_a_little();
    }
    pthread_mutex_lock(&threads->mutex);
    atomic_store(&threads->waits, true);
    while (atomic_load(&threads->pending) != 0)
        pthread_cond_wait(&threads->finished, &threads->mutex);
    atomic_store(&threads->waits, false);
    pthread_mutex_unlock(&threads->mutex);
}

void gt_threads_run(gt_threads *threads, gt_threads_job *job, void *context)
{
    threads->job = job;
    threads->context = context;
    atomic_store(&threads->pending, threads->count - 1);
    announce(threads);
    job(context, 0, threads->count);
    await_others(threads);
}

void gt_threads_take(gt_threads *threads)
{
    pthread_mutex_lock(&threads->taken);
}

void gt_threads_give_back(gt_threads *threads)
{
    pthread_mutex_unlock(&threads->taken);
}

/* ---- the pool ------------------------------------------------------------------------------ */

uint32_t gt_threads_count(const gt_threads *threads)
{
    return threads == NULL ? 1 : threads->count;
}

/* Signals are for the program's own threads. */
static int start(gt_threads *threads)
{
    sigset_t all, before;
    sigfillset(&all);
    int failure = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (failure != 0)
        return failure;
    while (threads->started + 1 < threads->count && failure == 0) {
        worker *next = &threads->workers[threads->started];
        *next = (worker){.threads = threads, .number = threads->started + 1};
        failure = pthread_create(&next->thread, NULL, work, next);
        threads->started += failure == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure;
}

gt_threads *gt_threads_new(uint32_t count, gt_error *error)
{
    uint32_t available = gt_threads_available();
    count = count == 0 ? available : count;
    if (count > GT_MOST_THREADS) {
        gt_error_set(error, GT_ERROR_ARGUMENT, "%u threads are more than %d", (unsigned)count, GT_MOST_THREADS);
        return NULL;
    }
    gt_threads *threads = gt_memory_new(1, sizeof *threads);
    worker *workers = gt_memory_new(count, sizeof *workers);
    if (threads == NULL || workers == NULL) {
        gt_memory_free(threads);
        gt_memory_free(workers);
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for %u threads", (unsigned)count);
        return NULL;
    }
    threads->count = count;
    threads->workers = workers;
    /* Where threads share a core, one that looks keeps another one from working. */
    threads->patience = count <= available ? PATIENCE : 0;
    /* With default attributes these cannot fail where threads are native. */
    pthread_mutex_init(&threads->taken, NULL);
    pthread_mutex_init(&threads->mutex, NULL);
    pthread_cond_init(&threads->begun, NULL);
    pthread_cond_init(&threads->finished, NULL);
    int failure = start(threads);
    if (failure == 0)
        return threads;
    gt_error_set(error, GT_ERROR_MEMORY, "the system started only %u of %u threads", (unsigned)threads->started + 1,
                 (unsigned)count);
    gt_threads_free(threads);
    return NULL;
}

void gt_threads_free(gt_threads *threads)
{
    if (threads == NULL)
        return;
    threads->ends = true;
    announce(threads);
    for (uint32_t i = 0; i < threads->started; i++)
        pthread_join(threads->workers[i].thread, NULL);
    pthread_cond_destroy(&threads->finished);
    pthread_cond_destroy(&threads->begun);
    pthread_mutex_destroy(&threads->mutex);
    pthread_mutex_destroy(&threads->taken);
    gt_memory_free(threads->workers);
    gt_memory_free(threads);
}
