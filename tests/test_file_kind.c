/* Files that are no archives, and errors of the library that reads archives: what is said of them.
 */
#include "io/file_kind.h"
#include "io/zip_failure.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static const char *kind_of(const char *bytes, size_t size)
{
    static uint8_t beginning[GT_FILE_KIND_BYTES];
    memset(beginning, 0, sizeof beginning);
    memcpy(beginning, bytes, size);
    return gt_file_kind(beginning, size);
}

#define KIND(text) kind_of(text, sizeof(text) - 1)

static void expect_kind(const char *kind, const char *words)
{
    cr_assert_not_null(kind);
    cr_expect_not_null(strstr(kind, words), "'%s' has no '%s'", kind, words);
}

Test(file_kind, zip_files_are_none_of_them)
{
    cr_expect_null(KIND("PK\3\4 and more"));
    cr_expect_null(KIND("PK\5\6"));
    expect_kind(KIND("PK\3"), "is a text");
}

Test(file_kind, pickles_have_a_protocol)
{
    expect_kind(KIND("\200\2}q"), "Python pickle");
    expect_kind(KIND("\200\5"), "Python pickle");
    expect_kind(KIND("\200\1"), "is no .npz file");
    expect_kind(KIND("\200\6"), "is no .npz file");
    expect_kind(KIND("\200"), "is no .npz file");
}

static bool is_safetensors(const char *bytes, size_t size)
{
    return gt_file_is_safetensors((const uint8_t *)bytes, size);
}

Test(file_kind, safetensors_begin_with_a_length_and_an_object)
{
    cr_expect(is_safetensors("\20\1\0\0\0\0\0\0{\"a\"", 12));
    cr_expect(is_safetensors("\2\0\0\0\0\0\0\0{}", 10));
    cr_expect_not(is_safetensors("\2\0\0\0\0\0\0\0{ ", 10));
    cr_expect_not(is_safetensors("\2\0\0\0\0\0\0\0[]", 10));
    cr_expect_not(is_safetensors("\2\0\0\0\0\0\0\0{", 9));
    for (int i = 4; i < 8; i++) {
        char bytes[] = "\2\0\0\0\0\0\0\0{}";
        bytes[i] = 1;
        cr_expect_not(is_safetensors(bytes, 10));
        expect_kind(kind_of(bytes, 10), "is no .npz file");
    }
}

Test(file_kind, one_array_begins_with_its_magic)
{
    cr_expect(gt_file_is_npy((const uint8_t *)"\x93NUMPY", 6));
    cr_expect_not(gt_file_is_npy((const uint8_t *)"\x93NUMP", 5));
    cr_expect_not(gt_file_is_npy((const uint8_t *)"\x93NUMPX", 6));
}

Test(file_kind, texts_are_utf8)
{
    expect_kind(KIND(""), "is empty");
    expect_kind(KIND("1 2 3\n"), "is a text");
    expect_kind(KIND("gr\303\266\303"), "is a text"); /* cut within a character */
    expect_kind(KIND("\303"), "is no .npz file");
    expect_kind(KIND("1 2\0 3"), "is no .npz file");
    expect_kind(KIND("\377\376a"), "is no .npz file");
}

/* ---- libzip -------------------------------------------------------------------------------- */

static gt_status status_of(int zip, int system)
{
    zip_error_t failure;
    zip_error_init(&failure);
    zip_error_set(&failure, zip, system);
    gt_status status = gt_zip_status(&failure);
    zip_error_fini(&failure);
    return status;
}

Test(file_kind, failures_of_libzip)
{
    cr_expect_eq(status_of(ZIP_ER_MEMORY, 0), GT_ERROR_MEMORY);
    cr_expect_eq(status_of(ZIP_ER_OK, 0), GT_ERROR_MEMORY);
    cr_expect_eq(status_of(ZIP_ER_ZLIB, -4), GT_ERROR_MEMORY);
    cr_expect_eq(status_of(ZIP_ER_ZLIB, -3), GT_ERROR_FORMAT);
    cr_expect_eq(status_of(ZIP_ER_NOZIP, 0), GT_ERROR_FORMAT);
    static const int files[] = {ZIP_ER_OPEN, ZIP_ER_NOENT, ZIP_ER_CLOSE, ZIP_ER_WRITE, ZIP_ER_TMPOPEN, ZIP_ER_RENAME};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        cr_expect_eq(status_of(files[i], ENOSPC), GT_ERROR_FILE);
    static const int readings[] = {ZIP_ER_READ, ZIP_ER_SEEK, ZIP_ER_TELL};
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        cr_expect_eq(status_of(readings[i], EIO), GT_ERROR_FILE);
        cr_expect_eq(status_of(readings[i], 0), GT_ERROR_FORMAT);
        cr_expect_eq(status_of(readings[i], EFBIG), GT_ERROR_FORMAT);
        cr_expect_eq(status_of(readings[i], EINVAL), GT_ERROR_FORMAT);
    }
}

Test(file_kind, the_message_names_action_file_and_reason)
{
    gt_error error = {0};
    zip_error_t failure;
    zip_error_init(&failure);
    zip_error_set(&failure, ZIP_ER_OPEN, ENOENT);
    cr_expect_eq(gt_zip_failure(&error, &failure, "read", "a.npz"), GT_ERROR_FILE);
    cr_expect_not_null(strstr(error.message, "cannot read 'a.npz': "), "%s", error.message);
    cr_expect_not_null(strstr(error.message, "No such file"), "%s", error.message);
    zip_error_set(&failure, ZIP_ER_MEMORY, 0);
    cr_expect_eq(gt_zip_failure(&error, &failure, "write", "a.npz"), GT_ERROR_MEMORY);
    cr_expect_not_null(strstr(error.message, "cannot write 'a.npz': no memory"), "%s", error.message);
    zip_error_fini(&failure);
}
