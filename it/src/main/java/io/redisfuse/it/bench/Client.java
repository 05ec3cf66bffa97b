package io.redisfuse.it.bench;

import java.io.IOException;

/**
 * One who uses a subject: a thread of ours with what it needs (a buffer, a connection). Each method
 * fails when the subject gives something wrong, and is for one thread at a time.
 */
interface Client extends AutoCloseable {

  /** Asks for the attributes of one small file. */
  void stat(int file) throws IOException;

  /** Opens, reads and closes one small file. */
  void read(int file) throws IOException;

  /** Creates one small file under a new name. */
  void create(String name) throws IOException;

  /** Removes what {@link #create} made. */
  void remove(String name) throws IOException;

  /** Saves one file as editors do that write into it: it is emptied and written. */
  void overwrite(int file) throws IOException;

  /** Saves one file as editors do that are careful: another one is written and renamed over it. */
  void replace(int file) throws IOException;

  /** Lists the large directory with the attributes of what is in it. */
  void list() throws IOException;

  /** Finds the names in the large directory. */
  void find() throws IOException;

  /** Asks whether anything has changed in the tree of sources. */
  void status() throws IOException;

  /** Searches all files in the tree of sources for what none of them has. */
  void search() throws IOException;

  /** Writes a large file from one end to the other, and closes it. */
  void writeLarge() throws IOException;

  /** Reads it. */
  void readLarge() throws IOException;

  @Override
  void close();
}
