package io.redisfuse.frontend.files;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Optional;

/** What another client of the store does to a file that is being edited. */
enum Rival {
  SETS {
    @Override
    void strike(Workspace fs, Kind kind) {
      kind.set(fs, "rival's");
    }
  },
  APPENDS {
    @Override
    void strike(Workspace fs, Kind kind) {
      kind.set(fs, kind.get(fs).orElseThrow() + " and rival's");
    }
  },
  RENAMES_OVER {
    @Override
    void strike(Workspace fs, Kind kind) {
      kind.renameOver(fs, "rival's other");
    }
  },
  DELETES {
    @Override
    void strike(Workspace fs, Kind kind) {
      kind.delete(fs);
    }
  },
  DELETES_THE_KEY {
    @Override
    void strike(Workspace fs, Kind kind) {
      fs.del(kind.key);
    }
  },
  LETS_EXPIRE {
    @Override
    void strike(Workspace fs, Kind kind) {
      fs.expire(kind.key, Duration.ofMillis(1));
      await()
          .pollInterval(Duration.ofMillis(2))
          .atMost(Duration.ofSeconds(10))
          .until(() -> kind.get(fs).isEmpty() && !fs.exists(kind.path));
    }
  };

  abstract void strike(Workspace fs, Kind kind);

  /** Strikes, and says what the file holds then, if anything. */
  Optional<String> after(Workspace fs, Kind kind) {
    strike(fs, kind);
    return kind.get(fs);
  }
}
