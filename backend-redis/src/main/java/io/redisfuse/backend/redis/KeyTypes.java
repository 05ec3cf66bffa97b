package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redisfuse.api.Type;
import java.util.Optional;

/** The words of the command TYPE. */
final class KeyTypes {

  private KeyTypes() {}

  /** The type that a reply to TYPE names; empty if there is no such key. */
  static Optional<Type> of(Object reply) {
    return ofWord(word(reply));
  }

  static String word(Object reply) {
    return new String((byte[]) reply, US_ASCII);
  }

  static Optional<Type> ofWord(String word) {
    return switch (word) {
      case "none" -> Optional.empty();
      case "string" -> Optional.of(Type.STRING);
      case "hash" -> Optional.of(Type.HASH);
      case "list" -> Optional.of(Type.LIST);
      case "set" -> Optional.of(Type.SET);
      case "zset" -> Optional.of(Type.SORTED_SET);
      case "stream" -> Optional.of(Type.STREAM);
      default -> Optional.of(Type.OTHER);
    };
  }

  /** The word for a type that {@link #ofWord} knows. */
  static String wordFor(Type type) {
    return switch (type) {
      case STRING -> "string";
      case HASH -> "hash";
      case LIST -> "list";
      case SET -> "set";
      case SORTED_SET -> "zset";
      case STREAM -> "stream";
      case OTHER -> "other";
    };
  }
}
