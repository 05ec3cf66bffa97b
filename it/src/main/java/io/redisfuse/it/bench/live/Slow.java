package io.redisfuse.it.bench.live;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import redis.clients.jedis.Jedis;

/**
 * What it costs those who work with what is at hand that many others wait for a server that is far
 * away; and whether these wait for each other.
 */
final class Slow {

  private static final int DELAY_MILLIS = 50;
  private static final int CLIENTS = 64;
  private static final double SECONDS = 5;

  private final Path directory;
  private final Path launcher;
  private final int rounds;
  private final PrintStream out;

  Slow(Path directory, Path launcher, int rounds, PrintStream out) {
    this.directory = directory;
    this.launcher = launcher;
    this.rounds = rounds;
    this.out = out;
  }

  void run() throws IOException, InterruptedException {
    // Nobody can look at more, since each look takes as long as an answer.
    int filesOfEach = (int) (1.2 * rounds * SECONDS * 1000 / DELAY_MILLIS);
    try (Server server = Server.start(directory)) {
      try (Jedis client = server.client()) {
        WarmClient.fill(client);
        ColdClients.fill(client, CLIENTS, filesOfEach);
      }
      try (SlowLink link = SlowLink.to(server, DELAY_MILLIS);
          MountedDaemon daemon = MountedDaemon.start(launcher, directory, link.uri())) {
        daemon.awaitComplete();
        daemon.awaitReady();
        // So that the machine code is there, too.
        new WarmClient(daemon.mountPoint()).warm(SECONDS);
        WarmClient alone = new WarmClient(daemon.mountPoint());
        WarmClient beside = new WarmClient(daemon.mountPoint());
        ColdClients cold = new ColdClients(daemon.mountPoint(), CLIENTS, filesOfEach);
        for (int round = 0; round < rounds; round++) {
          alone.run(SECONDS);
          cold.runBeside(() -> beside.run(SECONDS));
        }
        print(alone, beside, cold, link);
      }
    }
  }

  private void print(WarmClient alone, WarmClient beside, ColdClients cold, SlowLink link) {
    out.printf(
        "%n%d ms are added to every answer of the server; %d rounds of %.0f s alone and %.0f s"
            + " beside %d clients that look at what nobody has looked at%n%n",
        DELAY_MILLIS, rounds, SECONDS, SECONDS, CLIENTS);
    out.printf(
        "%-40s%12s%22s%22s%n", "one client, warm", "pairs/s", "stat us", "open-read-close us");
    say("alone", alone);
    say("beside the others", beside);
    out.printf(
        "%-40s%12s%22s%22s%n",
        "ratio",
        "x%.2f".formatted(beside.perSecond() / alone.perSecond()),
        ratio(beside.stats(), alone.stats()),
        ratio(beside.reads(), alone.reads()));
    double most = CLIENTS * 1000.0 / DELAY_MILLIS;
    out.printf(
        "%n%d clients, cold: %.0f stats and open-read-closes a second; one answer for each would be"
            + " %.0f: x%.2f%n",
        CLIENTS, cold.perSecond(), most, cold.perSecond() / most);
    out.printf(
        "stat %.1f ms (99th percentile %.1f), open-read-close %.1f ms (%.1f); the mount made %d"
            + " connections%n",
        cold.statMillisAt(0.5),
        cold.statMillisAt(0.99),
        cold.readMillisAt(0.5),
        cold.readMillisAt(0.99),
        link.connections());
  }

  private void say(String who, WarmClient client) {
    out.printf(
        "%-40s%12.0f%22s%22s%n",
        who, client.perSecond(), quantiles(client.stats()), quantiles(client.reads()));
  }

  /** Median and 99th percentile. */
  private static String quantiles(Latencies latencies) {
    return "%.1f / %.1f".formatted(latencies.microsAt(0.5), latencies.microsAt(0.99));
  }

  private static String ratio(Latencies some, Latencies others) {
    return "x%.2f / x%.2f"
        .formatted(
            some.microsAt(0.5) / others.microsAt(0.5), some.microsAt(0.99) / others.microsAt(0.99));
  }
}
