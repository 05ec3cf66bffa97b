package io.redisfuse.backend.redis;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import redis.clients.jedis.HostAndPort;

/**
 * Which node each slot belongs to, by what all nodes have said so far. Of two that claim a slot
 * that one is believed whose claim is the younger, as the nodes themselves do: so one that was cut
 * off from the others, and goes on claiming what it had, is not.
 *
 * <p>Immutable.
 */
final class SlotMap {

  static final SlotMap EMPTY = new SlotMap(new HostAndPort[Slot.COUNT], new long[Slot.COUNT]);

  private final HostAndPort[] owners;
  private final long[] epochs;

  private SlotMap(HostAndPort[] owners, long[] epochs) {
    this.owners = owners;
    this.epochs = epochs;
  }

  Optional<HostAndPort> owner(int slot) {
    return Optional.ofNullable(owners[slot]);
  }

  /** Whoever has a slot. */
  Set<HostAndPort> owners() {
    Set<HostAndPort> all = new HashSet<>(Arrays.asList(owners));
    all.remove(null);
    return all;
  }

  BitSet slotsOf(HostAndPort owner) {
    BitSet slots = new BitSet(Slot.COUNT);
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      if (owner.equals(owners[slot])) {
        slots.set(slot);
      }
    }
    return slots;
  }

  /** This, and what a node says beside it. */
  SlotMap with(ClusterOpinion opinion) {
    HostAndPort[] newOwners = owners.clone();
    long[] newEpochs = epochs.clone();
    for (ClusterOpinion.Master master : opinion.masters()) {
      master.slots().stream()
          .forEach(
              slot -> {
                boolean isSame = master.address().equals(newOwners[slot]);
                if (newOwners[slot] == null || isSame || master.epoch() > newEpochs[slot]) {
                  newOwners[slot] = master.address();
                  newEpochs[slot] =
                      isSame ? Math.max(newEpochs[slot], master.epoch()) : master.epoch();
                }
              });
    }
    return new SlotMap(newOwners, newEpochs);
  }

  /** This, but that a slot belongs to another node now: its owner has said so itself. */
  SlotMap with(int slot, HostAndPort owner) {
    HostAndPort[] newOwners = owners.clone();
    newOwners[slot] = owner;
    return new SlotMap(newOwners, epochs);
  }

  /** Whether each slot belongs to whom it belongs there. */
  boolean agreesWith(SlotMap other) {
    return Objects.equals(Arrays.asList(owners), Arrays.asList(other.owners));
  }
}
