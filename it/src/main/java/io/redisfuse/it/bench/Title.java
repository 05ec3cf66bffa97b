package io.redisfuse.it.bench;

/**
 * What is measured, as a row of the table.
 *
 * @param what in words
 * @param temperature what the kernel knows before
 * @param clients how many do it at once
 */
record Title(String what, Temperature temperature, int clients) {

  static Title alone(String what, Temperature temperature) {
    return new Title(what, temperature, 1);
  }

  @Override
  public String toString() {
    return what + ", " + temperature + (clients == 1 ? "" : ", " + clients + " clients");
  }
}
