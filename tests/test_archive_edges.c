/* Files of arrays at the edges of what can be read: the smallest numbers, odd names, what is told of a text. */
#include "gradtape/file.h"
#include "gradtape/safetensors.h"
#include "hostile.h"
#include "io/file_kind.h"
#include "io/members.h"

TestSuite(archive_edges, .init = make_folder, .fini = remove_folder);

Test(archive_edges, numbers_below_those_of_32_bits)
{
    static zip_builder zip;
    static uint8_t npy[256];
    const int64_t numbers[2] = {(int64_t)INT32_MIN - 1, 5};
    gt_error error;
    uint32_t size = npy_build(npy, 1, HEADER("'<i8'", "False", "( 2 , )"), numbers, sizeof numbers);
    zip_build(&zip, &(zip_part){.name = "a.npy", .bytes = npy, .size = size}, 1);
    gt_archive *archive = read_built(&zip, &error);
    cr_assert_not_null(archive, "%s", error.message);
    gt_array a = gt_archive_find(archive, "a");
    cr_expect_eq(a.dtype, GT_F64);
    cr_expect(((const double *)a.data)[0] == -2147483649.0 && ((const double *)a.data)[1] == 5);
    gt_archive_free(archive);
}

Test(archive_edges, texts_that_are_none)
{
    static zip_builder zip;
    static const char *const texts[] = {"\xff\xfe", "a\xc3", "\xed\xa0\x80"};
    for (int i = 0; i < 3; i++) {
        gt_error error;
        zip_build(&zip, &(zip_part){.name = "notes", .bytes = texts[i], .size = (uint32_t)strlen(texts[i])}, 1);
        cr_expect_null(read_built(&zip, &error));
        cr_expect_eq(error.status, GT_ERROR_FORMAT);
        cr_expect_not_null(strstr(error.message, "nor UTF-8 text"), "%s", error.message);
    }
}

/* Its name is all of its suffix; or it has none. */
Test(archive_edges, arrays_in_files_of_odd_names)
{
    static uint8_t npy[256];
    static const char *const names[][2] = {{".npy", ".npy"}, {"numbers", "numbers"}, {"a.NPY", "a"}};
    uint32_t size = npy_build(npy, 1, HEADER("'<f8'", "False", "(2,)"), two, sizeof two);
    for (int i = 0; i < 3; i++) {
        gt_error error = {0};
        write_file(path_of(names[i][0]), npy, size);
        gt_archive *archive = gt_archive_read(path_of(names[i][0]), &error);
        cr_assert_not_null(archive, "%s", error.message);
        cr_expect_str_eq(gt_archive_name(archive, 0), names[i][1]);
        gt_archive_free(archive);
    }
}

/* In the folder where one is. */
Test(archive_edges, an_array_in_a_file_without_a_folder)
{
    static uint8_t npy[256];
    gt_error error = {0};
    uint32_t size = npy_build(npy, 1, HEADER("'<f8'", "False", "(2,)"), two, sizeof two);
    write_file(path_of("here.npy"), npy, size);
    cr_assert_eq(chdir(folder), 0);
    gt_archive *archive = gt_archive_read("here.npy", &error);
    cr_assert_not_null(archive, "%s", error.message);
    cr_expect_str_eq(gt_archive_name(archive, 0), "here");
    gt_archive_free(archive);
}

