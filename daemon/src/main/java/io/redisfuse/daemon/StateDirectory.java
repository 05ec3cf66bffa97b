package io.redisfuse.daemon;

import java.nio.file.Path;
import java.util.Map;

/** Where files of this machine are kept, beyond the life of a mount. */
final class StateDirectory {

  private StateDirectory() {}

  /** As the XDG base directory specification says; a relative path there is to be ignored. */
  static Path of(Map<String, String> environment) {
    String configured = environment.getOrDefault("XDG_STATE_HOME", "");
    Path states =
        configured.startsWith("/")
            ? Path.of(configured)
            : Path.of(System.getProperty("user.home"), ".local", "state");
    return states.resolve("redisfuse");
  }

  /** Where a state directory has the texts that could not be saved. */
  static Path keptTexts(Path stateDirectory) {
    return stateDirectory.resolve("conflicts");
  }
}
