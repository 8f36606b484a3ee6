// Swift cannot call renameat2: glibc declares it only under _GNU_SOURCE.
#define _GNU_SOURCE
#include "CRenameNew.h"

#include <stdio.h>

#ifdef __linux__
#include <fcntl.h>

int churn_rename_new(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int churn_rename_exchange(const char *one, const char *other) {
    return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}
#else
int churn_rename_new(const char *from, const char *to) { return renamex_np(from, to, RENAME_EXCL); }

int churn_rename_exchange(const char *one, const char *other) { return renamex_np(one, other, RENAME_SWAP); }
#endif