/* What was opened, and not read, is not written. */
Test(archive_edges, what_is_not_loaded_is_not_rendered)
{
    static zip_builder zip;
    static uint8_t npy[256];
    uint32_t size = npy_build(npy, 1, HEADER("'<f8'", "False", "(2,)"), two, sizeof two);
    const zip_part parts[] = {{.name = "a.npy", .bytes = npy, .size = size},
                              {.name = "notes", .bytes = "x", .size = 1}};
    gt_error error = {0};
    char *bytes;
    size_t rendered;
    zip_build(&zip, parts, 2);
    write_file(path_of("a.npz"), zip.bytes, zip.size);
    gt_archive *archive = gt_archive_open(path_of("a.npz"), &error);
    cr_assert_not_null(archive, "%s", error.message);
    for (int loaded = 0; loaded < 3; loaded++) {
        gt_status status = gt_archive_render(archive, false, &bytes, &rendered, &error);
        cr_expect_eq(status, loaded == 2 ? GT_OK : GT_ERROR_ARGUMENT, "%s", error.message);
        cr_expect(loaded == 2 || strstr(error.message, "when all of it is loaded") != NULL, "%s", error.message);
        cr_expect_eq(bytes != NULL, loaded == 2);
        cr_expect(loaded == 2 || gt_safetensors_write(archive, path_of("a.safetensors"), &error) != GT_OK);
        gt_archive_bytes_free(bytes);
        if (loaded == 0)
            cr_assert_eq(gt_archive_load(archive, "a", &error), GT_OK);
        else if (loaded == 1)
            cr_assert_eq(gt_archive_load_text(archive, "notes", &error), GT_OK);
    }
    cr_expect_eq(gt_archive_render(NULL, false, &bytes, &rendered, &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_archive_render(archive, false, NULL, &rendered, &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_archive_render(archive, false, &bytes, NULL, &error), GT_ERROR_ARGUMENT);
    gt_archive_free(archive);
}

/* An ONNX model begins with a small version and a name; what only looks like one is none. */
Test(archive_edges, models_of_onnx)
{
    static const struct {
        const char *bytes;
        bool is;
    } rows[] = {{"\x08\x08\x12\x04"
                 "maker",
                 true},
                {"\x08\x20\x12\x04"
                 "maker",
                 false},
                {"\x08\x08\x13\x04"
                 "maker",
                 false},
                {"\x08\x08\x12\x40"
                 "maker",
                 false},
                {"\x08\x08\x12\x04"
                 "\xff\xff\xff\xff"
                 "r",
                 false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *kind = gt_file_kind((const uint8_t *)rows[i].bytes, strlen(rows[i].bytes));
        cr_expect_eq(kind != NULL && strstr(kind, "ONNX") != NULL, rows[i].is, "%zu: %s", i, kind);
    }
    cr_expect_null(strstr(gt_file_kind((const uint8_t *)"\x08\x08\x12\0maker", 9), "ONNX"));
    cr_expect_null(strstr(gt_file_kind((const uint8_t *)"\x08\0\x12\x04maker", 9), "ONNX"));
    cr_expect_null(strstr(gt_file_kind((const uint8_t *)"\x08\x08\x12\x20maker", 9), "ONNX"));
}

/* What is asked of nothing. */
Test(archive_edges, nothing_is_asked)
{
    gt_error error = {0};
    gt_archive *archive = gt_archive_new();
    char path[6000];
    cr_expect_null(gt_archive_find(NULL, "a").data);
    cr_expect_null(gt_archive_find(archive, NULL).data);
    cr_expect_null(gt_archive_text(NULL, "a"));
    cr_expect_null(gt_archive_text(archive, NULL));
    cr_expect_null(gt_archive_type(NULL, "a"));
    cr_expect_null(gt_archive_type(archive, NULL));
    cr_expect_null(gt_archive_type(archive, "a"));
    cr_expect_eq(gt_archive_load(NULL, "a", &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_archive_load(archive, NULL, &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_file_replace(path_of("x"), NULL, 5, &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_file_replace(path_of("x"), NULL, 0, &error), GT_OK, "an empty file: %s", error.message);
    cr_expect_eq(gt_archive_add_text(NULL, "a", "b", &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_archive_add_text(archive, "", "b", &error), GT_ERROR_ARGUMENT);
    memset(path, 'a', sizeof path);
    path[sizeof path - 3] = '/';
    path[sizeof path - 1] = '\0';
    cr_expect_eq(gt_archive_write(archive, path, false, &error), GT_ERROR_FILE);
    cr_expect_not_null(strstr(error.message, "name too long"), "%s", error.message);
    gt_archive_free(archive);
}
