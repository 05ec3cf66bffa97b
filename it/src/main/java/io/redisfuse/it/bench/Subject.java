package io.redisfuse.it.bench;

import java.io.IOException;

/** Something whose speed is measured. Each measurement says how much it did, in its unit. */
interface Subject extends AutoCloseable {

  String name();

  /** Makes the small files that are looked at and read, and the directory that is listed. */
  void prepare() throws IOException;

  /** Asks for the attributes of one small file. */
  void stat(int file) throws IOException;

  /** Opens, reads and closes one small file. */
  void read(int file) throws IOException;

  /** Creates one small file under a new name. */
  void create(String name) throws IOException;

  /** Removes what {@link #create} made. */
  void remove(String name) throws IOException;

  /** Lists the large directory with the sizes of what is in it; returns the number of entries. */
  int list() throws IOException;

  /** Writes a large file from one end to the other. */
  void writeLarge() throws IOException;

  /** Reads it. */
  void readLarge() throws IOException;

  @Override
  void close();
}
