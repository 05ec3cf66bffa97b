package io.redisfuse.daemon;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the user wants the mount to be. */
final class MountPoint {

  private static final Logger log = LoggerFactory.getLogger(MountPoint.class);

  private MountPoint() {}

  /**
   * Creates the directory if only it is missing. What is there already is not touched: behind it
   * may be a mount that hangs.
   *
   * @throws StartException if it is missing and cannot be created
   */
  static void createIfMissing(Path place) throws StartException {
    try {
      Files.createDirectory(place);
      log.info("Created the mount point {}.", place);
    } catch (FileAlreadyExistsException e) {
      log.debug("The mount point {} is there already.", place);
    } catch (NoSuchFileException e) {
      throw missing(place, "nor does the directory around it; run `mkdir -p " + place + "`", e);
    } catch (AccessDeniedException e) {
      throw missing(
          place, "and you may not create it there; choose a place in a directory of your own", e);
    } catch (IOException e) {
      throw missing(place, "and cannot be created, because " + reason(place, e), e);
    }
  }

  private static String reason(Path place, IOException e) {
    Path parent = place.toAbsolutePath().getParent();
    if (parent != null && Files.isRegularFile(parent)) {
      return parent + " is not a directory; choose another place";
    }
    String said = e instanceof FileSystemException of ? of.getReason() : e.getMessage();
    return "the system says: " + said + "; choose another place";
  }

  private static StartException missing(Path place, String reason, IOException e) {
    return StartException.failure(
        "The mount point " + place + " does not exist, " + reason + ".", e);
  }
}
