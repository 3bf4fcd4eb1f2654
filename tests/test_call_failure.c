/*
 * Every call of the system and of libzip made to fail in turn, in reading and writing files: an error
 * with words, or the same result; a file that is written is the old one or the new one, whole, and
 * nothing lies beside it. The program is linked with the static library and -Wl,--wrap=NAME for each.
 */
#define _GNU_SOURCE
#include "failing_calls.h"
#include "files.h"
#include "io/members.h"

#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

TestSuite(call_failure, .init = make_folder, .fini = remove_folder, .timeout = 120);

/* clang-format off */
WRAP(FILE *, fopen64, (const char *path, const char *mode), (path, mode), NULL)
WRAP(int, fseeko64, (FILE *file, off_t offset, int from), (file, offset, from), -1)
WRAP(off_t, ftello64, (FILE *file), (file), -1)
WRAP(int, open64, (const char *path, int flags, mode_t mode), (path, flags, mode), -1)
WRAP(int, openat64, (int at, const char *path, int flags, mode_t mode), (at, path, flags, mode), -1)
WRAP(int, stat64, (const char *path, void *about), (path, about), -1)
WRAP(int, fstatat64, (int at, const char *path, void *about, int flags), (at, path, about, flags), -1)
WRAP(int, faccessat, (int at, const char *path, int mode, int flags), (at, path, mode, flags), -1)
WRAP(int, fchmod, (int file, mode_t mode), (file, mode), -1)
WRAP(ssize_t, pwrite64, (int file, const void *bytes, size_t size, off_t offset), (file, bytes, size, offset), -1)
WRAP(int, fsync, (int file), (file), -1)
WRAP(off_t, lseek64, (int file, off_t offset, int from), (file, offset, from), -1)
WRAP(int, dup, (int file), (file), -1)
WRAP(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), -1)
WRAP(zip_t *, zip_fdopen, (int file, int flags, int *code), (file, flags, code), (*code = ZIP_ER_OPEN, NULL))
WRAP(zip_t *, zip_open_from_source, (zip_source_t *s, int flags, zip_error_t *e), (s, flags, e), (zip_error_set(e, ZIP_ER_READ, EIO), NULL))
WRAP(zip_source_t *, zip_source_file_create, (const char *path, zip_uint64_t from, zip_int64_t size, zip_error_t *e), (path, from, size, e), (zip_error_set(e, ZIP_ER_READ, EIO), NULL))
WRAP(zip_source_t *, zip_source_buffer_create, (const void *bytes, zip_uint64_t size, int owned, zip_error_t *e), (bytes, size, owned, e), (zip_error_set(e, ZIP_ER_MEMORY, 0), NULL))
WRAP(zip_int64_t, zip_source_read, (zip_source_t *s, void *bytes, zip_uint64_t size), (s, bytes, size), -1)
WRAP(zip_file_t *, zip_fopen_index, (zip_t *zip, zip_uint64_t place, zip_flags_t flags), (zip, place, flags), (zip_error_set(zip_get_error(zip), ZIP_ER_READ, EIO), NULL))
WRAP(const char *, zip_get_name, (zip_t *zip, zip_uint64_t place, zip_flags_t flags), (zip, place, flags), NULL)
/* clang-format on */

size_t __real_fread(void *bytes, size_t size, size_t count, FILE *file);
size_t __wrap_fread(void *bytes, size_t size, size_t count, FILE *file);
int __real_ferror(FILE *file);
int __wrap_ferror(FILE *file);
int __real_close(int file);
int __wrap_close(int file);
zip_int64_t __real_zip_fread(zip_file_t *file, void *bytes, zip_uint64_t size);
zip_int64_t __wrap_zip_fread(zip_file_t *file, void *bytes, zip_uint64_t size);

/* An error of the stream, or, with ENODATA, the end of a file that became shorter. */
size_t __wrap_fread(void *bytes, size_t size, size_t count, FILE *file)
{
    if (!refuse("fread"))
        return __real_fread(bytes, size, count, file);
    of_a_stream = with != ENODATA;
    return 0;
}

int __wrap_ferror(FILE *file)
{
    return of_a_stream ? 1 : __real_ferror(file);
}

/* It is closed all the same. */
int __wrap_close(int file)
{
    bool refused = refuse("close");
    int result = __real_close(file);
    if (refused)
        errno = with;
    return refused ? -1 : result;
}

/* An error, or, with ENODATA, other bytes than those that are there. */
zip_int64_t __wrap_zip_fread(zip_file_t *file, void *bytes, zip_uint64_t size)
{
    if (!refuse("zip_fread"))
        return __real_zip_fread(file, bytes, size);
    if (with == ENODATA)
        memset(bytes, 0x55, (size_t)size);
    return with == ENODATA ? (zip_int64_t)size : -1;
}

/* ---- reading ------------------------------------------------------------------------------- */

static double digest(const gt_archive *archive)
{
    double sum = gt_archive_count(archive);
    for (uint32_t i = 0; i < gt_archive_count(archive); i++) {
        gt_array array = gt_archive_find(archive, gt_archive_name(archive, i));
        size_t size = (size_t)gt_shape_count(array.shape) * gt_dtype_size(array.dtype);
        for (size_t k = 0; k < size && array.data != NULL; k++)
            sum = sum / 2 + ((const uint8_t *)array.data)[k];
    }
    return sum;
}

static gt_status read_file_of(const void *path, double *result, gt_error *error)
{
    gt_archive *archive = gt_archive_read(path, error);
    if (archive == NULL)
        return error->status;
    *result = digest(archive);
    gt_archive_free(archive);
    return GT_OK;
}

