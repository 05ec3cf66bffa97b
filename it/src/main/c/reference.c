/*
 * The reference of ./bench: a file system in memory, as small and as fast as the high-level interface
 * of libfuse 2 lets it be. It knows what the benchmark does (regular files and directories, no links),
 * and nothing is kept when it ends.
 *
 * One lock guards the tree: names, directories, and who is in which. Each file has a lock for its bytes. A
 * file that is removed while it is open lives until it is closed.
 *
 * It has no `flush`, so that the kernel asks for it once and never again; with REFERENCE_FLUSH=1
 * in the environment it has one, as a file system has that saves when a file is closed.
 */
#define FUSE_USE_VERSION 26

#include <errno.h>
#include <fuse.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

struct node {
  /* Guarded by tree_lock. */
  char *name;
  struct node *parent;
  struct node *next; /* in the bucket of the parent */
  struct node **buckets; /* of a directory: a power of two */
  size_t bucket_count;
  size_t child_count;
  int linked;
  mode_t mode;
  uid_t uid;
  gid_t gid;

  ino_t id;
  atomic_int opens;

  /* Guards what follows. */
  pthread_rwlock_t bytes_lock;
  char *bytes;
  size_t size;
  size_t capacity;
  struct timespec accessed;
  struct timespec modified;
  struct timespec changed;
};

static pthread_rwlock_t tree_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct node *root;
static atomic_ulong last_id;

static struct timespec now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return time;
}

/* ---- nodes */

static struct node *node_new(const char *name, mode_t mode) {
  struct node *node = calloc(1, sizeof *node);
  if (node == NULL) return NULL;
  node->name = strdup(name);
  node->mode = mode;
  node->linked = 1;
  node->id = atomic_fetch_add(&last_id, 1) + 1;
  node->accessed = node->modified = node->changed = now();
  pthread_rwlock_init(&node->bytes_lock, NULL);
  if (S_ISDIR(mode)) {
    node->bucket_count = 16;
    node->buckets = calloc(node->bucket_count, sizeof *node->buckets);
  }
  if (node->name == NULL || (S_ISDIR(mode) && node->buckets == NULL)) {
    free(node->name);
    free(node->buckets);
    free(node);
    return NULL;
  }
  return node;
}

static void node_free(struct node *node) {
  pthread_rwlock_destroy(&node->bytes_lock);
  free(node->bytes);
  free(node->buckets);
  free(node->name);
  free(node);
}

static size_t hash(const char *name, size_t length) {
  uint64_t value = 1469598103934665603u;
  for (size_t i = 0; i < length; i++) value = (value ^ (unsigned char)name[i]) * 1099511628211u;
  return value ^ (value >> 32);
}

static struct node **bucket(struct node *parent, const char *name, size_t length) {
  return &parent->buckets[hash(name, length) & (parent->bucket_count - 1)];
}

static struct node *child(struct node *parent, const char *name, size_t length) {
  struct node *node = *bucket(parent, name, length);
  while (node != NULL && (strncmp(node->name, name, length) != 0 || node->name[length] != 0))
    node = node->next;
  return node;
}

static void grow(struct node *parent) {
  size_t count = parent->bucket_count * 4;
  struct node **buckets = calloc(count, sizeof *buckets);
  if (buckets == NULL) return; /* it gets slower, not wrong */
  for (size_t i = 0; i < parent->bucket_count; i++) {
    for (struct node *node = parent->buckets[i], *next; node != NULL; node = next) {
      next = node->next;
      struct node **place = &buckets[hash(node->name, strlen(node->name)) & (count - 1)];
      node->next = *place;
      *place = node;
    }
  }
  free(parent->buckets);
  parent->buckets = buckets;
  parent->bucket_count = count;
}

static void touch(struct node *node) {
  pthread_rwlock_wrlock(&node->bytes_lock);
  node->modified = node->changed = now();
  pthread_rwlock_unlock(&node->bytes_lock);
}

static void attach(struct node *parent, struct node *node) {
  if (parent->child_count >= parent->bucket_count) grow(parent);
  struct node **place = bucket(parent, node->name, strlen(node->name));
  node->next = *place;
  node->parent = parent;
  *place = node;
  parent->child_count++;
  touch(parent);
}

static void detach(struct node *node) {
  struct node *parent = node->parent;
  struct node **place = bucket(parent, node->name, strlen(node->name));
  while (*place != node) place = &(*place)->next;
  *place = node->next;
  parent->child_count--;
  touch(parent);
}

/* Takes a detached node out of the world, unless it is open. Needs tree_lock for writing. */
static void drop(struct node *node) {
  node->linked = 0;
  if (atomic_load(&node->opens) == 0) node_free(node);
}

