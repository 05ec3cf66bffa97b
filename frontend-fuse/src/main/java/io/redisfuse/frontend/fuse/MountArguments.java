package io.redisfuse.frontend.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * {@link MountOptions} as libfuse takes them: a {@code struct fuse_args} with a command line. The
 * memory lives as long as this object; libfuse puts memory of its own in place of it, which {@link
 * LibFuse#fuse_opt_free_args} frees.
 */
final class MountArguments {

  static final String SUBTYPE = "redisfuse";

  /** {@code struct fuse_args}: argc, argv, allocated. */
  private static final int ARGV = 8;

  private static final int STRUCT_BYTES = 24;

  private final List<Pointer> strings = new ArrayList<>();
  private final Pointer argv;
  private final Pointer struct;

  /**
   * @param words the options, as {@code mount.fuse(8)} names them
   */
  MountArguments(Runtime runtime, List<String> words) {
    List<String> line = List.of(SUBTYPE, "-o", String.join(",", words));
    argv = Memory.allocateDirect(runtime, (line.size() + 1) * Long.BYTES, true);
    for (String word : line) {
      byte[] bytes = word.getBytes(UTF_8);
      Pointer string = Memory.allocateDirect(runtime, bytes.length + 1, true);
      string.put(0, bytes, 0, bytes.length);
      argv.putPointer((long) strings.size() * Long.BYTES, string);
      strings.add(string);
    }
    struct = Memory.allocateDirect(runtime, STRUCT_BYTES, true);
    struct.putInt(0, line.size());
    struct.putPointer(ARGV, argv);
  }

  Pointer pointer() {
    return struct;
  }

  /** The options for who serves the mount through libfuse. */
  static List<String> words(MountOptions options) {
    List<String> words = wordsForKernel(options);
    words.add("big_writes");
    words.add("max_write=" + ReplyMemory.BLOCK_BYTES);
    // O_TRUNC comes with the open, not as a truncation before it.
    words.add("atomic_o_trunc");
    // Through pipes only what needs no look at the bytes gets faster.
    words.add("no_splice_read");
    words.add("no_splice_write");
    words.add("no_splice_move");
    return words;
  }

  /** The options that the kernel itself understands; all else is agreed on with the protocol. */
  static List<String> wordsForKernel(MountOptions options) {
    List<String> words = new ArrayList<>();
    words.add("fsname=" + escape(options.fsName()));
    words.add("subtype=" + SUBTYPE);
    // The kernel checks modes and owners, with what it knows of groups, better than we could.
    words.add("default_permissions");
    for (MountOptions.Flag flag : options.flags()) {
      words.add(
          switch (flag) {
            case ALLOW_OTHER -> "allow_other";
            case READ_ONLY -> "ro";
          });
    }
    return words;
  }

  private static String escape(String value) {
    return value.replace("\\", "\\\\").replace(",", "\\,");
  }
}
