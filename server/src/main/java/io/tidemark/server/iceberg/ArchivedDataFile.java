package io.tidemark.server.iceberg;

import io.tidemark.archive.ArchivedFile;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/// A file of an archive, as a table has it.
final class ArchivedDataFile {
  private static final long HOUR_MICROS = Duration.ofHours(1).toNanos() / 1000;

  private ArchivedDataFile() {}

  /// @param files where it is
  static DataFile of(Table table, StoredFiles files, ArchivedFile file) {
    PartitionSpec spec = table.spec();
    PartitionData hour = new PartitionData(spec.partitionType());
    hour.set(0, Math.toIntExact(Math.floorDiv(file.minTime(), HOUR_MICROS)));
    return DataFiles.builder(spec)
        .withPath(files.location(file.key()))
        .withFormat(FileFormat.PARQUET)
        .withFileSizeInBytes(file.sum().bytes())
        .withPartition(hour)
        .withMetrics(metrics(Columns.time(table.schema()), file))
        .build();
  }

  /// Engines answer the least and the greatest time from these: what was erased from may have
  /// others than it had.
  private static Metrics metrics(Types.NestedField time, ArchivedFile file) {
    Map<Integer, ByteBuffer> lower = null;
    Map<Integer, ByteBuffer> upper = null;
    if (!file.isRewritten()) {
      lower = Map.of(time.fieldId(), Conversions.toByteBuffer(time.type(), file.minTime()));
      upper = Map.of(time.fieldId(), Conversions.toByteBuffer(time.type(), file.maxTime()));
    }
    return new Metrics(file.rows(), null, null, null, null, lower, upper);
  }
}
