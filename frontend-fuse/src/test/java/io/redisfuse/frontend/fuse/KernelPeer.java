package io.redisfuse.frontend.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.frontend.files.FileSystem;
import io.redisfuse.frontend.fuse.kernel.Server;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Clock;

/** The kernel's side of a mount that no kernel knows of: sends requests and takes replies. */
final class KernelPeer implements AutoCloseable {

  private static final int HEADER_BYTES = 40;

  private final SocketPair pair = new SocketPair();
  private final Server server;
  private final Thread serving;
  private long unique;

  /** A reply, whole. */
  record Reply(ByteBuffer bytes) {

    /** Where what belongs to the request begins. */
    static final int BODY = 16;

    int errno() {
      return -bytes.getInt(4);
    }

    long unique() {
      return bytes.getLong(8);
    }
  }

  KernelPeer(FileSystem files) throws IOException {
    server = Server.on(pair.theirs(), files, Clock.systemUTC(), lag -> {});
    serving = new Thread(() -> server.serve(2), "serving");
    serving.start();
  }

  /** The number that the next request gets. */
  long nextUnique() {
    return unique + 2;
  }

  /** Sends a request; returns its number. */
  long send(int opcode, long node, ByteBuffer body) {
    unique += 2;
    send(opcode, unique, node, body);
    return unique;
  }

  void send(int opcode, long number, long node, ByteBuffer body) {
    byte[] bytes = new byte[body.position()];
    body.get(0, bytes);
    ByteBuffer request =
        ByteBuffer.allocate(HEADER_BYTES + bytes.length).order(ByteOrder.nativeOrder());
    request.putInt(request.capacity()).putInt(opcode).putLong(number).putLong(node);
    request.putInt(1000).putInt(1000).putInt(1).putInt(0).put(bytes);
    pair.send(request.array());
  }

  /** The next reply, to whatever request. */
  Reply receive() {
    ByteBuffer reply = ByteBuffer.wrap(pair.receive()).order(ByteOrder.nativeOrder());
    assertThat(reply.capacity()).as("a reply").isGreaterThanOrEqualTo(Reply.BODY);
    assertThat(reply.getInt(0)).as("length").isEqualTo(reply.capacity());
    return new Reply(reply);
  }

  /** Sends a request and takes the reply, which must be to it. */
  Reply ask(int opcode, long node, ByteBuffer body) {
    long number = send(opcode, node, body);
    Reply reply = receive();
    assertThat(reply.unique()).as("unique").isEqualTo(number);
    return reply;
  }

  /** Room for what belongs to a request. */
  static ByteBuffer body() {
    return ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
  }

  void end() {
    server.end();
  }

  @Override
  public void close() {
    pair.close();
    try {
      serving.join(20_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    assertThat(serving.isAlive()).as("its threads run").isFalse();
  }
}
