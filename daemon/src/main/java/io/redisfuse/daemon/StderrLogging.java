package io.redisfuse.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.LoggerFactory;

/**
 * Logs to standard error, for a person: short lines, libraries only when something is wrong, stack
 * traces only when asked for. Logback finds it as a service; code, since reading a configuration
 * file would take longer than the rest of the start.
 */
public final class StderrLogging extends ContextAwareBase implements Configurator {

  private static final String SHORT = "%d{HH:mm:ss} %-5level %msg%n%nopex";
  private static final String LONG = "%d{HH:mm:ss.SSS} %-5level [%thread] %logger{20} %msg%n%ex";

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    configure(context, /* verbosity= */ 0);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /**
   * Logs more.
   *
   * @param verbosity 0 as usual, 1 with what redisfuse does and stack traces, 2 with what libraries
   *     do
   */
  static void raise(int verbosity) {
    configure((LoggerContext) LoggerFactory.getILoggerFactory(), verbosity);
  }

  private static void configure(LoggerContext context, int verbosity) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(verbosity == 0 ? SHORT : LONG);
    encoder.start();

    ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
    stderr.setContext(context);
    stderr.setName("stderr");
    stderr.setTarget("System.err");
    stderr.setEncoder(encoder);
    stderr.start();

    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(stderr);
    root.setLevel(verbosity < 2 ? Level.WARN : Level.DEBUG);
    context.getLogger("io.redisfuse").setLevel(verbosity == 0 ? Level.INFO : Level.DEBUG);
  }
}
