package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Element.FieldValue;
import io.redisfuse.api.Element.ListItem;
import io.redisfuse.api.Element.Member;
import io.redisfuse.api.Element.ScoredMember;
import io.redisfuse.api.Element.StreamEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Backend#elements}. */
interface ElementsContract extends ContractFixture {

  private static Bytes bytes(String text) {
    return Bytes.utf8(text);
  }

  @Test
  default void aListKeepsItsOrderAndWhatItHoldsTwice() {
    List<Bytes> items =
        List.of(bytes("b"), bytes("a"), bytes("b"), Bytes.EMPTY, ContractFixture.allBytes());
    makeList(key("l"), items);

    assertThat(backend().elements(key("l"))).isEqualTo(items.stream().map(ListItem::new).toList());
  }

  @Test
  default void aSetHasEachMemberOnce() {
    makeSet(key("s"), List.of(bytes("a"), Bytes.EMPTY, ContractFixture.allBytes()));

    assertThat(backend().elements(key("s")))
        .containsExactlyInAnyOrder(
            new Member(bytes("a")),
            new Member(Bytes.EMPTY),
            new Member(ContractFixture.allBytes()));
  }

  @Test
  default void aSetOfNumbersIsASetLikeAnyOther() {
    makeSet(key("s"), List.of(bytes("3"), bytes("1"), bytes("-2")));

    assertThat(backend().elements(key("s")))
        .containsExactlyInAnyOrder(
            new Member(bytes("3")), new Member(bytes("1")), new Member(bytes("-2")));
  }

  @Test
  default void aSortedSetIsOrderedByScoreThenBytes() {
    ScoredMember lowest = new ScoredMember(Double.NEGATIVE_INFINITY, bytes("z"));
    ScoredMember low = new ScoredMember(-1.5, bytes("y"));
    ScoredMember tiny = new ScoredMember(1e-17, bytes("x"));
    ScoredMember one = new ScoredMember(1, bytes("a"));
    ScoredMember alsoOne = new ScoredMember(1, bytes("b"));
    ScoredMember oneOfHighBytes = new ScoredMember(1, ContractFixture.allBytes().slice(128));
    ScoredMember precise = new ScoredMember(1.0000000000000002, bytes(""));
    ScoredMember highest = new ScoredMember(Double.POSITIVE_INFINITY, bytes("a a"));
    makeSortedSet(
        key("z"), List.of(oneOfHighBytes, highest, alsoOne, precise, one, low, lowest, tiny));

    assertThat(backend().elements(key("z")))
        .containsExactly(lowest, low, tiny, one, alsoOne, oneOfHighBytes, precise, highest);
  }

  @Test
  default void aStreamIsOrderedByIdAndKeepsItsFieldsAsTheyCame() {
    List<StreamEntry> entries =
        List.of(
            new StreamEntry("1-1", List.of(new FieldValue(bytes("f"), bytes("v")))),
            new StreamEntry(
                "1-2",
                List.of(
                    new FieldValue(bytes("twice"), bytes("2")),
                    new FieldValue(bytes("twice"), bytes("1")),
                    new FieldValue(Bytes.EMPTY, Bytes.EMPTY))),
            new StreamEntry(
                "9-0",
                List.of(new FieldValue(ContractFixture.allBytes(), ContractFixture.allBytes()))),
            new StreamEntry("10-0", List.of(new FieldValue(bytes("later"), bytes("")))));
    makeStream(key("x"), entries);

    assertThat(backend().elements(key("x"))).isEqualTo(entries);
  }

  @Test
  default void aKeyThatDoesNotExistHasNoElements() {
    assertThat(backend().elements(key("none"))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"STRING", "HASH"})
  default void stringsAndHashesHaveNoElements(Type type) {
    make(type, key("k"));

    assertThatThrownBy(() -> backend().elements(key("k")))
        .isInstanceOfSatisfying(
            WrongTypeException.class,
            e -> {
              assertThat(e.key()).isEqualTo(key("k"));
              assertThat(e.found()).isEqualTo(type);
            })
        .hasMessageContaining(key("k").toString());
  }

  @Test
  default void aListOfThousandsIsReadInOrder() {
    List<Bytes> items = ContractFixture.numbered("item", 20_000);
    makeList(key("l"), items);

    assertThat(backend().elements(key("l"))).isEqualTo(items.stream().map(ListItem::new).toList());
  }

  @Test
  default void aSetOfThousandsIsReadWhole() {
    List<Bytes> members = ContractFixture.numbered("member", 20_000);
    makeSet(key("s"), members);

    List<Element> elements = backend().elements(key("s"));

    assertThat(elements).hasSize(20_000);
    assertThat(new HashSet<>(elements))
        .isEqualTo(new HashSet<>(members.stream().map(Member::new).toList()));
  }

  @Test
  default void aSortedSetOfThousandsIsReadInOrder() {
    List<ScoredMember> sorted = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      sorted.add(new ScoredMember(Math.floorDiv(i, 3), bytes("member" + (100_000 + i))));
    }
    List<ScoredMember> shuffled = new ArrayList<>(sorted);
    Collections.shuffle(shuffled, new Random(1));
    makeSortedSet(key("z"), shuffled);

    assertThat(backend().elements(key("z"))).isEqualTo(sorted);
  }

  @Test
  default void aStreamOfThousandsIsReadInOrder() {
    List<StreamEntry> entries = new ArrayList<>();
    for (int i = 1; i <= 20_000; i++) {
      FieldValue number = new FieldValue(bytes("number"), bytes(Integer.toString(i)));
      entries.add(new StreamEntry(i / 7 + "-" + (i % 7 + 1), List.of(number)));
    }
    makeStream(key("x"), entries);

    assertThat(backend().elements(key("x"))).isEqualTo(entries);
  }
}