static struct node *find(const char *path) {
  struct node *node = root;
  while (node != NULL) {
    while (*path == '/') path++;
    if (*path == 0) return node;
    if (!S_ISDIR(node->mode)) return NULL;
    size_t length = strcspn(path, "/");
    node = child(node, path, length);
    path += length;
  }
  return NULL;
}

/* The directory that `path` is in, or NULL; `name` is set to the last part. */
static struct node *find_parent(const char *path, const char **name) {
  struct node *node = root;
  for (;;) {
    while (*path == '/') path++;
    size_t length = strcspn(path, "/");
    if (path[length] == 0) {
      *name = path;
      return node;
    }
    node = child(node, path, length);
    if (node == NULL || !S_ISDIR(node->mode)) return NULL;
    path += length;
  }
}

static struct node *opened(struct fuse_file_info *fi) { return (struct node *)(uintptr_t)fi->fh; }

static void hold(struct node *node, struct fuse_file_info *fi) {
  atomic_fetch_add(&node->opens, 1);
  fi->fh = (uintptr_t)node;
}

/* ---- attributes */

static void describe(struct node *node, struct stat *st) {
  memset(st, 0, sizeof *st);
  pthread_rwlock_rdlock(&node->bytes_lock);
  st->st_ino = node->id;
  st->st_mode = node->mode;
  st->st_nlink = S_ISDIR(node->mode) ? 2 : node->linked;
  st->st_uid = node->uid;
  st->st_gid = node->gid;
  st->st_size = node->size;
  st->st_blksize = 4096;
  st->st_blocks = (node->size + 511) / 512;
  st->st_atim = node->accessed;
  st->st_mtim = node->modified;
  st->st_ctim = node->changed;
  pthread_rwlock_unlock(&node->bytes_lock);
}

static int reference_getattr(const char *path, struct stat *st) {
  pthread_rwlock_rdlock(&tree_lock);
  struct node *node = find(path);
  if (node != NULL) describe(node, st);
  pthread_rwlock_unlock(&tree_lock);
  return node == NULL ? -ENOENT : 0;
}

static int reference_fgetattr(const char *path, struct stat *st, struct fuse_file_info *fi) {
  (void)path;
  pthread_rwlock_rdlock(&tree_lock);
  describe(opened(fi), st);
  pthread_rwlock_unlock(&tree_lock);
  return 0;
}

static int reference_chmod(const char *path, mode_t mode) {
  pthread_rwlock_wrlock(&tree_lock);
  struct node *node = find(path);
  if (node != NULL) node->mode = (node->mode & S_IFMT) | (mode & ~S_IFMT);
  pthread_rwlock_unlock(&tree_lock);
  return node == NULL ? -ENOENT : 0;
}

static int reference_chown(const char *path, uid_t uid, gid_t gid) {
  pthread_rwlock_wrlock(&tree_lock);
  struct node *node = find(path);
  if (node != NULL && uid != (uid_t)-1) node->uid = uid;
  if (node != NULL && gid != (gid_t)-1) node->gid = gid;
  pthread_rwlock_unlock(&tree_lock);
  return node == NULL ? -ENOENT : 0;
}

static void set_time(struct timespec *time, struct timespec wanted) {
  if (wanted.tv_nsec == UTIME_NOW) *time = now();
  else if (wanted.tv_nsec != UTIME_OMIT) *time = wanted;
}

static int reference_utimens(const char *path, const struct timespec times[2]) {
  pthread_rwlock_rdlock(&tree_lock);
  struct node *node = find(path);
  if (node != NULL) {
    pthread_rwlock_wrlock(&node->bytes_lock);
    set_time(&node->accessed, times[0]);
    set_time(&node->modified, times[1]);
    node->changed = now();
    pthread_rwlock_unlock(&node->bytes_lock);
  }
  pthread_rwlock_unlock(&tree_lock);
  return node == NULL ? -ENOENT : 0;
}

static int reference_statfs(const char *path, struct statvfs *st) {
  (void)path;
  memset(st, 0, sizeof *st);
  st->f_bsize = st->f_frsize = 4096;
  st->f_blocks = st->f_bfree = st->f_bavail = 1u << 24;
  st->f_files = st->f_ffree = 1u << 24;
  st->f_namemax = 255;
  return 0;
}

/* ---- names */

