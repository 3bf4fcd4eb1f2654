/* A claim to a run: taken once, given up, taken over, and what is said where it cannot be written. */
#include "files.h"

#include "compare/claim.h"
#include "training/progress.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char path[64];

static void begin(void)
{
    snprintf(path, sizeof path, "claim-of-%ld", (long)getpid());
    unlink(path);
}

static void end(void)
{
    unlink(path);
}

TestSuite(claim, .init = begin, .fini = end);

static gt_claim_answer take(gt_claim *claim)
{
    gt_claim_holder holder;
    gt_error error = {0};
    gt_claim_answer answer = gt_claim_take(claim, path, &holder, &error);
    cr_expect_eq(answer == GT_CLAIM_FAILED, error.message[0] != '\0', "%s", error.message);
    cr_expect_eq(answer == GT_CLAIM_FAILED || answer == GT_CLAIM_HELD, claim->descriptor < 0);
    return answer;
}

static void write_claim(const char *words)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(words, file);
    fclose(file);
}

static void make_old(void)
{
    const struct timespec old[] = {{time(NULL) - 100, 0}, {time(NULL) - 100, 0}};
    cr_assert_eq(utimensat(AT_FDCWD, path, old, 0), 0);
}

Test(claim, is_held_until_it_is_released)
{
    gt_claim claim, other;
    gt_claim_holder holder;
    cr_expect_not(gt_claim_look(path, &holder));
    cr_expect_eq(take(&claim), GT_CLAIM_TAKEN);
    cr_expect(gt_claim_look(path, &holder));
    cr_expect_eq(holder.process, getpid());
    cr_expect_eq(take(&other), GT_CLAIM_HELD);
    gt_claim_clear(path); /* whoever holds it lives */
    cr_expect_eq(access(path, F_OK), 0);
    gt_claim_release(&other); /* nothing is held: nothing is removed */
    cr_expect_eq(access(path, F_OK), 0);
    gt_claim_release(&claim);
    cr_expect_neq(access(path, F_OK), 0);
    gt_claim_release(&claim);
    gt_claim_clear(path);
}

Test(claim, is_touched_now_and_then)
{
    gt_claim claim;
    gt_claim_holder holder;
    const struct timespec long_ago[] = {{time(NULL) - 1000, 0}, {time(NULL) - 1000, 0}};
    cr_assert_eq(take(&claim), GT_CLAIM_TAKEN);
    cr_assert_eq(futimens(claim.descriptor, long_ago), 0);
    gt_claim_touch(&claim); /* not yet */
    cr_expect(gt_claim_look(path, &holder) && holder.silent > 900);
    claim.touched -= 60;
    gt_claim_touch(&claim);
    cr_expect(gt_claim_look(path, &holder) && holder.silent < 900);
    gt_claim_release(&claim);
    gt_claim_touch(&claim);
    cr_expect_neq(access(path, F_OK), 0);
}

Test(claim, of_words_that_say_nothing_is_held_for_a_minute)
{
    gt_claim claim;
    write_claim("");
    cr_expect_eq(take(&claim), GT_CLAIM_HELD);
    make_old();
    cr_expect_eq(take(&claim), GT_CLAIM_ORPHAN);
    gt_claim_release(&claim);
    write_claim("gradtape compare, process 1 on elsewhere\n");
    make_old();
    cr_expect_eq(take(&claim), GT_CLAIM_HELD);
}

Test(claim, says_where_it_cannot_be_written)
{
    gt_claim claim;
    cr_assert_eq(symlink("nowhere", path), 0);
    cr_expect_eq(take(&claim), GT_CLAIM_FAILED); /* a link is nobody's claim */
    cr_assert_eq(unlink(path), 0);
    strcat(path, "/in");
    cr_expect_eq(take(&claim), GT_CLAIM_FAILED);
    *strchr(path, '/') = '\0';
}

/* A disk that is full: no claim without words is left, which would be in everybody's way. */
Test(claim, needs_room_for_its_words)
{
    gt_claim claim, other;
    struct rlimit none;
    getrlimit(RLIMIT_FSIZE, &none);
    const struct rlimit all = none;
    none.rlim_cur = 0;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &none);
    cr_expect_eq(take(&claim), GT_CLAIM_FAILED);
    cr_expect_neq(access(path, F_OK), 0);
    setrlimit(RLIMIT_FSIZE, &all);
    cr_assert_eq(take(&claim), GT_CLAIM_TAKEN);
    flock(claim.descriptor, LOCK_UN); /* as if its process were gone */
    setrlimit(RLIMIT_FSIZE, &none);
    cr_expect_eq(take(&other), GT_CLAIM_FAILED);
    setrlimit(RLIMIT_FSIZE, &all);
    make_old(); /* it has no words any more */
    cr_expect_eq(take(&other), GT_CLAIM_ORPHAN);
    gt_claim_release(&other);
}
