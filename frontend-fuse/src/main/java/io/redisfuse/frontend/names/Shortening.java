package io.redisfuse.frontend.names;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.redisfuse.api.Bytes;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Cuts names that are too long. What is cut is made up for by {@code %~} and a digest of the entry,
 * so that no two entries of a directory share a name; no name that is not cut ends in such.
 */
final class Shortening {

  private static final Bytes SIGN = Bytes.utf8("%~");

  /** In hexadecimal digits: 128 bits, so that nobody finds two entries with the same. */
  static final int DIGEST_LENGTH = 32;

  private static final int TAIL_LENGTH = SIGN.length() + DIGEST_LENGTH;

  private Shortening() {}

  static Bytes shorten(Bytes name, Entry entry) {
    Bytes head = Escapes.cut(name, Names.MAX_BYTES - TAIL_LENGTH);
    return head.concat(SIGN).concat(Bytes.utf8(digest(entry)));
  }

  private static String digest(Entry entry) {
    MessageDigest sha = sha256();
    if (entry instanceof Entry.Field field) {
      sha.update((byte) 'f');
      // The length keeps apart what segment and field share out differently.
      sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, field.segment().length()));
      sha.update(field.segment().asByteBuffer());
      sha.update(field.field().asByteBuffer());
    } else if (entry instanceof Entry.Directory directory) {
      sha.update((byte) 'd');
      sha.update(directory.segment().asByteBuffer());
    } else if (entry instanceof Entry.Key key) {
      sha.update((byte) 'k');
      sha.update(key.segment().asByteBuffer());
    } else {
      sha.update("value".getBytes(UTF_8));
    }
    return HexFormat.of().formatHex(sha.digest()).substring(0, DIGEST_LENGTH);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JDK has no SHA-256, which every JDK must have.", e);
    }
  }
}