static int add(const char *path, mode_t mode, struct fuse_file_info *fi) {
  const char *name;
  int result = 0;
  pthread_rwlock_wrlock(&tree_lock);
  struct node *parent = find_parent(path, &name);
  if (parent == NULL) {
    result = -ENOENT;
  } else if (child(parent, name, strlen(name)) != NULL) {
    result = -EEXIST;
  } else {
    struct node *node = node_new(name, mode);
    if (node == NULL) {
      result = -ENOMEM;
    } else {
      node->uid = fuse_get_context()->uid;
      node->gid = fuse_get_context()->gid;
      attach(parent, node);
      if (fi != NULL) hold(node, fi);
    }
  }
  pthread_rwlock_unlock(&tree_lock);
  return result;
}

static int reference_create(const char *path, mode_t mode, struct fuse_file_info *fi) {
  return add(path, S_IFREG | (mode & 07777), fi);
}

static int reference_mkdir(const char *path, mode_t mode) {
  return add(path, S_IFDIR | (mode & 07777), NULL);
}

static int reference_unlink(const char *path) {
  int result = 0;
  pthread_rwlock_wrlock(&tree_lock);
  struct node *node = find(path);
  if (node == NULL) {
    result = -ENOENT;
  } else if (S_ISDIR(node->mode)) {
    result = -EISDIR;
  } else {
    detach(node);
    drop(node);
  }
  pthread_rwlock_unlock(&tree_lock);
  return result;
}

static int reference_rmdir(const char *path) {
  int result = 0;
  pthread_rwlock_wrlock(&tree_lock);
  struct node *node = find(path);
  if (node == NULL) {
    result = -ENOENT;
  } else if (!S_ISDIR(node->mode)) {
    result = -ENOTDIR;
  } else if (node->child_count > 0) {
    result = -ENOTEMPTY;
  } else if (node == root) {
    result = -EBUSY;
  } else {
    detach(node);
    drop(node);
  }
  pthread_rwlock_unlock(&tree_lock);
  return result;
}

static int reference_rename(const char *from, const char *to) {
  const char *name;
  int result = 0;
  char *own = NULL;
  pthread_rwlock_wrlock(&tree_lock);
  struct node *node = find(from);
  struct node *parent = find_parent(to, &name);
  struct node *target = parent == NULL ? NULL : child(parent, name, strlen(name));
  if (node == NULL || parent == NULL) {
    result = -ENOENT;
  } else if (target == node) {
    /* Nothing is to be done. */
  } else if (target != NULL && S_ISDIR(target->mode) && !S_ISDIR(node->mode)) {
    result = -EISDIR;
  } else if (target != NULL && !S_ISDIR(target->mode) && S_ISDIR(node->mode)) {
    result = -ENOTDIR;
  } else if (target != NULL && S_ISDIR(target->mode) && target->child_count > 0) {
    result = -ENOTEMPTY;
  } else if ((own = strdup(name)) == NULL) {
    result = -ENOMEM;
  } else {
    if (target != NULL) {
      detach(target);
      drop(target);
    }
    detach(node);
    free(node->name);
    node->name = own;
    attach(parent, node);
  }
  pthread_rwlock_unlock(&tree_lock);
  return result;
}

static int reference_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
                             struct fuse_file_info *fi) {
  (void)offset;
  (void)fi;
  if (path == NULL) return -ENOENT; /* it was removed while it was open */
  pthread_rwlock_rdlock(&tree_lock);
  struct node *node = find(path);
  if (node != NULL) {
    fill(buffer, ".", NULL, 0);
    fill(buffer, "..", NULL, 0);
    struct stat st = {0};
    for (size_t i = 0; i < node->bucket_count; i++) {
      for (struct node *entry = node->buckets[i]; entry != NULL; entry = entry->next) {
        st.st_ino = entry->id;
        st.st_mode = entry->mode;
        fill(buffer, entry->name, &st, 0);
      }
    }
  }
  pthread_rwlock_unlock(&tree_lock);
  return node == NULL ? -ENOENT : 0;
}

/* ---- bytes */

/* Makes room for `size` bytes; what is new is zero. Needs bytes_lock for writing. */
static int resize(struct node *node, size_t size) {
  if (size == 0) {
    free(node->bytes);
    node->bytes = NULL;
    node->capacity = 0;
  } else if (size > node->capacity) {
    size_t capacity = node->capacity * 2 > size ? node->capacity * 2 : size;
    char *bytes = realloc(node->bytes, capacity);
    if (bytes == NULL) return -ENOSPC;
    node->bytes = bytes;
    node->capacity = capacity;
  }
  if (size > node->size) memset(node->bytes + node->size, 0, size - node->size);
  node->size = size;
  return 0;
}

