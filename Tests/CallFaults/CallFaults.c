// Loaded before a program (LD_PRELOAD), takes its calls that change files and lets one of them fail, or kills the program at it.
//
// CALL_FAULT_PATHS   calls count whose path has this text in it, and those on files opened under such a path
// CALL_FAULT_NUMBER  the call, from 0; without it calls are counted alone
// CALL_FAULT_ERROR   the errno that it fails with; 0 kills the program before the call
// CALL_FAULT_ONWARDS set: all calls from the number on
// CALL_FAULT_REPORT  a file that gets the number of calls at the program's end
#define _GNU_SOURCE
#include "CallFaults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 65536

static atomic_long calls;
static _Atomic char watched[FILES];
static const char *paths;
static long number = -1;
static int error;
static int onwards;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
    paths = getenv("CALL_FAULT_PATHS");
    const char *text = getenv("CALL_FAULT_NUMBER");
    if (text) number = atol(text);
    text = getenv("CALL_FAULT_ERROR");
    if (text) error = atoi(text);
    onwards = getenv("CALL_FAULT_ONWARDS") != NULL;
}

__attribute__((destructor)) static void end(void) {
    const char *report = getenv("CALL_FAULT_REPORT");
    if (!report) return;
    char text[32];
    int length = snprintf(text, sizeof text, "%ld\n", atomic_load(&calls));
    int file = REAL(open)(report, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0) return;
    if (REAL(write)(file, text, (size_t)length) < 0) abort();
    REAL(close)(file);
}

static int matches(const char *path) { return paths && path && strstr(path, paths) != NULL; }

static int isWatched(int file) { return file >= 0 && file < FILES && watched[file]; }

// Whether the call that comes must fail; errno is set then.
static int fails(void) {
    long here = atomic_fetch_add(&calls, 1);
    if (number < 0 || here < number || (here > number && !onwards)) return 0;
    if (error == 0) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    errno = error;
    return 1;
}

static int opened(int file, const char *path) {
    if (file >= 0 && file < FILES) watched[file] = (char)matches(path);
    return file;
}

#define OPEN(name)                                                                                                      \
    int name(const char *path, int flags, ...) {                                                                        \
        mode_t mode = 0;                                                                                                \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                                            \
            va_list rest;                                                                                               \
            va_start(rest, flags);                                                                                      \
            mode = va_arg(rest, mode_t);                                                                                \
            va_end(rest);                                                                                               \
        }                                                                                                               \
        if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) && matches(path) && fails()) return -1;                             \
        return opened(REAL(name)(path, flags, mode), path);                                                             \
    }
OPEN(open)
OPEN(open64)

#define ON_PATH(name, parameters, arguments, path)                                                                      \
    int name parameters {                                                                                               \
        if (matches(path) && fails()) return -1;                                                                        \
        return REAL(name) arguments;                                                                                    \
    }
ON_PATH(mkdir, (const char *path, mode_t mode), (path, mode), path)
ON_PATH(rmdir, (const char *path), (path), path)
ON_PATH(unlink, (const char *path), (path), path)
ON_PATH(link, (const char *from, const char *to), (from, to), to)
ON_PATH(rename, (const char *from, const char *to), (from, to), to)
ON_PATH(renameat2, (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags), to)

int fsync(int file) {
    if (isWatched(file) && fails()) return -1;
    return REAL(fsync)(file);
}

ssize_t write(int file, const void *bytes, size_t count) {
    if (isWatched(file) && fails()) return -1;
    return REAL(write)(file, bytes, count);
}

// The file is closed in any case.
int close(int file) {
    int failing = isWatched(file) && fails();
    int reason = errno;
    if (file >= 0 && file < FILES) watched[file] = 0;
    int result = REAL(close)(file);
    if (!failing) return result;
    errno = reason;
    return -1;
}
