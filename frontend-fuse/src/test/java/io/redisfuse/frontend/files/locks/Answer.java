package io.redisfuse.frontend.files.locks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicReference;

/** Who waits in a test, and what he was told. */
final class Answer implements LockAnswer {

  private final AtomicReference<String> told = new AtomicReference<>();

  @Override
  public void granted() {
    tell("granted");
  }

  @Override
  public void refused(LockRefusal why) {
    tell(why.name());
  }

  private void tell(String what) {
    assertThat(told.compareAndSet(null, what)).as("told once").isTrue();
  }

  boolean waits() {
    return told.get() == null;
  }

  boolean isGranted() {
    return "granted".equals(told.get());
  }

  boolean isRefused(LockRefusal why) {
    return why.name().equals(told.get());
  }
}
