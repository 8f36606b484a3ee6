#pragma once

/// Renames a file or folder and refuses, with EEXIST, a name that is taken.
///
/// Returns 0, or -1 with errno set; errno is ENOSYS or EINVAL where the system or the file system cannot do it.
int churn_rename_new(const char *from, const char *to);

/// Swaps what stands under two names, both of which must be there, in one step.
///
/// Returns 0, or -1 with errno set; errno is ENOSYS or EINVAL where the system or the file system cannot do it.
int churn_rename_exchange(const char *one, const char *other);
