package io.redisfuse.daemon;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.redisfuse.frontend.conflicts.KeptTexts;
import io.redisfuse.frontend.files.locks.FileLocks;
import io.redisfuse.frontend.tree.LiveIndex;
import java.io.IOException;
import java.util.function.ToDoubleFunction;

/** What of a mount is looked at when somebody wants to see it, rather than counted. */
final class MountGauges {

  private MountGauges() {}

  static void register(MeterRegistry metrics, LiveIndex index, KeptTexts kept, FileLocks locks) {
    show(metrics, "redisfuse.index.keys", "Keys that the index knows", index, LiveIndex::size);
    show(
        metrics,
        "redisfuse.index.complete",
        "Whether all keys are known: 1, or 0",
        index,
        known -> known.isComplete() ? 1 : 0);
    show(
        metrics,
        "redisfuse.feed.live",
        "Whether the backend tells what changes: 1, or 0",
        index,
        known -> known.isLive() ? 1 : 0);
    show(
        metrics,
        "redisfuse.conflicts.kept",
        "Texts that were kept, of all mounts of this user",
        kept,
        MountGauges::count);
    show(
        metrics,
        "redisfuse.locks.held",
        "Locks that programs hold of files",
        locks,
        all -> all.count().held());
    show(
        metrics,
        "redisfuse.locks.waiting",
        "Programs that wait for a lock of a file",
        locks,
        all -> all.count().waiting());
  }

  private static <T> void show(
      MeterRegistry metrics,
      String name,
      String description,
      T subject,
      ToDoubleFunction<T> value) {
    Gauge.builder(name, subject, value)
        .description(description)
        .strongReference(true)
        .register(metrics);
  }

  private static double count(KeptTexts kept) {
    try {
      return kept.list().size();
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
