package io.redisfuse.backend.redis;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Element;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Protocol.Command;

/** Makes the collections that the contract reads. */
final class ContractElements {

  private static final int MOST_ARGUMENTS = 1000;

  private ContractElements() {}

  static void makeList(RawRedis redis, Bytes key, List<Bytes> items) {
    inParts(redis, Command.RPUSH, key, items);
  }

  static void makeSet(RawRedis redis, Bytes key, List<Bytes> members) {
    inParts(redis, Command.SADD, key, members);
  }

  static void makeSortedSet(RawRedis redis, Bytes key, List<Element.ScoredMember> members) {
    List<Object> words = new ArrayList<>();
    for (Element.ScoredMember member : members) {
      words.add(score(member.score()));
      words.add(member.value());
    }
    inParts(redis, Command.ZADD, key, words);
  }

  static void makeStream(RawRedis redis, Bytes key, List<Element.StreamEntry> entries) {
    for (Element.StreamEntry entry : entries) {
      List<Object> words = new ArrayList<>(List.of(key, entry.id()));
      entry
          .fields()
          .forEach(
              field -> {
                words.add(field.field());
                words.add(field.value());
              });
      redis.ask(Command.XADD, words.toArray());
    }
  }

  private static void inParts(RawRedis redis, Command command, Bytes key, List<?> words) {
    for (int start = 0; start < words.size(); start += MOST_ARGUMENTS) {
      List<Object> part = new ArrayList<>(List.of(key));
      part.addAll(words.subList(start, Math.min(start + MOST_ARGUMENTS, words.size())));
      redis.ask(command, part.toArray());
    }
  }

  private static String score(double score) {
    if (Double.isInfinite(score)) {
      return score > 0 ? "+inf" : "-inf";
    }
    return String.valueOf(score);
  }
}
