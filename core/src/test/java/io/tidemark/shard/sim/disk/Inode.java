package io.tidemark.shard.sim.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A file or a folder: as processes see it, and as it would be after a failure of the power.
final class Inode {
  /// A folder's change of names that is not synced yet.
  ///
  /// @param from the name that it takes away; empty for none
  /// @param to the name that it gives; empty for none
  private record Renaming(String from, String to, @Nullable Inode inode) {
    void applyTo(NavigableMap<String, Inode> names) {
      names.remove(from);
      if (inode != null) {
        names.put(to, inode);
      }
    }
  }

  private final boolean folder;

  // Of a file.
  private byte[] content = {};
  private byte[] durable = {};

  /// A sync has failed: the system took the pages for written, and no later sync writes them.
  private boolean forsaken;

  // Of a folder.
  private final NavigableMap<String, Inode> names = new TreeMap<>();
  private final NavigableMap<String, Inode> durableNames = new TreeMap<>();
  private final List<Renaming> unsynced = new ArrayList<>();

  /// What a database keeps in this folder in a way of its own.
  final SortedState sorted = new SortedState();

  Inode(boolean folder) {
    this.folder = folder;
  }

  boolean isFolder() {
    return folder;
  }

  byte[] content() {
    return content;
  }

  byte[] durable() {
    return durable;
  }

  void write(int at, byte[] bytes) {
    byte[] longer = Arrays.copyOf(content, Math.max(content.length, at + bytes.length));
    System.arraycopy(bytes, 0, longer, at, bytes.length);
    content = longer;
    forsaken = false;
  }

  void truncate(int length) {
    if (length < content.length) {
      content = Arrays.copyOf(content, length);
    }
  }

  NavigableMap<String, Inode> names() {
    return names;
  }

  NavigableMap<String, Inode> durableNames() {
    return durableNames;
  }

  void rename(String from, String to, @Nullable Inode inode) {
    Renaming renaming = new Renaming(from, to, inode);
    renaming.applyTo(names);
    unsynced.add(renaming);
  }

  void sync() {
    if (folder) {
      unsynced.forEach(r -> r.applyTo(durableNames));
      unsynced.clear();
    } else if (!forsaken) {
      durable = content;
    }
  }

  void syncFailed() {
    forsaken |= !folder;
  }

  /// Changes bytes that had been durable.
  void damage(int at, int bit) {
    byte[] damaged = content.clone();
    damaged[at] ^= (byte) (1 << bit);
    content = damaged;
    durable = damaged;
  }

  /// The power has failed.
  void lose(RandomGenerator random) {
    if (!folder) {
      content = survivor(random);
      durable = content;
      forsaken = false;
      return;
    }
    int luck = random.nextInt(3);
    for (Renaming renaming : unsynced) {
      if (luck == 0 || (luck == 1 && random.nextBoolean())) {
        renaming.applyTo(durableNames);
      }
    }
    unsynced.clear();
    names.clear();
    names.putAll(durableNames);
    names.values().forEach(inode -> inode.lose(random));
  }

  private byte[] survivor(RandomGenerator random) {
    if (content == durable) {
      return content;
    }
    int whole = random.nextInt(content.length + 1);
    return switch (random.nextInt(4)) {
      case 0 -> durable;
      case 1 -> content;
      // Cut short, or as long as it was with nothing in its last blocks.
      case 2 -> Arrays.copyOf(content, whole);
      default -> Arrays.copyOf(Arrays.copyOf(content, whole), content.length);
    };
  }
}
