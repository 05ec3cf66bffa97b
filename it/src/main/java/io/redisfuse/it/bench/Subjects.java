package io.redisfuse.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts what is measured. Each mount of Redis has a server of its own, which tells nobody else.
 */
final class Subjects {

  /** A day: as long as it is measured. */
  private static final String REFERENCE_OPTIONS =
      "attr_timeout=86400,entry_timeout=86400,negative_timeout=86400,kernel_cache,"
          + "hard_remove,use_ino,readdir_ino";

  private final Stage stage;
  private final Choice choice;
  private final Path sources;

  Subjects(Stage stage, Choice choice, Path sources) {
    this.stage = stage;
    this.choice = choice;
    this.sources = sources;
  }

  /** All that were chosen, in the order of the columns. */
  List<Subject> start() throws IOException, InterruptedException {
    List<Subject> subjects = new ArrayList<>();
    for (SubjectName name : choice.subjects()) {
      subjects.add(start(name));
    }
    return subjects;
  }

  private Subject start(SubjectName name) throws IOException, InterruptedException {
    return switch (name) {
      case REFERENCE -> reference();
      case TMPFS -> new MountedSubject(name, onTmpfs("direct"), sources, Meter.NONE);
      case BINDFS -> bindfs();
      case KERNEL_MEMORY -> daemon(name, Binding.KERNEL.command(choice, "memory"));
      case LIBFUSE_MEMORY -> daemon(name, Binding.LIBFUSE.command(choice, "memory"));
      case KERNEL_REDIS -> redis(name, Binding.KERNEL);
      case LIBFUSE_REDIS -> redis(name, Binding.LIBFUSE);
      case JEDIS -> new JedisSubject(RedisServer.start(stage, choice.directory()));
    };
  }

  private Path onTmpfs(String name) throws IOException {
    return Files.createDirectory(choice.directory().resolve("tmpfs").resolve(name));
  }

  private Subject reference() throws IOException, InterruptedException {
    String program = choice.reference().orElseThrow().toString();
    return foreign(SubjectName.REFERENCE, List.of(program, "-f", "-o", REFERENCE_OPTIONS));
  }

  private Subject bindfs() throws IOException, InterruptedException {
    String under = onTmpfs("under").toString();
    return foreign(
        SubjectName.BINDFS, List.of("bindfs", "-f", "--multithreaded", "--no-allow-other", under));
  }

  private Subject foreign(SubjectName name, List<String> command)
      throws IOException, InterruptedException {
    FileSystemProcess process = mount(name, FileSystemProcess.Readiness.IS_MOUNTED, command);
    return new MountedSubject(name, process.mountPoint(), sources, new ProcessMeter(process.pid()));
  }

  private Subject redis(SubjectName name, Binding binding)
      throws IOException, InterruptedException {
    String uri = RedisServer.start(stage, choice.directory()).uri();
    return daemon(name, binding.command(choice, "redis", "--uri", uri));
  }

  private Subject daemon(SubjectName name, List<String> command)
      throws IOException, InterruptedException {
    FileSystemProcess process = mount(name, FileSystemProcess.Readiness.SAYS_SO, command);
    JavaMeter meter = stage.add(JavaMeter.attach(process.pid()));
    return new MountedSubject(name, process.mountPoint(), sources, meter);
  }

  private FileSystemProcess mount(
      SubjectName name, FileSystemProcess.Readiness readiness, List<String> command)
      throws IOException, InterruptedException {
    Path mountPoint = choice.directory().resolve(name.word());
    return FileSystemProcess.start(stage, mountPoint, readiness, Map.of(), command);
  }
}
