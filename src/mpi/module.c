/*
 * The part of the command that speaks MPI. A reduction to all gives all processes the same bits, and the
 * same from run to run: the standard recommends it, and Open MPI and MPICH do so on one kind of machine.
 */
#include "mpi/mpi_module.h"

#include "base/memory.h"

#include <limits.h>
#include <mpi.h>

static gt_status check(int code, const char *what, gt_error *error)
{
    if (code == MPI_SUCCESS)
        return GT_OK;
    char text[MPI_MAX_ERROR_STRING] = "unknown";
    int length = 0;
    MPI_Error_string(code, text, &length);
    return gt_error_set(error, GT_ERROR_FILE, "MPI: %s: %.200s", what, text);
}

static gt_status start(int64_t *rank, int64_t *count, gt_error *error)
{
    int own = 0, all = 1;
    gt_status status = check(MPI_Init(NULL, NULL), "it did not start", error);
    if (status != GT_OK)
        return status;
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    status = check(MPI_Comm_rank(MPI_COMM_WORLD, &own), "no rank", error);
    if (status == GT_OK)
        status = check(MPI_Comm_size(MPI_COMM_WORLD, &all), "no size", error);
    *rank = own;
    *count = all;
    return status;
}

static gt_status on_one_machine(bool *all, gt_error *error)
{
    MPI_Comm machine;
    int here = 0, everywhere = 0;
    gt_status status = check(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine),
                             "who is on one machine", error);
    if (status != GT_OK)
        return status;
    MPI_Comm_size(machine, &here);
    MPI_Comm_size(MPI_COMM_WORLD, &everywhere);
    *all = here == everywhere;
    return check(MPI_Comm_free(&machine), "who is on one machine", error);
}

/* ---- sums ---------------------------------------------------------------------------------- */

/* MPI counts in ints. */
enum { MOST_AT_ONCE = 1 << 28 };

/* Sums that were begun, in that order; those in front of `done` have ended. */
static struct {
    MPI_Request *list;
    size_t count, capacity, done;
    int failed; /* MPI_SUCCESS, or what a look at them said */
} begun;

static int sum_some(void *numbers, int count, MPI_Datatype type)
{
    return MPI_Allreduce(MPI_IN_PLACE, numbers, count, type, MPI_SUM, MPI_COMM_WORLD);
}

static int begin_some(void *numbers, int count, MPI_Datatype type)
{
    return MPI_Iallreduce(MPI_IN_PLACE, numbers, count, type, MPI_SUM, MPI_COMM_WORLD, &begun.list[begun.count++]);
}

static gt_status in_parts(int (*sum)(void *, int, MPI_Datatype), void *numbers, int64_t number_count, gt_dtype dtype,
                          gt_error *error)
{
    MPI_Datatype type = dtype == GT_F32 ? MPI_FLOAT : MPI_DOUBLE;
    char *at = numbers;
    gt_status status = GT_OK;
    while (number_count > 0 && status == GT_OK) {
        int some = number_count < MOST_AT_ONCE ? (int)number_count : MOST_AT_ONCE;
        status = check(sum(at, some, type), "a sum failed", error);
        at += (size_t)some * gt_dtype_size(dtype);
        number_count -= some;
    }
    return status;
}

static gt_status sum(void *context, void *numbers, int64_t number_count, gt_dtype dtype, gt_error *error)
{
    (void)context;
    return in_parts(sum_some, numbers, number_count, dtype, error);
}

static gt_status begin_sum(void *context, void *numbers, int64_t number_count, gt_dtype dtype, gt_error *error)
{
    (void)context;
    size_t parts = (size_t)(number_count / MOST_AT_ONCE) + 1;
    if (!GT_RESERVE(begun.list, begun.capacity, begun.count + parts))
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for a sum over the processes");
    return in_parts(begin_some, numbers, number_count, dtype, error);
}

/* MPI does nothing between its calls. What it says of an error is told when the sums are finished. */
static void go_on(void *context)
{
    (void)context;
    int ended = 1;
    while (ended && begun.done < begun.count && begun.failed == MPI_SUCCESS) {
        begun.failed = MPI_Test(&begun.list[begun.done], &ended, MPI_STATUS_IGNORE);
        begun.done += ended && begun.failed == MPI_SUCCESS;
    }
}

static gt_status finish_sums(void *context, gt_error *error)
{
    (void)context;
    for (; begun.done < begun.count && begun.failed == MPI_SUCCESS; begun.done++)
        begun.failed = MPI_Wait(&begun.list[begun.done], MPI_STATUS_IGNORE);
    if (begun.failed == MPI_SUCCESS)
        begun.count = begun.done = 0;
    return check(begun.failed, "a sum failed", error);
}

/* ---- the rest ------------------------------------------------------------------------------ */

static gt_status hand_out(void *bytes, size_t size, gt_error *error)
{
    if (size > INT_MAX)
        return gt_error_set(error, GT_ERROR_SIZE, "MPI: %zu bytes at once are too many", size);
    return check(MPI_Bcast(bytes, (int)size, MPI_BYTE, 0, MPI_COMM_WORLD), "handing out failed", error);
}

static void end(void)
{
    MPI_Finalize();
    gt_memory_free(begun.list);
}

static void end_others(void)
{
    MPI_Abort(MPI_COMM_WORLD, 1);
}

extern const gt_mpi_module gt_mpi_functions;
const gt_mpi_module gt_mpi_functions = {
    .version = GT_VERSION,
    .start = start,
    .on_one_machine = on_one_machine,
    .sum = sum,
    .begin_sum = begin_sum,
    .go_on = go_on,
    .finish_sums = finish_sums,
    .hand_out = hand_out,
    .end = end,
    .abort = end_others,
};
