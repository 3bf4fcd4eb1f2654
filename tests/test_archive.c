/* Archives: what NumPy wrote is read, what is written is read again, and the container itself. */
#include "addresses.h"
#include "files.h"
#include "gradtape/archive.h"
#include "io/members.h"

#include <math.h>

TestSuite(archive, .init = make_folder, .fini = remove_folder);

static gt_archive *read_fixture(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", GT_FIXTURES, name);
    gt_error error = {GT_OK, ""};
    gt_archive *archive = gt_archive_read(path, &error);
    cr_assert_not_null(archive, "%s", error.message);
    return archive;
}

static double entry(gt_array array, int64_t i)
{
    if (array.dtype == GT_F64)
        return ((const double *)array.data)[i];
    if (array.dtype == GT_F32)
        return ((const float *)array.data)[i];
    return ((const int32_t *)array.data)[i];
}

/* ---- what NumPy wrote ---------------------------------------------------------------------- */

/* Entry i of every array is i + 0.5 in column-major order, cut to an integer in integer arrays. */
static const struct {
    const char *name;
    gt_dtype dtype;
    gt_shape shape;
} fixture_arrays[] = {
    {"c_f8", GT_F64, {3, {2, 3, 4, 1}}},
    {"fortran_f8", GT_F64, {3, {2, 3, 4, 1}}},
    {"c_f4", GT_F32, {2, {3, 2, 1, 1}}},
    {"fortran_f4", GT_F32, {2, {3, 2, 1, 1}}},
    {"c_big_f8", GT_F64, {2, {2, 2, 1, 1}}},
    {"fortran_big_f4", GT_F32, {4, {2, 2, 1, 3}}},
    {"c_i8", GT_I32, {2, {4, 2, 1, 1}}},
    {"fortran_big_i8", GT_I32, {2, {4, 2, 1, 1}}},
    {"c_i4", GT_I32, {2, {2, 2, 1, 1}}},
    {"big_i4", GT_I32, {1, {3, 1, 1, 1}}},
    {"scalar", GT_F64, {0, {1, 1, 1, 1}}},
    {"folder/four", GT_F64, {4, {2, 2, 2, 2}}},
    {"gr\xc3\xb6\xc3\x9f"
     "e",
     GT_F64,
     {1, {2, 1, 1, 1}}},
};
enum { FIXTURE_COUNT = sizeof fixture_arrays / sizeof *fixture_arrays };

static void expect_fixture_arrays(const gt_archive *archive)
{
    for (size_t k = 0; k < FIXTURE_COUNT; k++) {
        const char *name = fixture_arrays[k].name;
        gt_array array = gt_archive_find(archive, name);
        cr_assert_not_null(array.data, "%s", name);
        cr_assert_eq(array.dtype, fixture_arrays[k].dtype, "%s", name);
        cr_assert_eq(array.shape.rank, fixture_arrays[k].shape.rank, "%s", name);
        cr_assert(gt_shape_equal(array.shape, fixture_arrays[k].shape), "%s", name);
        for (int64_t i = 0; i < gt_shape_count(array.shape); i++) {
            double expected = (double)i + (array.dtype == GT_I32 ? 0 : 0.5);
            cr_assert(entry(array, i) == expected, "%s: entry %d", name, (int)i);
        }
    }
}

static void expect_special_arrays(const gt_archive *archive)
{
    gt_array extremes = gt_archive_find(archive, "extremes_i8");
    cr_assert(entry(extremes, 0) == INT32_MIN && entry(extremes, 1) == INT32_MAX);
    const double *special = gt_archive_find(archive, "special").data;
    cr_assert_not_null(special);
    cr_assert(isnan(special[0]));
    cr_assert(special[1] == INFINITY && special[2] == -INFINITY);
    cr_assert(special[3] == 0 && signbit(special[3]));
    cr_assert(special[4] == 5e-324 && special[5] == 1.7976931348623157e308);
}

Test(archive, stored_by_numpy)
{
    gt_archive *archive = read_fixture("stored.npz");
    cr_assert_eq(gt_archive_count(archive), FIXTURE_COUNT + 2);
    for (uint32_t i = 0; i < FIXTURE_COUNT; i++) /* in the file's order */
        cr_assert_str_eq(gt_archive_name(archive, i), fixture_arrays[i].name);
    expect_fixture_arrays(archive);
    expect_special_arrays(archive);
    gt_archive_free(archive);
}

