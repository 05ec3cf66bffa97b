package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Who a mount is among all that there ever are: no other has its name, be it on the same machine,
 * or one that was begun anew.
 *
 * @param name of no other mount
 * @param host where the numbers of its processes mean something: the machine since it was started,
 *     and the namespace of its processes
 */
record MountIdentity(String name, String host) {

  static MountIdentity ofThisProcess() {
    return new MountIdentity(UUID.randomUUID().toString(), thisHost());
  }

  private static String thisHost() {
    try {
      String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
      String processes = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
      return boot + "/" + processes;
    } catch (IOException e) {
      // Nobody shares what is not known.
      return UUID.randomUUID().toString();
    }
  }

  /** Texts of which none was ever there before. */
  Supplier<Bytes> nonces() {
    AtomicLong last = new AtomicLong();
    return () -> Bytes.utf8(name + ":" + last.incrementAndGet());
  }
}
