package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class UnsyncedCommitsTest {

  private final UnsyncedCommits commits = new UnsyncedCommits();

  @Test
  void whatTheSameServerHasAppliedIsCovered() {
    assertThat(commits.take(0)).isTrue();
    commits.add(0);
    assertThat(commits.take(0)).isTrue();
    commits.add(3);
    commits.add(3);
    assertThat(commits.take(3)).isTrue();
  }

  @Test
  void whatAServerBeforeHasAppliedIsSaidOnce() {
    commits.add(0);

    assertThat(commits.take(1)).isFalse();
    assertThat(commits.take(1)).isTrue();
    commits.add(1);
    assertThat(commits.take(1)).isTrue();
  }

  @Test
  void whoHasCommittedIsToldThoughSomebodyElseWasToldBefore() throws InterruptedException {
    commits.add(0);
    Thread other = new Thread(() -> assertThat(commits.take(1)).isFalse());
    boolean[] failed = {false};
    other.setUncaughtExceptionHandler((thread, failure) -> failed[0] = true);
    other.start();
    other.join();

    assertThat(failed[0]).isFalse();
    assertThat(commits.take(1)).isFalse();
  }
}
