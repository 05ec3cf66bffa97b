package io.redisfuse.frontend.files;

/**
 * A process, for all time: its number may be another's later, but not with the same start.
 *
 * @param number the id of its thread group
 * @param started when it was started, in the clock ticks of {@code /proc/PID/stat} since boot
 */
public record ProcessId(int number, long started) {

  @Override
  public String toString() {
    return Integer.toString(number);
  }
}
