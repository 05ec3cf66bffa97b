package io.redisfuse.backend.memory;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Element;
import io.redisfuse.api.Element.ListItem;
import io.redisfuse.api.Element.Member;
import io.redisfuse.api.Element.ScoredMember;
import io.redisfuse.api.Element.StreamEntry;
import io.redisfuse.api.Type;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** A list, set, sorted set or stream, with its elements in the order in which it shows them. */
record CollectionValue(Type type, List<Element> elements) implements Value {

  CollectionValue {
    elements = List.copyOf(elements);
  }

  static CollectionValue list(List<Bytes> items) {
    return new CollectionValue(Type.LIST, items.stream().<Element>map(ListItem::new).toList());
  }

  static CollectionValue set(Collection<Bytes> members) {
    return new CollectionValue(
        Type.SET, members.stream().distinct().<Element>map(Member::new).toList());
  }

  /** Of a member that comes twice the later score counts, as with ZADD. */
  static CollectionValue sortedSet(Collection<ScoredMember> members) {
    Map<Bytes, ScoredMember> unique = new LinkedHashMap<>();
    for (ScoredMember member : members) {
      if (Double.isNaN(member.score())) {
        throw new IllegalArgumentException("the score of " + member.value() + " is not a number");
      }
      unique.put(member.value(), member);
    }
    Comparator<ScoredMember> byScore = Comparator.comparingDouble(ScoredMember::score);
    return new CollectionValue(
        Type.SORTED_SET,
        unique.values().stream()
            .sorted(byScore.thenComparing(ScoredMember::value))
            .<Element>map(member -> member)
            .toList());
  }

  static CollectionValue stream(List<StreamEntry> entries) {
    StreamId last = StreamId.ZERO;
    for (StreamEntry entry : entries) {
      StreamId id = StreamId.parse(entry.id());
      if (id.compareTo(last) <= 0) {
        throw new IllegalArgumentException("the stream's id " + entry.id() + " is not a rise");
      }
      last = id;
    }
    return new CollectionValue(Type.STREAM, List.copyOf(entries));
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.of(elements.size());
  }

  @Override
  public CollectionValue requireCollection(Bytes key) {
    return this;
  }

  /** The id of a stream's entry: two unsigned numbers, of which the first counts first. */
  private record StreamId(long millis, long sequence) implements Comparable<StreamId> {
    static final StreamId ZERO = new StreamId(0, 0);

    static StreamId parse(String text) {
      int dash = text.indexOf('-');
      if (dash < 0) {
        throw new IllegalArgumentException("the stream's id " + text + " has no dash");
      }
      return new StreamId(
          Long.parseUnsignedLong(text.substring(0, dash)),
          Long.parseUnsignedLong(text.substring(dash + 1)));
    }

    @Override
    public int compareTo(StreamId other) {
      int order = Long.compareUnsigned(millis, other.millis);
      return order != 0 ? order : Long.compareUnsigned(sequence, other.sequence);
    }
  }
}
