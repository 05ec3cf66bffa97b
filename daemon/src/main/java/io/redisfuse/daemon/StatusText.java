package io.redisfuse.daemon;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.ServerListener.Resolution;
import io.redisfuse.frontend.conflicts.KeptTexts;
import io.redisfuse.frontend.files.SaveResult;
import io.redisfuse.frontend.files.locks.FileLocks;
import io.redisfuse.frontend.files.locks.LockCount;
import io.redisfuse.frontend.tree.LiveIndex;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a mount says of itself to a person: a line for each thing, {@code name: value}. Asks nothing
 * of the server, and waits for nothing.
 */
final class StatusText {

  private final String source;
  private final String prefix;
  private final ServerRecord server;
  private final FeedRecord feed;
  private final SaveRecord saves;
  private final Outcomes operations;
  private final LiveIndex index;
  private final KeptTexts kept;
  private final FileLocks locks;

  /**
   * What is said of the parts of a mount.
   *
   * @param source what keys are mounted, without secrets
   */
  StatusText(
      String source,
      String prefix,
      ServerRecord server,
      FeedRecord feed,
      SaveRecord saves,
      Outcomes operations,
      LiveIndex index,
      KeptTexts kept,
      FileLocks locks) {
    this.source = source;
    this.prefix = prefix;
    this.server = server;
    this.feed = feed;
    this.saves = saves;
    this.operations = operations;
    this.index = index;
    this.kept = kept;
    this.locks = locks;
  }

  /** The text of this moment. */
  Bytes now() {
    Map<String, Long> ended = operations.byResult();
    Map<String, Long> failed = new TreeMap<>(ended);
    failed.remove(Outcomes.OK);
    LockCount locked = locks.count();
    List<String> lines = new ArrayList<>();
    lines.add("backend: " + source);
    if (!prefix.isEmpty()) {
      lines.add("prefix: " + prefix);
    }
    lines.add("connected: " + connected());
    lines.add("circuit: " + server.circuit().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    lines.add("reconnects: " + server.reconnects());
    lines.add("last failover: " + server.lastSilence().map(StatusText::seconds).orElse("none"));
    lines.add("feed: " + feed());
    lines.add("feed resets: " + resets());
    lines.add("index: " + (index.isComplete() ? "complete" : "not complete"));
    lines.add("keys: " + index.size());
    lines.add("operations: " + sum(ended));
    lines.add("failed operations: " + inAll(failed));
    lines.add("saves: " + saves.count(SaveResult.SAVED));
    lines.add("conflicts: " + saves.count(SaveResult.CONFLICT));
    lines.add("unknown saves: " + saves.count(SaveResult.UNKNOWN));
    lines.add("failed saves: " + saves.count(SaveResult.FAILED));
    lines.add("unknown outcomes: " + inAll(resolutions()));
    lines.add("kept texts: " + kept());
    lines.add("locks held: " + locked.held());
    lines.add("locks waited for: " + locked.waiting());
    return Bytes.utf8(String.join("\n", lines) + "\n");
  }

  private String connected() {
    return server
        .silence()
        .map(silence -> "no, since " + time(silence.since()) + " (" + silence.reason() + ")")
        .orElse("yes");
  }

  private String feed() {
    FeedRecord.State state = feed.state();
    return switch (state.kind()) {
      case LIVE -> "live, since " + time(state.since());
      case LOST -> "lost, since " + time(state.since());
      case NONE -> "none, all keys are looked through from time to time";
    };
  }

  private String resets() {
    return feed.resets() + feed.lastReset().map(last -> ", last at " + time(last)).orElse("");
  }

  private Map<String, Long> resolutions() {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (Resolution how : Resolution.values()) {
      counts.put(how.name().toLowerCase(Locale.ROOT), server.count(how));
    }
    return counts;
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The sum, and what it is made of. */
  private static String inAll(Map<String, Long> counts) {
    String parts =
        counts.entrySet().stream()
            .filter(part -> part.getValue() > 0)
            .map(part -> part.getKey().replace('_', ' ') + " " + part.getValue())
            .collect(Collectors.joining(", "));
    return sum(counts) + (parts.isEmpty() ? "" : " (" + parts + ")");
  }

  private String kept() {
    try {
      return String.valueOf(kept.list().size());
    } catch (IOException e) {
      return "not known, since " + kept.directory() + " cannot be read: " + e.getMessage();
    }
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.3f s", time.toNanos() / 1e9);
  }

  private static String time(Instant when) {
    return when.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
