package io.tidemark.shard.sim.disk;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Files that survive processes. A kill of the process takes only what databases had in their
/// memory; a failure of the power also takes what was not synced, in part or whole.
public final class SimDisk {
  private final Inode root = new Inode(true);
  private @Nullable SimFileSystem process;

  /// Who has locked which file.
  final Map<Inode, SimChannel> locks = new HashMap<>();

  /// The view of a new process; the one before has ended.
  public SimFileSystem start(Faults faults) {
    end();
    SimFileSystem started = new SimFileSystem(this, faults);
    process = started;
    return started;
  }

  private void end() {
    if (process != null) {
      process.end();
      process = null;
    }
    locks.clear();
  }

  /// The process was killed: the system goes on, and has all that was written.
  public void kill(RandomGenerator random) {
    end();
    crashSorted(root, random);
  }

  /// The power has failed.
  public void losePower(RandomGenerator random) {
    kill(random);
    root.lose(random);
  }

  private static void crashSorted(Inode inode, RandomGenerator random) {
    inode.sorted.crash(random);
    inode.names().values().forEach(i -> crashSorted(i, random));
  }

  /// The file or folder at a path, as processes see it; null where there is none.
  @Nullable Inode find(List<String> path) {
    return find(path, false);
  }

  private @Nullable Inode find(String path, boolean durable) {
    return find(SimPath.names(path), durable);
  }

  private @Nullable Inode find(List<String> path, boolean durable) {
    Inode at = root;
    for (String name : path) {
      at = (durable ? at.durableNames() : at.names()).get(name);
      if (at == null) {
        return null;
      }
    }
    return at;
  }

  // How a test looks at it, past all faults.

  /// The names in a folder; none where there is no such folder.
  public List<String> names(String folder) {
    Inode inode = find(folder, false);
    return inode == null ? List.of() : new ArrayList<>(inode.names().keySet());
  }

  /// The names in a folder that a failure of the power now would leave.
  public List<String> durableNames(String folder) {
    Inode inode = find(folder, true);
    return inode == null ? List.of() : new ArrayList<>(inode.durableNames().keySet());
  }

  public byte[] content(String file) {
    return require(find(file, false), file).content().clone();
  }

  /// What a failure of the power now would leave of a file.
  public byte[] durable(String file) {
    return require(find(file, true), file).durable().clone();
  }

  /// The sorted stores in the folder of a database.
  public List<String> sortedNames(String folder) {
    Inode inode = find(folder + "/" + SimStores.FOLDER, false);
    return inode == null ? List.of() : new ArrayList<>(inode.sorted.stores.keySet());
  }

  /// Flips one bit of a file.
  public void damage(String file, RandomGenerator random) {
    Inode inode = require(find(file, false), file);
    inode.damage(random.nextInt(inode.content().length), random.nextInt(8));
  }

  /// A file goes for good, although nobody has deleted it.
  public void lose(String folder, String file) {
    Inode inode = require(find(folder, false), folder);
    inode.names().remove(file);
    inode.durableNames().remove(file);
  }

  private static Inode require(@Nullable Inode inode, String path) {
    if (inode == null) {
      throw new IllegalArgumentException("no " + path);
    }
    return inode;
  }

  public String text(String file) {
    return new String(content(file), StandardCharsets.UTF_8);
  }
}
