package io.redisfuse.backend.redis;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.ClassTemplate;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContext;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * All tests of a class run once; or, with {@code -Dredisfuse.rounds=PT10M}, again and again until
 * so much time has passed, the first time in any case. {@code ./torture} does that.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ClassTemplate
@ExtendWith(Rounds.UntilTimeIsUp.class)
public @interface Rounds {

  /** Begins one round after the other. */
  final class UntilTimeIsUp implements ClassTemplateInvocationContextProvider {

    private static final Duration TIME =
        Duration.parse(System.getProperty("redisfuse.rounds", "PT0S"));

    @Override
    public boolean supportsClassTemplate(ExtensionContext context) {
      return true;
    }

    @Override
    public Stream<Round> provideClassTemplateInvocationContexts(ExtensionContext context) {
      long end = System.nanoTime() + TIME.toNanos();
      return Stream.iterate(
              1, number -> number == 1 || System.nanoTime() - end < 0, number -> number + 1)
          .map(Round::new);
    }

    /** One time through all tests of the class. */
    record Round(int number) implements ClassTemplateInvocationContext {
      @Override
      public String getDisplayName(int index) {
        return "round " + number;
      }
    }
  }
}
