package io.redisfuse.frontend.names;

import io.redisfuse.api.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The entries of one directory, and names resolved among them as a tree does it. */
final class Listing {

  private final Names names;
  private final Set<Entry> entries = new LinkedHashSet<>();

  /** All names, once a shortened one was looked for; empty when entries have changed. */
  private final Map<Bytes, Entry> byName = new HashMap<>();

  Listing(Names names) {
    this.names = names;
  }

  static Listing of(Entry... entries) {
    Listing listing = new Listing(new Names(new Keyspace(Bytes.EMPTY, Bytes.utf8(":"))));
    for (Entry entry : entries) {
      listing.add(entry);
    }
    return listing;
  }

  void add(Entry entry) {
    entries.add(entry);
    byName.clear();
  }

  boolean contains(Entry entry) {
    return entries.contains(entry);
  }

  Set<Entry> entries() {
    return entries;
  }

  Bytes name(Entry entry) {
    return names.name(entry, entries::contains);
  }

  List<Bytes> allNames() {
    List<Bytes> all = new ArrayList<>();
    for (Entry entry : entries) {
      all.add(name(entry));
    }
    return all;
  }

  Optional<Entry> resolve(Bytes name) {
    return names.isShortened(name)
        ? Optional.ofNullable(byName().get(name))
        : names.candidates(name).stream().filter(entries::contains).findFirst();
  }

  private Map<Bytes, Entry> byName() {
    if (byName.isEmpty()) {
      entries.forEach(entry -> byName.putIfAbsent(name(entry), entry));
    }
    return byName;
  }
}
