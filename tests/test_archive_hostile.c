/* Archives that are damaged, or made to do harm: an error that says what is wrong, and no crash. */
#include "hostile.h"

#include <sys/stat.h>

TestSuite(archive_hostile, .init = make_folder, .fini = remove_folder);

/* ---- zip files ----------------------------------------------------------------------------- */

static zip_part good_part(const char *name)
{
    static uint8_t npy[256];
    uint32_t size = npy_build(npy, 1, HEADER("'<f8'", "False", "(2,)"), two, sizeof two);
    return (zip_part){.name = name, .bytes = npy, .size = size};
}

Test(archive_hostile, builder_builds_what_can_be_read)
{
    static zip_builder zip;
    gt_error error;
    zip_build(&zip, (zip_part[]){good_part("a.npy"), good_part("b/c.npy")}, 2);
    gt_archive *archive = read_built(&zip, &error);
    cr_assert_not_null(archive, "%s", error.message);
    cr_assert_eq(memcmp(gt_archive_find(archive, "b/c").data, two, sizeof two), 0);
    gt_archive_free(archive);
}

Test(archive_hostile, members)
{
    static zip_builder zip;
    zip_build(&zip, (zip_part[]){good_part("a.npy"), good_part("a.npy")}, 2);
    expect_error(&zip, GT_ERROR_FORMAT, "member 'a.npy' is there twice");
    zip_build(&zip, (zip_part[]){good_part("t"), good_part("t")}, 2);
    expect_error(&zip, GT_ERROR_FORMAT, "member 't' is there twice");
    zip_build(&zip, (zip_part[]){good_part(".npy")}, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "name of member 1");
    zip_build(&zip, (zip_part[]){good_part("")}, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "x.npz");
    zip_build(&zip, (zip_part[]){good_part("a.txt")}, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "member 'a.txt' is neither an array");

    zip_part part = good_part("\033[31m.npy");
    part.flags = 0x800; /* the name is UTF-8; without this it is in the code page of the IBM PC */
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "x.npz"); /* where the name is not printed */
    part = good_part("a.npy");
    part.flags = 1;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "encrypted");
    part = good_part("a.npy");
    part.wrong_crc = 1;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "CRC");
    part = good_part("a.npy");
    part.method = 12;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "method 12");
    part = good_part("a.npy");
    part.stated_size = part.size + 8;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "cannot hold");
    part = good_part("a.npy");
    part.stated_packed = part.stated_size = 1u << 30;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "x.npz");
}

/*
 * Two members that share their bytes, which is how a small zip file can hold a
 * great many large ones. Only as many bytes as the file has can be claimed.
 */
Test(archive_hostile, overlapping_members)
{
    static zip_builder zip;
    static const char filler[2048] = "a";
    zip_part text = {.name = "t", .bytes = filler, .size = sizeof filler};
    zip_build(&zip, (zip_part[]){text, good_part("a.npy"), good_part("b.npy")}, 3);
    /* The third entry of the directory becomes a copy of the first under the name "u". */
    uint8_t *local = zip.bytes, *directory = local;
    while (memcmp(directory, "PK\1\2", 4) != 0)
        directory++;
    size_t first = 46 + 1, second = 46 + 5;
    uint8_t *third = directory + first + second;
    zip.size = (size_t)(third - zip.bytes);
    size_t start = (size_t)(directory - zip.bytes);
    put_bytes(&zip, directory, first);
    zip.bytes[zip.size - 1] = 't'; /* the same local header, and so the same name */
    size_t length = zip.size - start;
    put(&zip, 0x06054b50, 4);
    put(&zip, 0, 4);
    put(&zip, 3, 2);
    put(&zip, 3, 2);
    put(&zip, length, 4);
    put(&zip, start, 4);
    put(&zip, 0, 2);
    gt_error error;
    cr_assert_null(read_built(&zip, &error));
    cr_assert_eq(error.status, GT_ERROR_FORMAT, "%s", error.message);
}

/* The deflated bytes hold more, or less, than the zip file says. */
Test(archive_hostile, deflated_text_of_another_size)
{
    static zip_builder zip;
    static uint8_t packed[4096];
    static const uint8_t zeros[1 + 258 * 1000];
    uint32_t size = deflate_zeros(packed, 1000), right = sizeof zeros;
    zip_part part = {.name = "a.npy", .bytes = packed, .size = size, .method = 8};
    part.crc = crc_of(zeros, right);
    part.stated_size = right;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, ".npy format"); /* inflated, and found to be zeros */
    part.name = "text";
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "neither an array"); /* inflated to its end */
    part.stated_size = right - 1;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "'text'");
    part.stated_size = right + 1;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "ends early");
    part.stated_size = size * 1032 + 1032;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "cannot hold");
}

Test(archive_hostile, no_zip_file)
{
    static zip_builder zip;
    zip.size = 0;
    expect_error(&zip, GT_ERROR_FORMAT, "0 bytes");
    put_bytes(&zip, "PK\3\4", 4);
    expect_error(&zip, GT_ERROR_FORMAT, "4 bytes");
    zip.size = 5000;
    memset(zip.bytes, 'x', zip.size);
    expect_error(&zip, GT_ERROR_FORMAT, "x.npz");
    /* Nothing but ends of directories. */
    for (zip.size = 0; zip.size < 60000;)
        put_bytes(&zip, "PK\5\6", 4);
    expect_error(&zip, GT_ERROR_FORMAT, "x.npz");
}

Test(archive_hostile, no_file)
{
    gt_error error = {GT_OK, ""};
    cr_assert_null(gt_archive_read(path_of("none.npz"), &error));
    cr_assert_eq(error.status, GT_ERROR_FILE);
    cr_assert_not_null(strstr(error.message, "none.npz': No such file"), "%s", error.message);
    cr_assert_null(gt_archive_read(folder, &error));
    cr_assert_eq(error.status, GT_ERROR_FILE);
    cr_assert_eq(mkfifo(path_of("fifo"), 0600), 0);
    cr_assert_null(gt_archive_read(path_of("fifo"), &error)); /* would wait for ever */
    cr_assert_eq(error.status, GT_ERROR_FILE);
}

/* ---- memory -------------------------------------------------------------------------------- */

#ifndef SANITIZED
/*
 * 5 MB of zeros in 33 kB, which the file's size justifies: with 3 MB of memory
 * it is an error, not a crash. The member is a text, since those are read whole.
 */
Test(archive_hostile, more_than_the_memory)
{
    static zip_builder zip;
    static uint8_t packed[1 << 15];
    uint32_t size = deflate_zeros(packed, 20000);
    zip_part part = {.name = "text", .bytes = packed, .size = size, .method = 8};
    part.stated_size = 1 + 258 * 20000;
    zip_build(&zip, &part, 1);
    write_file(path_of("x.npz"), zip.bytes, zip.size);
    gt_error error = {GT_OK, ""};
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;
    if (file == NULL || fscanf(file, "%ld", &pages) != 1)
        cr_skip_test("no /proc/self/statm");
    fclose(file);
    limit_memory((rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + (3 << 20));
    cr_assert_null(gt_archive_read(path_of("x.npz"), &error));
    cr_assert_eq(error.status, GT_ERROR_MEMORY, "%s", error.message);
}

#endif
