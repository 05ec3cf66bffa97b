package io.redisfuse.it.bench;

import java.io.IOException;

/** Something small that a client does, with the file of some number. */
@FunctionalInterface
interface Step {
  void run(Client client, int number) throws IOException;
}
