package io.redisfuse.it.bench;

/**
 * What a process has used.
 *
 * @param processorSeconds of user and system time; NaN where it is not known
 * @param allocatedBytes of Java objects; NaN where it is not known
 * @param lostThreads how many threads have taken with them what they allocated, which is missing
 */
record Usage(double processorSeconds, double allocatedBytes, long lostThreads) {

  static final Usage UNKNOWN = new Usage(Double.NaN, Double.NaN, 0);
  static final Usage NOTHING = new Usage(0, 0, 0);

  Usage minus(Usage earlier) {
    return new Usage(
        processorSeconds - earlier.processorSeconds,
        allocatedBytes - earlier.allocatedBytes,
        lostThreads - earlier.lostThreads);
  }

  Usage plus(Usage other) {
    return new Usage(
        processorSeconds + other.processorSeconds,
        allocatedBytes + other.allocatedBytes,
        lostThreads + other.lostThreads);
  }
}
