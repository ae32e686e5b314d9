package io.tidemark.event;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What columns are called where upper and lower case are the same, as in SQL.
public final class ColumnNames {
  private ColumnNames() {}

  /// Names that differ, for wanted ones: themselves, but where one is empty or differs from one
  /// before it only by case, it is `_` or gets `_2`, `_3`, … at its end.
  public static List<String> distinct(List<String> wanted) {
    Set<String> taken = new HashSet<>();
    List<String> names = new ArrayList<>();
    for (String one : wanted) {
      String plain = one.isEmpty() ? "_" : one.replace('\0', '_');
      String name = plain;
      for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
        name = plain + "_" + i;
      }
      names.add(name);
    }
    return names;
  }
}