static int truncate_node(struct node *node, off_t size) {
  pthread_rwlock_wrlock(&node->bytes_lock);
  int result = resize(node, size);
  node->modified = node->changed = now();
  pthread_rwlock_unlock(&node->bytes_lock);
  return result;
}

static int reference_open(const char *path, struct fuse_file_info *fi) {
  int result = -ENOENT;
  pthread_rwlock_rdlock(&tree_lock);
  struct node *node = find(path);
  if (node != NULL) {
    result = (fi->flags & O_TRUNC) ? truncate_node(node, 0) : 0;
    if (result == 0) hold(node, fi);
  }
  pthread_rwlock_unlock(&tree_lock);
  return result;
}

static int reference_release(const char *path, struct fuse_file_info *fi) {
  (void)path;
  struct node *node = opened(fi);
  pthread_rwlock_rdlock(&tree_lock);
  /* Nobody opens a node without a name: who closes it last frees it. */
  int is_last = !node->linked && atomic_fetch_sub(&node->opens, 1) == 1;
  if (node->linked) atomic_fetch_sub(&node->opens, 1);
  pthread_rwlock_unlock(&tree_lock);
  if (is_last) node_free(node);
  return 0;
}

static int reference_flush(const char *path, struct fuse_file_info *fi) {
  (void)path;
  (void)fi;
  return 0;
}

static int reference_truncate(const char *path, off_t size) {
  int result = -ENOENT;
  pthread_rwlock_rdlock(&tree_lock);
  struct node *node = find(path);
  if (node != NULL) result = truncate_node(node, size);
  pthread_rwlock_unlock(&tree_lock);
  return result;
}

static int reference_ftruncate(const char *path, off_t size, struct fuse_file_info *fi) {
  (void)path;
  return truncate_node(opened(fi), size);
}

static int reference_read(const char *path, char *buffer, size_t size, off_t offset,
                          struct fuse_file_info *fi) {
  (void)path;
  struct node *node = opened(fi);
  pthread_rwlock_rdlock(&node->bytes_lock);
  size_t start = offset;
  size_t count = start >= node->size ? 0 : node->size - start;
  if (count > size) count = size;
  if (count > 0) memcpy(buffer, node->bytes + start, count);
  pthread_rwlock_unlock(&node->bytes_lock);
  return count;
}

static int reference_write(const char *path, const char *buffer, size_t size, off_t offset,
                           struct fuse_file_info *fi) {
  (void)path;
  struct node *node = opened(fi);
  size_t start = offset;
  int result = size;
  pthread_rwlock_wrlock(&node->bytes_lock);
  if (start > node->size && resize(node, start) != 0) {
    result = -ENOSPC;
  } else {
    /* Not through resize(): zeros that are overwritten at once would cost the reference time. */
    size_t end = start + size;
    if (end > node->capacity) {
      size_t capacity = node->capacity * 2 > end ? node->capacity * 2 : end;
      char *bytes = realloc(node->bytes, capacity);
      if (bytes == NULL) {
        result = -ENOSPC;
      } else {
        node->bytes = bytes;
        node->capacity = capacity;
      }
    }
    if (result > 0) {
      memcpy(node->bytes + start, buffer, size);
      if (end > node->size) node->size = end;
      node->modified = node->changed = now();
    }
  }
  pthread_rwlock_unlock(&node->bytes_lock);
  return result;
}

static void *reference_init(struct fuse_conn_info *connection) {
  connection->want |=
      connection->capable & (FUSE_CAP_BIG_WRITES | FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_ASYNC_READ);
  return NULL;
}

int main(int argc, char **argv) {
  struct fuse_operations operations = {
      .init = reference_init,
      .getattr = reference_getattr,
      .fgetattr = reference_fgetattr,
      .chmod = reference_chmod,
      .chown = reference_chown,
      .utimens = reference_utimens,
      .statfs = reference_statfs,
      .create = reference_create,
      .mkdir = reference_mkdir,
      .unlink = reference_unlink,
      .rmdir = reference_rmdir,
      .rename = reference_rename,
      .readdir = reference_readdir,
      .open = reference_open,
      .release = reference_release,
      .truncate = reference_truncate,
      .ftruncate = reference_ftruncate,
      .read = reference_read,
      .write = reference_write,
      .flag_nullpath_ok = 1,
      .flag_utime_omit_ok = 1,
  };
  if (getenv("REFERENCE_FLUSH") != NULL) operations.flush = reference_flush;
  root = node_new("", S_IFDIR | 0755);
  if (root == NULL) {
    fprintf(stderr, "reference: there is no memory\n");
    return 1;
  }
  root->uid = getuid();
  root->gid = getgid();
  return fuse_main(argc, argv, &operations, NULL);
}
