package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Values that are too large to be handled carelessly. */
class LargeFilesIT {

  private static final long SIZE = 100L << 20;
  private static final Duration LONG = Duration.ofSeconds(120);

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void hundredMebibytesGoInAndOutUnharmed() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);
    place.shell().run(LONG, "head -c " + SIZE + " /dev/urandom > large");
    String sum = place.shell().run(LONG, "sha1sum < large");

    shell.run(LONG, "cp ../large large");
    redis.with(client -> assertThat(client.strlen("large")).isEqualTo(SIZE));
    assertThat(sha1OnServer(redis)).isEqualTo(sum.substring(0, 40));
    assertThat(shell.run(LONG, "sha1sum < large")).isEqualTo(sum);
    assertThat(shell.run("stat -c %s large")).isEqualTo(SIZE + "\n");

    String patch = "printf patched | dd of=%s bs=1 seek=77777777 conv=notrunc status=none";
    place.shell().run(patch.formatted("large"));
    shell.run(LONG, patch.formatted("large"));
    place.shell().run("echo appended >> large");
    shell.run(LONG, "echo appended >> large");
    String newSum = place.shell().run(LONG, "sha1sum < large");
    assertThat(sha1OnServer(redis)).isEqualTo(newSum.substring(0, 40));
    assertThat(shell.run("tail -c 9 large; dd if=large bs=1 skip=77777777 count=7 status=none"))
        .isEqualTo("appended\npatched");

    mount.unmount();
    Mount again = place.mountAt(mount.path(), redis);
    assertThat(place.shell(again).run(LONG, "sha1sum < large")).isEqualTo(newSum);
    place.shell(again).run(LONG, "truncate -s 1M large; mv large small; cp small ../small");
    place.shell().run("head -c 1M large | cmp - small");
    redis.with(client -> assertThat(client.strlen("small")).isEqualTo(1 << 20));
  }

  @Test
  void aFieldMayBeLargeToo() {
    Redis redis = place.redis();
    Shell shell = place.shell(place.mount(redis));
    place.shell().run("head -c 20M /dev/urandom > large");

    shell.run(LONG, "cp ../large disk.image; cmp ../large disk.image");

    redis.with(client -> assertThat(client.hstrlen("disk", "image")).isEqualTo(20 << 20));
    shell.run(LONG, "printf x | dd of=disk.image bs=1 seek=1000000 conv=notrunc status=none");
    place.shell().run("printf x | dd of=large bs=1 seek=1000000 conv=notrunc status=none");
    shell.run(LONG, "cmp ../large disk.image");
  }

  @Test
  void whatNoRedisCanHoldIsRefused() {
    Redis redis = place.redis();
    redis.with(client -> client.set("small", "text"));
    Shell shell = place.shell(place.mount(redis));

    shell.attempt(LONG, "truncate -s 600M small").requireFailure("File too large");

    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().string("small", "text"));
    assertThat(shell.run("cat small")).isEqualTo("text");
  }

  @Test
  void whatThisRedisDoesNotTakeFailsInTime() {
    Redis redis = place.redis("--proto-max-bulk-len", "1mb");
    redis.with(client -> client.set("small", "text"));
    Mount mount = place.mount(redis, "--timeout", "2s").expectingErrors();
    place.shell().run("head -c 3M /dev/zero > three");

    place.shell(mount).attempt("cp ../three small").requireFailure("Input/output error");

    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().string("small", "text"));
  }

  private static String sha1OnServer(Redis redis) {
    try (var client = redis.client()) {
      return (String) client.eval("return redis.sha1hex(redis.call('GET', KEYS[1]))", 1, "large");
    }
  }
}
