package io.redisfuse.it;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An editor or another program that reads a file, and later saves it with {@code "MINE "} in front:
 * how a person at a terminal works with it, and what it shows.
 *
 * <p>Keys are names that tmux knows, or, after a {@code =}, text to be typed as it is.
 *
 * @param command a shell script that runs it; {@code $f} is the file
 * @param read on the screen when it has read the file
 * @param change the keys that make the change, if it is not made by itself
 * @param save the keys that save, once or again
 * @param saved on the screen after a save that succeeded
 * @param refused on the screen after a save that the mount refused; empty if it shows nothing then,
 *     and only stays as it was
 * @param dismiss the keys after a failure, which clear the screen of the message
 * @param questions what it asks by itself when it sees that the file has changed
 * @param quit the keys that end it
 * @param again what its second try saves
 */
record Editor(
    String name,
    String command,
    Pattern read,
    List<String> change,
    List<String> save,
    Pattern saved,
    Optional<Pattern> refused,
    List<String> dismiss,
    List<Question> questions,
    List<String> quit,
    Again again) {

  /** What an editor asks before it saves over a file that has changed, and the answers. */
  record Question(Pattern words, List<String> no, List<String> yes) {}

  /** What is saved when it is tried again. */
  enum Again {
    /** The same text. */
    SAME_TEXT,
    /** What is made from the file as it is then, by a process that begins from the start. */
    MADE_ANEW
  }

  /**
   * What it has written when it is refused: all of its text, but for joe, which does not look at
   * what close(2) answers, and stops at the first write that fails.
   */
  String rejected() {
    return name.equals("joe") ? CHANGE : CHANGE + Rival.BEFORE;
  }

  /** What is in front of the text that it saves. */
  static final String CHANGE = "MINE ";

  static final List<Editor> ALL =
      List.of(
          vim("vim", "backupcopy=auto"),
          vim("vim-copying", "backupcopy=yes"),
          vim("vim-renaming", "backupcopy=no"),
          vim("vim-nofsync", "nofsync"),
          nvim(),
          nano(),
          emacs(),
          ed(),
          joe(),
          mg(),
          // At the last line they have seen the end of the file.
          filter("sed", "sed -i -e 's/^/MINE /' -e '$ e echo has read > /dev/tty; read x' $f"),
          filter(
              "perl",
              "perl -pi -e 's/^/MINE /; if (eof) { close ARGV; warn \"has read\\n\"; <STDIN> }' $f"),
          program(
              "python",
              """
              python3 -c '
              import sys
              file = sys.argv[1]
              with open(file) as source:
                  text = "MINE " + source.read()
              print("has read")
              while sys.stdin.readline():
                  try:
                      with open(file, "w") as target:
                          target.write(text)
                      print("has saved")
                  except OSError as e:
                      print("has failed:", e)' $f
              """),
          program(
              "python-in-place",
              """
              python3 -c '
              import os, sys
              file = sys.argv[1]
              with open(file) as source:
                  text = "MINE " + source.read()
              print("has read")
              while sys.stdin.readline():
                  try:
                      with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT), "w") as target:
                          target.write(text)
                      print("has saved")
                  except OSError as e:
                      print("has failed:", e)' $f
              """),
          program("java", AtomicSave.command("$f")),
          program(
              "node",
              """
              node -e '
              const fs = require("fs");
              const file = process.argv[1];
              const text = "MINE " + fs.readFileSync(file);
              fs.writeSync(1, "has read\\n");
              while (fs.readSync(0, Buffer.alloc(1)) > 0) {
                try {
                  fs.writeFileSync(file, text);
                  fs.writeSync(1, "has saved\\n");
                } catch (e) {
                  fs.writeSync(1, "has failed: " + e.message + "\\n");
                }
              }' $f
              """),
          program(
              "node-renaming",
              """
              node -e '
              const fs = require("fs");
              const file = process.argv[1];
              const text = "MINE " + fs.readFileSync(file);
              fs.writeSync(1, "has read\\n");
              while (fs.readSync(0, Buffer.alloc(1)) > 0) {
                try {
                  fs.writeFileSync(file + "." + process.pid, text);
                  fs.renameSync(file + "." + process.pid, file);
                  fs.writeSync(1, "has saved\\n");
                } catch (e) {
                  fs.rmSync(file + "." + process.pid);
                  fs.writeSync(1, "has failed: " + e.message + "\\n");
                }
              }' $f
              """),
          vim("vim-elsewhere", "backupcopy=yes backupdir=$HOME"));

  private static final String BUSY = "Device or resource busy";

  private static Pattern shows(String regex) {
    return Pattern.compile(regex, Pattern.MULTILINE);
  }

  private static Editor vim(String name, String setting) {
    return vimLike(
        name,
        "vim -N -u NONE -i NONE -c 'set backupskip= " + setting + "' $f",
        "\" 1L, 6B",
        "E512: Close failed");
  }

  private static Editor nvim() {
    return vimLike(
        "nvim",
        "NVIM_LOG_FILE=/dev/null nvim -u NONE -i NONE -c 'set backupskip=' $f",
        "1,1 +All",
        "E\\d+: .*");
  }

  private static Editor vimLike(String name, String command, String read, String refused) {
    return new Editor(
        name,
        command,
        shows(read),
        List.of("I", "=" + CHANGE, "Escape"),
        List.of("=:w", "Enter"),
        shows("\" (\\[New\\] )?\\d+L, \\d+B written"),
        Optional.of(shows(refused)),
        // Past "Press ENTER", or to the next line; then the screen is drawn again. No Escape: with
        // what follows at once, it would be another key.
        List.of("Enter", "C-l"),
        List.of(
            new Question(
                shows("Do you really want to write to it \\(y/n\\)"), List.of("n"), List.of("y"))),
        List.of("=:q", "Enter"),
        Again.SAME_TEXT);
  }

  private static Editor nano() {
    return new Editor(
        "nano",
        "nano -I -U $f",
        shows("Read 1 line"),
        List.of("=" + CHANGE),
        List.of("C-s"),
        shows("Wrote \\d line"),
        Optional.of(shows("Error writing .*: " + BUSY)),
        // With -U, it shows a message until the next key.
        List.of("Right", "Left"),
        List.of(new Question(shows("continue saving\\?"), List.of("n"), List.of("y"))),
        List.of("C-x"),
        Again.SAME_TEXT);
  }

  private static Editor emacs() {
    return new Editor(
        "emacs",
        "emacs -nw -Q $f",
        shows("For information about GNU Emacs"),
        List.of("=" + CHANGE),
        List.of("C-x", "C-s"),
        shows("^Wrote "),
        Optional.of(shows("(Write error|Opening output file|Renaming): " + BUSY)),
        List.of("C-g", "C-l"),
        List.of(
            new Question(
                shows("[Ss]ave anyway\\? \\(yes or no\\)"),
                List.of("=no", "Enter"),
                List.of("=yes", "Enter")),
            new Question(shows("really edit the buffer\\?"), List.of("=n"), List.of("=y"))),
        List.of("C-x", "C-c"),
        Again.SAME_TEXT);
  }

  private static Editor ed() {
    return new Editor(
        "ed",
        "ed -p '* ' $f",
        shows("^6\n\\*$"),
        List.of("=s/^/" + CHANGE + "/p", "Enter"),
        List.of("=w", "Enter"),
        shows("^(\\* )?11$"),
        Optional.of(shows(": " + BUSY)),
        List.of("-R"),
        List.of(),
        List.of("=q", "Enter"),
        Again.SAME_TEXT);
  }

  private static Editor joe() {
    return new Editor(
        "joe",
        "joe $f",
        shows("Joe's Own Editor"),
        List.of("=" + CHANGE),
        List.of("C-k", "=d", "Enter"),
        shows("File .* saved"),
        Optional.of(shows("Error (writing|opening) file|" + BUSY)),
        List.of("C-r"),
        List.of(new Question(shows("\\(y,n,\\^C\\)"), List.of("=n"), List.of("=y"))),
        List.of("C-k", "=q"),
        Again.SAME_TEXT);
  }

  private static Editor mg() {
    return new Editor(
        "mg",
        "mg $f",
        shows("\\(Read \\d lines?\\)"),
        List.of("=" + CHANGE),
        List.of("C-x", "C-s"),
        shows("Wrote "),
        Optional.empty(),
        List.of("C-g", "C-l"),
        List.of(
            new Question(
                shows("Save anyway\\? \\(yes or no\\)"),
                List.of("=no", "Enter"),
                List.of("=yes", "Enter")),
            // It cannot copy what is gone.
            new Question(
                shows("Backup error, save anyway\\? \\(yes or no\\)"),
                List.of("=no", "Enter"),
                List.of("=yes", "Enter"))),
        List.of("C-x", "C-c"),
        Again.SAME_TEXT);
  }

  /** A program that reads and saves in one go, but waits for Enter in between. */
  private static Editor filter(String name, String command) {
    return new Editor(
        name,
        command + " && echo has saved",
        shows("has read"),
        List.of(),
        List.of("Enter"),
        shows("has saved"),
        Optional.of(shows(": " + BUSY)),
        List.of("-R"),
        List.of(),
        List.of(),
        Again.MADE_ANEW);
  }

  /** A program that reads the file, and saves whenever Enter is pressed. */
  private static Editor program(String name, String command) {
    return new Editor(
        name,
        command.strip(),
        shows("has read"),
        List.of(),
        List.of("Enter"),
        shows("has saved"),
        Optional.of(shows("has failed: .*(" + BUSY + "|resource busy or locked)")),
        List.of("-R"),
        List.of(),
        List.of("C-d"),
        Again.SAME_TEXT);
  }

  @Override
  public String toString() {
    return name;
  }
}
