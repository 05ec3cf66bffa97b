package io.redisfuse.backend.redis;

import io.redisfuse.api.Bytes;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.commands.ProtocolCommand;

/** Writes commands as Jedis sends them. */
final class Commands {

  private Commands() {}

  /** A command whose arguments are {@link Bytes}, numbers, texts or the constants of Jedis. */
  static CommandArguments command(ProtocolCommand name, Object... arguments) {
    CommandArguments command = new CommandArguments(name);
    for (Object argument : arguments) {
      append(command, argument);
    }
    return command;
  }

  static void append(CommandArguments command, Object argument) {
    if (argument instanceof Bytes bytes) {
      command.add(bytes.unsafeArray());
    } else {
      command.add(argument);
    }
  }
}
