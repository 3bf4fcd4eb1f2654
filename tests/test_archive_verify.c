/* Every damage to a written archive is noticed before it replaces anything. */
#include "files.h"

#include "gradtape.h"
#include "io/archive_verify.h"
#include "io/members.h"

#include <fcntl.h>

TestSuite(archive_verify, .init = make_folder, .fini = remove_folder);

static gt_archive *archive_of(double first, const char *text)
{
    double values[6] = {first, 2, 3, 4, 5, 6};
    gt_archive *archive = gt_archive_new();
    cr_assert_eq(gt_archive_add(archive, "W", (gt_array){values, GT_F64, GT_SHAPE(2, 3)}, NULL), GT_OK);
    cr_assert_eq(gt_archive_add(archive, "b", (gt_array){values, GT_F64, GT_SCALAR}, NULL), GT_OK);
    cr_assert_eq(gt_archive_add_text(archive, "model.json", text, NULL), GT_OK);
    return archive;
}

static gt_status verify(const gt_archive *archive, gt_error *error)
{
    int descriptor = open(path_of("a.npz"), O_RDWR);
    cr_assert_geq(descriptor, 0);
    gt_status status = gt_archive_verify(archive, descriptor, "a.npz", error);
    close(descriptor);
    return status;
}

Test(archive_verify, what_was_written_is_right_and_what_was_not_is_wrong)
{
    gt_archive *archive = archive_of(1, "{}"), *number = archive_of(7, "{}"), *text = archive_of(1, "[]"),
               *longer = archive_of(1, "{} "), *empty = gt_archive_new(), *more = archive_of(1, "{}");
    cr_assert_eq(gt_archive_add_text(more, "more", "", NULL), GT_OK);
    for (int compress = 0; compress < 2; compress++) {
        gt_error error = {0};
        cr_assert_eq(gt_archive_write(archive, path_of("a.npz"), compress, NULL), GT_OK);
        cr_expect_eq(verify(archive, &error), GT_OK, "%s", error.message);
        cr_expect_eq(verify(number, &error), GT_ERROR_FILE);
        cr_expect_str_eq(error.message, "cannot write 'a.npz': what is read back is not what was written");
        cr_expect_eq(verify(text, NULL), GT_ERROR_FILE);
        cr_expect_eq(verify(longer, NULL), GT_ERROR_FILE);
        cr_expect_eq(verify(empty, NULL), GT_ERROR_FILE);
        cr_expect_eq(verify(more, NULL), GT_ERROR_FILE);
    }
    cr_assert_eq(gt_archive_write(empty, path_of("a.npz"), false, NULL), GT_OK);
    cr_expect_eq(verify(empty, NULL), GT_OK);
    gt_archive *all[] = {archive, number, text, longer, empty, more};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        gt_archive_free(all[i]);
}

/* As many members, of the same contents, under other names. */
Test(archive_verify, names_count)
{
    double number = 1;
    static const char *const names[] = {"a", "b", "aa"};
    gt_archive *archives[3];
    for (int i = 0; i < 3; i++) {
        archives[i] = gt_archive_new();
        cr_assert_eq(gt_archive_add(archives[i], names[i], (gt_array){&number, GT_F64, GT_SHAPE(1)}, NULL), GT_OK);
    }
    for (int written = 0; written < 3; written++) {
        cr_assert_eq(gt_archive_write(archives[written], path_of("a.npz"), false, NULL), GT_OK);
        for (int i = 0; i < 3; i++)
            cr_expect_eq(verify(archives[i], NULL), i == written ? GT_OK : GT_ERROR_FILE);
    }
    for (int i = 0; i < 3; i++)
        gt_archive_free(archives[i]);
}

static bool same_contents(const gt_archive *read)
{
    gt_array w = gt_archive_find(read, "W"), b = gt_archive_find(read, "b");
    const char *text = gt_archive_text(read, "model.json");
    static const double values[6] = {1, 2, 3, 4, 5, 6};
    return w.data != NULL && b.data != NULL && text != NULL && strcmp(text, "{\"a\": 1}") == 0 &&
           memcmp(w.data, values, sizeof values) == 0 && memcmp(b.data, values, sizeof *values) == 0;
}

/* With any one byte changed, or the end cut off, it is refused, or it still says the same. */
Test(archive_verify, damage)
{
    gt_archive *archive = archive_of(1, "{\"a\": 1}");
    cr_assert_eq(gt_archive_write(archive, path_of("a.npz"), false, NULL), GT_OK);
    file_bytes file = read_file(path_of("a.npz"));
    size_t harmless = 0;
    for (size_t i = 0; i < file.size; i++) {
        file.bytes[i] ^= 0x21;
        write_file(path_of("a.npz"), file.bytes, file.size);
        file.bytes[i] ^= 0x21;
        if (verify(archive, NULL) != GT_OK)
            continue;
        gt_archive *read = gt_archive_read(path_of("a.npz"), NULL);
        cr_expect(read != NULL && same_contents(read), "byte %zu", i);
        gt_archive_free(read);
        harmless++;
    }
    cr_expect_lt(harmless, file.size / 10, "%zu of %zu changes were harmless", harmless, file.size);
    for (size_t size = 0; size < file.size; size++) {
        write_file(path_of("a.npz"), file.bytes, size);
        cr_expect_neq(verify(archive, NULL), GT_OK, "%zu bytes", size);
    }
    free(file.bytes);
    gt_archive_free(archive);
}
