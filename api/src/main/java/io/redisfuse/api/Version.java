package io.redisfuse.api;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a cell held, as a digest; {@link #ABSENT} is one too. Two equal versions mean equal content,
 * wherever and whenever it was read.
 *
 * <p>The digest is SHA-1, since that is what a Redis server can compute of a value without sending
 * it ({@code redis.sha1hex} in a script). It tells accidental differences apart; it is no defence
 * against someone who constructs two colliding values.
 */
public final class Version {

  /** The cell did not exist. */
  public static final Version ABSENT = new Version(Bytes.EMPTY);

  private static final int DIGEST_BYTES = 20;

  private final Bytes digest;

  private Version(Bytes digest) {
    this.digest = digest;
  }

  /** The version of a cell that holds {@code content}. */
  public static Version of(Bytes content) {
    Digester digester = digester();
    digester.update(content.asByteBuffer());
    return digester.version();
  }

  /**
   * The version whose SHA-1 is written in {@code hex}.
   *
   * @throws IllegalArgumentException if it is not 40 hexadecimal digits
   */
  public static Version ofSha1(String hex) {
    byte[] digest = HexFormat.of().parseHex(hex);
    if (digest.length != DIGEST_BYTES) {
      throw new IllegalArgumentException("not a SHA-1 digest: " + hex);
    }
    return new Version(Bytes.wrap(digest));
  }

  /** A digest of content that comes in parts. */
  public static Digester digester() {
    return new Digester();
  }

  /** Whether the cell did not exist. */
  public boolean isAbsent() {
    return digest.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Version that && digest.equals(that.digest);
  }

  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  /** The digest in hexadecimal, or {@code absent}. */
  @Override
  public String toString() {
    return isAbsent() ? "absent" : HexFormat.of().formatHex(digest.unsafeArray());
  }

  /** Computes the version of content that comes in parts, in order. Not safe for threads. */
  public static final class Digester {
    private final MessageDigest sha1;

    private Digester() {
      try {
        sha1 = MessageDigest.getInstance("SHA-1");
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError("every Java platform has SHA-1", e);
      }
    }

    /** Adds what remains in {@code part}, which is then consumed. */
    public void update(ByteBuffer part) {
      sha1.update(part);
    }

    /** The version of all parts; the digester starts afresh. */
    public Version version() {
      return new Version(Bytes.wrap(sha1.digest()));
    }
  }
}
