/* Keeps a second folder in which a file is what it was when it was last made durable.
 *
 * Loaded before the system's library (LD_PRELOAD) it stands in for a disk that loses, when the
 * power is cut, everything that nobody waited for: whenever a file right below DURABLE_FROM has
 * been synced it is copied, whole, to DURABLE_TO, before whoever waited goes on. What was only
 * written never gets there. Names that are given, changed or taken away count at once. A write that
 * comes between a sync and its copy is taken along; SQLite's one writer makes none.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM (2 * PATH_MAX)

/* The path in the second folder, or 0 for a file that lies elsewhere. */
static int shadow(const char *path, char *out) {
  const char *from = getenv("DURABLE_FROM"), *to = getenv("DURABLE_TO");
  char absolute[ROOM];
  if (!from || !to || !path) return 0;
  if (path[0] != '/') {
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here)) return 0;
    snprintf(absolute, sizeof absolute, "%s/%s", here, path);
    path = absolute;
  }
  size_t prefix = strlen(from);
  if (strncmp(path, from, prefix) || path[prefix] != '/' || strchr(path + prefix + 1, '/')) return 0;
  return snprintf(out, ROOM, "%s%s", to, path + prefix) < ROOM;
}

static void keep(int fd) {
  char link[64], path[PATH_MAX], whole[ROOM], part[ROOM + 32], block[1 << 16];
  struct stat status;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) _exit(97);
  path[length] = 0;
  if (!shadow(path, whole) || fstat(fd, &status) || !S_ISREG(status.st_mode)) return;
  snprintf(part, sizeof part, "%s.%d.part", whole, (int)getpid());
  /* Another descriptor of a database would, when it is closed, take SQLite's locks away; only
   * files that are written and never read need one. */
  int in = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY ? open(path, O_RDONLY) : fd;
  int out = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (in < 0 || out < 0) _exit(97);
  off_t at = 0;
  ssize_t got;
  while ((got = pread(in, block, sizeof block, at)) > 0) {
    if (write(out, block, got) != got) _exit(97);
    at += got;
  }
  close(out);
  if (in != fd) close(in);
  int (*really)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  if (got < 0 || really(part, whole)) _exit(97);
}

int fsync(int fd) {
  int (*really)(int) = dlsym(RTLD_NEXT, "fsync");
  int result = really(fd);
  if (result == 0) keep(fd);
  return result;
}

int fdatasync(int fd) {
  int (*really)(int) = dlsym(RTLD_NEXT, "fdatasync");
  int result = really(fd);
  if (result == 0) keep(fd);
  return result;
}

int unlink(const char *path) {
  int (*really)(const char *) = dlsym(RTLD_NEXT, "unlink");
  int result = really(path);
  char there[ROOM];
  if (result == 0 && shadow(path, there)) really(there);
  return result;
}

int rename(const char *old, const char *new) {
  int (*really)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  int result = really(old, new);
  char there[ROOM], then[ROOM];
  if (result == 0 && shadow(old, there) && shadow(new, then)) really(there, then);
  return result;
}

int linkat(int a, const char *old, int b, const char *new, int flags) {
  int (*really)(int, const char *, int, const char *, int) = dlsym(RTLD_NEXT, "linkat");
  int result = really(a, old, b, new, flags);
  char there[ROOM], then[ROOM];
  if (result == 0 && shadow(old, there) && shadow(new, then)) really(a, there, b, then, flags);
  return result;
}

int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }
