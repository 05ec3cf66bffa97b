package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The ways in which a program sees what is in a directory: each sees a part of the truth. */
enum Sight {
  /** Whether names exist, and as what. */
  LOOKUP {
    @Override
    String expected(String content) {
      return content.equals(LiveChange.DIRECTORY) ? content : "file";
    }

    @Override
    String look(Path file) throws IOException {
      return Files.readAttributes(file, BasicFileAttributes.class).isDirectory()
          ? LiveChange.DIRECTORY
          : "file";
    }
  },

  /** Which names are listed. */
  LS {
    @Override
    String expected(String content) {
      return "listed";
    }

    @Override
    SortedMap<String, String> observe(Path directory, Set<String> names) throws IOException {
      SortedMap<String, String> listed = new TreeMap<>();
      list(directory, "", names, listed);
      return listed;
    }

    private void list(
        Path directory, String prefix, Set<String> names, SortedMap<String, String> listed)
        throws IOException {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        for (Path entry : entries) {
          String name = prefix + entry.getFileName();
          if (listed.put(name, "listed") != null) {
            listed.put(name, "listed twice");
          }
          if (names.stream().anyMatch(known -> known.startsWith(name + "/"))) {
            list(entry, name + "/", names, listed);
          }
        }
      } catch (NoSuchFileException | NotDirectoryException e) {
        // Then nothing is in it.
      }
    }

    @Override
    String look(Path file) {
      throw new UnsupportedOperationException("a directory is listed as a whole");
    }
  },

  /** Of what size files are. */
  STAT {
    @Override
    String expected(String content) {
      return content.equals(LiveChange.DIRECTORY)
          ? content
          : content.getBytes(UTF_8).length + " bytes";
    }

    @Override
    String look(Path file) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.isDirectory() ? LiveChange.DIRECTORY : attributes.size() + " bytes";
    }
  },

  /** What files hold. */
  READ {
    @Override
    String expected(String content) {
      return content;
    }

    @Override
    String look(Path file) throws IOException {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        // A directory can be opened, and then not be read.
        if ("Is a directory".equals(reason(e))) {
          return LiveChange.DIRECTORY;
        }
        throw e;
      }
    }
  };

  /** What is seen of a file with this content. */
  abstract String expected(String content);

  /** What is seen of this file. */
  abstract String look(Path file) throws IOException;

  /** What should be seen of these files. */
  SortedMap<String, String> expected(Map<String, String> contents) {
    SortedMap<String, String> seen = new TreeMap<>();
    contents.forEach((name, content) -> seen.put(name, expected(content)));
    return seen;
  }

  /** What is seen in a directory, of these names or beyond them; not those that are not there. */
  SortedMap<String, String> observe(Path directory, Set<String> names) throws IOException {
    SortedMap<String, String> seen = new TreeMap<>();
    for (String name : names) {
      try {
        seen.put(name, look(directory.resolve(name)));
      } catch (NoSuchFileException e) {
        // It is not there.
      } catch (IOException e) {
        // Of a/b, where a is a file.
        if (!"Not a directory".equals(reason(e))) {
          throw e;
        }
      }
    }
    return seen;
  }

  private static String reason(IOException failure) {
    return failure instanceof FileSystemException system
        ? system.getReason()
        : failure.getMessage();
  }
}
