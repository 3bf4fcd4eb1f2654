/*
 * The part of the command that speaks MPI. A reduction to all gives all processes the same bits, and the
 * same from run to run: the standard recommends it, and Open MPI and MPICH do so on one kind of machine.
 */
#include "mpi/mpi_module.h"

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

/* MPI counts in ints. */
enum { MOST_AT_ONCE = 1 << 28 };

static gt_status sum(void *context, void *numbers, int64_t number_count, gt_dtype dtype, gt_error *error)
{
    (void)context;
    MPI_Datatype type = dtype == GT_F32 ? MPI_FLOAT : MPI_DOUBLE;
    char *at = numbers;
    gt_status status = GT_OK;
    while (number_count > 0 && status == GT_OK) {
        int some = number_count < MOST_AT_ONCE ? (int)number_count : MOST_AT_ONCE;
        status = check(MPI_Allreduce(MPI_IN_PLACE, at, some, type, MPI_SUM, MPI_COMM_WORLD), "a sum failed", error);
        at += (size_t)some * gt_dtype_size(dtype);
        number_count -= some;
    }
    return status;
}

static gt_status hand_out(void *bytes, size_t size, gt_error *error)
{
    if (size > INT_MAX)
        return gt_error_set(error, GT_ERROR_SIZE, "MPI: %zu bytes at once are too many", size);
    return check(MPI_Bcast(bytes, (int)size, MPI_BYTE, 0, MPI_COMM_WORLD), "handing out failed", error);
}

static void end(void)
{
    MPI_Finalize();
}

static void end_others(void)
{
    MPI_Abort(MPI_COMM_WORLD, 1);
}

extern const gt_mpi_module gt_mpi_functions;
const gt_mpi_module gt_mpi_functions = {GT_VERSION, start, sum, hand_out, end, end_others};
