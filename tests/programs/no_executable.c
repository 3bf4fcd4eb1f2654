/*
 * For LD_PRELOAD: a system that grants no executable memory, as SELinux and some sandboxes do.
 * What libc does for itself, such as loading libraries, does not come by here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int mprotect(void *address, size_t size, int protection)
{
    if ((protection & PROT_EXEC) == 0)
        return (int)syscall(SYS_mprotect, address, size, protection);
    errno = EACCES;
    return -1;
}
