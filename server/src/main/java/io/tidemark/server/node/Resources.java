package io.tidemark.server.node;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a node has opened; closed in the opposite order, whatever fails on the way.
final class Resources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Resources.class);

  private final Deque<Named> open = new ArrayDeque<>();

  private record Named(String name, AutoCloseable resource) {}

  synchronized <T extends AutoCloseable> T add(String name, T resource) {
    open.push(new Named(name, resource));
    return resource;
  }

  @Override
  public synchronized void close() {
    while (!open.isEmpty()) {
      Named named = open.pop();
      long start = System.nanoTime();
      try {
        named.resource().close();
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        LOG.warn("closing {} failed", named.name(), e);
      }
      LOG.debug("closed {} in {} ms", named.name(), (System.nanoTime() - start) / 1_000_000);
    }
  }
}
