package io.redisfuse.it.bench;

/** Work of which it is measured how often it is done, by a crew. */
abstract class CountedWork implements Measurement {

  private static final int ROUNDS = 11;

  private final Crew crew;
  private final Title title;

  CountedWork(Crew crew, Title title) {
    this.crew = crew;
    this.title = title;
  }

  final Crew crew() {
    return crew;
  }

  @Override
  public final Title title() {
    return title;
  }

  @Override
  public final Unit unit() {
    return Unit.CALLS;
  }

  @Override
  public final int usualRounds() {
    return ROUNDS;
  }

  @Override
  public final boolean appliesTo(SubjectName subject) {
    return true;
  }
}
