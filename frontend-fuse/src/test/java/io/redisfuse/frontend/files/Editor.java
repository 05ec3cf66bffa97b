package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.EXCLUSIVE;
import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;

/**
 * The calls by which programs save a file that they have read before, as strace shows them, also
 * what they do when a call fails.
 */
enum Editor {
  /** Also shells, and Python's {@code open(f, "w")}. */
  NANO {
    @Override
    void save(Program program, String f, String text) {
      put(program, program.create(f, WRITE, TRUNCATE), text, false);
    }
  },

  EMACS_WITHOUT_BACKUPS {
    @Override
    void save(Program program, String f, String text) {
      program.symlink("user@host.1:1", beside(f, ".#%s"));
      try {
        put(program, program.create(f, WRITE, TRUNCATE), text, true);
      } finally {
        program.rm(beside(f, ".#%s"));
      }
    }
  },

  EMACS {
    @Override
    void save(Program program, String f, String text) {
      program.symlink("user@host.1:1", beside(f, ".#%s"));
      put(program, program.create(beside(f, "#%s#"), WRITE, TRUNCATE), text, true);
      try {
        if (program.exists(f)) {
          program.mv(f, f + "~");
        }
        put(program, program.create(f, WRITE, TRUNCATE), text, true);
        program.rm(beside(f, "#%s#"));
      } finally {
        program.rm(beside(f, ".#%s"));
      }
    }
  },

  /** vim with backupcopy=yes; it copies the file to the backup itself. */
  VIM_COPYING {
    @Override
    void save(Program program, String f, String text) {
      boolean backup = program.exists(f);
      if (backup) {
        copy(program, f, f + "~");
      }
      try {
        put(program, program.create(f, WRITE, TRUNCATE), text, true);
      } catch (FsException e) {
        if (backup) {
          attempt(() -> copyOver(program, f + "~", f));
        }
        throw e;
      }
      if (backup) {
        program.rm(f + "~");
      }
    }
  },

  /** vim with backupcopy=no. */
  VIM_RENAMING {
    @Override
    void save(Program program, String f, String text) {
      program.close(program.create(sibling(f, "4913"), WRITE, EXCLUSIVE));
      program.rm(sibling(f, "4913"));
      boolean backup = program.exists(f);
      if (backup) {
        program.mv(f, f + "~");
      }
      try {
        put(program, program.create(f, WRITE, TRUNCATE), text, true);
      } catch (FsException e) {
        if (backup) {
          attempt(() -> program.rm(f));
          attempt(() -> program.mv(f + "~", f));
        }
        throw e;
      }
      if (backup) {
        program.rm(f + "~");
      }
    }
  },

  /** As vim with backupcopy=no and nofsync: only the close tells of a failure. */
  VIM_WITHOUT_FSYNC {
    @Override
    void save(Program program, String f, String text) {
      boolean backup = program.exists(f);
      if (backup) {
        program.mv(f, f + "~");
      }
      try {
        put(program, program.create(f, WRITE, TRUNCATE), text, false);
      } catch (FsException e) {
        if (backup) {
          attempt(() -> program.rm(f));
          attempt(() -> program.mv(f + "~", f));
        }
        throw e;
      }
      if (backup) {
        program.rm(f + "~");
      }
    }
  },

  /** joe truncates an old backup. */
  JOE {
    @Override
    void save(Program program, String f, String text) {
      if (program.exists(f)) {
        copyOver(program, f, f + "~");
      }
      put(program, program.create(f, WRITE, TRUNCATE), text, false);
    }
  },

  /** mg makes its backup under a name of mkstemp(3), which it then renames. */
  MG {
    @Override
    void save(Program program, String f, String text) {
      if (program.exists(f)) {
        copy(program, f, f + ".XXXXFpxgsr");
        program.mv(f + ".XXXXFpxgsr", f + "~");
      }
      put(program, program.create(f, WRITE, TRUNCATE), text, false);
    }
  },

  SED {
    @Override
    void save(Program program, String f, String text) {
      replace(program, f, sibling(f, "sedAbC123"), text, EXCLUSIVE);
    }
  },

  GEDIT {
    @Override
    void save(Program program, String f, String text) {
      replace(program, f, sibling(f, ".goutputstream-AB12CD"), text, EXCLUSIVE);
    }
  },

  /** Java's Files.move, Node's rename, VS Code: the temporary file is a key for a moment. */
  NODE {
    @Override
    void save(Program program, String f, String text) {
      replace(program, f, f + ".tmp", text, TRUNCATE);
    }
  },

  GIT {
    @Override
    void save(Program program, String f, String text) {
      replace(program, f, f + ".lock", text, EXCLUSIVE);
    }
  },

  /** perl -pi since 5.28. */
  PERL {
    @Override
    void save(Program program, String f, String text) {
      replace(program, f, sibling(f, "XXzQ81aB"), text, EXCLUSIVE);
    }
  },

  /** Python's {@code open(f, "r+")}, which writes before it truncates. */
  IN_PLACE {
    @Override
    void save(Program program, String f, String text) {
      if (program.exists(f)) {
        program.saveInPlace(f, text);
      } else {
        program.save(f, text);
      }
    }
  },

  /** {@code open(f, "r+")}, then {@code truncate(0)}. */
  TRUNCATED_AFTER_THE_OPEN {
    @Override
    void save(Program program, String f, String text) {
      long handle = program.create(f, WRITE);
      program.truncate(program.node(f), handle, 0);
      put(program, handle, text, false);
    }
  },

  /** {@code truncate(2)} by the name, then a write. */
  TRUNCATED_BY_NAME {
    @Override
    void save(Program program, String f, String text) {
      if (program.exists(f)) {
        program.truncate(f, 0);
      }
      put(program, program.create(f, WRITE), text, false);
    }

    @Override
    boolean savesAtOnce() {
      return false;
    }
  };

  /** Saves, or throws what the program's call threw, after what the program does then. */
  abstract void save(Program program, String path, String text);

  /** Whether the program asks for one change only: readers may not see any other. */
  boolean savesAtOnce() {
    return true;
  }

  private static void put(Program program, long handle, String text, boolean fsync) {
    try {
      program.write(handle, 0, text);
      if (fsync) {
        program.fsync(handle);
      }
    } finally {
      program.close(handle);
    }
  }

  private static void replace(
      Program program, String f, String temporary, String text, OpenMode.Flag flag) {
    put(program, program.create(temporary, WRITE, flag), text, false);
    try {
      program.mv(temporary, f);
    } catch (FsException e) {
      program.rm(temporary);
      throw e;
    }
  }

  /** Both files are open at the same time; what had the name of the copy before is removed. */
  private static void copy(Program program, String from, String to) {
    if (program.exists(to)) {
      program.rm(to);
    }
    long source = program.open(from, READ);
    put(program, program.create(to, WRITE, EXCLUSIVE), program.read(source), false);
    program.close(source);
  }

  private static void copyOver(Program program, String from, String to) {
    long source = program.open(from, READ);
    put(program, program.create(to, WRITE, TRUNCATE), program.read(source), false);
    program.close(source);
  }

  private static void attempt(Runnable call) {
    try {
      call.run();
    } catch (FsException e) {
      // The program goes on.
    }
  }

  private static String sibling(String f, String name) {
    return f.substring(0, f.lastIndexOf('/') + 1) + name;
  }

  private static String beside(String f, String pattern) {
    return sibling(f, pattern.formatted(f.substring(f.lastIndexOf('/') + 1)));
  }
}
