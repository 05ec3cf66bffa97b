package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Element.FieldValue;
import io.redisfuse.api.Element.StreamEntry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The small values of the SPI. */
final class ValuesTest {

  private static final Bytes KEY = Bytes.utf8("key");
  private static final Bytes FIELD = Bytes.wrap(new byte[] {'f', 0});

  @Test
  void aCellIsKnownByItsKindKeyAndField() {
    assertThat(Cell.string(KEY)).isEqualTo(Cell.string(Bytes.utf8("key")));
    assertThat(Cell.field(KEY, FIELD))
        .isEqualTo(Cell.field(Bytes.utf8("key"), FIELD))
        .isNotEqualTo(Cell.field(KEY, KEY))
        .isNotEqualTo(Cell.string(KEY));
  }

  @Test
  void aCellIsNamedForPeople() {
    assertThat(Cell.string(KEY)).hasToString("key key");
    assertThat(Cell.field(KEY, FIELD)).hasToString("field f\\x00 of hash key");
  }

  @Test
  void aSnapshotComputesTheVersionOfItsContent() {
    assertThat(Snapshot.of(KEY)).isEqualTo(new Snapshot(KEY, Version.of(KEY)));
  }

  @Test
  void aRangeIsNotLongerThanTheWhole() {
    assertThat(new Range(KEY, 3).size()).isEqualTo(3);
    assertThatThrownBy(() -> new Range(KEY, 2)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aStreamEntryDoesNotChangeWithItsSource() {
    List<FieldValue> fields = new ArrayList<>(List.of(new FieldValue(KEY, FIELD)));
    StreamEntry entry = new StreamEntry("1-1", fields);
    fields.clear();

    assertThat(entry.fields()).containsExactly(new FieldValue(KEY, FIELD));
  }

  @Test
  void noReplicasAreNoDurability() {
    assertThatThrownBy(() -> new Durability.Replicas(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aConflictSaysWhatWasExpectedAndWhatIsThere() {
    ConflictException conflict =
        new ConflictException(Cell.field(KEY, FIELD), Version.of(KEY), Version.ABSENT);

    assertThat(conflict.cell()).isEqualTo(Cell.field(KEY, FIELD));
    assertThat(conflict.found()).isEqualTo(Version.ABSENT);
    assertThat(conflict)
        .hasMessage(
            "The field f\\x00 of hash key was expected to be %s but is absent.", Version.of(KEY));
  }

  @Test
  void aMoveOfNothingSaysSo() {
    ConflictException conflict = ConflictException.vanished(Cell.string(KEY));

    assertThat(conflict.cell()).isEqualTo(Cell.string(KEY));
    assertThat(conflict.found()).isEqualTo(Version.ABSENT);
    assertThat(conflict).hasMessage("The key key, which was to be moved, does not exist.");
  }

  @Test
  void aWrongTypeNamesTheKeyAndWhatItHolds() {
    WrongTypeException wrong = new WrongTypeException(KEY, Type.SORTED_SET);

    assertThat(wrong.key()).isEqualTo(KEY);
    assertThat(wrong.found()).isEqualTo(Type.SORTED_SET);
    assertThat(wrong).hasMessageContaining("The key key holds a SORTED_SET");
  }
}
