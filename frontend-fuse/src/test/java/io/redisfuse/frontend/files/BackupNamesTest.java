package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackupNamesTest {

  private static final Bytes ORIGINAL = Bytes.utf8("note.txt");

  @ParameterizedTest
  @ValueSource(strings = {"note.txt~", "note.txt.~1~", "note.txt.bak", "note.txz~", "note.txa~"})
  void besideTheFile(String name) {
    assertThat(BackupNames.isBackup(Bytes.utf8(name), ORIGINAL)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"note.txt", "note.tx", "other.txt~", "note~", "not.txt~", "~", ""})
  void ofOtherFiles(String name) {
    assertThat(BackupNames.isBackup(Bytes.utf8(name), ORIGINAL)).isFalse();
    assertThat(BackupNames.isBackupElsewhere(name, ORIGINAL)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "note.txt~",
        "note.txz~",
        "note.txt.~12~",
        "note.txt.bak",
        "%mnt%redis%note.txt~",
        "!mnt!redis!note.txt~",
        "!mnt!100%!note.txt.orig"
      })
  void inOtherDirectories(String name) {
    assertThat(BackupNames.isBackupElsewhere(name, ORIGINAL)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"note.txt.new", "note.txt.tmp", "%mnt%other~", "note.txt%~", "%"})
  void inOtherDirectoriesMayBeAnythingElse(String name) {
    assertThat(BackupNames.isBackupElsewhere(name, ORIGINAL)).isFalse();
  }
}