static gt_status open_and_load(const void *path, double *result, gt_error *error)
{
    gt_archive *archive = gt_archive_open(path, error);
    gt_status status = archive == NULL ? error->status : GT_OK;
    for (uint32_t i = 0; status == GT_OK && i < gt_archive_count(archive); i++)
        status = gt_archive_load(archive, gt_archive_name(archive, i), error);
    if (status == GT_OK)
        *result = digest(archive);
    gt_archive_free(archive);
    return status;
}

Test(call_failure, reading)
{
    static const char *const files[] = {"stored.npz", "deflated.npz", "versions.npz"};
    for (int i = 0; i < 3; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", GT_FIXTURES, files[i]);
        cr_expect_gt(fail_every_call(files[i], read_file_of, path, NULL), 5);
        cr_expect_gt(fail_every_call(files[i], open_and_load, path, NULL), 5);
    }
}

/* Whole numbers, so that there is something to convert, in several chunks. */
Test(call_failure, reading_an_npy_file)
{
    enum { COUNT = 40000 };
    static int64_t numbers[COUNT];
    static uint8_t file[COUNT * 8 + 128];
    char header[119];
    memset(header, ' ', sizeof header);
    int length = snprintf(header, sizeof header, "{'descr': '<i8', 'fortran_order': True, 'shape': (%d,), }", COUNT);
    header[length] = ' ';
    header[117] = '\n';
    header[118] = '\0';
    for (int i = 0; i < COUNT; i++)
        numbers[i] = i - 5;
    memcpy(file, "\x93NUMPY\x01\x00\x76\x00", 10);
    memcpy(file + 10, header, 118);
    memcpy(file + 128, numbers, sizeof numbers);
    write_file(path_of("numbers.npy"), file, sizeof file);
    char path[128];
    snprintf(path, sizeof path, "%s", path_of("numbers.npy"));
    cr_expect_gt(fail_every_call("npy", read_file_of, path, NULL), 4);
}

/* ---- writing ------------------------------------------------------------------------------- */

typedef struct writing {
    const char *path;
    bool compress, safetensors;
    file_bytes old, new; /* what the file may hold */
} writing;

static gt_archive *small_archive(void)
{
    const double data[300] = {3};
    gt_archive *archive = gt_archive_new();
    cr_assert_eq(gt_archive_add(archive, "a", (gt_array){(void *)data, GT_F64, GT_SHAPE(3, 100)}, NULL), GT_OK);
    cr_assert_eq(gt_archive_add(archive, "b", (gt_array){(void *)data, GT_F64, GT_SHAPE(2)}, NULL), GT_OK);
    cr_assert_eq(gt_archive_add_text(archive, "notes", "what it is", NULL), GT_OK);
    return archive;
}

static gt_status write_to(const void *context, double *result, gt_error *error)
{
    const writing *w = context;
    gt_archive *archive = small_archive();
    gt_status status = w->safetensors ? gt_safetensors_write(archive, w->path, error)
                                      : gt_archive_write(archive, w->path, w->compress, error);
    gt_archive_free(archive);
    *result = 1;
    return status;
}

/* With a failure the old file is there, or, after the last step, the new one. */
static void expect_whole(const void *context, gt_status status)
{
    const writing *w = context;
    file_bytes found = read_file(w->path);
    bool is_new = found.size == w->new.size &&memcmp(found.bytes, w->new.bytes, found.size) == 0;
    bool is_old = found.size == w->old.size && memcmp(found.bytes, w->old.bytes, found.size) == 0;
    cr_assert(is_new || (status != GT_OK && is_old));
    free(found.bytes);
    cr_assert_eq(folder_count(), 1, "%d files after call %s", folder_count(), failing);
    write_file(w->path, w->old.bytes, w->old.size);
}

static void write_with_failures(writing w, const char *name)
{
    char path[128];
    double result;
    gt_error error;
    snprintf(path, sizeof path, "%s", path_of(name));
    w.path = path;
    cr_assert_eq(write_to(&w, &result, &error), GT_OK);
    w.new = read_file(path);
    w.old = (file_bytes){(uint8_t *)"the old file", 12};
    write_file(path, w.old.bytes, w.old.size);
    cr_expect_gt(fail_every_call(name, write_to, &w, expect_whole), 8);
    free(w.new.bytes);
    cr_assert_eq(remove(path), 0);
}

Test(call_failure, writing)
{
    write_with_failures((writing){.compress = false}, "stored.npz");
    write_with_failures((writing){.compress = true}, "packed.npz");
#ifdef GT_TEST_SAFETENSORS
    write_with_failures((writing){.safetensors = true}, "a.safetensors");
#endif
}

#ifdef GT_TEST_SAFETENSORS
Test(call_failure, reading_safetensors)
{
    char path[128];
    gt_archive *archive = small_archive();
    snprintf(path, sizeof path, "%s", path_of("a.safetensors"));
    cr_assert_eq(gt_safetensors_write(archive, path, NULL), GT_OK);
    gt_archive_free(archive);
    cr_expect_gt(fail_every_call("safetensors", read_file_of, path, NULL), 4);
}
#endif

/* ---- in memory ----------------------------------------------------------------------------- */

static gt_status render(const void *context, double *result, gt_error *error)
{
    gt_archive *archive = small_archive();
    char *bytes;
    size_t size = 0;
    gt_status status = gt_archive_render(archive, *(const bool *)context, &bytes, &size, error);
    cr_assert_eq(bytes == NULL, status != GT_OK);
    gt_archive_bytes_free(bytes);
    gt_archive_free(archive);
    *result = (double)size;
    return status;
}

Test(call_failure, rendering)
{
    cr_expect_gt(fail_every_call("stored", render, &(bool){false}, NULL), 4);
    cr_expect_gt(fail_every_call("packed", render, &(bool){true}, NULL), 4);
}
