package io.redisfuse.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerTest {

  @Test
  void takesThePasswordOutOfTheUri() throws Exception {
    Server server = Server.parse("rediss://bob:s%40f%3Ae+%25@example.org:6380/3?a=b", "a test");

    assertThat(server.uri()).isEqualTo(URI.create("rediss://bob@example.org:6380/3?a=b"));
    assertThat(server.password()).contains(new Secret("s@f:e+%"));
  }

  @Test
  void knowsThePasswordOfTheDefaultUser() throws Exception {
    Server server = Server.parse("redis://:safe@localhost:6379", "a test");

    assertThat(server.uri()).isEqualTo(URI.create("redis://localhost:6379"));
    assertThat(server.password()).contains(new Secret("safe"));
  }

  @Test
  void aUserNeedsNoPassword() throws Exception {
    Server server = Server.parse("redis://bob@localhost:6379/0", "a test");

    assertThat(server.uri()).isEqualTo(URI.create("redis://bob@localhost:6379/0"));
    assertThat(server.password()).isEmpty();
  }

  @Test
  void takesAnAddressOfVersionSix() throws Exception {
    assertThat(Server.parse("redis://:x@[::1]:6379/0", "a test").uri())
        .isEqualTo(URI.create("redis://[::1]:6379/0"));
  }

  @ParameterizedTest
  @CsvSource({
    "redis://localhost,                 redis://localhost:6379/0",
    "redis://localhost/,                redis://localhost:6379/0",
    "redis://localhost:/2,              redis://localhost:6379/2",
    "rediss://bob:geheim@[::1]:6380/3,  rediss://bob@[::1]:6380/3",
    "redis://h?password=geheim#geheim,  redis://h:6379/0",
    "'redis-sentinel://bob:geheim@a:1,b/main',          'redis-sentinel://bob@a:1,b/main/0'",
    "'rediss-sentinel://:geheim@a,b/main/3?q=geheim',   'rediss-sentinel://a,b/main/3'",
    "'redis-cluster://bob:geheim@a:1,b',                'redis-cluster://bob@a:1,b/0'",
    "'rediss-cluster://[::1]:7000/?q=geheim',           'rediss-cluster://[::1]:7000/0'",
    "'redis-sentinel://a,b/main/',                      'redis-sentinel://a,b/main/0'",
  })
  void saysWhatAUriLeavesToBeUnderstood(String text, String complete) throws Exception {
    Server server = Server.parse(text, "a test");

    assertThat(server.completeUri()).hasToString(complete);
    assertThat(new BackendChoice("redis", server, Duration.ofSeconds(1)).source())
        .isEqualTo(complete);
    assertThat(new BackendChoice("memory", server, Duration.ofSeconds(1)).source())
        .isEqualTo("memory");
  }

  @Test
  void neverPrintsThePassword() throws Exception {
    Server server = Server.parse("redis://bob:geheim@localhost:6379/0", "a test");

    assertThat(server.toString()).contains("localhost").doesNotContain("geheim");
    assertThat(new Secret("geheim").toString()).doesNotContain("geheim");
    assertThat("" + server.password()).doesNotContain("geheim");
  }

  @ParameterizedTest
  @CsvSource({
    "localhost,                        does not start with redis://",
    "localhost:6379,                   does not start with redis://",
    "redis:localhost,                  does not start with redis://",
    "redis:///0,                       names no host",
    "redis://:geheim@:6379,            has a host or port that cannot be",
    "redis://:geheim@host:63x79,       has a host or port that cannot be",
    "redis://:geheim@host:70000,       has a port that is not between",
    "redis://:geheim@host:0,           has a port that is not between",
    "redis://:geheim%zz@host:6379,     is not a URI",
    "redis://:gehe im@host:6379,       is not a URI",
    "redis://:geheim#@host:6379,       has a host or port that cannot be",
    "'',                               does not start with redis://",
  })
  void aBadUriIsAMistakeThatIsToldWithoutThePassword(String uri, String reason) {
    assertThatThrownBy(() -> Server.parse(uri, "--uri"))
        .isInstanceOfSatisfying(
            StartException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContaining("from --uri " + reason)
        .hasMessageEndingWith("; write it like redis://localhost:6379/0.")
        .message()
        .doesNotContain("geheim", "gehe im");
  }
}