/* Has one array more, in C order and longer than what is read at once. */
Test(archive, deflated_by_numpy)
{
    gt_archive *archive = read_fixture("deflated.npz");
    cr_assert_eq(gt_archive_count(archive), FIXTURE_COUNT + 3);
    expect_fixture_arrays(archive);
    expect_special_arrays(archive);
    gt_array wide = gt_archive_find(archive, "wide");
    cr_assert_eq(wide.dtype, GT_F32);
    cr_assert(gt_shape_equal(wide.shape, GT_SHAPE(130, 257)));
    for (int64_t i = 0; i < 130 * 257; i++)
        cr_assert(entry(wide, i) == (double)(i % 8) + 0.5, "entry %d", (int)i);
    gt_archive_free(archive);
}

Test(archive, all_versions_and_a_text_and_a_folder)
{
    gt_archive *archive = read_fixture("versions.npz");
    cr_assert_eq(gt_archive_count(archive), 3);
    const char *names[] = {"v1", "v2", "v3"};
    for (int k = 0; k < 3; k++) {
        gt_array array = gt_archive_find(archive, names[k]);
        cr_assert(array.data != NULL && gt_shape_equal(array.shape, GT_SHAPE(2, 3)));
        for (int64_t i = 0; i < 6; i++)
            cr_assert(entry(array, i) == (double)i + 0.5);
    }
    cr_assert_str_eq(gt_archive_text(archive, "notes.txt"), "gr\xc3\xb6\xc3\x9f"
                                                            "er\n");
    cr_assert_null(gt_archive_text(archive, "v1"));
    cr_assert_null(gt_archive_find(archive, "notes.txt").data);
    gt_archive_free(archive);
}

Test(archive, empty_by_numpy)
{
    gt_archive *archive = read_fixture("empty.npz");
    cr_assert_eq(gt_archive_count(archive), 0);
    cr_assert_null(gt_archive_name(archive, 0));
    gt_archive_free(archive);
}

/* ---- written and read again ---------------------------------------------------------------- */

static void add(gt_archive *archive, const char *name, void *data, gt_dtype dtype, gt_shape shape)
{
    gt_error error = {GT_OK, ""};
    gt_status status = gt_archive_add(archive, name, (gt_array){data, dtype, shape}, &error);
    cr_assert_eq(status, GT_OK, "%s", error.message);
}

static gt_archive *example(void)
{
    gt_archive *archive = gt_archive_new();
    cr_assert_not_null(archive);
    static double real[720];
    static float single[24];
    static int32_t whole[6] = {INT32_MIN, -1, 0, 1, 2, INT32_MAX};
    for (int i = 0; i < 720; i++)
        real[i] = i == 3 ? -0.0 : i == 4 ? INFINITY : 1.0 / (i + 1);
    for (int i = 0; i < 24; i++)
        single[i] = 1.0f / (float)(i + 1);
    add(archive, "scalar", real, GT_F64, GT_SCALAR);
    add(archive, "folder/vector", real, GT_F64, GT_SHAPE(720));
    add(archive, "four", real, GT_F64, GT_SHAPE(6, 5, 4, 6));
    add(archive, "single", single, GT_F32, GT_SHAPE(4, 6));
    add(archive, "whole", whole, GT_I32, GT_SHAPE(1, 2, 3));
    cr_assert_eq(gt_archive_add_text(archive, "model.json", "{\"cell\": \"lstm\"}\n", NULL), GT_OK);
    cr_assert_eq(gt_archive_add_text(archive, "empty", "", NULL), GT_OK);
    return archive;
}

static void expect_same(const gt_archive *a, const gt_archive *b)
{
    cr_assert_eq(gt_archive_count(a), gt_archive_count(b));
    for (uint32_t i = 0; i < gt_archive_count(a); i++) {
        const char *name = gt_archive_name(a, i);
        cr_assert_str_eq(name, gt_archive_name(b, i));
        gt_array x = gt_archive_find(a, name), y = gt_archive_find(b, name);
        cr_assert(x.dtype == y.dtype && x.shape.rank == y.shape.rank, "%s", name);
        cr_assert(gt_shape_equal(x.shape, y.shape), "%s", name);
        size_t size = (size_t)gt_shape_count(x.shape) * gt_dtype_size(x.dtype);
        cr_assert_eq(memcmp(x.data, y.data, size), 0, "%s", name);
    }
    cr_assert_str_eq(gt_archive_text(a, "model.json"), gt_archive_text(b, "model.json"));
    cr_assert_str_eq(gt_archive_text(a, "empty"), gt_archive_text(b, "empty"));
}

