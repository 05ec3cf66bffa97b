package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;

import io.redisfuse.api.RefusedException;
import io.redisfuse.api.RefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Whether the server can set a value without ending the TTL of its key, which is since Redis 6.0.
 * An older one says so only when it executes the command, amid a transaction whose other commands
 * it has applied by then; so it is asked before.
 *
 * <p>Safe for threads.
 */
final class TtlKeeping {

  private final Optional<Connections> connections;
  private volatile boolean known;

  TtlKeeping(Connections connections) {
    this.connections = Optional.of(connections);
  }

  private TtlKeeping() {
    this.connections = Optional.empty();
    this.known = true;
  }

  /** Of a server that can, as each of a cluster. */
  static TtlKeeping ofNewServer() {
    return new TtlKeeping();
  }

  /**
   * @throws RefusedException if the server cannot
   */
  void require(Wire wire) {
    if (known || connections.orElseThrow().saysHello()) {
      // Who knows HELLO knows this as well.
      return;
    }
    // XX: only a key that exists is set, and this one does not.
    byte[] key = ("redisfuse:" + UUID.randomUUID()).getBytes(StandardCharsets.US_ASCII);
    Object reply = wire.ask(List.of(command(Command.SET, key, "", "XX", "KEEPTTL"))).get(0);
    if (reply instanceof JedisDataException error && error.getMessage().contains("syntax error")) {
      throw new RefusedException(
          Reason.UNSUPPORTED,
          "Redis at "
              + connections.orElseThrow().address()
              + " is older than 6.0 and cannot save a value and keep the TTL of its key, so what is"
              + " there can be read but not changed; use a newer server.",
          error);
    }
    known = true;
  }
}
