package io.redisfuse.it;

import java.util.Locale;
import redis.clients.jedis.Transaction;

/**
 * Something below the directory {@code live} that a {@link Witness} watches while others change it,
 * step by step, and what is to be seen of it before a step and after.
 */
enum LiveSubject {
  SIZE("stat", true) {
    @Override
    void set(Transaction transaction, int number) {
      transaction.set(key(number), "x".repeat(1 + number % 50));
    }

    @Override
    String seen(int number) {
      return String.valueOf(1 + number % 50);
    }
  },

  /** The kernel asks at each open, and what is then said is known without Redis. */
  CONTENT("read", false) {
    @Override
    void set(Transaction transaction, int number) {
      transaction.set(key(number), seen(number));
    }

    @Override
    String seen(int number) {
      return "value " + number;
    }
  },

  /** Of one length: other changes are seen by who opens the file again. */
  HELD("held", true) {
    @Override
    void set(Transaction transaction, int number) {
      transaction.set(key(number), seen(number));
    }

    @Override
    String seen(int number) {
      return eightDigits(number);
    }
  },

  /** The kernel asks at the end of a file whether there is more. */
  GROWTH("grown", false) {
    @Override
    void set(Transaction transaction, int number) {
      transaction.append(key(number), "x");
    }

    @Override
    String seen(int number) {
      return String.valueOf(1 + number);
    }
  },

  MAPPED("mapped", true) {
    @Override
    void set(Transaction transaction, int number) {
      transaction.set(key(number), seen(number));
    }

    @Override
    String seen(int number) {
      return eightDigits(number);
    }
  },

  /** A name that was sought in vain. */
  NEW_NAME("name", true) {
    @Override
    String key(int step) {
      return super.key(step) + ":" + step;
    }

    @Override
    void set(Transaction transaction, int number) {
      // The directory.
      transaction.set(super.key(number) + ":keep", "kept");
    }

    @Override
    void change(Transaction transaction, int step) {
      transaction.set(key(step), "new");
    }

    @Override
    String before(int step) {
      return "none";
    }

    @Override
    String seen(int number) {
      return "there";
    }
  },

  REMOVED_NAME("name", true) {
    @Override
    String key(int step) {
      return super.key(step) + ":" + step;
    }

    @Override
    void set(Transaction transaction, int number) {
      transaction.set(super.key(number) + ":keep", "kept");
    }

    @Override
    void prepare(Transaction transaction, int step) {
      transaction.set(key(step), "old");
    }

    @Override
    void change(Transaction transaction, int step) {
      transaction.del(key(step));
    }

    @Override
    String before(int step) {
      return "there";
    }

    @Override
    String seen(int number) {
      return "none";
    }
  },

  /** The kernel keeps no listings. */
  LISTING("listed", false) {
    @Override
    void set(Transaction transaction, int number) {
      transaction.set(key(number) + ":keep", "kept");
      transaction.del(key(number) + ":" + (number - 1));
      transaction.set(key(number) + ":" + number, "new");
    }

    @Override
    String seen(int number) {
      return number + ",keep";
    }
  };

  private final String way;
  private final boolean knownToTheKernel;

  LiveSubject(String way, boolean knownToTheKernel) {
    this.way = way;
    this.knownToTheKernel = knownToTheKernel;
  }

  /** In which of its ways a witness looks. */
  String way() {
    return way;
  }

  /** Whether the kernel answers without the daemon when it has been asked before. */
  boolean isKnownToTheKernel() {
    return knownToTheKernel;
  }

  /** Makes it what it is as of this number, from what it was as of the number before. */
  abstract void set(Transaction transaction, int number);

  /** What is seen of it as of this number. */
  abstract String seen(int number);

  /** What is needed for a step. */
  void prepare(Transaction transaction, int step) {
    // It is what the step before has left.
  }

  /** Makes a step. */
  void change(Transaction transaction, int step) {
    set(transaction, step + 1);
  }

  /** What is seen before a step. */
  String before(int step) {
    return seen(step);
  }

  /** What is seen after a step. */
  String after(int step) {
    return seen(step + 1);
  }

  String key(int step) {
    return "live:" + name().toLowerCase(Locale.ROOT);
  }

  private static String eightDigits(int number) {
    return String.format(Locale.ROOT, "%08d", number);
  }
}
