package io.redisfuse.frontend.fuse;

import java.io.PrintStream;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** A program that maps a file, compares it with what it reads, and changes it through the map. */
final class MappedFile {

  private MappedFile() {}

  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    Path path = Path.of(args[0]);
    byte[] read = Files.readAllBytes(path);
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer own = file.map(FileChannel.MapMode.PRIVATE, 0, read.length);
      byte[] seen = new byte[read.length];
      own.get(seen);
      out.println("private mapping equal: " + Arrays.equals(read, seen));
      MappedByteBuffer shared = file.map(FileChannel.MapMode.READ_WRITE, 0, read.length);
      for (int at = 0; at < read.length; at += 3000) {
        shared.put(at, (byte) ~read[at]);
        read[at] = (byte) ~read[at];
      }
      shared.force();
      out.println("shared mapping written");
    }
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    out.println(HexFormat.of().formatHex(sha.digest(read)));
  }
}
