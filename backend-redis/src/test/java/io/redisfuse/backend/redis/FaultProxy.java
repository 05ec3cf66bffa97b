package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.Arrays;

/**
 * A way to a server on which something goes wrong with one command, the so many-th since it was
 * armed. It knows where commands and replies begin and end, and lets all others pass.
 */
final class FaultProxy implements AutoCloseable {

  /** What goes wrong. */
  enum Fault {
    /** The server does not get the command, and the connection is lost. */
    LOST_BEFORE,
    /** The server has answered, and the connection is lost before the answer came through. */
    LOST_AFTER,
    /** The connection is lost within the answer. */
    HALF_REPLY,
    /** The answer is none, and the connection is lost after it. */
    GARBAGE,
    /** The server has answered; nothing comes through any more, and nobody says so. */
    BLACK_HOLE
  }

  private final Entrance entrance;

  /** Guarded by this, like what follows: how many commands have come since it was armed. */
  private int commands;

  private int faulty;
  private Fault fault;

  FaultProxy(RedisServer server) {
    entrance = Entrance.open(client -> carry(client, server.port()));
  }

  String uri() {
    return entrance.uri();
  }

  /** From now on commands are counted, and this happens to that of this number, from 1; once. */
  synchronized void arm(int number, Fault what) {
    commands = 0;
    faulty = number;
    fault = what;
  }

  /** How many commands have come since it was armed. */
  synchronized int commands() {
    return commands;
  }

  /** Whether what it was armed for has happened. */
  synchronized boolean hasHappened() {
    return fault == null;
  }

  /** What is to happen to the command that has just come, if anything. */
  private synchronized Fault next() {
    commands++;
    if (fault == null || commands != faulty) {
      return null;
    }
    Fault now = fault;
    fault = null;
    return now;
  }

  @Override
  public void close() {
    entrance.close();
  }

  /** One command after the other, each with its answer: clients do not wait for more than that. */
  private void carry(Socket client, int serverPort) throws IOException {
    try (Socket server = entrance.connect(serverPort)) {
      InputStream questions = new BufferedInputStream(client.getInputStream());
      InputStream answers = new BufferedInputStream(server.getInputStream());
      boolean swallows = false;
      while (true) {
        byte[] question = unit(questions);
        Fault now = next();
        if (now == Fault.LOST_BEFORE) {
          break;
        }
        server.getOutputStream().write(question);
        byte[] answer = unit(answers);
        if (now == Fault.LOST_AFTER) {
          break;
        }
        if (now == Fault.HALF_REPLY) {
          client.getOutputStream().write(Arrays.copyOf(answer, answer.length / 2));
          break;
        }
        if (now == Fault.GARBAGE) {
          client.getOutputStream().write("?what\r\n".getBytes(US_ASCII));
          break;
        }
        swallows |= now == Fault.BLACK_HOLE;
        if (!swallows) {
          client.getOutputStream().write(answer);
        }
      }
    }
  }

  /** The bytes of one command or answer. */
  private static byte[] unit(InputStream in) throws IOException {
    ByteArrayOutputStream unit = new ByteArrayOutputStream();
    copy(in, unit);
    return unit.toByteArray();
  }

  private static void copy(InputStream in, ByteArrayOutputStream to) throws IOException {
    String line = line(in, to);
    char kind = line.charAt(0);
    if (kind == '$') {
      int size = Integer.parseInt(line.substring(1));
      if (size >= 0) {
        byte[] bytes = in.readNBytes(size + 2);
        if (bytes.length < size + 2) {
          throw new EOFException();
        }
        to.write(bytes);
      }
    } else if (kind == '*' || kind == '%') {
      int parts = Integer.parseInt(line.substring(1)) * (kind == '%' ? 2 : 1);
      for (int i = 0; i < parts; i++) {
        copy(in, to);
      }
    }
  }

  private static String line(InputStream in, ByteArrayOutputStream to) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); ; next = in.read()) {
      if (next < 0) {
        throw new EOFException();
      }
      to.write(next);
      if (next == '\n') {
        return line.toString();
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
  }
}
