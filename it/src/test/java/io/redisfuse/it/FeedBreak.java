package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.ClientKillParams;

/** What can come between a change and its report. */
enum FeedBreak {
  NOTHING {
    @Override
    void happen(Redis redis) {
      // The feed reports everything.
    }
  },

  FEED_KILLED {
    @Override
    void happen(Redis redis) {
      redis.with(
          client -> {
            for (int times = 0; times < 3; times++) {
              await().atMost(Duration.ofSeconds(20)).until(() -> killFeed(client));
            }
          });
    }
  },

  /** Its connections stay, and it answers nothing for longer than heartbeats may. */
  SERVER_FROZEN {
    @Override
    void happen(Redis redis) {
      redis.freeze();
      try {
        pause();
      } finally {
        redis.thaw();
      }
    }
  },

  SERVER_SLEEPING {
    @Override
    void happen(Redis redis) {
      redis.with(
          client ->
              client.eval(
                  "local t = redis.call('TIME') local e = t[1] * 1000 + t[2] / 1000 + ARGV[1] "
                      + "repeat t = redis.call('TIME') "
                      + "until t[1] * 1000 + t[2] / 1000 > e",
                  List.of(),
                  List.of(String.valueOf(PAUSE.toMillis()))));
    }
  },

  /** It comes back with what was there a while ago. */
  SERVER_RESTARTED_WITH_A_DUMP {
    @Override
    void happen(Redis redis) {
      redis.with(Jedis::save);
      redis.with(
          client -> {
            client.flushAll();
            client.mset("a:late", "1", "g", "2", "g:h", "3");
          });
      redis.kill();
      redis.restart();
    }
  },

  /** It comes back with nothing. */
  SERVER_RESTARTED_EMPTY {
    @Override
    void happen(Redis redis) {
      redis.with(
          client -> {
            Path directory = Path.of(client.configGet("dir").get("dir"));
            try {
              Files.deleteIfExists(directory.resolve("dump.rdb"));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      redis.kill();
      redis.restart();
    }
  },

  FLUSHALL {
    @Override
    void happen(Redis redis) {
      redis.with(Jedis::flushAll);
    }
  },

  FLUSHDB {
    @Override
    void happen(Redis redis) {
      redis.with(Jedis::flushDB);
    }
  },

  SWAPDB {
    @Override
    void happen(Redis redis) {
      redis.with(client -> client.swapDB(0, 1));
    }
  };

  /** The heartbeats of a mount with a time limit of two seconds may be missing for less. */
  private static final Duration PAUSE = Duration.ofMillis(2_500);

  /** A client that tracks, and that by broadcasts: there is none but the mount's feed. */
  private static final Pattern FEED = Pattern.compile("(?m)^id=(\\d+) .* flags=[A-Za-z]*B");

  abstract void happen(Redis redis);

  private static boolean killFeed(Jedis client) {
    Matcher feed = FEED.matcher(client.clientList());
    if (!feed.find()) {
      return false;
    }
    long killed = client.clientKill(new ClientKillParams().id(feed.group(1)));
    assertThat(killed).isLessThanOrEqualTo(1);
    return killed == 1;
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
