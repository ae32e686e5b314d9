package io.tidemark.server.json;

import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gives events back as JSON: the leaves in the order of the schema, then whatever is extra.
///
/// The same properties with the same values as in the event that came, numbers exactly; only order,
/// white space and needless escapes may differ. Safe for use by many threads.
public final class EventJson {
  private final Group root;

  /// A leaf or a group.
  private static final class Member {
    final byte[] name;

    /// With quotes and colon.
    final byte[] quoted;

    /// -1 for a group.
    final int leaf;

    final @Nullable Group group;

    Member(String name, int leaf, @Nullable Group group) {
      this.name = name.getBytes(StandardCharsets.UTF_8);
      this.quoted = ('"' + name + "\":").getBytes(StandardCharsets.UTF_8);
      this.leaf = leaf;
      this.group = group;
    }
  }

  /// The properties of an object that are leaves or groups.
  private static final class Group {
    private final List<Member> building = new ArrayList<>();
    private Member[] members = {};

    Group child(String name) {
      byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
      for (Member member : building) {
        if (member.group != null && Arrays.equals(member.name, bytes)) {
          return member.group;
        }
      }
      Group group = new Group();
      building.add(new Member(name, -1, group));
      return group;
    }

    void add(String name, int leaf) {
      building.add(new Member(name, leaf, null));
    }

    void finish() {
      members = building.toArray(Member[]::new);
      for (Member member : members) {
        if (member.group != null) {
          member.group.finish();
        }
      }
    }
  }

  public EventJson(EventType type) {
    root = new Group();
    for (int i = 0; i < type.size(); i++) {
      Field field = type.field(i);
      String[] parts = field.path().split("\\.", -1);
      Group group = root;
      for (int part = 0; part < parts.length - 1; part++) {
        group = group.child(parts[part]);
      }
      group.add(parts[parts.length - 1], i);
    }
    root.finish();
  }

  /// Appends the event in a row as one JSON object.
  public void write(EventRow row, JsonBytes out) {
    out.append('{');
    if (row.hasExtra()) {
      int from = row.extraStart();
      merge(root, row, new ExtraObject(row.text(), from), out);
    } else {
      leaves(root, row, out);
    }
    out.append('}');
  }

  /// Writes the members that have a value; whether there were any.
  private static boolean leaves(Group group, EventRow row, JsonBytes out) {
    boolean any = false;
    for (Member member : group.members) {
      int before = out.length();
      if (any) {
        out.append(',');
      }
      if (member.group == null) {
        if (row.isNull(member.leaf)) {
          out.truncate(before);
          continue;
        }
        out.append(member.quoted);
        leaf(row, member.leaf, out);
      } else {
        out.append(member.quoted).append('{');
        if (!leaves(member.group, row, out)) {
          out.truncate(before);
          continue;
        }
        out.append('}');
      }
      any = true;
    }
    return any;
  }

  /// Writes the members of a group of which something is in extra.
  private static void merge(Group group, EventRow row, ExtraObject extra, JsonBytes out) {
    boolean any = false;
    for (Member member : group.members) {
      int before = out.length();
      if (any) {
        out.append(',');
      }
      int entry = extra.take(member.name);
      if (entry >= 0 && member.group != null && extra.isObject(entry)) {
        out.append(member.quoted).append('{');
        merge(member.group, row, extra.object(entry), out);
        out.append('}');
      } else if (entry >= 0) {
        extra.write(entry, out);
      } else if (!plain(member, row, out)) {
        out.truncate(before);
        continue;
      }
      any = true;
    }
    extra.writeRest(any, out);
  }

  /// Writes a member of which nothing is in extra; whether it has a value.
  private static boolean plain(Member member, EventRow row, JsonBytes out) {
    if (member.group == null) {
      if (row.isNull(member.leaf)) {
        return false;
      }
      out.append(member.quoted);
      leaf(row, member.leaf, out);
      return true;
    }
    out.append(member.quoted).append('{');
    boolean any = leaves(member.group, row, out);
    out.append('}');
    return any;
  }

  private static void leaf(EventRow row, int field, JsonBytes out) {
    switch (row.type().field(field).type()) {
      case BOOLEAN -> out.append(row.word(field) == 0 ? "false" : "true");
      case LONG -> out.number(row.word(field));
      case DOUBLE -> Decimals.write(row.doubleValue(field), out);
      case TIMESTAMP -> {
        out.append('"');
        DateTimes.write(row.word(field), out);
        out.append('"');
      }
      case STRING -> {
        int from = row.textStart(field);
        JsonText.quote(row.text(), from, from + row.textLength(field), out);
      }
      case JSON -> {
        int from = row.textStart(field);
        out.append(row.text(), from, from + row.textLength(field));
      }
    }
  }
}
