package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Version;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * The scripts that the server runs for us, if it lets us.
 *
 * <p>Safe for threads. A server forgets its scripts when it restarts; then they are sent in full,
 * once.
 */
final class Scripts {

  /** Tells a cell's content if it is small, else its digest. */
  static final Script OBSERVE = Script.load("observe.lua");

  /** Applies commands if facts hold. */
  static final Script APPLY = Script.load("apply.lua");

  private final Set<Script> loaded = ConcurrentHashMap.newKeySet();
  private volatile boolean permitted = true;

  /** Whether scripts can be used, as far as known. */
  boolean permitted() {
    return permitted;
  }

  /** A call of a script; its reply goes to {@link #mustAskAgain}. */
  CommandArguments call(Script script, Collection<Bytes> keys, Collection<?> arguments) {
    CommandArguments call =
        loaded.contains(script)
            ? Commands.command(Command.EVALSHA, script.digest(), keys.size())
            : Commands.command(Command.EVAL, script.source(), keys.size());
    keys.forEach(key -> Commands.append(call, key));
    arguments.forEach(argument -> Commands.append(call, argument));
    return call;
  }

  /**
   * Whether the reply says that the script did not run and must be called again, if it is still
   * {@link #permitted}.
   */
  boolean mustAskAgain(Script script, Object reply) {
    if (ErrorReplies.isNoScript(reply)) {
      loaded.remove(script);
      return true;
    }
    if (ErrorReplies.isForbiddenScript(reply)) {
      permitted = false;
      return true;
    }
    loaded.add(script);
    return false;
  }

  /** A script's text and the digest by which the server knows it. */
  record Script(String source, String digest) {
    static Script load(String name) {
      try (InputStream in = Scripts.class.getResourceAsStream(name)) {
        String source = new String(in.readAllBytes(), UTF_8);
        return new Script(source, Version.of(Bytes.utf8(source)).toString());
      } catch (IOException e) {
        throw new UncheckedIOException("the script " + name + " is missing", e);
      }
    }
  }
}
