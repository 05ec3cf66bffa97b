package io.redisfuse.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: the build writes its number into a resource. */
final class CommandVersion implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {
      "redisfuse-daemon " + ofBuild() + " (Java " + System.getProperty("java.version") + ")"
    };
  }

  private static String ofBuild() {
    Properties build = new Properties();
    try (InputStream in = CommandVersion.class.getResourceAsStream("build.properties")) {
      build.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return build.getProperty("version");
  }
}
