package io.redisfuse.it.bench;

import static io.redisfuse.it.bench.Temperature.COLD;
import static io.redisfuse.it.bench.Temperature.WARM;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What is measured, in which order, and how the rows are called. */
final class Plan {

  static final Title CREATE = Title.alone("create-write-close", WARM);
  static final Title OVERWRITE = Title.alone("overwrite-save", WARM);
  static final Title LARGE_WRITE = Title.alone("256 MiB write", WARM);
  static final Title LARGE_READ = Title.alone("256 MiB read", COLD);
  static final Title LIST_COLD = Title.alone("ls -l of 10,000", COLD);

  static final List<Integer> CLIENTS = List.of(1, 4, 48);

  private static final Set<SubjectName> ALL = EnumSet.allOf(SubjectName.class);
  private static final Set<SubjectName> MOUNTS =
      EnumSet.complementOf(EnumSet.of(SubjectName.JEDIS));

  private final Crew crew;
  private final Set<Area> areas;
  private final List<Measurement> measurements = new ArrayList<>();

  private Plan(Crew crew, Set<Area> areas) {
    this.crew = crew;
    this.areas = areas;
  }

  static Title stat(Temperature temperature, int clients) {
    return new Title("stat", temperature, clients);
  }

  static Title open(Temperature temperature, int clients) {
    return new Title("open-read-close", temperature, clients);
  }

  static List<Measurement> of(Crew crew, Set<Area> areas) {
    Plan plan = new Plan(crew, areas);
    plan.looking();
    plan.saving();
    plan.programs();
    plan.large();
    return List.copyOf(plan.measurements);
  }

  private void looking() {
    for (int clients : CLIENTS) {
      if (areas.contains(Area.STAT)) {
        small(stat(WARM, clients), Client::stat);
        passing(stat(COLD, clients), Client::stat);
      }
    }
    for (int clients : CLIENTS) {
      if (areas.contains(Area.OPEN)) {
        small(open(WARM, clients), Client::read);
        passing(open(COLD, clients), Client::read);
      }
    }
  }

  private void small(Title title, Step step) {
    measurements.add(new RepeatedWork(crew, title, Sizes.SMALL_FILES, step));
  }

  private void passing(Title title, Step step) {
    measurements.add(new PassingWork(crew, title, step));
  }

  private void saving() {
    if (areas.contains(Area.CREATE)) {
      measurements.add(new CreatingWork(crew, CREATE));
    }
    if (areas.contains(Area.OVERWRITE)) {
      measurements.add(new RepeatedWork(crew, OVERWRITE, Sizes.SAVED_FILES, Client::overwrite));
    }
    if (areas.contains(Area.RENAME)) {
      Title title = Title.alone("rename-save", WARM);
      measurements.add(new RepeatedWork(crew, title, Sizes.SAVED_FILES, Client::replace));
    }
  }

  private void programs() {
    if (areas.contains(Area.LS)) {
      listing(LIST_COLD, Client::list);
      listing(Title.alone("ls -l of 10,000", WARM), Client::list);
    }
    if (areas.contains(Area.FIND)) {
      listing(Title.alone("find over 10,000", COLD), Client::find);
      listing(Title.alone("find over 10,000", WARM), Client::find);
    }
    if (areas.contains(Area.GIT)) {
      tree(Title.alone("git status on 5,000", WARM), Client::status);
    }
    if (areas.contains(Area.GREP)) {
      tree(Title.alone("grep -r over 5,000", WARM), Client::search);
    }
  }

  private void listing(Title title, WholeWork.Whole whole) {
    measurements.add(new WholeWork(crew, title, Unit.LISTINGS, Sizes.LISTED_FILES, ALL, whole));
  }

  private void tree(Title title, WholeWork.Whole whole) {
    measurements.add(new WholeWork(crew, title, Unit.TREES, Sizes.TREE_FILES, MOUNTS, whole));
  }

  private void large() {
    if (areas.contains(Area.LARGE)) {
      large(LARGE_WRITE, Client::writeLarge);
      large(LARGE_READ, Client::readLarge);
      large(Title.alone("256 MiB read", WARM), Client::readLarge);
    }
  }

  private void large(Title title, WholeWork.Whole whole) {
    measurements.add(new WholeWork(crew, title, Unit.MEBIBYTES, Sizes.LARGE_MIB, ALL, whole));
  }
}