static void round_trip(bool compress)
{
    gt_archive *archive = example();
    gt_error error = {GT_OK, ""};
    cr_assert_eq(gt_archive_write(archive, path_of("a.npz"), compress, &error), GT_OK, "%s", error.message);
    gt_archive *again = gt_archive_read(path_of("a.npz"), &error);
    cr_assert_not_null(again, "%s", error.message);
    expect_same(archive, again);
    cr_assert_eq(folder_count(), 1, "a temporary file is left");

    /* The same archive gives the same bytes, whenever it is written. */
    cr_assert_eq(gt_archive_write(again, path_of("b.npz"), compress, NULL), GT_OK);
    file_bytes first = read_file(path_of("a.npz")), second = read_file(path_of("b.npz"));
    cr_assert_eq(first.size, second.size);
    cr_assert_eq(memcmp(first.bytes, second.bytes, first.size), 0);
    free(first.bytes);
    free(second.bytes);
    gt_archive_free(archive);
    gt_archive_free(again);
}

Test(archive, round_trip_stored)
{
    round_trip(false);
}

Test(archive, round_trip_deflated)
{
    round_trip(true);
}

Test(archive, round_trip_empty)
{
    gt_archive *archive = gt_archive_new();
    cr_assert_eq(gt_archive_write(archive, path_of("a.npz"), false, NULL), GT_OK);
    gt_archive *again = gt_archive_read(path_of("a.npz"), NULL);
    cr_assert_not_null(again);
    cr_assert_eq(gt_archive_count(again), 0);
    gt_archive_free(archive);
    gt_archive_free(again);
}

/* ---- the container ------------------------------------------------------------------------- */

Test(archive, data_is_copied_and_replaced_in_place)
{
    gt_archive *archive = gt_archive_new();
    double value[2] = {1, 2};
    add(archive, "a", value, GT_F64, GT_SHAPE(2));
    add(archive, "b", value, GT_F64, GT_SHAPE(2));
    value[0] = 7;
    cr_assert(entry(gt_archive_find(archive, "a"), 0) == 1);
    add(archive, "a", value, GT_F64, GT_SHAPE(1));
    cr_assert(entry(gt_archive_find(archive, "a"), 0) == 7);
    cr_assert_eq(gt_archive_find(archive, "a").shape.size[0], 1);
    cr_assert_eq(gt_archive_count(archive), 2);
    cr_assert_str_eq(gt_archive_name(archive, 0), "a");
    cr_assert_eq(gt_archive_add_text(archive, "t", "one", NULL), GT_OK);
    cr_assert_eq(gt_archive_add_text(archive, "t", "two", NULL), GT_OK);
    cr_assert_str_eq(gt_archive_text(archive, "t"), "two");
    gt_archive_free(archive);
}

Test(archive, many_names)
{
    gt_archive *archive = gt_archive_new();
    char name[16];
    for (int i = 0; i < 2000; i++) {
        double value = i;
        snprintf(name, sizeof name, "array%d", i);
        add(archive, name, &value, GT_F64, GT_SCALAR);
    }
    cr_assert_eq(gt_archive_write(archive, path_of("a.npz"), false, NULL), GT_OK);
    gt_archive_free(archive);
    archive = gt_archive_read(path_of("a.npz"), NULL);
    cr_assert_eq(gt_archive_count(archive), 2000);
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "array%d", i);
        cr_assert(entry(gt_archive_find(archive, name), 0) == i);
    }
    gt_archive_free(archive);
}

