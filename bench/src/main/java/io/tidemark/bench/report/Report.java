package io.tidemark.bench.report;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All that a run has measured: one table of values with their targets, and further tables.
public final class Report {
  private static final Logger LOG = LoggerFactory.getLogger(Report.class);

  private final Table targets =
      new Table("Targets", "what", "measured", "target", "", "yardstick, in the same run");
  private final List<Table> tables = new ArrayList<>();
  private int targetRows;
  private boolean failed;

  /// A value, and what it is to be.
  ///
  /// @param beside what others do, or what belongs to the value
  public void measured(String what, double value, Target target, String beside) {
    targetRows++;
    targets.add(what, target.format(value), target.toString(), target.verdict(value), beside);
  }

  /// Something could not be measured.
  public void failed(String what, Throwable why) {
    targetRows++;
    failed = true;
    String reason = String.valueOf(why).lines().findFirst().orElse("");
    targets.add(what, "**failed**", "", "**missed**", reason);
    LOG.error("{} failed", what, why);
  }

  /// A further table, to be filled.
  public Table table(String title, String... columns) {
    Table table = new Table(title, columns);
    tables.add(table);
    return table;
  }

  /// Whether anything could not be measured.
  public boolean hasFailed() {
    return failed;
  }

  public String markdown() {
    List<Table> all = new ArrayList<>(targetRows == 0 ? List.of() : List.of(targets));
    all.addAll(tables);
    return String.join("\n", all.stream().filter(t -> !t.isEmpty()).map(Table::markdown).toList());
  }
}
