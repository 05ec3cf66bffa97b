package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.redisfuse.api.ServerListener;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RedisOptionsTest {

  @ParameterizedTest
  @CsvSource({
    "redis://localhost, redis://localhost:6379/0",
    "redis://localhost/, redis://localhost:6379/0",
    "redis://localhost:7000/3, redis://localhost:7000/3",
    "rediss://example.org, rediss://example.org:6379/0",
    "redis://bob@localhost, redis://bob@localhost:6379/0",
    "redis://[::1]:7000, redis://[::1]:7000/0",
    "redis-cluster://one, redis-cluster://one:6379/0",
    "'rediss-cluster://bob@one:1,3.4.5.6/', 'rediss-cluster://bob@one:1,3.4.5.6:6379/0'",
    "redis-sentinel://one/main, redis-sentinel://one:26379/main/0",
    "'rediss-sentinel://bob@one:1,3.4.5.6/ma%20in/7',"
        + " 'rediss-sentinel://bob@one:1,3.4.5.6:26379/ma%20in/7'",
  })
  void whatIsLeftAwayIsFilledIn(String written, String complete) {
    assertThat(RedisOptions.of(written).uri()).hasToString(complete);
  }

  @Test
  void thePasswordOfAnAddressIsTakenOutOfIt() {
    RedisOptions options = RedisOptions.of("redis://bob:s%3Acr+t@localhost:7000/3");

    assertThat(options.uri()).hasToString("redis://bob@localhost:7000/3");
    assertThat(options.address().user()).contains("bob");
    assertThat(options.password().orElseThrow().get()).containsExactly("s:cr+t".toCharArray());
    assertThat(options.toString()).contains("localhost:7000/3").doesNotContain("s:cr", "s%3Acr");
  }

  @Test
  void sentinelsHaveAPasswordLikeServers() {
    RedisOptions options = RedisOptions.of("redis-sentinel://bob:se%2Fcret@one,two:5/ma%2Fin/7");

    assertThat(options.uri()).hasToString("redis-sentinel://bob@one:26379,two:5/ma%2Fin/7");
    assertThat(options.address().master()).contains("ma/in");
    assertThat(options.address().user()).contains("bob");
    assertThat(options.address().database()).isEqualTo(7);
    assertThat(options.password().orElseThrow().get()).containsExactly("se/cret".toCharArray());
  }

  @Test
  void aClusterHasOneDatabase() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> RedisOptions.of("redis-cluster://bob:hidden@one:1,two:2/3"))
        .withMessageContaining("a cluster has only database 0")
        .withMessageNotContaining("hidden");
  }

  @Test
  void sentinelsAreAskedForAMaster() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisOptions.of("redis-sentinel://bob:hidden@one:1,two:2"))
        .withMessageContaining("names no master")
        .withMessageNotContaining("hidden");
  }

  @Test
  void aPasswordNeedsNoUser() {
    RedisOptions options = RedisOptions.of("redis://:secret@localhost");

    assertThat(options.address().user()).isEmpty();
    assertThat(options.password().orElseThrow().get()).containsExactly("secret".toCharArray());
  }

  @Test
  void aPasswordIsNotGivenTwice() {
    RedisOptions options = RedisOptions.of("redis://localhost").withPassword("secret"::toCharArray);
    assertThat(options.password()).isPresent();

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new RedisOptions(
                    URI.create("redis://:hidden@localhost"),
                    options.password(),
                    Duration.ofSeconds(1),
                    1,
                    Duration.ZERO,
                    TlsOptions.DEFAULTS,
                    ServerListener.NOBODY))
        .withMessageContaining("twice")
        .withMessageNotContaining("hidden");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost",
        "localhost:6379",
        "redis:localhost",
        "redis://",
        "redis://local host",
        "redis://localhost:0",
        "redis://localhost:70000",
        "redis://localhost:x",
        "redis://localhost?db=1",
        "redis://one,two/0",
        "redis-cluster://one,,two",
        "redis-cluster://one:0",
        "redis://one,two",
        "redis-sentinel://one,,two/main",
        "redis-sentinel://one:0,two/main",
        "redis://bob:hidden@local host",
        "redis://bob:hid/den@localhost:x",
        "",
      })
  void anAddressThatIsNotOfRedisIsRefusedWithTheCure(String uri) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisOptions.of(uri))
        .withMessageContaining("redis://HOST:PORT/DATABASE")
        .withMessageNotContaining("hidden");
  }

  @Test
  void aDatabaseIsANumber() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisOptions.of("redis://localhost/mine"))
        .withMessageContaining("/mine");
  }

  @Test
  void aTimeLimitAndConnectionsAreNeeded() {
    RedisOptions options = RedisOptions.of("redis://localhost");

    assertThatIllegalArgumentException().isThrownBy(() -> options.withTimeLimit(Duration.ZERO));
    assertThatIllegalArgumentException().isThrownBy(() -> options.withConnections(0));
  }
}
