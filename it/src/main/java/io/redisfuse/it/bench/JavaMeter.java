package io.redisfuse.it.bench;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Reads the processor time of a Java process, and what its threads have allocated.
 *
 * <p>The threads that answer us are left out. What a thread allocates between our last look and its
 * end is not seen; such threads are counted. Not for use by several threads.
 */
final class JavaMeter implements Meter, Stage.Part {

  private final ProcessMeter process;
  private final JMXConnector connector;
  private final ThreadMXBean threads;

  /** What each thread had allocated when it was last looked at. */
  private Map<Long, Long> seen = Map.of();

  /** The threads that answer us. */
  private final Set<Long> ours = new HashSet<>();

  /** How many threads there have been when they were last looked at. */
  private long started;

  private double allocated;
  private long lost;

  private JavaMeter(ProcessMeter process, JMXConnector connector) throws IOException {
    this.process = process;
    this.connector = connector;
    this.threads =
        ManagementFactory.newPlatformMXBeanProxy(
            connector.getMBeanServerConnection(),
            ManagementFactory.THREAD_MXBEAN_NAME,
            ThreadMXBean.class);
  }

  /** Attaches to the process, which must be a Java of this user. */
  @SuppressWarnings("BanJNDI") // The address comes from a process of our own.
  static JavaMeter attach(long pid) throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(String.valueOf(pid));
      try {
        JMXServiceURL address = new JMXServiceURL(machine.startLocalManagementAgent());
        return new JavaMeter(new ProcessMeter(pid), JMXConnectorFactory.connect(address));
      } finally {
        machine.detach();
      }
    } catch (AttachNotSupportedException e) {
      throw new IOException("Process " + pid + " does not let us look into it", e);
    }
  }

  @Override
  public Usage read() throws IOException {
    // Before we look, which costs the process time.
    double processorSeconds = process.read().processorSeconds();
    look();
    return new Usage(processorSeconds, allocated, lost);
  }

  @Override
  public Usage readBefore() throws IOException {
    look();
    return new Usage(process.read().processorSeconds(), allocated, lost);
  }

  private void look() {
    long startedNow = threads.getTotalStartedThreadCount();
    long[] ids = threads.getAllThreadIds();
    long[] bytes = threads.getThreadAllocatedBytes(ids);
    ThreadInfo[] infos = threads.getThreadInfo(ids, 0);
    Map<Long, Long> now = new HashMap<>();
    long unseen = startedNow - started;
    for (int i = 0; i < ids.length; i++) {
      if (infos[i] == null || bytes[i] < 0) {
        continue;
      }
      boolean isNew = !seen.containsKey(ids[i]);
      now.put(ids[i], bytes[i]);
      if (isNew) {
        unseen--;
      }
      if (isOurs(infos[i].getThreadName())) {
        ours.add(ids[i]);
      } else {
        allocated += bytes[i] - seen.getOrDefault(ids[i], 0L);
      }
    }
    // Those that came and went, and those that have gone.
    lost += Math.max(0, unseen);
    lost += seen.keySet().stream().filter(id -> !now.containsKey(id) && !ours.contains(id)).count();
    seen = now;
    started = startedNow;
  }

  private static boolean isOurs(String thread) {
    return thread.startsWith("RMI ") || thread.startsWith("JMX ");
  }

  @Override
  public void close() {
    try {
      connector.close();
    } catch (IOException e) {
      // The process has gone, and the connection with it.
    }
  }
}
