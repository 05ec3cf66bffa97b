package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.ClusterKeyword;
import redis.clients.jedis.Protocol.Command;

/**
 * What one node of a cluster says of all of them. CLUSTER SLOTS tells the addresses by which nodes
 * want to be spoken to, CLUSTER NODES tells how old each node's claim to its slots is.
 *
 * @param myself the node that says it
 * @param masters those that take writes, or would
 * @param others the addresses of all others, who can be asked too
 * @param importing the slots that this node itself is receiving now
 */
record ClusterOpinion(
    HostAndPort myself, List<Master> masters, Set<HostAndPort> others, Set<Integer> importing) {

  private static final int ID = 0;
  private static final int ADDRESS = 1;
  private static final int FLAGS = 2;
  private static final int EPOCH = 6;
  private static final int SLOTS = 8;

  /**
   * A master.
   *
   * @param epoch the age of its claim: of two to one slot, the one with the higher number holds
   */
  record Master(HostAndPort address, long epoch, BitSet slots, boolean isDown) {}

  ClusterOpinion {
    masters = List.copyOf(masters);
    others = Set.copyOf(others);
    importing = Set.copyOf(importing);
  }

  /** The node that says it, if it is a master. */
  Optional<Master> own() {
    return masters.stream().filter(master -> master.address().equals(myself)).findFirst();
  }

  /** The questions whose replies {@link #of} takes. */
  static List<CommandArguments> questions() {
    return List.of(
        Commands.command(Command.CLUSTER, ClusterKeyword.SLOTS),
        Commands.command(Command.CLUSTER, ClusterKeyword.NODES));
  }

  /**
   * What the replies say.
   *
   * @param asked the node that said it, as we know it: it may not know its own address
   */
  static ClusterOpinion of(HostAndPort asked, List<Object> replies) {
    HostAndPort myself = asked;
    Map<String, HostAndPort> preferred = preferred(asked, (List<?>) replies.get(0));
    List<Master> masters = new ArrayList<>();
    Set<HostAndPort> others = new HashSet<>();
    Set<Integer> importing = new HashSet<>();
    for (String line : text(replies.get(1)).split("\n", -1)) {
      String[] words = line.strip().split(" ", -1);
      if (words.length < SLOTS) {
        continue;
      }
      Set<String> flags = Set.of(words[FLAGS].split(",", -1));
      Optional<HostAndPort> said =
          Optional.ofNullable(preferred.get(words[ID])).or(() -> address(asked, words[ADDRESS]));
      if (flags.contains("handshake") || flags.contains("noaddr") || said.isEmpty()) {
        continue;
      }
      if (flags.contains("myself")) {
        myself = said.get();
        importing.addAll(importing(words));
      }
      BitSet slots = slots(words);
      boolean isDown = flags.contains("fail");
      if (flags.contains("master") && !(isDown && slots.isEmpty())) {
        masters.add(new Master(said.get(), Long.parseLong(words[EPOCH]), slots, isDown));
      } else {
        others.add(said.get());
      }
    }
    return new ClusterOpinion(myself, masters, others, importing);
  }

  private static Map<String, HostAndPort> preferred(HostAndPort asked, List<?> ranges) {
    Map<String, HostAndPort> preferred = new HashMap<>();
    for (Object range : ranges) {
      for (Object each : ((List<?>) range).subList(2, ((List<?>) range).size())) {
        List<?> node = (List<?>) each;
        String host = node.get(0) == null ? "" : text(node.get(0));
        if (!host.equals("?") && node.size() > 2) {
          int port = ((Long) node.get(1)).intValue();
          preferred.put(
              text(node.get(2)), new HostAndPort(host.isEmpty() ? asked.getHost() : host, port));
        }
      }
    }
    return preferred;
  }

  /** As {@code 127.0.0.1:6379@16379,name}; without the host if the node does not know it. */
  private static Optional<HostAndPort> address(HostAndPort asked, String words) {
    String before = words.split("[@,]", 2)[0];
    int colon = before.lastIndexOf(':');
    int port = Integer.parseInt(before.substring(colon + 1));
    String host = before.substring(0, colon);
    return port == 0
        ? Optional.empty()
        : Optional.of(new HostAndPort(host.isEmpty() ? asked.getHost() : host, port));
  }

  private static BitSet slots(String[] words) {
    BitSet slots = new BitSet(Slot.COUNT);
    for (int i = SLOTS; i < words.length; i++) {
      if (!words[i].startsWith("[")) {
        String[] ends = words[i].split("-", -1);
        slots.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
      }
    }
    return slots;
  }

  /** As {@code [93-<-ID]}. */
  private static Set<Integer> importing(String[] words) {
    Set<Integer> slots = new HashSet<>();
    for (int i = SLOTS; i < words.length; i++) {
      int arrow = words[i].indexOf("-<-");
      if (words[i].startsWith("[") && arrow > 0) {
        slots.add(Integer.parseInt(words[i].substring(1, arrow)));
      }
    }
    return slots;
  }

  private static String text(Object reply) {
    return reply instanceof byte[] bytes ? new String(bytes, UTF_8) : String.valueOf(reply);
  }
}
