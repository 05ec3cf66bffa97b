package io.redisfuse.frontend.tree;

import io.redisfuse.api.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one call wants to know of keys that are not settled. The call looks at the trie, which
 * collects questions here; they are put to the store; and it looks again, until a look has no more
 * questions. What the store answered counts for this call even if the key changed meanwhile: it is
 * what the store held while the call was running. So a call ends under any number of changes.
 *
 * <p>Used by one thread; those methods that touch the trie, under the lock that guards it.
 */
final class Inquiry {

  /**
   * A question to the store.
   *
   * @param changed the number of the key's last change when it was asked
   * @param epoch the last reset when it was asked
   */
  record Question(TrieNode node, Bytes key, long changed, long epoch) {}

  /**
   * A flood of new keys could go on for ever. After that many looks, what is still not answered is
   * as it was last known: as if the call had come a little earlier.
   */
  private static final int MOST_LOOKS = 7;

  private final Map<TrieNode, Finding> answers = new HashMap<>();
  private List<Question> questions = new ArrayList<>();
  private int looks;

  /** The questions of the last look, which then are no longer here. */
  List<Question> takeQuestions() {
    List<Question> taken = questions;
    questions = new ArrayList<>();
    looks++;
    return taken;
  }

  /** How many questions this look has. */
  int questions() {
    return questions.size();
  }

  /**
   * Whether this look has enough questions, when {@code few} keys that exist are enough: few in the
   * first look, as most keys exist, and ever more in the later ones.
   */
  boolean hasEnough(long few) {
    return questions.size() >= most(few);
  }

  private long most(long few) {
    return few << (4 * looks);
  }

  void answer(Question question, Finding found) {
    answers.put(question.node(), found);
  }

  /** What is at the node's key; a question if that is not settled. */
  Finding at(Trie trie, TrieNode node) {
    if (!node.isResolved()) {
      Finding answer = answers.get(node);
      if (answer != null) {
        return answer;
      }
      ask(trie, node);
    }
    return node.found();
  }

  /**
   * Whether the directory of that node exists. Asks about few keys below it in the first look, and
   * more in every later one, since one that exists is enough.
   */
  boolean isDirectory(Trie trie, TrieNode node) {
    if (node.isSurelyDirectory()) {
      return true;
    }
    if (node.unresolvedBelow() == 0) {
      return false;
    }
    long most = most(1);
    int before = questions.size();
    boolean[] exists = {false};
    trie.walk(
        node,
        Trie::hasUnresolved,
        below -> {
          if (!below.isResolved()) {
            Finding answer = answers.get(below);
            if (answer != null && answer.exists()) {
              exists[0] = true;
              questions.subList(before, questions.size()).clear();
              return false;
            }
            if (answer == null) {
              ask(trie, below);
              exists[0] |= below.found().exists();
            }
          }
          return questions.size() - before < most;
        });
    return exists[0];
  }

  private void ask(Trie trie, TrieNode node) {
    if (looks < MOST_LOOKS) {
      questions.add(new Question(node, trie.key(node), node.changed, trie.epoch()));
    }
  }
}