Test(archive, bad_arguments)
{
    gt_archive *archive = gt_archive_new();
    double value[4] = {0};
    gt_array good = {value, GT_F64, GT_SHAPE(4)};
    gt_array no_data = {NULL, GT_F64, GT_SHAPE(4)}, no_shape = {value, GT_F64, GT_SHAPE(0)};
    gt_array no_type = {value, (gt_dtype)9, GT_SHAPE(4)};
    gt_array huge = {value, GT_F64, GT_SHAPE((int64_t)1 << 38)};
    gt_error error;
    cr_assert_eq(gt_archive_add(NULL, "a", good, &error), GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_archive_add(archive, NULL, good, &error), GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_archive_add(archive, "", good, &error), GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_archive_add(archive, "a\nb", good, &error), GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_archive_add(archive, "\xff", good, &error), GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_archive_add(archive, "a", no_data, &error), GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_archive_add(archive, "a", no_shape, &error), GT_ERROR_SHAPE);
    cr_assert_eq(gt_archive_add(archive, "a", no_type, &error), GT_ERROR_TYPE);
    cr_assert_eq(gt_archive_add(archive, "a", huge, &error), FEW_ADDRESSES ? GT_ERROR_SHAPE : GT_ERROR_SIZE);
    cr_assert_eq(gt_archive_add_text(archive, "t", NULL, &error), GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_archive_add_text(archive, "t.npy", "x", &error), GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_archive_add_text(archive, "t/", "x", &error), GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_archive_add_text(archive, "t", "\xc3", &error), GT_ERROR_VALUE);
    cr_assert_eq(gt_archive_write(NULL, path_of("a.npz"), false, &error), GT_ERROR_ARGUMENT);
    cr_assert_null(gt_archive_read(NULL, &error));
    cr_assert_eq(error.status, GT_ERROR_ARGUMENT);
    cr_assert_eq(gt_archive_count(archive), 0);
    cr_assert_eq(gt_archive_count(NULL), 0);
    cr_assert_null(gt_archive_find(archive, "a").data);
    cr_assert_null(gt_archive_find(NULL, "a").data);
    cr_assert_null(gt_archive_text(archive, NULL));
    gt_archive_free(archive);
    gt_archive_free(NULL);
}

Test(archive, longest_name)
{
    gt_archive *archive = gt_archive_new();
    char *name = malloc(65533);
    memset(name, 'x', 65532);
    name[65532] = '\0';
    double value = 5;
    gt_array array = {&value, GT_F64, GT_SCALAR};
    cr_assert_eq(gt_archive_add(archive, name, array, NULL), GT_ERROR_SIZE);
    name[65531] = '\0';
    cr_assert_eq(gt_archive_add(archive, name, array, NULL), GT_OK);
    gt_error error = {GT_OK, ""};
    cr_assert_eq(gt_archive_write(archive, path_of("a.npz"), true, &error), GT_OK, "%s", error.message);
    gt_archive_free(archive);
    archive = gt_archive_read(path_of("a.npz"), &error);
    cr_assert_not_null(archive, "%s", error.message);
    cr_assert(entry(gt_archive_find(archive, name), 0) == 5);
    gt_archive_free(archive);
    free(name);
}

/* The bounds of Unicode's table 3-7, from inside and from outside. */
Test(archive, texts_are_utf_8)
{
    const char *good[] = {"",
                          "\x7f",
                          "\xc2\x80",
                          "\xdf\xbf",
                          "\xe0\xa0\x80",
                          "\xed\x9f\xbf",
                          "\xee\x80\x80",
                          "\xef\xbf\xbf",
                          "\xf0\x90\x80\x80",
                          "\xf4\x8f\xbf\xbf",
                          "a\xe2\x82\xac."};
    const char *bad[] = {"\x80",
                         "\xbf",
                         "\xc0\x80",
                         "\xc1\xbf",
                         "\xc2",
                         "\xc2\x7f",
                         "\xc2\xc0",
                         "\xe0\x9f\xbf",
                         "\xed\xa0\x80",
                         "\xed\xbf\xbf",
                         "\xe2\x82",
                         "\xe2\x82x",
                         "\xf0\x8f\xbf\xbf",
                         "\xf4\x90\x80\x80",
                         "\xf5\x80\x80\x80",
                         "\xf0\x90\x80",
                         "\xff",
                         "a\xf8\x88\x80\x80\x80"};
    gt_archive *archive = gt_archive_new();
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_assert_eq(gt_archive_add_text(archive, "t", good[i], NULL), GT_OK, "good %zu", i);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_eq(gt_archive_add_text(archive, "t", bad[i], NULL), GT_ERROR_VALUE, "bad %zu", i);
    gt_archive_free(archive);
}
