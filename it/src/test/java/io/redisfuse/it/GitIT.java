package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.it.Keyspace.Holding;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A git repository in the mount, as in the tests of the first redisfuse. */
class GitIT {

  private static final String FILES = "echo hello > hello; echo hi > hi; echo bob > bob";
  private static final String FSCK = "git fsck --full --strict";
  private static final Duration LONG = Duration.ofSeconds(120);

  @RegisterExtension final Workplace place = new Workplace();

  private Redis redis;
  private Mount mount;
  private Path reference;

  @BeforeEach
  void mountAnEmptyRedis() {
    redis = place.redis();
    mount = place.mount(redis);
    reference = place.newDirectory("reference");
  }

  @Test
  void filesBecomeStrings() {
    place.shell(mount).run(FILES);

    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .string("hello", "hello\n")
                .string("hi", "hi\n")
                .string("bob", "bob\n"));
  }

  @Test
  void aRepositoryIsInRedisExactlyWhatTheNamingRulesSay() {
    doBoth(FILES);
    doBoth("git init");
    requireSameAsReference();

    assertThat(redis.get(".git:HEAD")).isEqualTo("ref: refs/heads/master\n");
    assertThat(redis.keyspace().get(".git:config")).isInstanceOf(Holding.Text.class);
    assertThat(redis.get(".git:hooks:pre-commit", "sample")).startsWith("#!/bin/sh");
    assertThat(redis.get(".git:refs:tags:")).isEmpty();

    doBoth("git add *");
    requireSameAsReference();
    assertThat(redis.keyspace().keys())
        .containsKey(Bytes.utf8(".git:objects:ce:013625030ba8dba906f756967f9e9ca394464a"));

    doBoth("git commit -m first");
    requireSameAsReference();
    assertThat(redis.get(".git:COMMIT_EDITMSG")).isEqualTo("first\n");
    assertThat(redis.get(".git:refs:heads:master"))
        .isEqualTo(place.shell().in(reference).run("git rev-parse HEAD"));

    Keyspace before = redis.keyspace();
    place.shell(mount).run(FSCK);
    assertThat(redis.keyspace()).isEqualTo(before);
  }

  @Test
  void aCommittedRepositoryIsClonedOutOfAndIntoTheMount() {
    place.shell(mount).run(FILES + "; git init; git add *; git commit -m first");
    Keyspace before = redis.keyspace();

    place.shell().run("git clone " + mount.path() + " mount-cloned");

    assertThat(redis.keyspace()).isEqualTo(before);
    place.shell().run("cd mount-cloned; " + FSCK + "; cat hello hi bob");
    place.shell().run("diff -r --exclude=.git " + mount.path() + " mount-cloned");

    place.shell().run("git clone mount-cloned " + mount.path() + "/back");

    assertThat(redis.get("back:hello")).isEqualTo("hello\n");
    assertThat(redis.get("back:.git:refs:heads:master"))
        .isEqualTo(redis.get(".git:refs:heads:master"));
    place.shell(mount).run("cd back; " + FSCK + "; test -z \"$(git status --porcelain)\"");
  }

  @Test
  void aRepositoryOutlivesTheMount() {
    place.shell(mount).run(FILES + "; git init; git add *; git commit -m first");
    Keyspace before = redis.keyspace();

    mount.unmount();

    assertThat(redis.keyspace()).isEqualTo(before);
    Mount again = place.mountAt(mount.path(), redis);
    place.shell(again).run(FSCK);
    assertThat(redis.keyspace()).isEqualTo(before);
    assertThat(place.shell(again).run("git log --format=%s; git status --porcelain"))
        .isEqualTo("first\n");
    assertThat(redis.keyspace().keys().keySet()).isEqualTo(before.keys().keySet());
  }

  @Test
  void anExtensionBesideAStringIsAString() {
    place.shell(mount).run(FILES + "; echo hello > hello.hello; cat hello.hello");

    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .string("hello", "hello\n")
                .string("hi", "hi\n")
                .string("bob", "bob\n")
                .string("hello.hello", "hello\n"));
  }

  @Test
  void directoriesAreMarkedAndSeparateTheSegmentsOfKeys() {
    place.shell(mount).run("mkdir -p key1/key2/key3/key4; echo deep > key1/key2/key3/key4/file");

    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .markers("key1:", "key1:key2:", "key1:key2:key3:", "key1:key2:key3:key4:")
                .string("key1:key2:key3:key4:file", "deep\n"));

    mount.unmount();
    Mount again = place.mountAt(mount.path(), redis);
    assertThat(place.shell(again).run("find . | sort; cat key1/key2/key3/key4/file"))
        .isEqualTo(
            """
            .
            ./key1
            ./key1/key2
            ./key1/key2/key3
            ./key1/key2/key3/key4
            ./key1/key2/key3/key4/file
            deep
            """);
  }

  @Test
  void aDayOfGitWorks() {
    String day =
        """
        git init
        for i in $(seq 1 20); do mkdir -p dir$i; seq 1 $((i * 50)) > dir$i/numbers.txt; done
        git add .
        git commit -qm numbers
        git checkout -qb feature/more
        sed -i s/7/seven/ dir3/numbers.txt
        git rm -q dir4/numbers.txt
        git mv dir5/numbers.txt dir5/count.txt
        git commit -qam feature
        git checkout -q master
        echo other > other.md
        git add other.md
        git commit -qm other
        git merge -q --no-edit feature/more
        echo wip >> other.md
        git stash -q
        git stash pop -q
        git checkout -q -- other.md
        git gc -q
        git repack -adq
        git tag -a v1.0 -m one
        """;
    place.shell().in(reference).run(day);
    place.shell(mount).run(LONG, day);

    assertThat(place.shell(mount).run(FSCK + "; git log --format='%H %s'; git status --porcelain"))
        .isEqualTo(place.shell().in(reference).run(FSCK + "; git log --format='%H %s'"));
    place.shell().run("diff -r --exclude=.git reference " + mount.path());
    assertThat(redis.keyspace().keys().keySet())
        .as("the pack and its index are fields of one hash")
        .anySatisfy(key -> assertThat(key.toString()).startsWith(".git:objects:pack:pack-"));
  }

  private void doBoth(String script) {
    place.shell().in(reference).run(script);
    place.shell(mount).run(script);
  }

  /** All but what git itself writes about the file system that it is on. */
  private void requireSameAsReference() {
    Keyspace actual = redis.keyspace();
    Keyspace expected = NamingRules.keyspaceOf(reference);
    for (String local : new String[] {".git:config", ".git:index"}) {
      if (expected.get(local) != null) {
        assertThat(actual.get(local)).isInstanceOf(Holding.Text.class);
        expected.keys().put(Bytes.utf8(local), actual.get(local));
      }
    }
    assertThat(actual).isEqualTo(expected);
  }
}
