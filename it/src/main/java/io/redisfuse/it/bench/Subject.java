package io.redisfuse.it.bench;

import java.io.IOException;
import java.util.Set;

/** Something whose speed is measured. */
interface Subject extends AutoCloseable {

  SubjectName name();

  /** Makes the files that measurements of these areas look at. */
  void prepare(Set<Area> areas) throws IOException;

  /** What one more client of it needs. The caller closes it before the subject. */
  Client client();

  /** Tells what the process behind it has used so far. */
  Meter meter();

  @Override
  void close();
}
